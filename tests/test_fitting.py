"""A projection is fitted in a process of its own: its codes come back, its refusals too, and it can be stopped."""

import time

import numpy as np
import pytest
from sklearn.datasets import load_digits

from aejax.fitting import Fitting
from aejax.projections import TSNE, KernelPrincipal
from aejax.settings import SpecError

X = (load_digits().images / 16).astype(np.float32)


def test_the_codes_are_those_of_the_projection_itself() -> None:
    work = Fitting(KernelPrincipal(), X[:200], (X[:50], X[200:230]), 2)
    found = work.result()
    assert work.over
    work.stop()
    expected = KernelPrincipal().fit(X[:200], 2).encode(X[180:230])
    assert np.abs(found.encode(X[200:230])) == pytest.approx(np.abs(expected[20:]), abs=1e-4)
    assert found.encode(X[:50]).shape == (50, 2)
    assert not found.decodes


def test_a_refusal_comes_back_in_its_own_words() -> None:
    work = Fitting(TSNE(perplexity=100), X[:50], (X[:50],), 2)
    with pytest.raises(SpecError, match="perplexity must be at most 16.3333 for 50 examples; got 100"):
        work.result()
    work.stop()


def test_work_that_is_stopped_leaves_nothing_behind() -> None:
    work = Fitting(TSNE(), X, (X,), 2)
    assert not work.over
    work.stop()
    assert work.over
    with pytest.raises(SpecError, match="ended from outside"):
        work.result()
    assert work.seconds < 60
    assert time.monotonic() > work.began
