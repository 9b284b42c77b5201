"""Orders are permutations, and every one of them is as likely."""

from collections import Counter
from itertools import permutations

import jax
import numpy as np
import pytest
from scipy.stats import chisquare, kstest, spearmanr

from aejax.permutation import permutation

COUNTS = (1, 2, 3, 1000, 4096, 4097, 2**16, 2**16 + 1, 2**20 + 1)


@pytest.mark.parametrize("count", COUNTS)
def test_each_number_comes_once(count: int) -> None:
    order = np.asarray(permutation(jax.random.key(0), count))
    assert sorted(order.tolist()) == list(range(count))


@pytest.mark.parametrize("count", COUNTS[3:])
def test_another_key_gives_another_order_and_the_same_one_the_same(count: int) -> None:
    first, other, again = (np.asarray(permutation(jax.random.key(seed), count)) for seed in (0, 1, 0))
    np.testing.assert_array_equal(first, again)
    assert (first == other).mean() < 0.02


def test_all_orders_of_four_are_as_likely() -> None:
    keys = jax.random.split(jax.random.key(0), 24_000)
    drawn = Counter(map(tuple, np.asarray(jax.vmap(lambda key: permutation(key, 4))(keys)).tolist()))
    assert chisquare([drawn[order] for order in permutations(range(4))]).pvalue > 0.01


def test_no_place_is_nearer_to_where_it_began_than_by_chance() -> None:
    count = 60_000
    order = np.asarray(permutation(jax.random.key(0), count))
    # Of two independent places in [0, 1) the distance has the distribution function 1 - (1 - d)^2, and neighbours'
    # signs are even.
    apart = np.abs(order - np.arange(count)) / count
    assert kstest(apart, lambda d: 1 - (1 - d) ** 2).pvalue > 0.01
    assert (np.diff(order) > 0).mean() == pytest.approx(0.5, abs=0.01)


def test_neighbours_in_the_data_are_not_neighbours_in_the_order() -> None:
    order = np.asarray(permutation(jax.random.key(2), 60_000))
    assert abs(spearmanr(order[:-1], order[1:]).statistic) < 0.02
    assert (np.diff(order) == 1).sum() < 10
