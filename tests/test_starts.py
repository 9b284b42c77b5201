"""Three starts of one network."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.datasets import load_digits

import aejax
from aejax.starts import STARTS, learning_curves


def small(entry):
    encoder = entry.spec.encoder.replace(widths=(10,))
    return replace(entry, spec=entry.spec.replace(encoder=encoder, latent=3))


@pytest.mark.slow
def test_each_start_has_its_curve_from_the_start_itself_on():
    x = (load_digits().images[:400] / 16).astype(np.float32)
    starts = {name: small(STARTS[name]) for name in ("pretrained", "modern")}
    found = list(learning_curves(x[:300], x[300:], epochs=2, starts=starts))
    assert [curve.name for curve in found] == ["pretrained"] * 3 + ["modern"] * 3
    for last in found[2::3]:
        assert [point.epoch for point in last.points] == [0, 1, 2]
        assert [point.seconds for point in last.points] == sorted(point.seconds for point in last.points)
        assert last.points[2].error < last.points[0].error
    train = starts["modern"].train.replace(epochs=2)
    run = aejax.train(starts["modern"].spec, train, x[:300])
    assert found[-1].points[-1].error == pytest.approx(run.evaluate(x[300:])["sse"], rel=1e-6)


def test_the_random_start_is_the_pretrained_one_but_for_what_is_learnt_and_how():
    random, pretrained = STARTS["random"], STARTS["pretrained"]
    assert random.spec == pretrained.spec
    untaught = pretrained.train.pretraining.replace(epochs=1, learning_rate=0.0, linear_learning_rate=0.0)
    assert random.train.pretraining == untaught
    assert random.train.optimizer.kind == "sgd"


@pytest.mark.slow
def test_the_random_start_fails_where_the_others_learn():
    data = aejax.load_data("mnist-sample")
    last = {curve.name: curve.points[-1].error for curve in learning_curves(data.x_train, data.x_test, epochs=5)}
    assert max(last["modern"], last["pretrained"]) < 0.5 * last["random"]
