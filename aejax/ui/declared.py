"""What a widget must know of a setting, read from the setting's own declaration."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, Lt
from pydantic.fields import FieldInfo

from aejax.settings import Named, OneOf, Settings

Kind = Literal["part", "parts", "name", "truth", "whole", "real", "list"]


@dataclass(frozen=True, eq=False)
class Declared:
    """One setting: its kind of value, its bounds and its one line of help.

    Attributes:
        name: Name of the field.
        help: One line for people.
        kind: A part from a table, several parts, a name from a table, or a plain value.
        table: Parts or names to choose from.
        owner: The record that it belongs to.
        optional: Whether it may be left out.
        low: Least value allowed, if there is one.
        high: Greatest value allowed, if there is one.
    """

    name: str
    help: str
    kind: Kind
    table: Mapping[str, Any]
    owner: type[Settings]
    optional: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def label(self) -> str:
        """The name as people write it."""
        return self.name.replace("_", " ").capitalize()

    @cached_property
    def followers(self) -> tuple[str, ...]:
        """The record's other settings whose usual value depends on which part is chosen here."""
        records = [self.owner(**{self.name: kind}) for kind in self.table]
        others = [name for name in declared(self.owner) if name != self.name]
        return tuple(name for name in others if len({getattr(record, name) for record in records}) > 1)


@cache
def declared(settings: type[Settings]) -> dict[str, Declared]:
    """The settings of a record that people choose, by their names, in order; `kind` is the record's own name."""
    fields = settings.model_fields
    return {name: _read(name, field, settings) for name, field in fields.items() if name != "kind" and _is_shown(field)}


def _is_shown(field: FieldInfo) -> bool:
    hints = field.json_schema_extra
    return not isinstance(hints, dict) or bool(hints.get("widget", True))


def _read(name: str, field: FieldInfo, owner: type[Settings]) -> Declared:
    kind_of_value, marks = _unwrapped(field.annotation, list(field.metadata))
    optional = NoneType in get_args(field.annotation)
    kind, table = _kind(kind_of_value, marks)
    low = next((float(mark.ge) for mark in marks if isinstance(mark, Ge)), None)  # type: ignore[arg-type]
    high = next((float(mark.le) for mark in marks if isinstance(mark, Le)), None)  # type: ignore[arg-type]
    below = next((float(mark.lt) - 1 for mark in marks if isinstance(mark, Lt)), None)  # type: ignore[arg-type]
    if kind == "whole" and below is not None:
        high = below
    return Declared(name, field.description or "", kind, table, owner, optional, low, high)


def _unwrapped(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any]]:
    """The type behind `| None` and `Annotated`, and all its marks."""
    if NoneType in get_args(annotation):
        (annotation,) = (entry for entry in get_args(annotation) if entry is not NoneType)
    if get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        marks = marks + more
    return annotation, marks


def _kind(value: Any, marks: list[Any]) -> tuple[Kind, Mapping[str, Any]]:
    for mark in marks:
        if isinstance(mark, OneOf | Named):
            return "part" if isinstance(mark, OneOf) else "name", mark.table
    if get_origin(value) is tuple:
        _, inner = _unwrapped(get_args(value)[0], [])
        tables = [mark.table for mark in inner if isinstance(mark, OneOf)]
        return ("parts", tables[0]) if tables else ("list", {})
    if get_origin(value) is Literal:
        return "name", dict.fromkeys(get_args(value))
    plain: dict[type, Kind] = {bool: "truth", int: "whole", float: "real"}
    if value not in plain:
        raise TypeError(f"no widget is known for a setting of type {value}")
    return plain[value], {}
