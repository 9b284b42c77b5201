"""Sequences read and written step by step, against loops written out in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit

import aejax
from aejax.arrays import DataError
from aejax.model import Model
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance
from aejax.run import device_numbers
from aejax.settings import SpecError
from aejax.spec import ModelSpec

STEPS, CHANNELS, BATCH = 5, 3, 4
LENGTHS = np.array([5, 3, 1, 4])
CHANCE = Chance(jax.random.key(1), jax.random.key(2), jnp.arange(BATCH))
X = np.random.default_rng(0).uniform(size=(BATCH, STEPS, CHANNELS)).astype(np.float32)
GARBAGE = np.where(np.arange(STEPS)[None, :, None] < LENGTHS[:, None, None], X, 0.9).astype(np.float32)


def sequence(likelihood="bernoulli", **encoder):
    """The spec, model and parameters of a small autoencoder of sequences."""
    spec = ModelSpec(latent=2, encoder={"kind": "recurrent", "hidden": 6, **encoder}, likelihood=likelihood)
    model = Model.of(spec, (STEPS, CHANNELS))
    params = {
        name: value + 0.1 * jax.random.normal(jax.random.key(7), value.shape)
        for name, value in model.init(jax.random.key(0)).items()
    }
    return spec, model, params


def gated_unit(params, path, state, told):
    """Cho et al. 2014, equations 5 to 8, one step; `told` is what the input adds to the three gates."""
    past = np.split(state @ np.asarray(params[f"{path}.dense_h.kernel"]), 3, axis=1)
    now = np.split(told, 3, axis=1)
    keep = expit(now[1] + past[1])
    return (1 - keep) * np.tanh(now[2] + expit(now[0] + past[0]) * past[2]) + keep * state


def image(params, path, values):
    bias = np.asarray(params.get(f"{path}.bias", 0.0))
    return values @ np.asarray(params[f"{path}.kernel"]) + bias


def read_by_hand(params, x, lengths, reading):
    """Each sequence by itself, to its own end and no further."""
    codes = []
    for sequence, length in zip(x, lengths, strict=True):
        state, states, back = np.zeros((1, 6)), [], np.zeros((1, 6))
        for step in range(length):
            state = gated_unit(
                params, "encoder.cell", state, image(params, "encoder.cell.dense_i", sequence[step][None])
            )
            states.append(state)
        for step in reversed(range(length)) if reading == "both_ways" else ():
            told = image(params, "encoder.backward.dense_i", sequence[step][None])
            back = gated_unit(params, "encoder.backward", back, told)
        ends = {"last": state, "mean": np.mean(states, axis=0), "both_ways": np.concatenate([state, back], axis=1)}
        codes.append(image(params, "encoder.head", ends[reading])[0])
    return np.stack(codes)


def written_by_hand(params, codes, lengths, true):
    """Logits, the last step first; each step reads the true one after it, or with `true` None its own."""
    logits = np.zeros((BATCH, STEPS, CHANNELS))
    for row, length in enumerate(lengths):
        code, before = codes[row][None], np.zeros((1, CHANNELS))
        state = np.tanh(image(params, "decoder.start", code))
        for step in reversed(range(length)):
            told = image(params, "decoder.cell.dense_i", code) + image(params, "decoder.feedback", before)
            state = gated_unit(params, "decoder.cell", state, told)
            logits[row, step] = image(params, "decoder.head", state)[0]
            before = expit(logits[row, step])[None] if true is None else true[row, step][None]
    return logits


@pytest.mark.parametrize("reading", ["last", "mean", "both_ways"])
def test_a_code_is_what_numpy_reads_of_the_valid_steps_alone(reading):
    _, model, params = sequence(reading=reading)
    by_hand = read_by_hand(params, X, LENGTHS, reading)
    np.testing.assert_allclose(model.encode(params, GARBAGE, lengths=LENGTHS), by_hand, rtol=1e-4, atol=1e-5)


def test_without_a_teacher_the_decoder_reads_its_own_steps():
    _, model, params = sequence(feedback=True)
    codes = np.asarray(model.encode(params, X, lengths=LENGTHS))
    logits = written_by_hand(params, codes, LENGTHS, None)
    valid = np.arange(STEPS)[None, :, None] < LENGTHS[:, None, None]
    decoded = model.decode(params, jnp.asarray(codes), lengths=LENGTHS)
    np.testing.assert_allclose(decoded, np.where(valid, expit(logits), 0.0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("progress, taught", [(0.0, True), (1.0, False)])
def test_a_teacher_tells_every_true_step_at_first_and_none_at_the_end(progress, taught):
    spec, model, params = sequence(feedback=True, forcing=1.0)
    batch = Batch(jnp.asarray(GARBAGE), lengths=jnp.asarray(LENGTHS))
    terms = model.terms(params, device_numbers(spec), CHANCE, batch, jnp.float32(progress))
    codes = np.asarray(model.encode(params, X, lengths=LENGTHS))
    logits = written_by_hand(params, codes, LENGTHS, X if taught else None)
    each = np.logaddexp(0, logits) - X * logits
    expected = [each[row, :length].sum() for row, length in enumerate(LENGTHS)]
    np.testing.assert_allclose(terms["reconstruction"], expected, rtol=1e-4)


def test_a_teacher_halfway_tells_about_half_of_the_steps():
    spec, model, params = sequence(feedback=True, forcing=1.0)
    lesson = spec.encoder.lesson(jnp.asarray(X), jax.random.key(3), jnp.float32(0.5))
    assert float(lesson.probability) == 0.5
    codes = model.encode(params, X)
    ends = [written_by_hand(params, np.asarray(codes), [STEPS] * BATCH, true) for true in (X, None)]
    halfway = np.asarray(model.network(params).write(codes, lesson=lesson))
    # The step after the first is told or not, and so is one of the two.
    second = [np.isclose(halfway[:, -2], end[:, -2], rtol=1e-4, atol=1e-5).all(axis=1) for end in ends]
    assert (second[0] ^ second[1]).all()


@pytest.mark.parametrize("encoder", [{}, {"reading": "both_ways", "feedback": True, "forcing": 0.5}])
def test_what_stands_beyond_the_end_changes_neither_loss_nor_gradient(encoder):
    spec, model, params = sequence("normal", **encoder)

    @jax.jit
    def loss(params, x):
        batch = Batch(x, lengths=jnp.asarray(LENGTHS))
        terms = model.terms(params, device_numbers(spec), CHANCE, batch, jnp.float32(0.3))
        return terms["reconstruction"].sum()

    (one, slopes), (other, same) = (jax.value_and_grad(loss)(params, jnp.asarray(x)) for x in (X, GARBAGE))
    assert float(one) == float(other)
    for name, slope in slopes.items():
        np.testing.assert_array_equal(slope, same[name])


def test_recurrent_kernels_begin_as_one_orthogonal_matrix_a_gate():
    kernel = np.asarray(sequence()[1].init(jax.random.key(3))["encoder.cell.dense_h.kernel"])
    for gate in np.split(kernel, 3, axis=1):
        np.testing.assert_allclose(gate @ gate.T, np.eye(6), atol=1e-5)


def test_a_training_on_ragged_sequences_heeds_their_lengths_throughout():
    spec = sequence("mse")[0]
    train = aejax.TrainSpec(epochs=2, batch_size=2)
    runs = [aejax.train(spec, train, x, x, lengths=LENGTHS, validation_lengths=LENGTHS) for x in (X, GARBAGE)]
    assert runs[0].history[-1].terms == runs[1].history[-1].terms
    assert runs[0].history[-1].validation == runs[1].history[-1].validation
    found = runs[0].evaluate(GARBAGE, lengths=LENGTHS)
    rebuilt = runs[0].reconstruct(GARBAGE, lengths=LENGTHS)
    squares = [np.square(rebuilt[row, :length] - X[row, :length]) for row, length in enumerate(LENGTHS)]
    assert found["mse"] == pytest.approx(np.mean([each.mean() for each in squares]), rel=1e-5)
    assert found["sse"] == pytest.approx(np.mean([each.sum() for each in squares]), rel=1e-5)
    assert found["reconstruction"] == pytest.approx(found["sse"], rel=1e-5)
    assert not rebuilt[1, 3:].any()
    np.testing.assert_array_equal(runs[0].encode(X, lengths=LENGTHS), runs[0].encode(GARBAGE, lengths=LENGTHS))


REFUSED = {
    "lengths must be whole numbers, one for each of 4": (sequence()[0], np.ones(3, int)),
    "lengths must lie in 1 to 5, the steps of a sequence; got 0 to 2": (sequence()[0], np.array([0, 1, 2, 2])),
    "lengths need encoder 'recurrent', which reads step by step; got 'dense'": (ModelSpec(latent=2), LENGTHS),
    "lengths need decoder 'recurrent', which reads step by step; got 'dense'": (
        sequence()[0].replace(decoder="dense"),
        LENGTHS,
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_lengths_that_cannot_be_heeded_are_refused(sentence):
    spec, lengths = REFUSED[sentence]
    with pytest.raises((DataError, SpecError), match=sentence):
        next(aejax.fit(spec, aejax.TrainSpec(epochs=1, batch_size=2), X, lengths=lengths))


def test_a_teacher_without_feedback_is_refused():
    with pytest.raises(SpecError, match="recurrent.forcing must be 0 without feedback"):
        sequence(forcing=0.5)
