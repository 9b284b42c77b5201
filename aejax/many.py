"""Many trainings from one call: side by side in one compiled loop where that pays, and a table of what came of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from aejax import seeds
from aejax.arrays import DataError
from aejax.axes import Member, axes_of, grid, member
from aejax.data.record import Data
from aejax.evidence import Evidence, Split
from aejax.quality import evidence, measure
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.together import Choice, apart, chosen, form, split, train_together
from aejax.trainer import DivergedError, Trainer
from aejax.training import progress_of

Mode = Literal["auto", "together", "in turn"]

_MODES = ("auto", "together", "in turn")
_SAMPLE = 1000


@dataclass(frozen=True, eq=False)
class Fitted:
    """One run of many.

    Attributes:
        settings: Its place on each axis, by the axis's full name.
        run: The autoencoder at its end; None where it diverged.
        failure: Why it diverged, where it did.
        seconds: Spent on it; of runs that went on side by side, its share.
        together: Whether it was trained side by side with others.
        why: Why it was, or was not.
        measured: The metrics that were asked for, by name; None where one cannot be taken.
    """

    settings: dict[str, Any]
    run: Run | None
    failure: str | None
    seconds: float
    together: bool
    why: str
    measured: dict[str, float | None]


@dataclass(frozen=True, eq=False)
class Many:
    """Many runs, in the order of a grid: the last axis changes first."""

    fitted: tuple[Fitted, ...]

    @property
    def runs(self) -> tuple[Run | None, ...]:
        """The runs; None for one that diverged."""
        return tuple(each.run for each in self.fitted)

    @property
    def table(self) -> list[dict[str, Any]]:
        """A row for each setting: its place on the axes but the seed, its runs, and of each metric a `Spread`."""
        return seeds.table([each.settings for each in self.fitted], [each.measured for each in self.fitted])

    def difference(self, metric: str, one: int, other: int) -> seeds.Difference:
        """Whether two rows of the table differ in a metric by more than the chance of their seeds.

        Raises:
            DataError: If a row has fewer than two runs.
        """
        groups = seeds.grouped([each.settings for each in self.fitted])
        known = [[self.fitted[place] for place in groups[row][1]] for row in (one, other)]
        found = [
            seeds.by_seed([each.settings for each in group], [each.measured.get(metric) for each in group])
            for group in known
        ]
        return seeds.difference(*found)


def fit_many(
    spec: ModelSpec,
    train: TrainSpec,
    x: object,
    validation: object | None = None,
    *,
    sweep: Mapping[str, Any],
    labels: object | None = None,
    validation_labels: object | None = None,
    mode: Mode = "auto",
    metrics: Sequence[str] | None = None,
    told: Callable[[int, int], None] = lambda done, runs: None,
) -> Many:
    """Train a model at every combination of the axes' values.

    Runs that differ by seeds and live numbers alone share one compiled loop. Whether they go on side by side in it or
    in turn is found by a short trial: side by side pays for small models and on accelerators, not for wide ones on a
    processor. Others are compiled anew, and go on in turn.

    Args:
        spec: What the model is.
        train: How it is trained.
        x: Training examples as `aejax.fit` takes them, or a data set with its held-out examples and labels.
        validation: Held-out examples, which the metrics look at; the training examples where there are none.
        sweep: Values by the names of settings: `{"seed": range(8), "bottleneck.beta": [1, 4]}`. A name may be the end
            of a setting's, where no other ends so.
        labels: Class of each training example: for models that are told it, and for the metrics that need it.
        validation_labels: Class of each held-out example, likewise.
        mode: `together` or `in turn` in place of the trial; what cannot go together is refused then.
        metrics: Names from `aejax.metrics.METRICS`; all where none are given.
        told: Called with the number of runs that are over, and of all.

    Raises:
        SpecError: If an axis is no setting or has no values, or the parts of a run do not fit one another or the data.
        DataError: If the data cannot be used.
    """
    if mode not in _MODES:
        raise SpecError(f"mode must be one of {', '.join(_MODES)}; got {mode!r}")
    members = [member(spec, train, point) for point in grid(axes_of(spec, train, sweep))]
    examples = _Examples(x, validation, labels, validation_labels)
    # All are refused before the first is trained.
    trainers = [examples.trainer(each) for each in members]
    outcomes: list[tuple[str | None, Choice] | None] = [None] * len(members)
    for group in _groups(trainers):
        over = sum(outcome is not None for outcome in outcomes)
        for place, outcome in zip(
            group, _trained([trainers[i] for i in group], mode, over, told, len(members)), strict=True
        ):
            outcomes[place] = outcome
    return Many(
        tuple(
            _fitted(each, trainer, *outcome, examples, metrics)
            for each, trainer, outcome in zip(members, trainers, outcomes, strict=True)
            if outcome is not None
        )
    )


class _Examples:
    """What all runs learn from and are measured on."""

    def __init__(self, x: object, validation: object | None, labels: object | None, others: object | None) -> None:
        self.data = x if isinstance(x, Data) else None
        if self.data is not None:
            if any(given is not None for given in (validation, labels, others)):
                raise DataError("validation and labels are those of the data set; leave them out where x is one")
            x, labels, validation, others = self.data.x_train, self.data.y_train, self.data.x_test, self.data.y_test
        self._x, self._labels, self._validation, self._others = x, labels, validation, others

    def trainer(self, each: Member) -> Trainer:
        """The training of one run, before its first step."""
        spec = each.spec if self.data is None else each.spec.for_sequences(self.data.ragged)
        told: dict[str, Any] = {"labels": _told(spec, self._labels), "validation_labels": _told(spec, self._others)}
        if self.data is not None:
            told |= {"known": self.data.known_train, "validation_known": self.data.known_test}
        return Trainer(spec, each.train, self._x, self._validation, **told)

    def evidence(self, run: Run) -> Evidence:
        """What a run makes of the held-out examples."""
        if self.data is not None:
            return evidence(run, self.data, _SAMPLE)
        known = _part(run, self._x, self._labels)
        test = known if self._validation is None else _part(run, self._validation, self._others)
        rebuilt = run.reconstruct(test.x, **({} if test.labels is None else {"labels": _told(run.spec, test.labels)}))
        return Evidence(known, test, rebuilt, run)


def _part(run: Run, x: object, labels: object | None) -> Split:
    rows = np.asarray(x)
    chosen_rows = np.sort(np.random.default_rng(0).permutation(len(rows))[:_SAMPLE])
    classes = None if labels is None else np.asarray(labels)[chosen_rows]
    codes = run.encode(rows[chosen_rows], _told(run.spec, classes))
    return Split(rows[chosen_rows], codes, classes, len(rows))


def _told(spec: ModelSpec, labels: Any) -> Any:
    return None if labels is None else spec.told(labels)


def _groups(trainers: Sequence[Trainer]) -> list[list[int]]:
    """The places of trainings that have one form."""
    found: dict[Any, list[int]] = {}
    for place, trainer in enumerate(trainers):
        found.setdefault(form(trainer), []).append(place)
    for places in found.values():
        # One copy on the device is enough for all.
        for place in places[1:]:
            trainers[place].supply = trainers[places[0]].supply
    return list(found.values())


def _trained(
    trainers: Sequence[Trainer], mode: Mode, over: int, told: Callable[[int, int], None], runs: int
) -> list[tuple[str | None, Choice]]:
    """Why each training failed, if it did, and how it went on."""
    choice = _choice(trainers, mode)
    failures: list[str | None] = []
    for some in split(trainers) if choice.together else [[trainer] for trainer in trainers]:
        failed = train_together(some) if choice.together else _alone(some[0])
        failures += [failed.get(place) for place in range(len(some))]
        told(over + len(failures), runs)
    return [(failure, choice) for failure in failures]


def _choice(trainers: Sequence[Trainer], mode: Mode) -> Choice:
    if len(trainers) == 1:
        return Choice(False, "no other run has its structure")
    if mode == "auto":
        return chosen(trainers)
    reason = apart(trainers[0])
    if mode == "together" and reason is not None:
        raise SpecError(f"mode must be 'auto' or 'in turn' for {trainers[0].spec}: {reason}; got 'together'")
    return Choice(mode == "together", "as asked for")


def _alone(trainer: Trainer) -> dict[int, str]:
    try:
        for _ in progress_of(trainer):
            pass
    except DivergedError as error:
        return {0: str(error)}
    return {}


def _fitted(
    each: Member,
    trainer: Trainer,
    failure: str | None,
    choice: Choice,
    examples: _Examples,
    metrics: Sequence[str] | None,
) -> Fitted:
    run = trainer.run() if failure is None else None
    measured: dict[str, float | None] = {}
    if run is not None:
        found = measure(examples.evidence(run), metrics)
        measured = {name: one.value for name, one in found.items() if one.value is None or math.isfinite(one.value)}
    return Fitted(each.settings, run, failure, trainer.seconds, choice.together, choice.reason, measured)
