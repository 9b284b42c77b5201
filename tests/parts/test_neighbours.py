import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.optimize import brentq
from sklearn.datasets import load_digits

import aejax
from aejax.graph import nearest
from aejax.parts.neighbours import Neighbour, Neighbours, edge_chances, edge_weights, kernel_shape
from aejax.parts.penalty import Context
from aejax.separation import knn_accuracy
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

DIGITS = load_digits()
X = (DIGITS.images / 16).astype(np.float32)


def context(**given):
    return Context(**dict.fromkeys(Context._fields) | given)


def published_weights(graph, union=1.0):
    """The symmetric weights of UMAP as its paper and its `set_op_mix_ratio` have them, one root at a time."""
    count, k = graph.neighbours.shape
    weights = np.zeros((count, count))
    for i, (neighbours, distances) in enumerate(zip(graph.neighbours, graph.distances.astype(float), strict=True)):
        rho = min(d for d in distances if d > 0)
        beyond = [max(0.0, d - rho) for d in distances]
        sigma = brentq(lambda s, b=beyond: sum(math.exp(-d / s) for d in b) - math.log2(k), 1e-6, 1e6)
        for j, d in zip(neighbours, beyond, strict=True):
            weights[i, j] = math.exp(-d / sigma)
    return union * (weights + weights.T - weights * weights.T) + (1 - union) * weights * weights.T


@pytest.mark.parametrize("union", [1.0, 0.25, 0.0])
def test_the_edges_weights_are_umaps(union):
    graph = nearest(np.concatenate([X[:80], X[:1]]), 6)
    found = np.zeros((81, 81))
    np.put_along_axis(found, graph.neighbours, edge_weights(graph, union), axis=1)
    np.testing.assert_allclose(found + found.T, published_weights(graph, union), atol=1e-4)


def test_of_the_intersection_only_those_are_drawn_that_find_the_example_too():
    graph = nearest(X[:80], 3)
    known = [set(row.tolist()) for row in graph.neighbours]
    mutual = np.array([[i in known[j] for j in row] for i, row in enumerate(graph.neighbours)])
    assert not mutual.any(axis=1).all(), "one without such a neighbour is wanted"
    lone = ~mutual.any(axis=1, keepdims=True)
    for union in (0.0, 0.25, 1.0):
        expected = np.where(mutual | (lone & (union == 0)), 1.0, union)
        np.testing.assert_allclose(edge_chances(graph, union), expected)
    prepared = Neighbours(k=3, objective="infonce", union=0.0).prepare(X[:80])
    np.testing.assert_array_equal(np.diff(prepared["cumulative"], prepend=0) > 0, mutual | lone)
    np.testing.assert_array_equal(prepared["share"], 1.0)


def test_edges_are_drawn_as_often_as_they_weigh():
    penalty = Neighbours(k=4)
    prepared = jax.tree.map(jnp.asarray, penalty.prepare(X[:30]))
    graph, rows = nearest(X[:30], 4), jnp.arange(30)
    numbers = jnp.arange(30.0)[:, None]

    def draw(key):
        return penalty.companions(prepared, key, rows, numbers)

    drawn = jax.jit(jax.vmap(draw))(jax.random.split(jax.random.key(0), 4000))
    found = np.zeros((30, 30))
    for row in range(30):
        counts = np.bincount(np.asarray(drawn.x[:, row, 0], int), minlength=30)
        found[row] = counts / 4000 * float(drawn.share[0, row])
    expected = np.zeros((30, 30))
    np.put_along_axis(expected, graph.neighbours, edge_weights(graph), axis=1)
    np.testing.assert_allclose(found, expected / expected.sum() * 30, atol=0.05)
    assert float(drawn.share[0].mean()) == pytest.approx(1.0, rel=1e-5)


def test_the_kernels_shape_is_that_published_for_umaps_defaults():
    assert kernel_shape(0.1) == pytest.approx((1.577, 0.895), abs=1e-3)
    assert kernel_shape(0.001) == pytest.approx((1.929, 0.792), abs=2e-3)


def brute_force(penalty, codes, near):
    a, b = kernel_shape(penalty.min_dist)
    costs = []
    for i, code in enumerate(codes):
        likeness = [1 / (1 + a * (((code - other) ** 2).sum() + 1e-6) ** b) for other in codes]
        own = 1 / (1 + a * (((code - near[i]) ** 2).sum() + 1e-6) ** b)
        others = [value for j, value in enumerate(likeness) if j != i]
        if penalty.objective == "umap":
            repulsion = -np.mean([math.log(1 - value / 1.001) for value in others])
            costs.append(-math.log(own) + penalty.negatives * repulsion)
        else:
            costs.append(-math.log(own / (own + sum(others))))
    return costs


@pytest.mark.parametrize("objective", ["umap", "infonce"])
def test_the_cost_is_the_double_loop_over_the_batch(objective):
    codes, near = np.random.default_rng(0).normal(size=(2, 7, 3)).astype(np.float32)
    share = np.linspace(0.5, 1.5, 7, dtype=np.float32)
    penalty = Neighbours(objective=objective, weight=2.0, negatives=3.0)
    found = penalty.cost(
        context(
            latents=jnp.asarray(codes),
            encode=lambda x: x,
            companions=Neighbour(jnp.asarray(near), jnp.asarray(share)),
        )
    )
    np.testing.assert_allclose(found, 2 * share * brute_force(penalty, codes, near), rtol=1e-4)


@pytest.mark.parametrize("objective", ["umap", "infonce"])
def test_codes_that_coincide_have_a_finite_cost_and_slope(objective):
    def cost(codes):
        near = Neighbour(codes, jnp.ones(4))
        return Neighbours(objective=objective).cost(context(latents=codes, encode=lambda x: x, companions=near)).sum()

    value, slope = jax.value_and_grad(cost)(jnp.zeros((4, 2)))
    assert np.isfinite(value)
    assert np.isfinite(slope).all()


def test_neighbours_count_in_training_only():
    spec = ModelSpec(latent=2, penalties=({"kind": "neighbours", "k": 5},))
    run = aejax.train(spec, TrainSpec(epochs=1), X[:200], X[200:300])
    assert run.history[0].terms["neighbours"] > 0
    assert run.history[0].validation["neighbours"] == 0
    assert run.evaluate(X[:200])["neighbours"] == 0


@pytest.mark.parametrize("objective", ["umap", "infonce"])
def test_neighbours_make_a_map_in_which_held_out_digits_lie_among_their_like(objective):
    recipe = TrainSpec(epochs=100, batch_size=64, learning_rate=5e-3, schedule="cosine")
    encoder = {"kind": "dense", "widths": (64, 64), "activation": "silu"}
    known, held_out, accuracy = np.arange(len(X)) % 3 != 0, np.arange(len(X)) % 3 == 0, []
    for penalties in ((), ({"kind": "neighbours", "objective": objective, "weight": 30.0},)):
        run = aejax.train(ModelSpec(latent=2, encoder=encoder, penalties=penalties), recipe, X[known])
        codes, labels = run.encode(X), DIGITS.target
        accuracy.append(knn_accuracy(codes[known], labels[known], codes[held_out], labels[held_out], 5))
    assert accuracy[1] > max(0.89, accuracy[0] + 0.015)


def test_under_a_blur_images_are_neighbours_of_themselves_a_pixel_off():
    rng = np.random.default_rng(0)
    bars = np.zeros((40, 20, 20), np.float32)
    for image, column in zip(bars, rng.permutation(np.arange(40) % 10), strict=True):
        image[rng.integers(0, 4) :, 2 * column] = 1.0
    distances = {blur: nearest_columns(bars, Neighbours(k=6, blur=blur)) for blur in (0.0, 1.5)}
    assert distances[1.5] < distances[0.0]
    graph = nearest(gaussian_filter(bars, (0, 1.5, 1.5)), 6)
    np.testing.assert_array_equal(Neighbours(k=6, blur=1.5).prepare(bars)["neighbours"], graph.neighbours)


def nearest_columns(bars, penalty):
    """Mean distance in pixels between the bar of each image and those of its neighbours."""
    place = bars.sum(axis=1).argmax(axis=1)
    return np.abs(place[penalty.prepare(bars)["neighbours"]] - place[:, None]).mean()


def test_a_blur_of_what_is_no_image_is_refused():
    with pytest.raises(SpecError, match=r"penalties: neighbours with blur needs images, .* got \(64,\)"):
        ModelSpec(latent=2, penalties=({"kind": "neighbours", "blur": 1.0},)).latent_size((64,))
