"""What one layer of a network makes of examples, and the formula by which it does."""

from collections.abc import Iterable
from typing import NamedTuple

import jax


class Stage(NamedTuple):
    """One layer's work.

    Attributes:
        layer: Path of the layer inside its body, such as `layers.0`.
        formula: What it computes, in LaTeX; h_0 is what the body is given.
        values: What leaves it: activated, and pooled where it pools; an example a row.
    """

    layer: str
    formula: str
    values: jax.Array


def outcome(stages: Iterable[Stage]) -> jax.Array:
    """What leaves the last stage."""
    *_, last = stages
    return last.values


def weighed(number: int, activation: str, product: str = r"\,") -> str:
    """The formula of a layer with weights, a bias and an activation: the `number`-th of its body, from 1."""
    inner = rf"W_{{{number}}}{product}h_{{{number - 1}}} + b_{{{number}}}"
    name = activation.replace("_", r"\_")
    return rf"h_{{{number}}} = " + (inner if activation == "linear" else rf"\mathrm{{{name}}}\left({inner}\right)")
