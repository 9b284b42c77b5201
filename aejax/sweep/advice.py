"""Who proposes the trials of a sweep, and who says which of them are hopeless: a list, or Optuna."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from aejax.axes import Axis, Range
from aejax.settings import SpecError
from aejax.sweep.folder import Trial
from aejax.sweep.plan import Plan
from aejax.sweep.trial import Outcome, outcome_of, told_epochs

INSTALL = 'pip install "aejax[sweep]"'


class Advice(ABC):
    """What is to be tried next, from what is known."""

    @abstractmethod
    def propose(self) -> tuple[int, dict[str, Any]] | None:
        """Number and settings of the next trial; None where none is left."""

    def heard(self, number: int, epoch: int, error: float) -> bool:
        """Whether to give a trial up, whose held-out error after an epoch is this one."""
        return False

    def over(self, number: int, outcome: Outcome) -> None:  # noqa: B027 - a list need not know
        """Learn how a trial has ended."""


class Listed(Advice):
    """Trials in the order of a list."""

    def __init__(self, points: Sequence[dict[str, Any]], begun: Sequence[Trial]) -> None:
        over = {trial.number for trial in begun if trial.over}
        # What was begun is gone on with before anything else is begun.
        first = [trial.number for trial in begun if not trial.over and trial.number < len(points)]
        rest = [number for number in range(len(points)) if number not in over and number not in first]
        self._left = [(number, points[number]) for number in (*first, *rest)]

    def propose(self) -> tuple[int, dict[str, Any]] | None:
        return self._left.pop(0) if self._left else None


class Searched(Advice):
    """Trials that Optuna proposes or judges, from all that it is told; it holds nothing but what the runs say."""

    def __init__(self, plan: Plan, begun: Sequence[Trial]) -> None:
        """Tell Optuna what earlier processes have found.

        Raises:
            SpecError: If it is not installed.
        """
        optuna = optuna_module()
        self._points = plan.points()
        self._distributions = distributions(plan.axes_by_name) if self._points is None else {}
        listed = None if self._points is None else Listed(self._points, begun)
        self._listed, self._budget = listed, plan.runs
        self._study = optuna.create_study(sampler=sampler(plan), pruner=pruner(plan))
        self._trials: dict[int, Any] = {}
        self._again: list[Trial] = []
        for trial in begun:
            if trial.over:
                self._study.add_trial(self._told(trial, plan))
            else:
                self._again.append(trial)
        self._next = max((trial.number for trial in begun), default=-1) + 1

    def propose(self) -> tuple[int, dict[str, Any]] | None:
        if self._listed is not None:
            found = self._listed.propose()
            if found is not None:
                self._trials[found[0]] = self._study.ask()
            return found
        if self._again:
            trial = self._again.pop(0)
            self._study.enqueue_trial(encoded(trial.settings, self._distributions))
            self._trials[trial.number] = self._study.ask(self._distributions)
            return trial.number, trial.settings
        if self._next >= self._budget:
            return None
        asked, number = self._study.ask(self._distributions), self._next
        self._trials[number], self._next = asked, number + 1
        return number, decoded(asked.params)

    def heard(self, number: int, epoch: int, error: float) -> bool:
        trial = self._trials.get(number)
        if trial is None or error != error:
            return False
        trial.report(error, epoch)
        return bool(trial.should_prune())

    def over(self, number: int, outcome: Outcome) -> None:
        trial = self._trials.pop(number, None)
        if trial is None:
            return
        states = optuna_module().trial.TrialState
        if outcome.cost is not None:
            self._study.tell(trial, outcome.cost)
        else:
            self._study.tell(trial, state=states.PRUNED if outcome.status == "pruned" else states.FAIL)

    def _told(self, trial: Trial, plan: Plan) -> Any:
        optuna, found = optuna_module(), outcome_of(trial, plan)
        states = optuna.trial.TrialState
        ended = states.PRUNED if found.status == "pruned" else states.FAIL
        return optuna.create_trial(
            state=ended if found.cost is None else states.COMPLETE,
            value=found.cost,
            params=encoded(trial.settings, self._distributions),
            distributions=self._distributions,
            intermediate_values={epoch: error for epoch, error in told_epochs(trial).items() if error == error},
        )


def advice(plan: Plan, begun: Sequence[Trial]) -> Advice:
    """Who proposes the trials of a plan, of which some have begun.

    Raises:
        SpecError: If Optuna is needed and not installed.
    """
    points = plan.points()
    if points is not None and plan.pruning == "none":
        return Listed(points, begun)
    return Searched(plan, begun)


def optuna_module() -> Any:
    """Optuna, silent.

    Raises:
        SpecError: If it is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise SpecError(f"sampler 'tpe', pruning and --storage need Optuna: {INSTALL}") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


def sampler(plan: Plan) -> Any:
    """Optuna's sampler: tree-structured Parzen estimators, or whatever, where the points are known.

    References:
        Bergstra et al., Algorithms for Hyper-Parameter Optimization, 2011; Akiba et al., Optuna, 2019.
    """
    optuna = optuna_module()
    # Trials that go on at once must not all be tried in the same place.
    liar = {"constant_liar": True, "n_startup_trials": min(10, max(2, plan.runs // 3))}
    return optuna.samplers.TPESampler(seed=0, **liar) if plan.sampler == "tpe" else optuna.samplers.RandomSampler(0)


def pruner(plan: Plan) -> Any:
    """Optuna's pruner: worse than the median of the others by then, or not in the best third at a rung of epochs.

    References:
        Li et al., A System for Massively Parallel Hyperparameter Tuning, 2020 (ASHA).
    """
    pruners = optuna_module().pruners
    if plan.pruning == "median":
        return pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=1)
    return pruners.SuccessiveHalvingPruner(reduction_factor=3) if plan.pruning == "asha" else pruners.NopPruner()


def distributions(axes: Mapping[str, Axis]) -> dict[str, Any]:
    """The axes as Optuna knows them; values of a list as JSON, for they may be anything."""
    found = optuna_module().distributions
    return {name: _distribution(axis, found) for name, axis in axes.items()}


def _distribution(axis: Axis, known: Any) -> Any:
    if not isinstance(axis, Range):
        return known.CategoricalDistribution([json.dumps(value) for value in axis])
    if axis.whole:
        return known.IntDistribution(round(axis.low), round(axis.high), log=axis.log)
    return known.FloatDistribution(axis.low, axis.high, log=axis.log)


def decoded(params: Mapping[str, Any]) -> dict[str, Any]:
    """A point of the axes from what Optuna says of it."""
    return {name: json.loads(value) if isinstance(value, str) else value for name, value in params.items()}


def encoded(settings: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """What Optuna is told of a point."""
    choices = {name: hasattr(distribution, "choices") for name, distribution in known.items()}
    return {name: json.dumps(settings[name]) if is_choice else settings[name] for name, is_choice in choices.items()}
