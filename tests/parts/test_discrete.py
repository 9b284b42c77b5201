"""Codes of which there are finitely many."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.spatial.distance import cdist
from scipy.stats import entropy
from sklearn.datasets import load_digits

import aejax
from aejax.model import BOTTLENECK, Model
from aejax.parts.bottlenecks import Categorical, Codebook, Quantise
from aejax.parts.discrete import Codewords
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

WHOLE = jnp.float32(1.0)
X = (load_digits().images[:500] / 16).astype(np.float32)
BOOK = Codebook(codes=7, width=2)


@pytest.fixture
def module():
    return Codewords(7, 2, nnx.Rngs(3))


def outputs(rows=6, latent=4):
    return jax.random.normal(jax.random.key(1), (rows, 1, latent))


def test_each_part_of_a_code_is_the_nearest_codeword_by_scipys_distances(module):
    book, parts = np.asarray(module.codewords[...]), np.asarray(outputs()).reshape(-1, 2)
    nearest = book[cdist(parts, book).argmin(axis=1)].reshape(6, 4)
    np.testing.assert_array_equal(BOOK.mean(outputs(), module), nearest)
    code = BOOK.code(jax.random.key(0), outputs(), WHOLE, module)
    np.testing.assert_array_equal(code.latents, nearest)
    squares = ((nearest - np.asarray(outputs())[:, 0]) ** 2).sum(axis=1)
    np.testing.assert_allclose(code.terms["codebook"], squares, rtol=1e-5)
    np.testing.assert_allclose(code.terms["commitment"], 0.25 * squares, rtol=1e-5)
    np.testing.assert_array_equal(code.counts["used"], np.bincount(cdist(parts, book).argmin(axis=1), minlength=7))


def test_the_gradient_goes_straight_through_and_each_term_moves_its_own_side(module):
    raw = outputs()

    def term(name):
        def value(raw, module):
            code = BOOK.code(jax.random.key(0), raw, WHOLE, module)
            return (code.latents if name == "latents" else code.terms[name]).sum()

        by_raw, by_module = jax.grad(value, argnums=(0, 1))(raw, module)
        return np.asarray(by_raw)[:, 0], np.asarray(by_module.codewords[...])

    words = np.asarray(BOOK.mean(raw, module))
    by_raw, by_book = term("latents")
    np.testing.assert_array_equal(by_raw, np.ones((6, 4)))
    np.testing.assert_array_equal(by_book, np.zeros((7, 2)))
    by_raw, by_book = term("codebook")
    np.testing.assert_array_equal(by_raw, np.zeros((6, 4)))
    assert (by_book != 0).any()
    by_raw, by_book = term("commitment")
    np.testing.assert_allclose(by_raw, 0.25 * 2 * (np.asarray(raw)[:, 0] - words), rtol=1e-5)
    np.testing.assert_array_equal(by_book, np.zeros((7, 2)))


def test_unused_codewords_alone_are_put_onto_outputs_of_the_encoder(module):
    old, used = module.codewords[...], np.array([3.0, 0, 1, 0, 0, 9, 1])
    new = BOOK.refreshed({"codewords": old}, {"used": jnp.asarray(used)}, outputs(), jax.random.key(2))["codewords"]
    np.testing.assert_array_equal(np.asarray(new)[used > 0], old[used > 0])
    vectors = np.asarray(outputs()).reshape(-1, 2)
    for word in np.asarray(new)[used == 0]:
        assert (vectors == word).all(axis=1).any()
    assert len(np.unique(np.asarray(new), axis=0)) == 7


def test_training_restarts_dead_codewords_between_epochs_and_tells_how_many_were_used():
    spec = ModelSpec(latent=8, bottleneck={"kind": "codebook", "codes": 32, "width": 2})
    train = TrainSpec(epochs=4, batch_size=50)
    run = aejax.train(spec, train, X)
    used = [epoch.codes_used for epoch in run.history]
    assert all(0 < count <= 32 for count in used)
    assert used[-1] >= 24
    words = np.asarray(run.params["bottleneck.codewords"])
    codes = run.encode(X).reshape(-1, 2)
    assert cdist(codes, words).min(axis=1).max() == 0.0
    again = aejax.train(spec, train, X)
    np.testing.assert_array_equal(again.params["bottleneck.codewords"], words)
    assert run.history[-1].terms["reconstruction"] < run.history[0].terms["reconstruction"]


def test_a_dead_codeword_is_alive_after_the_pause_and_used_ones_stay():
    spec = ModelSpec(latent=4, bottleneck={"kind": "codebook", "codes": 4, "width": 4})
    model = Model.of(spec, (8, 8))
    params = model.init(jax.random.key(0))
    params["bottleneck.codewords"] = params["bottleneck.codewords"].at[2].set(1e3)
    memory = {BOTTLENECK: {"used": jnp.array([1.0, 4.0, 0.0, 2.0])}}
    after, cleared = model.between_epochs(params, memory, aejax_batch(X[:20]), jax.random.key(0))
    assert float(jnp.abs(after["bottleneck.codewords"][2]).max()) < 100
    np.testing.assert_array_equal(after["bottleneck.codewords"][:2], params["bottleneck.codewords"][:2])
    assert float(cleared[BOTTLENECK]["used"].sum()) == 0.0


def aejax_batch(x):
    from aejax.parts.batch import Batch

    return Batch(x)


def test_a_choice_in_training_follows_its_odds_and_hardens_as_it_cools():
    logits = jnp.log(jnp.array([0.6, 0.3, 0.1]))
    heads = jnp.broadcast_to(logits, (40_000, 1, 3))
    bottleneck = Categorical(values=3, temperature=1.0, last_temperature=0.1)
    for progress, hardness in ((0.0, 0.6), (1.0, 0.9)):
        soft = np.asarray(bottleneck.code(jax.random.key(0), heads, jnp.float32(progress)).latents)
        np.testing.assert_allclose(soft.sum(axis=1), 1.0, rtol=1e-5)
        # The greatest of logits with Gumbel noise is a draw by their odds, at any temperature.
        shares = np.bincount(soft.argmax(axis=1), minlength=3) / len(soft)
        np.testing.assert_allclose(shares, [0.6, 0.3, 0.1], atol=0.01)
        assert soft.max(axis=1).mean() > hardness


def test_the_divergence_of_choices_is_scipys_from_equal_odds():
    heads = outputs(5, 8)
    odds = np.asarray(jax.nn.softmax(heads.reshape(5, 2, 4)))
    expected = [sum(entropy(choice, np.full(4, 0.25)) for choice in example) for example in odds]
    term = Categorical(values=4, beta=2.0).code(jax.random.key(0), heads, WHOLE).terms["kl"]
    np.testing.assert_allclose(term, 2 * np.array(expected), rtol=1e-5)


def test_a_code_of_choices_is_ones_and_zeros_and_so_are_samples():
    spec = ModelSpec(latent=12, bottleneck={"kind": "categorical", "values": 4}, encoder={"kind": "dense"})
    run = aejax.train(spec, TrainSpec(epochs=3, batch_size=50), X)
    for codes in (run.encode(X), run.sample_codes(200)):
        choices = codes.reshape(-1, 3, 4)
        np.testing.assert_array_equal(choices.sum(axis=2), 1.0)
        np.testing.assert_array_equal(choices.max(axis=2), 1.0)
    assert run.sample(3).shape == (3, 8, 8)


@pytest.mark.parametrize("kind", ["quantise", "codebook"])
def test_samples_of_a_discrete_code_are_codes_that_an_example_could_have(kind):
    run = aejax.train(ModelSpec(latent=4, bottleneck=kind), TrainSpec(epochs=1, batch_size=50), X)
    codes = run.sample_codes(50)
    levels = Quantise().levels
    words = np.asarray(run.params.get("bottleneck.codewords", np.arange(-(levels // 2), levels - levels // 2)[:, None]))
    words = words if kind == "codebook" else words / (levels // 2)
    parts = codes.reshape(-1, words.shape[1])
    assert cdist(parts, words).min(axis=1).max() < 1e-6


@pytest.mark.parametrize(
    "bottleneck, message",
    [
        ({"kind": "codebook", "width": 3}, "bottleneck.width must divide the size of the code, 8; got 3"),
        ({"kind": "categorical", "values": 5}, "bottleneck.values must divide the size of the code, 8; got 5"),
    ],
)
def test_a_code_that_cannot_be_cut_up_is_refused(bottleneck, message):
    with pytest.raises(SpecError, match=message):
        ModelSpec(latent=8, bottleneck=bottleneck).latent_size((8, 8))
