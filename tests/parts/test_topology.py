import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial.distance import cdist

from aejax.parts.penalty import Context
from aejax.parts.topology import Topology, spanning_tree


def context(**given):
    return Context(**dict.fromkeys(Context._fields) | given)


def points(seed, dimensions):
    return np.random.default_rng(seed).normal(size=(40, dimensions)).astype(np.float32)


def scipys_edges(distances):
    return {frozenset(map(int, edge)) for edge in zip(*minimum_spanning_tree(distances).nonzero(), strict=True)}


@pytest.mark.parametrize("seed", range(5))
def test_the_spanning_tree_is_scipys(seed):
    distances = cdist(points(seed, 3), points(seed, 3))
    found = np.asarray(spanning_tree(jnp.asarray(distances, jnp.float32)))
    assert {frozenset(map(int, edge)) for edge in found} == scipys_edges(distances)


def test_equal_points_still_have_a_tree():
    edges = np.asarray(spanning_tree(jnp.zeros((6, 6))))
    joined = {0}
    for head, tail in edges:
        assert head in joined
        joined.add(int(tail))
    assert joined == set(range(6))


def test_the_cost_is_that_of_both_trees_edges():
    x, z = points(0, 7), points(1, 2)
    data, codes = cdist(x, x), cdist(z, z)
    data /= data.sum() / (40 * 39)
    both = [*scipys_edges(data), *scipys_edges(codes)]
    expected = 3 * sum(0.5 * (data[tuple(e)] - codes[tuple(e)]) ** 2 for e in map(sorted, both)) / 40
    found = Topology(weight=3.0).cost(context(x=jnp.asarray(x).reshape(40, 7, 1), latents=jnp.asarray(z)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_codes_that_keep_all_distances_cost_nothing_and_equal_codes_have_a_slope():
    x = points(0, 2)
    scaled = x / (cdist(x, x).sum() / (40 * 39))
    penalty = Topology(weight=1.0)
    assert float(penalty.cost(context(x=jnp.asarray(x), latents=jnp.asarray(scaled)))[0]) < 1e-10
    slope = jax.grad(lambda z: penalty.cost(context(x=jnp.asarray(x), latents=z)).mean())(jnp.zeros((40, 2)))
    assert np.isfinite(slope).all()
