"""What a story is: trainings that make one point, told in steps, with a number that says whether the point is made."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from aejax.data.record import Data
from aejax.overrides import overridden
from aejax.run import Run
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo import ZOO

RUN = "run"
"""What the step shows in which the trainings of a story are run."""


@dataclass(frozen=True)
class Training:
    """One training of a story: a named autoencoder with some settings changed, as on the command line."""

    title: str
    model: str
    changes: tuple[str, ...] = ()

    def recipe(self, seed: int = 0) -> tuple[ModelSpec, TrainSpec]:
        """What the model is and how it is trained.

        Raises:
            SpecError: If the zoo has no such model, or a change cannot be made.
        """
        entry = ZOO[self.model]
        return overridden(entry.spec, entry.train, (*self.changes, f"train.seed={seed}"))


@dataclass(frozen=True)
class Question:
    """What is asked before the run: in which of several ranges the number will be.

    Attributes:
        asked: The question.
        choices: The ranges in words, the lowest first.
        limits: The greatest number of each range but the last.
    """

    asked: str
    choices: tuple[str, ...]
    limits: tuple[float, ...]

    def came(self, value: float) -> str:
        """The choice that turned out to be right."""
        return self.choices[bisect_left(self.limits, value)]


@dataclass(frozen=True)
class Step:
    """One step: what is said, what is shown, and what is asked before the trainings are run."""

    title: str
    text: str
    shows: str
    question: Question | None = None


@dataclass(frozen=True)
class Finding:
    """What was measured: the number of the point, and the numbers beside it in the same unit, by their names."""

    value: float
    bars: Mapping[str, float]


Measure = Callable[[Data, Sequence[Run]], Finding]


@dataclass(frozen=True)
class Point:
    """What a story shows, as a number and a bound on it.

    Attributes:
        measure: Takes the number of the data set and the runs, in the order of the trainings.
        title: What the number is.
        unit: What it is counted in.
        written: How it is written, such as `{:.1f}°`.
        direction: Whether the point is made below or above the bound.
        bound: The last number with which the point is made.
        said: The sentence if it is made; `{value}` is the number, `{0}` and on are the bars, all as written.
        bars_title: What the bars are, where they are another thing than the number.
        bars_unit: What the bars are counted in, where that is another.
    """

    measure: Measure
    title: str
    unit: str
    written: str
    direction: Literal["at most", "at least"]
    bound: float
    said: str
    bars_title: str = ""
    bars_unit: str = ""

    def holds(self, value: float) -> bool:
        """Whether the point is made."""
        return value <= self.bound if self.direction == "at most" else value >= self.bound

    def sentence(self, finding: Finding) -> str:
        """What came out, in words, the number with its unit; that the point is not made, where it is not."""
        value = self.written.format(finding.value)
        if self.holds(finding.value):
            return self.said.format(*map(self.written.format, finding.bars.values()), value=value)
        bound = self.written.format(self.bound)
        return (
            f"This time the point is not made: {self.title[:1].lower()}{self.title[1:]} came out as {value}, "
            f"and the story holds with {self.direction} {bound}. Chance has a part in every training; try another seed."
        )


@dataclass(frozen=True)
class Story:
    """A preset that makes a point.

    Attributes:
        title: Name for people.
        question: What it answers, in one sentence.
        data: Name of the data set.
        trainings: What is trained.
        steps: How it is told; one of them shows `RUN`, and asks.
        point: What it shows, as a number.
        seconds: From the beginning of the trainings to the number, on two quiet processors, at a first visit.
    """

    title: str
    question: str
    data: str
    trainings: tuple[Training, ...]
    steps: tuple[Step, ...]
    point: Point
    seconds: int

    @property
    def run_step(self) -> int:
        """Position of the step that runs the trainings."""
        return next(index for index, step in enumerate(self.steps) if step.shows == RUN)

    @property
    def prediction(self) -> Question | None:
        """What is asked before the run."""
        return self.steps[self.run_step].question
