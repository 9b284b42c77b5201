"""Many trainings from one call: each ends where `fit` alone would, and a table tells mean and spread."""

import digits
import numpy as np
import pytest
from scipy import stats

import aejax
from aejax import DataError, ModelSpec, SpecError, TrainSpec
from aejax.axes import MOST_RUNS, Range, axes_of, drawn, grid, member
from aejax.seeds import Spread, difference, table
from aejax.settings import live_numbers
from aejax.together import apart, split, train_together
from aejax.trainer import Trainer
from aejax.training import progress_of

DATA = digits.data(enlarged=2)
X, Y = DATA.x_train[:120], DATA.y_train[:120]
IN_TURN = {"hinton-2006": "layers that are pretrained", "hinton-2006-map": "layers that are pretrained"}
SMALL = ModelSpec(latent=2, encoder={"kind": "dense", "widths": (8,)}, bottleneck="gaussian")
QUICK = TrainSpec(epochs=2, batch_size=32)

# One of each kind of what a loop may hold; the others take long to compile.
QUICKLY = ("map", "variational", "vq", "concrete", "hinton-2006")
NAMES = [pytest.param(name, marks=() if name in QUICKLY else pytest.mark.slow) for name in aejax.zoo]


def slimmed(spec: ModelSpec) -> ModelSpec:
    """The sentence with layers of few units, for which it takes less time to compile."""
    for body in ("encoder", "decoder"):
        part = getattr(spec, body)
        if part is not None and len(getattr(part, "widths", ())):
            spec = spec.replace(**{f"{body}.widths": (12,) * min(2, len(part.widths))})
        if part is not None and hasattr(part, "hidden"):
            spec = spec.replace(**{f"{body}.hidden": 8})
    small = spec.latent is not None and spec.latent > 8 and spec.bottleneck.kind in ("point", "gaussian", "select")
    return spec.replace(latent=8) if small else spec


@pytest.mark.parametrize("name", NAMES)
def test_a_run_among_many_ends_where_it_would_alone(name: str) -> None:
    entry = aejax.zoo[name]
    spec, recipe = slimmed(entry.spec), entry.train.replace(epochs=2, batch_size=48)
    numbers = [recipe.replace(seed=seed, learning_rate=rate) for seed, rate in ((0, 1e-3), (3, 4e-3))]
    live = [f"{key}" for key in live_numbers(spec)][:1]
    specs = [spec, spec.replace(**{key: 0.5 * live_numbers(spec)[key] for key in live})]
    told = {"labels": spec.told(Y), "validation_labels": spec.told(Y[:16])}
    many, lone = ([Trainer(s, t, X, X[:16], **told) for s, t in zip(specs, numbers, strict=True)] for _ in range(2))
    if name in IN_TURN:
        assert str(apart(many[0])).startswith(IN_TURN[name])
        return
    assert apart(many[0]) is None
    assert train_together(many) == {}
    # Which entry of a codebook is the nearest may turn on a rounding, and with it all that follows.
    tolerance = 1e-3 if spec.bottleneck.kind == "codebook" else 1e-5
    for one, other in zip(many, lone, strict=True):
        *_, last = progress_of(other)
        assert one.terms().keys() == last.terms.keys()
        for epoch, alone in zip(one.history, last.run.history, strict=True):
            for found, expected in ((epoch.terms, alone.terms), (epoch.validation, alone.validation)):
                assert sum(found.values()) == pytest.approx(sum(expected.values()), rel=tolerance)


@pytest.fixture
def four_loops(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many loops at once as on a machine with four processors."""
    monkeypatch.setattr("aejax.together.loops", lambda: 4)


def test_many_runs_in_one_call_are_measured_compared_and_their_failures_told(four_loops: None) -> None:
    sweep = {"seed": range(3), "learning_rate": [1e-3, 1e-2], "beta": [1.0]}
    told: list[tuple[int, int]] = []
    many = aejax.fit_many(
        SMALL, QUICK, X, X[:48], sweep=sweep, labels=Y, validation_labels=Y[:48], mode="together",
        metrics=["mse", "knn_5", "psnr"], told=lambda done, runs: told.append((done, runs)),
    )  # fmt: skip
    assert told == [(6, 6)]
    assert [each.together for each in many.fitted] == [True] * 6
    alone = aejax.train(SMALL, many.runs[3].train, X, X[:48])
    assert many.fitted[3].measured["mse"] == pytest.approx(alone.evaluate(X[:48])["mse"], rel=1e-4)
    assert many.fitted[3].run.history[-1].loss == pytest.approx(alone.history[-1].loss, rel=1e-5)
    first, second = many.table
    assert list(first)[:3] == ["train.learning_rate", "spec.bottleneck.beta", "runs"]
    values = [each.measured["mse"] for each in many.fitted]
    by_rate = values[::2], values[1::2]
    assert first["mse"].mean == pytest.approx(np.mean(by_rate[0]))
    assert first["mse"].deviation == pytest.approx(np.std(by_rate[0], ddof=1))
    assert first["mse"].runs == second["knn_5"].runs == 3
    assert first["psnr"] is None
    found = many.difference("mse", 0, 1)
    assert (found.test, found.runs) == ("paired", (3, 3))
    assert found.p == pytest.approx(stats.ttest_rel(*by_rate).pvalue)


def test_one_that_diverges_is_told_and_the_others_go_on() -> None:
    wild = TrainSpec(epochs=1, batch_size=32, optimizer="sgd")
    for mode in ("together", "in turn"):
        many = aejax.fit_many(SMALL, wild, X, sweep={"learning_rate": [1e-4, 1e12]}, mode=mode, metrics=["mse"])
        assert [run is None for run in many.runs] == [False, True]
        assert "lower the learning rate" in many.fitted[1].failure
        assert [row["mse"] is None for row in many.table] == [False, True]


def test_by_itself_the_mode_follows_a_trial_and_other_shapes_go_in_turn(four_loops: None) -> None:
    many = aejax.fit_many(
        SMALL, QUICK.replace(epochs=1), DATA, sweep={"latent": [1, 2], "seed": [0, 1]}, metrics=["mse"]
    )
    assert [each.run.latent for each in many.fitted] == [1, 1, 2, 2]
    assert all("in a trial of" in each.why and "ms" in each.why for each in many.fitted)
    alone = aejax.fit_many(SMALL, QUICK.replace(epochs=1), DATA, sweep={"latent": [1, 3]}, metrics=["mse"])
    assert [each.why for each in alone.fitted] == ["no other run has its structure"] * 2
    deep = aejax.zoo["hinton-2006"]
    with pytest.raises(SpecError, match="mode must be 'auto' or 'in turn' for .* pretrained learn one by one"):
        aejax.fit_many(deep.spec, deep.train.replace(batch_size=32), X, sweep={"seed": [0, 1]}, mode="together")
    assert [len(part) for part in split([None] * 9)] == [4, 5]


@pytest.mark.parametrize(
    "sweep, said",
    [
        ({"betta": [1]}, "'betta' is no setting of this model and recipe (did you mean beta?)"),
        ({"spec.latnet": [1]}, "'spec.latnet' is no setting of this model and recipe (did you mean spec.latent?)"),
        ({"beta": []}, "axis spec.bottleneck.beta has no values"),
        ({"latent": "2"}, "axis spec.latent must be a list of values, or low and high; got '2'"),
        ({"beta": [1], "spec.bottleneck.beta": [2]}, "sweep names spec.bottleneck.beta twice"),
        ({"seed": range(200), "latent": range(1, 200)}, f"a sweep has at most {MOST_RUNS:,} runs"),
        ({"latent": [0]}, "spec.latent must be greater than or equal to 1; got 0"),
        ({"encoder": ["dense", "nope"]}, "spec.encoder must be one of"),
        ({"beta": {"low": 2, "high": 1}}, "low must be below high; got 2 and 1"),
        ({"beta": {"low": 0, "high": 1, "log": True}}, "low must be above 0 where log is true; got 0"),
        ({"beta": {"low": 0, "hgh": 1}}, "hgh is not a setting (did you mean high?)"),
        ({}, "sweep must name at least one setting"),
    ],
)
def test_axes_that_cannot_be_are_refused_before_anything_is_trained(sweep: dict, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        aejax.fit_many(SMALL, QUICK, X, sweep=sweep)
    assert said in str(caught.value)


def test_axes_are_gridded_drawn_and_made_into_runs() -> None:
    sweep = {"optimizer": ["adam", "sgd"], "learning_rate": Range(low=1e-4, high=1e-2, log=True, count=3)}
    axes = axes_of(SMALL, QUICK, sweep | {"bottleneck": ["gaussian"], "bottleneck.beta": [2.0]})
    assert list(axes)[-1] == "spec.bottleneck.beta"
    points = grid(axes)
    assert len(points) == 6
    runs = [member(SMALL, QUICK, point) for point in points]
    assert sorted({run.train.learning_rate for run in runs}) == [1e-4, 1e-3, 1e-2]
    assert {(run.train.optimizer.kind, run.spec.bottleneck.beta) for run in runs} == {("adam", 2.0), ("sgd", 2.0)}
    some = drawn(axes, 20, seed=1)
    assert some == drawn(axes, 20, seed=1)
    assert all(1e-4 <= point["train.learning_rate"] <= 1e-2 for point in some)
    assert Range(low=2, high=6, whole=True, count=9).grid() == [2, 3, 4, 5, 6]


def test_a_difference_is_tested_by_pairs_where_seeds_are_shared_and_by_welch_where_not() -> None:
    random = np.random.default_rng(0)
    one, other = random.normal(0, 1, 6), random.normal(0.3, 2, 5)
    first, second = dict(enumerate(one)), dict(enumerate(other, start=10))
    apart_ = difference(first, second)
    assert apart_.test == "Welch"
    assert apart_.p == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue)
    paired = difference(first, {seed: value + 0.5 + 0.01 * seed for seed, value in first.items()})
    assert paired.test == "paired"
    assert paired.p < 1e-6
    assert "more than the chance of the seeds" in str(paired)
    assert paired.interval[0] < paired.mean < paired.interval[1]
    with pytest.raises(DataError, match="needs two seeds or more of each setting; there are 1 and 6"):
        difference({0: 1.0}, first)
    rows = table([{"train.seed": 0, "a": 1}, {"train.seed": 1, "a": 1}], [{"mse": 1.0}, {"mse": None}])
    assert rows == [{"a": 1, "runs": 2, "mse": Spread(1.0, 0.0, 1)}]
