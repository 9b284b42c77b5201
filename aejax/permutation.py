"""Random orders, drawn faster than pairs can be sorted."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Int32

from aejax.types import Key

_LONGEST = 1 << 20


@partial(jax.jit, static_argnames="count")
def permutation(key: Key, count: int) -> Int32[jax.Array, "count"]:
    """The numbers below `count` in a random order.

    A processor sorts words several times as fast as pairs of a word and a number, so that each word has a draw in its
    upper bits and a place in its lower ones. Equal draws leave places in the order before, and the second round begins
    where the first has ended: two of 10,000 keep theirs with a chance of 2 ** -36. Beyond a million, where few bits
    would be left to draw, `jax.random.permutation` does it.
    """
    if count > _LONGEST:
        return jax.random.permutation(key, count)
    bits = max(count - 1, 1).bit_length()
    places = jnp.arange(count, dtype=jnp.uint32)
    order = places
    for each in jax.random.split(key):
        drawn = jax.random.bits(each, (count,)) >> bits << bits
        order = order[jnp.sort(drawn | places) & ((1 << bits) - 1)]
    return order.astype(jnp.int32)
