"""Results of slow functions of one array, kept for the next who asks with equal contents."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import TypeVar

import numpy as np

Result = TypeVar("Result")


def digest(array: np.ndarray) -> str:
    """A name for the array's contents: equal exactly where type, shape and all numbers are."""
    array = np.ascontiguousarray(array)
    return hashlib.sha256(f"{array.dtype}{array.shape}".encode() + array.tobytes()).hexdigest()[:32]


def kept(results: int) -> Callable[[Callable[[np.ndarray], Result]], Callable[[np.ndarray], Result]]:
    """A function of one array that is not worked out again for the latest few arrays; what it returns is shared."""

    def decorated(function: Callable[[np.ndarray], Result]) -> Callable[[np.ndarray], Result]:
        known: OrderedDict[str, Result] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def asked(array: np.ndarray) -> Result:
            name = digest(array)
            with lock:
                if name in known:
                    known.move_to_end(name)
                    return known[name]
            result = function(array)
            with lock:
                known[name] = result
                while len(known) > results:
                    known.popitem(last=False)
            return result

        return asked

    return decorated
