"""Where sequences end is told by negative zeros behind them, which a recurrent model heeds and nothing else sees."""

import numpy as np
import pytest

import aejax
from aejax.data.ends import BEYOND, are_ragged, lengths_of
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

LENGTHS = np.array([5, 3, 1, 4] * 4)
FULL = np.random.default_rng(0).normal(0, 0.5, (16, 5, 2)).astype(np.float32)
RAGGED = np.where((np.arange(5) < LENGTHS[:, None])[..., None], FULL, BEYOND)
SPEC = ModelSpec(latent=2, encoder={"kind": "recurrent", "hidden": 4}, likelihood="mse")


@pytest.mark.parametrize("x", [RAGGED, RAGGED[..., 0]])
def test_lengths_are_read_from_negative_zeros_at_the_end_alone(x: np.ndarray):
    assert lengths_of(x).tolist() == LENGTHS.tolist()
    assert are_ragged(x)
    assert not are_ragged(np.abs(x))
    assert lengths_of(np.where(x == 0, BEYOND, 0)[:, ::-1]).max() == 5
    assert not are_ragged(np.zeros((4, 5), np.uint8))


def test_a_model_that_heeds_the_ends_learns_what_it_learns_when_told_the_lengths():
    train = TrainSpec(epochs=2, batch_size=8)
    told = aejax.train(SPEC, train, RAGGED, RAGGED, lengths=LENGTHS, validation_lengths=LENGTHS)
    seen = aejax.train(SPEC.for_sequences(True), train, RAGGED, RAGGED)
    assert seen.history[-1].validation == told.history[-1].validation
    np.testing.assert_array_equal(seen.encode(RAGGED), told.encode(RAGGED, lengths=LENGTHS))
    assert seen.evaluate(RAGGED)["sse"] == told.evaluate(RAGGED, lengths=LENGTHS)["sse"]


def test_only_a_recurrent_model_can_heed_the_ends():
    assert SPEC.for_sequences(True).ragged
    assert SPEC.for_sequences(True).for_sequences(False) == SPEC
    dense = ModelSpec(latent=2, likelihood="mse")
    assert dense.for_sequences(True) is dense
    with pytest.raises(SpecError, match="lengths need encoder 'recurrent'"):
        aejax.train(dense.replace(ragged=True), TrainSpec(epochs=1, batch_size=8), RAGGED)
