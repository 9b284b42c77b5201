"""Settings as one writes them on a command line: `spec.latent=2`, `train.optimizer=adadelta`."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar

from aejax.settings import Settings, SpecError, nearest
from aejax.spec import ModelSpec, TrainSpec

S = TypeVar("S", bound=Settings)

_EXAMPLE = "such as spec.latent=2 or train.epochs=5"


def overridden(spec: ModelSpec, train: TrainSpec, assignments: Iterable[str]) -> tuple[ModelSpec, TrainSpec]:
    """Both records with each of `assignments` made, in their order.

    A value is text as the setting takes it, `none`, numbers with commas between them where the setting is a list, or
    JSON from a bracket or a brace on. Another optimizer brings its usual learning rate, unless one is assigned too.

    Raises:
        SpecError: If an assignment is none, names no setting, or its value is out of bounds.
    """
    records: dict[str, Settings] = {"spec": spec, "train": train}
    parsed = [_parsed(text, records) for text in assignments]
    # The learning rate last, so that no optimizer replaces it.
    for root, name, value in sorted(parsed, key=lambda part: part[:2] == ("train", "learning_rate")):
        record = records[root]
        try:
            records[root] = record.replace(**{name: _value(name, value, _current(record, name))})
        except SpecError as error:
            raise SpecError(f"{root}.{error}") from None
    return ModelSpec.model_validate(records["spec"]), TrainSpec.model_validate(records["train"])


def assigned(record: S, assignments: Iterable[str]) -> S:
    """One record with each of `assignments` made, which name its settings without a prefix.

    Raises:
        SpecError: If an assignment is none, names no setting, or its value is out of bounds.
    """
    for text in assignments:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals:
            raise SpecError(f"--set takes NAME=VALUE; got {text!r}")
        record = record.replace(**{name: _value(name, value, _current(record, name))})
    return record


def _parsed(text: str, records: dict[str, Settings]) -> tuple[str, str, str]:
    """Record, setting and value."""
    path, equals, value = text.partition("=")
    root, _, name = path.strip().partition(".")
    if not equals:
        raise SpecError(f"--set takes NAME=VALUE, {_EXAMPLE}; got {text!r}")
    if root not in records or not name:
        meant = [f"{record}.{path.strip()}" for record in records if root in type(records[record]).model_fields]
        names = [f"{record}.{field}" for record, settings in records.items() for field in type(settings).model_fields]
        hint = f" (did you mean {meant[0]}?)" if meant else nearest(path.strip(), names)
        raise SpecError(f"--set takes names that begin with spec. or train., {_EXAMPLE}; got {path.strip()!r}{hint}")
    return root, name, value.strip()


def _current(record: Settings, path: str) -> Any:
    """The value at `path`, or None where there is none."""
    found: Any = record
    for step in path.split("."):
        if isinstance(found, tuple):
            found = found[int(step)] if step.isdecimal() and int(step) < len(found) else None
        else:
            found = getattr(found, step, None) if isinstance(found, Settings) and step in dict(found) else None
    return found


def _value(name: str, text: str, current: Any) -> Any:
    """What the text says; numbers and truth values are read by the setting itself."""
    if text.lower() in ("none", "null"):
        return None
    if text.startswith(("[", "{")):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise SpecError(f"{name} must be JSON where it begins with a bracket or a brace; got {text!r}") from None
    if isinstance(current, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text
