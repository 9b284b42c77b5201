"""What an entry in the table of metrics says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from aejax.evidence import Evidence


@dataclass(frozen=True)
class Metric:
    """One measure of an embedding: `direction` says which values are the better ones.

    Attributes:
        title: Name for people.
        unit: What a value is counted in, or the values that there are.
        direction: Which values are better.
        meaning: The definition in one line.
        formula: The definition in LaTeX; the page tells what its letters stand for.
        page: Name of the page of `docs/mathematics` that tells of it.
        cost: How its time grows with the n examples measured, m training examples, d features, l coordinates of a
            code and c classes.
        measure: The value; it raises a `DataError` or `SpecError` that says why there is none.
        needs_labels: Whether it asks for labels.
        needs_training: Whether it asks for the codes of training examples.
        neighbours: The number k of neighbours, where there is one.
        at_most: Examples that it looks at, where there are more.
        is_contest: Whether the better value makes the better map; else it only tells what a code is like.
    """

    title: str
    unit: str
    direction: Literal["higher", "lower"]
    meaning: str
    cost: str
    measure: Callable[[Evidence], float]
    formula: str = field(kw_only=True)
    page: str = field(default="metrics", kw_only=True)
    needs_labels: bool = False
    needs_training: bool = False
    neighbours: Callable[[Evidence], int] | None = None
    at_most: int | None = None
    is_contest: bool = True

    def better(self, one: float, other: float) -> bool:
        """Whether `one` is better than `other`."""
        return one > other if self.direction == "higher" else one < other
