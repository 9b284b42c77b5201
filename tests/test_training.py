import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

import aejax
from aejax import DataError, DivergedError, ModelSpec, SpecError, TrainSpec
from aejax.loop import advance
from aejax.optimizers import OPTIMIZERS
from aejax.schedules import SCHEDULES
from aejax.training import _check_specs

SPEC = ModelSpec(latent=3, encoder={"kind": "dense", "widths": (16,)})
QUICK = TrainSpec(epochs=2, batch_size=50)


@pytest.fixture(scope="module")
def x():
    return (load_digits().images[:230] / 16).astype(np.float32)


def weights_of(run):
    return {name: np.asarray(value) for name, value in run.params.items()}


def same(one, other):
    return all(np.array_equal(a, other[name]) for name, a in one.items())


def test_one_seed_gives_the_same_weights_bit_for_bit_and_another_does_not(x):
    first, again, other = (aejax.train(SPEC, QUICK.replace(seed=seed), x) for seed in (7, 7, 8))
    assert same(weights_of(first), weights_of(again))
    assert not same(weights_of(first), weights_of(other))


def test_yielding_within_epochs_changes_nothing_of_what_is_computed(x):
    whole = list(aejax.fit(SPEC, QUICK, x))
    parts = list(aejax.fit(SPEC, QUICK, x, every=1e-6))
    assert [p.step for p in whole] == [5, 10]
    assert [p.step for p in parts] == list(range(1, 11))
    assert same(weights_of(whole[-1].run), weights_of(parts[-1].run))
    assert whole[-1].terms == parts[-1].terms
    assert [p.epoch for p in parts] == [0, 0, 0, 0, 1, 1, 1, 1, 1, 2]


def test_weights_handed_out_earlier_stay_as_they_were(x):
    steps = aejax.fit(SPEC, QUICK, x)
    first = next(steps)
    before = weights_of(first.run)
    last = next(steps)
    assert same(before, weights_of(first.run))
    assert not same(before, weights_of(last.run))


def test_every_example_is_seen_once_an_epoch_before_any_is_seen_twice():
    """With a code of one number per row and plain steps, each example moves only weights of its own."""
    x = np.eye(10, dtype=np.float32)
    spec = ModelSpec(latent=1, encoder="linear", likelihood="mse")
    train = TrainSpec(epochs=1, batch_size=4, optimizer={"kind": "sgd", "momentum": 0.0}, learning_rate=0.1)
    start = next(aejax.fit(spec, train.replace(learning_rate=0.0), x)).run
    end = next(aejax.fit(spec, train, x)).run
    moved = np.abs(weights_of(end)["encoder.body.layers.0.kernel"] - weights_of(start)["encoder.body.layers.0.kernel"])
    assert (moved > 0).all()


def test_the_loss_of_an_epoch_falls_and_is_the_sum_of_its_terms(x):
    spec = SPEC.replace(bottleneck="gaussian", penalties=("l1",))
    progress = list(aejax.fit(spec, TrainSpec(epochs=5, batch_size=32), x, x[:40]))
    assert progress[-1].loss < progress[0].loss
    assert progress[-1].terms.keys() == progress[-1].validation.keys() == {"reconstruction", "kl", "l1"}
    assert progress[-1].loss == pytest.approx(sum(progress[-1].terms.values()))
    assert progress[-1].fraction == 1.0
    history = progress[-1].run.history
    assert [epoch.epoch for epoch in history] == [1, 2, 3, 4, 5]
    assert history[-1].terms == progress[-1].terms


def test_changing_a_live_number_compiles_nothing(x):
    spec = SPEC.replace(corruption="gaussian", bottleneck="gaussian", penalties=("l1",))
    aejax.train(spec, QUICK, x)
    compiled = advance.jitted._cache_size()
    changes = {"corruption.sd": 0.1, "bottleneck.beta": 4.0, "bottleneck.warm_up": 0.5, "penalties.0.weight": 2.0}
    aejax.train(spec.replace(**changes), QUICK.replace(learning_rate=0.01, warm_up=0.3, seed=5, epochs=3), x)
    assert advance.jitted._cache_size() == compiled


@pytest.mark.parametrize("kind", list(OPTIMIZERS))
def test_every_optimizer_lowers_the_loss(kind, x):
    spec = ModelSpec(latent=2, likelihood="mse")
    rate = {"sgd": 1e-3, "muon": 0.01}.get(kind)
    train = TrainSpec(optimizer=kind, epochs=10, batch_size=115) if rate is None else None
    train = train or TrainSpec(optimizer=kind, epochs=10, batch_size=115, learning_rate=rate)
    losses = [progress.loss for progress in aejax.fit(spec, train, x)]
    assert losses[-1] < 0.95 * losses[0]


def one_step(optimizer, learning_rate, x, **settings):
    """The weights before and after one step, and the gradient between them."""
    spec = ModelSpec(latent=1, encoder="linear", likelihood="mse")
    sizes = {"epochs": 1, "batch_size": len(x), "learning_rate": learning_rate}
    plain = TrainSpec(**sizes, optimizer={"kind": "sgd", "momentum": 0.0}).replace(learning_rate=1.0)
    before = aejax.train(spec, plain.replace(learning_rate=0.0), x).params
    gradient = {name: before[name] - value for name, value in aejax.train(spec, plain, x).params.items()}
    after = aejax.train(spec, TrainSpec(**sizes, optimizer={"kind": optimizer, **settings}), x).params
    return [{n: np.asarray(v, np.float64) for n, v in tree.items()} for tree in (before, gradient, after)]


def test_the_first_steps_of_the_optimizers_are_those_of_their_papers():
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    eps = 1e-7
    rules = {
        "adadelta": lambda g: -np.sqrt(eps) / np.sqrt(0.05 * g**2 + eps) * g,
        "rmsprop": lambda g: -0.01 * g / np.sqrt(0.1 * g**2 + eps),
        "adam": lambda g: -0.01 * g / (np.abs(g) + 1e-8),
        "sgd": lambda g: -0.01 * g,
    }
    for kind, rule in rules.items():
        before, gradient, after = one_step(kind, 1.0 if kind == "adadelta" else 0.01, x)
        for name, value in after.items():
            np.testing.assert_allclose(value - before[name], rule(gradient[name]), rtol=2e-3, atol=1e-6, err_msg=kind)


def test_clipping_bounds_the_length_of_a_step():
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    spec = ModelSpec(latent=1, encoder="linear", likelihood="mse")
    sizes = {"epochs": 1, "batch_size": 8, "optimizer": {"kind": "sgd", "momentum": 0.0}}
    before = aejax.train(spec, TrainSpec(**sizes, learning_rate=0.0), x).params
    after = aejax.train(spec, TrainSpec(**sizes, learning_rate=1.0, gradient_clip=1e-3), x).params
    length = np.sqrt(sum(float(((after[name] - value) ** 2).sum()) for name, value in before.items()))
    assert length == pytest.approx(1e-3, rel=1e-3)


def test_schedules_begin_and_end_where_they_should():
    at = {name: [float(rule(jnp.float32(p))) for p in (0.0, 0.3, 0.5, 1.0)] for name, rule in SCHEDULES.items()}
    assert at["constant"] == [1.0] * 4
    assert at["cosine"] == pytest.approx([1.0, 0.5 * (1 + np.cos(0.3 * np.pi)), 0.5, 0.0], abs=1e-6)
    assert at["one_cycle"][0] == pytest.approx(1 / 25)
    assert at["one_cycle"][1] == pytest.approx(1.0, abs=1e-5)
    assert at["one_cycle"][3] == pytest.approx(1 / 250_000, rel=0.1)


def test_a_linear_autoencoder_spans_the_pca_subspace():
    x = (load_digits().images / 16).astype(np.float32)
    train = TrainSpec(epochs=150, batch_size=100, learning_rate=0.01, schedule="cosine")
    run = aejax.train(ModelSpec(latent=3, encoder="linear", likelihood="mse"), train, x)
    pca = PCA(3).fit(x.reshape(len(x), -1))
    basis = np.asarray(run.params["decoder.body.layers.0.kernel"]).T
    assert np.degrees(subspace_angles(basis, pca.components_.T)).max() < 1.0
    rebuilt = pca.inverse_transform(pca.transform(x.reshape(len(x), -1)))
    assert run.evaluate(x)["mse"] == pytest.approx(np.mean((x.reshape(len(x), -1) - rebuilt) ** 2), rel=1e-3)


def test_training_goes_on_from_a_run_with_the_same_layers(x):
    first = aejax.train(SPEC, QUICK, x)
    before = weights_of(first)
    second = aejax.train(SPEC.replace(corruption="gaussian"), QUICK.replace(learning_rate=0.0), x, start=first)
    assert same(before, weights_of(second))
    assert same(before, weights_of(first))
    with pytest.raises(SpecError, match="start must be a run with the layers of dense > 2"):
        aejax.fit(ModelSpec(latent=2), QUICK, x, start=first)


def test_a_loss_that_is_no_longer_finite_stops_with_the_term_and_the_way_out(x):
    with pytest.raises(
        DivergedError, match=r"the loss term 'reconstruction' became .* within \d+ steps: lower the learning"
    ):
        aejax.train(SPEC.replace(likelihood="mse"), TrainSpec(epochs=5, batch_size=50, learning_rate=1e9), x)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"spec": ModelSpec(latent=65)}, "latent must be at most 64"),
        ({"train": TrainSpec(batch_size=1000)}, "batch_size must be at most 230"),
        ({"x": np.full((230, 8, 8), np.nan)}, "x must be finite"),
        ({"x": np.zeros((0, 8, 8))}, "x must have at least one example"),
        ({"x": np.full((230, 8, 8), 3.0)}, r"x must lie in \[0, 1\]"),
        ({"x": np.zeros((230, 8)), "spec": ModelSpec(latent=2, encoder="conv")}, "needs images"),
        ({"validation": np.zeros((3, 7, 7))}, r"validation must hold examples of shape \(8, 8\)"),
        ({"validation": np.full((3, 8, 8), -1.0)}, r"validation must lie in \[0, 1\]"),
    ],
)
def test_bad_arguments_are_refused_at_once_and_not_when_the_first_item_is_asked_for(change, message, x):
    arguments = {"spec": SPEC, "train": QUICK, "x": x} | change
    with pytest.raises((SpecError, DataError), match=message) as caught:
        aejax.fit(**arguments)
    assert "\n" not in str(caught.value)


def test_something_else_in_place_of_a_spec_is_told_with_the_way_out():
    """Asked of the check itself, for the tests' own type checker would speak first."""
    with pytest.raises(SpecError, match=r'spec must be a ModelSpec, such as aejax.zoo\["deep"\].spec; got a ZooEntry'):
        _check_specs(aejax.zoo["deep"], QUICK)
    with pytest.raises(SpecError, match="train must be a TrainSpec, .*; got a dict"):
        _check_specs(SPEC, {"epochs": 1})


def test_one_row_trains():
    run = aejax.train(ModelSpec(latent=1), TrainSpec(epochs=2, batch_size=1), np.full((1, 4), 0.5))
    assert np.isfinite(run.evaluate(np.full((1, 4), 0.5))["bce"])


def test_a_progress_bar_shows_the_epochs_and_the_loss(x, capsys):
    aejax.train(SPEC, QUICK, x, progress=True)
    assert "epoch 2" in capsys.readouterr().out


def test_seconds_do_not_count_the_time_between_items(x):
    import time

    steps = aejax.fit(SPEC, TrainSpec(epochs=3, batch_size=115), x)
    first = next(steps)
    time.sleep(0.5)
    later = [progress.seconds for progress in steps]
    assert first.seconds < later[0] < later[1]
    assert later[0] - first.seconds < 0.4


def test_labels_of_progress_count_whole_epochs(x):
    counted = [(p.epoch, p.steps) for p in itertools.islice(aejax.fit(SPEC, QUICK, x), 2)]
    assert counted == [(1, 10), (2, 10)]
