"""A plan from choices: how a model and a recipe differ from a named autoencoder, and values as people type them."""

import json
from typing import Any

from aejax.axes import MOST_RUNS
from aejax.settings import Settings, SpecError, live_numbers
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo import ZOO

LADDER = (1, 2, 4, 8, 16, 32, 64, 128)
"""Sizes of a code that are offered."""


def changes(model: str, spec: ModelSpec, train: TrainSpec) -> dict[str, Any]:
    """The settings in which a model and its recipe differ from the named autoencoder, by their names."""
    entry, found = ZOO[model], {}
    for root, one, other in (("spec", spec, entry.spec), ("train", train, entry.train)):
        for name, value in _dump(one).items():
            if value != _dump(other)[name]:
                found[f"{root}.{name}"] = value
    return found


def _dump(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json")


def varied(spec: ModelSpec, train: TrainSpec) -> dict[str, list[Any]]:
    """The settings that can be axes, each with values about the present one: numbers, and the networks' widths."""
    numbers = {f"spec.{name}": value for name, value in live_numbers(spec).items()}
    numbers |= {f"train.{name}": value for name, value in live_numbers(train).items() if name == "learning_rate"}
    found: dict[str, list[Any]] = {name: [_round(value * by) for by in _FACTORS] for name, value in numbers.items()}
    if widths := getattr(spec.encoder, "widths", ()):
        found["spec.encoder.widths"] = [list(widths), [max(1, width // 4) for width in widths]]
    return found


_FACTORS = (0.25, 1.0, 4.0)


def _round(value: float) -> float:
    return float(f"{value:.3g}")


def written(values: list[Any]) -> str:
    """Values as one types them, `0.25, 1, 4`; lists apart by semicolons, `256, 128; 64`."""
    if any(isinstance(value, list) for value in values):
        return "; ".join(", ".join(map(str, value)) for value in values)
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def typed(name: str, text: str) -> list[Any]:
    """The values that someone has typed: lists where there is a semicolon.

    Raises:
        SpecError: If there are none, or too many.
    """
    groups = [[_value(part) for part in group.split(",") if part.strip()] for group in text.split(";")]
    groups = [group for group in groups if group]
    values: list[Any] = groups if ";" in text else (groups or [[]])[0]
    if not values or len(values) > MOST_RUNS:
        raise SpecError(f"axis {name} must have values with commas between them; got {text[:40]!r}")
    return values


def _value(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    return found if isinstance(found, int | float | bool) else text.strip()
