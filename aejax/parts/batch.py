"""The examples of one step, with what else is known of them."""

from typing import Any, NamedTuple

from jaxtyping import Bool, Int

from aejax.types import AnyArray, Examples


class Batch(NamedTuple):
    """Examples with their classes and lengths, where they have any."""

    x: Examples
    labels: Int[AnyArray, " batch"] | None = None
    lengths: Int[AnyArray, " batch"] | None = None
    """Steps of each sequence that count, where they differ."""
    known: Bool[AnyArray, "batch *shape"] | None = None
    """Where a feature is known; what stands elsewhere is filled in, and counts in no cost."""
    companions: dict[str, Any] | None = None
    """Other training examples that a penalty has asked for, by the penalty's name; None outside of training."""
