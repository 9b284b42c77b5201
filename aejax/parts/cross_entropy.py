"""Binary cross-entropy of logits, with one exponential for value and slope, and few logarithms."""

import math

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero
from jaxtyping import Float

from aejax.types import PerExample

Flat = Float[jax.Array, "batch features"]

# Of so many factors of at most 2 no product overflows; with more the loop's lanes become short.
_FACTORS = 16


@jax.custom_jvp
def cross_entropy(x: Flat, logits: Flat) -> PerExample:
    """ln(1 + exp(a)) - x a, summed over the features of each example: nats.

    With e = exp(-|a|), ln(1 + exp(a)) is max(a, 0) + ln(1 + e), and its slope 1 / (1 + e) or e / (1 + e). The sum of
    logarithms is the logarithm of products: most of a small network's step was spent on taking them one by one.
    """
    return _value(x, logits, _small(logits))


def _small(logits: Flat) -> Flat:
    return jnp.exp(-jnp.abs(logits))


def _value(x: Flat, logits: Flat, small: Flat) -> PerExample:
    features = logits.shape[1]
    pieces = max(size for size in range(1, _FACTORS + 1) if features % size == 0)
    # Added and multiplied piece by piece in one loop: reductions in their place take a pass over memory each.
    linear = sum(jnp.split(jnp.maximum(logits, 0.0) - x * logits, pieces, axis=1))
    product = math.prod(jnp.split(1.0 + small, pieces, axis=1))
    return (linear + jnp.log(product)).sum(axis=1)


def _slope(
    primals: tuple[Flat, Flat], tangents: tuple[Flat | SymbolicZero, Flat | SymbolicZero]
) -> tuple[PerExample, PerExample]:
    (x, logits), (x_tangent, logits_tangent) = primals, tangents
    small = _small(logits)
    change = jnp.zeros(len(logits))
    if not isinstance(logits_tangent, SymbolicZero):
        expected = jnp.where(logits >= 0, 1.0, small) / (1.0 + small)
        change += ((expected - x) * logits_tangent).sum(axis=1)
    if not isinstance(x_tangent, SymbolicZero):
        change -= (logits * x_tangent).sum(axis=1)
    return _value(x, logits, small), change


cross_entropy.defjvp(_slope, symbolic_zeros=True)
