"""How many threads a library may use for a while."""

from contextlib import AbstractContextManager
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """While this is open, linear algebra and scikit-learn keep to one thread.

    On a machine that others use too their threads wait for one another in turn, spinning: with two cores and five
    programs k-means took ten times as long with two threads as with one.
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits
