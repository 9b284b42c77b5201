"""Random orders, beside what counting says of them."""

from math import factorial

import jax
import numpy as np
import pytest
from scipy import stats

from aejax.permutation import permutation


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 4096, 4097, (1 << 20) + 1])
def test_each_number_is_there_once(count):
    order = np.asarray(permutation(jax.random.key(0), count))
    np.testing.assert_array_equal(np.sort(order), np.arange(count))


def test_all_orders_are_as_likely():
    keys = jax.random.split(jax.random.key(1), 4800)
    orders = np.asarray(jax.vmap(lambda key: permutation(key, 4))(keys))
    _, found = np.unique(orders, axis=0, return_counts=True)
    assert len(found) == factorial(4)
    assert stats.chisquare(found).pvalue > 1e-3


def test_neighbours_in_the_data_are_not_neighbours_in_the_order():
    order = np.asarray(permutation(jax.random.key(2), 60_000))
    assert abs(stats.spearmanr(order[:-1], order[1:]).statistic) < 0.02
    assert (np.diff(order) == 1).sum() < 10


def test_another_key_gives_another_order():
    first, second = (np.asarray(permutation(jax.random.key(seed), 1000)) for seed in (3, 4))
    assert (first == second).mean() < 0.02
