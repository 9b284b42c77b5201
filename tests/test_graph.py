import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

import aejax.graph
from aejax.graph import nearest

DIGITS = load_digits().images.astype(np.float32)


@pytest.mark.parametrize("x, k", [(DIGITS[:700], 10), (DIGITS[:90, 0, :2] * 100 + 1e4, 7), (DIGITS[:5], 9)])
def test_the_graph_is_that_of_scikit_learn(x, k):
    """More rows than one chunk, fewer blocks than neighbours with many ties far from zero, and fewer rows than k."""
    flat, k = x.reshape(len(x), -1).astype(np.float64), min(k, len(x) - 1)
    distances, _ = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(flat).kneighbors(flat)
    found = nearest(x, k)
    np.testing.assert_allclose(found.distances, distances[:, 1:], rtol=1e-4, atol=2e-2 if x.max() > 1e4 else 1e-3)
    named = np.linalg.norm(flat[:, None] - flat[found.neighbours], axis=2)
    np.testing.assert_allclose(found.distances, named, rtol=1e-4, atol=1e-3)


def test_no_example_is_its_own_neighbour_and_none_is_named_twice():
    found = nearest(np.repeat(DIGITS[:40], 2, axis=0), 5).neighbours
    assert not (found == np.arange(80)[:, None]).any()
    assert all(len(set(row)) == 5 for row in found)
    assert (found[:, 0] == np.arange(80) ^ 1).all()


def test_a_second_search_of_the_same_data_reads_the_first_ones_graph(tmp_path, monkeypatch):
    monkeypatch.setattr(aejax.graph, "WORTH_KEEPING", 0)
    monkeypatch.setattr(aejax.graph, "_folder", lambda: tmp_path / "graphs")
    first = nearest(DIGITS[:60], 4)
    monkeypatch.setattr(aejax.graph, "_search", lambda *_: pytest.fail("searched again"))
    for one, other in zip(first, nearest(DIGITS[:60].copy(), 4), strict=True):
        np.testing.assert_array_equal(one, other)
    with pytest.raises(pytest.fail.Exception):
        nearest(DIGITS[1:61], 4)
    with pytest.raises(pytest.fail.Exception):
        nearest(DIGITS[:60], 5)


def test_a_damaged_or_unwritable_cache_is_searched_past(tmp_path, monkeypatch):
    monkeypatch.setattr(aejax.graph, "WORTH_KEEPING", 0)
    monkeypatch.setattr(aejax.graph, "_folder", lambda: tmp_path)
    first = nearest(DIGITS[:60], 4)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"damaged")
    np.testing.assert_array_equal(nearest(DIGITS[:60], 4).neighbours, first.neighbours)
    (tmp_path / "file").touch()
    monkeypatch.setattr(aejax.graph, "_folder", lambda: tmp_path / "file")
    np.testing.assert_array_equal(nearest(DIGITS[:60], 4).neighbours, first.neighbours)
