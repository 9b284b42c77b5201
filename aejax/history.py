"""What a training tells of itself, an epoch at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from aejax.store import StoreError


@dataclass(frozen=True)
class Epoch:
    """One pass over the training examples: terms are means over it, in nats per example."""

    epoch: int
    step: int
    seconds: float
    terms: dict[str, float]
    validation: dict[str, float] | None = None
    codes_used: int | None = None
    """Codewords that at least one example used in the epoch, where there is a book of them."""

    @property
    def loss(self) -> float:
        """Sum of the terms, per example."""
        return sum(self.terms.values())


@dataclass(frozen=True)
class LayerEpoch:
    """One pass over the training examples by one layer, numbered from 1, before the whole network is trained.

    Errors are those of rebuilding what the layer reads, squared, summed over its units, means over examples. The
    free-energy gap, in nats, is how far held-out examples lie above training examples: it grows where a layer learns
    its examples by heart, which the error does not tell.
    """

    layer: int
    epoch: int
    seconds: float
    error: float
    validation_error: float | None = None
    free_energy_gap: float | None = None

    def __str__(self) -> str:
        return f"layer {self.layer}, epoch {self.epoch}"


_EPOCHS = TypeAdapter(tuple[Epoch, ...])
LAYER_EPOCHS = TypeAdapter(tuple[LayerEpoch, ...])
"""Checks what is said of layers trained one by one."""


def epochs_of(records: Sequence[Any]) -> tuple[Epoch, ...]:
    """The epochs that a history's records tell of.

    Raises:
        StoreError: If they are none.
    """
    try:
        return _EPOCHS.validate_python(records)
    except ValidationError as error:
        said = error.errors()[0]
        raise StoreError(f"the history has an entry that cannot be: {said['loc']} {said['msg'].lower()}") from error
