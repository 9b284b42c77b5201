"""Where sequences of different lengths end, in one array: steps beyond the end hold negative zero.

To every calculation and every chart that is zero; only what asks for its sign tells it from a number. So whatever takes
rows out of a data set takes their lengths with them.
"""

import numpy as np
from jaxtyping import Bool, Integer, Num

BEYOND = np.float32(-0.0)


def lengths_of(x: Num[np.ndarray, "batch steps *channels"]) -> Integer[np.ndarray, " batch"]:
    """The number of steps of each sequence before the negative zeros at its end; at least 1."""
    if x.dtype.kind != "f":
        return np.full(len(x), x.shape[1])
    beyond = (x == 0) & np.signbit(x)
    is_step = ~beyond.reshape(*x.shape[:2], -1).all(axis=2)
    return np.maximum(last_steps(is_step), 1)


def last_steps(is_step: Bool[np.ndarray, "batch steps"]) -> Integer[np.ndarray, " batch"]:
    """The number of steps of each sequence up to its last that is one; 0 where none is."""
    return np.where(is_step.any(axis=1), is_step.shape[1] - is_step[:, ::-1].argmax(axis=1), 0)


def are_ragged(x: Num[np.ndarray, "batch steps *channels"]) -> bool:
    """Whether any of the sequences ends early."""
    return bool((lengths_of(x) < x.shape[1]).any())
