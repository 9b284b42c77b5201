"""A training that is put down and taken up is the training that was not."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aejax import DivergedError, ModelSpec, SpecError, TrainSpec
from aejax.loop import advance
from aejax.optimizers import OPTIMIZERS
from aejax.trainer import Trainer, copied

SPEC = ModelSpec(latent=2, encoder={"kind": "dense", "widths": (8,)}, penalties=("l1",))
TRAIN = TrainSpec(epochs=4, batch_size=50, schedule="cosine")


@pytest.fixture(scope="module")
def x():
    return (load_digits().images[:230] / 16).astype(np.float32)


def trained(trainer: Trainer, steps: int) -> Trainer:
    while trainer.step < steps:
        trainer.advance(min(3, steps - trainer.step))
        if trainer.step % trainer.per_epoch == 0:
            trainer.close_epoch()
    return trainer


def same(one: Trainer, other: Trainer) -> bool:
    a, b = one.kept(), other.kept()
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("kind", ["adam", "lbfgs", "muon"])
def test_a_training_goes_on_bit_for_bit_from_what_was_kept(kind, x):
    assert kind in OPTIMIZERS
    train = TRAIN.replace(optimizer=kind)
    whole = trained(Trainer(SPEC, train, x), 12)
    half = trained(Trainer(SPEC, train, x), 7)
    again = Trainer(SPEC, train, x)
    again.restore(half.kept(), 7, half.seconds)
    assert same(half, again)
    assert same(whole, trained(again, 12))


def test_a_state_of_something_else_is_refused(x):
    kept = trained(Trainer(SPEC, TRAIN, x), 2).kept()
    for other in (TRAIN.replace(optimizer="sgd"), TRAIN.replace(batch_size=40)):
        with pytest.raises(SpecError, match="not one of this model, optimizer and batch size"):
            Trainer(SPEC, other, x).restore(kept, 2, 0.0)


def test_adopting_with_the_same_settings_goes_on_bit_for_bit(x):
    whole, half = trained(Trainer(SPEC, TRAIN, x), 12), trained(Trainer(SPEC, TRAIN, x), 8)
    branch = Trainer(SPEC, TRAIN, x)
    branch.adopt(half)
    assert same(whole, trained(branch, 12))
    assert [epoch.epoch for epoch in branch.history] == [1, 2]
    assert branch.history[0].terms == whole.history[0].terms


def test_adopting_with_other_settings_keeps_what_fits(x):
    half = trained(Trainer(SPEC, TRAIN, x), 8)
    other = Trainer(SPEC.replace(penalties=()), TRAIN.replace(optimizer="sgd"), x)
    other.adopt(half)
    assert other.step == 8
    assert other.terms().keys() == {"reconstruction"}
    smaller = Trainer(SPEC, TRAIN.replace(batch_size=20), x)
    smaller.adopt(half)
    assert (smaller.step, smaller.history) == (0, ())
    for trainer in (other, smaller):
        assert all(np.array_equal(v, half.kept()[n]) for n, v in trainer.kept().items() if n.startswith("params."))
    with pytest.raises(SpecError, match="start must be a run with the layers"):
        Trainer(SPEC.replace(latent=3), TRAIN, x).adopt(half)


def test_tuning_while_training_compiles_nothing(x):
    spec = SPEC.replace(bottleneck="gaussian", corruption="gaussian")
    trainer = trained(Trainer(spec, TRAIN, x), 3)
    compiled = advance.jitted._cache_size()
    trainer.tune({"train.learning_rate": 0.1, "spec.bottleneck.beta": 4.0, "spec.corruption.sd": 0.3})
    trainer.tune({"spec.penalties.0.weight": 2.0, "train.epochs": 9})
    trained(trainer, 6)
    assert advance.jitted._cache_size() == compiled
    assert (trainer.train.learning_rate, trainer.spec.bottleneck.beta, trainer.steps) == (0.1, 4.0, 45)


def test_a_tuned_number_takes_effect_from_that_step_on(x):
    plain, still = trained(Trainer(SPEC, TRAIN, x), 3), trained(Trainer(SPEC, TRAIN, x), 3)
    assert same(plain, still)
    still.tune({"train.learning_rate": 0.0})
    before = still.run().params
    trained(still, 5)
    assert all(np.array_equal(value, still.run().params[name]) for name, value in before.items())
    assert not same(trained(plain, 5), still)


def test_only_live_numbers_within_their_bounds_can_be_tuned(x):
    trainer = Trainer(SPEC, TRAIN, x)
    with pytest.raises(SpecError, match=r"spec.latent cannot change while training; what can is spec.penalties.0"):
        trainer.tune({"spec.latent": 3})
    with pytest.raises(SpecError, match="learning_rate must be greater than or equal to 0; got -1"):
        trainer.tune({"train.learning_rate": -1.0})
    assert trainer.train == TRAIN


def test_a_training_taken_back_repeats_itself(x):
    trainer = trained(Trainer(SPEC, TRAIN, x), 4)
    kept = copied(trainer.state)
    first = trained(trainer, 9).kept()
    assert [epoch.epoch for epoch in trainer.history] == [1]
    trainer.take_back(kept, 4)
    assert trainer.history == ()
    again = trained(trainer, 9).kept()
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_terms_that_are_not_finite_are_told_with_the_way_out(x):
    with pytest.raises(DivergedError, match="'kl' became nan at step 3: lower the learning rate .now 0.001."):
        Trainer(SPEC, TRAIN, x).check_finite({"reconstruction": 1.0, "kl": float("nan")}, "at step 3")
