"""Settings: frozen records whose every parameter is declared once, with its bounds and its one line of help.

Validation, widgets, command-line options and the documentation's tables are all read from these declarations.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, core_schema

S = TypeVar("S", bound="Settings")


class SpecError(ValueError):
    """A setting that cannot be: one sentence with the setting's name, its limit and the value given."""


def parameter(
    default: Any,
    help: str,
    *,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    live: bool = False,
    log: bool = False,
    widget: bool = True,
) -> Any:
    """A parameter's declaration: default, bounds and one line of help.

    Args:
        default: Value when none is given.
        help: One line, shown beside the widget, on the command line and in the documentation.
        ge: Least value allowed.
        gt: Value that must be exceeded.
        le: Greatest value allowed.
        lt: Value that must not be reached.
        live: Whether the number may change while training (it is then a traced argument of the compiled loop).
        log: Whether a slider over it is best logarithmic.
        widget: Whether people choose it; what the data decide they do not.
    """
    hints = {"live": live, "log": log, "widget": widget}
    return Field(default, description=help, ge=ge, gt=gt, le=le, lt=lt, json_schema_extra=hints)  # type: ignore[arg-type]


class Settings(BaseModel):
    """A frozen, hashable record that refuses unknown names and speaks of a bad value in one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    formula: ClassVar[str] = ""
    """What a part computes, in LaTeX."""
    page: ClassVar[str] = ""
    """Name of the page of `docs/mathematics` that tells of a part."""

    def __init__(self, /, **settings: Any) -> None:
        try:
            super().__init__(**settings)
        except ValidationError as error:
            raise SpecError(sentence(error, type(self))) from None

    def __str__(self) -> str:
        changed = [f"{name}={_plain(value)}" for name, value in self if _differs(self, name, value)]
        return f"{getattr(self, 'kind', type(self).__name__)}" + (f"({', '.join(changed)})" if changed else "")

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """The settings written in `json_data`.

        Raises:
            SpecError: If it is not JSON or holds a value out of bounds.
        """
        try:
            return super().model_validate_json(json_data, **options)
        except ValidationError as error:
            raise SpecError(sentence(error, cls)) from None

    def replace(self, /, **changes: Any) -> Self:
        """A validated copy with some settings changed; a dotted name reaches into a part.

        `spec.replace(latent=2, **{"encoder.widths": (128, 64)})`. Setting a part's `kind` takes that kind's defaults.

        Raises:
            SpecError: If a name is unknown or a value is out of bounds.
        """
        tree = dict(self)
        for name, value in changes.items():
            head, _, rest = name.partition(".")
            if head not in type(self).model_fields:
                raise SpecError(unknown_name(head, type(self).model_fields))
            try:
                tree[head] = _replaced(tree[head], rest, value) if rest else value
            except SpecError as error:
                raise SpecError(f"{head}.{error}") from None
        return type(self)(**tree)


def _differs(settings: Settings, name: str, value: Any) -> bool:
    return name != "kind" and value != type(settings).model_fields[name].default


def _plain(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _replaced(part: Any, path: str, value: Any) -> Any:
    """The setting `part` with the value at `path` inside it changed."""
    if isinstance(part, tuple):
        index, _, rest = path.partition(".")
        if not index.isdecimal() or int(index) >= len(part):
            raise SpecError(f"{index!r} must be the number of an entry, below {len(part)}")
        try:
            changed = _replaced(part[int(index)], rest, value) if rest else value
        except SpecError as error:
            raise SpecError(f"{index}.{error}") from None
        return (*part[: int(index)], changed, *part[int(index) + 1 :])
    if not isinstance(part, Settings):
        raise SpecError(f"{path} cannot be set: it belongs to a part that is {part!r}")
    if path == "kind":
        return part if value == getattr(part, "kind", None) else {"kind": value}
    return part.replace(**{path: value})


@dataclass(frozen=True, eq=False)
class OneOf(Generic[S]):
    """Marks a field as a choice from a table of parts: an instance, a kind's name, or a mapping with a `kind`."""

    table: Mapping[str, type[S]]

    def __call__(self, value: Any) -> S:
        """The part that `value` says."""
        for part in self.table.values():
            if isinstance(value, part):
                return value
        if isinstance(value, str):
            value = {"kind": value}
        if not isinstance(value, Mapping) or "kind" not in value:
            raise SpecError(f"must be one of {', '.join(self.table)}; got {value!r}")
        settings = {name: setting for name, setting in value.items() if name != "kind"}
        if not isinstance(value["kind"], str) or value["kind"] not in self.table:
            raise SpecError(not_among(value["kind"], self.table))
        return self.table[value["kind"]](**settings)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validation by this table; serialisation by the part's own fields."""
        return core_schema.no_info_plain_validator_function(
            self,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda part: part.model_dump()),
        )


@dataclass(frozen=True, eq=False)
class Named:
    """Marks a text field as a name from a table."""

    table: Mapping[str, Any]

    def __call__(self, value: Any) -> str:
        """The name, once it is known to be in the table."""
        if not isinstance(value, str) or value not in self.table:
            raise SpecError(not_among(value, self.table))
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validation by this table."""
        return core_schema.no_info_plain_validator_function(
            self, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )


def not_among(name: object, names: Mapping[str, Any]) -> str:
    """The end of the sentence that says `name` is none of `names`."""
    return f"must be one of {', '.join(names)}; got {name!r}{nearest(str(name), names)}"


def unknown_name(name: str, names: Mapping[str, Any]) -> str:
    """The sentence that says `name` is no setting, and which are."""
    return f"{name} is not a setting{nearest(name, names)}: the settings are {', '.join(names)}"


def nearest(name: str, names: Iterable[str]) -> str:
    """A question after the one of `names` most like `name`, or nothing where none is."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def sentence(error: ValidationError, model: type[BaseModel]) -> str:
    """One sentence for each thing wrong, with the setting's name, the limit and the value given."""
    return "; ".join(_sentence(detail, model) for detail in error.errors())


def _sentence(detail: Any, model: type[BaseModel]) -> str:
    name = ".".join(str(step) for step in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return unknown_name(name, model.model_fields)
    if detail["type"] == "value_error":
        cause = detail["ctx"]["error"]
        message = str(cause)
        # A part's own error already begins with the name of one of its settings: join the two into a path.
        joint = "" if not name else " " if message.startswith("must ") else "."
        return f"{name}{joint}{message}"
    return f"{name or 'settings'} {_limit(detail['msg'])}; got {detail['input']!r}"


def _limit(message: str) -> str:
    return message.replace("Input should", "must", 1) if message.startswith("Input") else message


def live_numbers(settings: Settings, path: str = "") -> dict[str, float]:
    """The numbers that may change while training, by their dotted names."""
    found: dict[str, float] = {}
    for name, value in _fields(settings):
        where = f"{path}{name}"
        if isinstance(value, Settings):
            found |= live_numbers(value, f"{where}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], Settings):
            for index, entry in enumerate(value):
                found |= live_numbers(entry, f"{where}.{index}.")
        elif is_live(type(settings), name):
            found[where] = float(value)
    return found


def with_numbers(settings: S, numbers: Mapping[str, Any], path: str = "") -> S:
    """The settings with numbers, possibly traced ones, in the places that `live_numbers` names; not validated."""
    changes: dict[str, Any] = {}
    for name, value in _fields(settings):
        where = f"{path}{name}"
        if isinstance(value, Settings):
            changes[name] = with_numbers(value, numbers, f"{where}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], Settings):
            changes[name] = tuple(with_numbers(v, numbers, f"{where}.{i}.") for i, v in enumerate(value))
        elif where in numbers:
            changes[name] = numbers[where]
    return settings.model_copy(update=changes)


def structure(settings: S) -> S:
    """The settings with every live number at zero: what the compiled loop depends on."""
    return with_numbers(settings, dict.fromkeys(live_numbers(settings), 0.0))


def is_live(model: type[Settings], name: str) -> bool:
    """Whether the parameter may change while training."""
    hints = model.model_fields[name].json_schema_extra
    return isinstance(hints, dict) and bool(hints.get("live"))


def _fields(settings: Settings) -> Iterator[tuple[str, Any]]:
    return iter(settings)
