"""The order in which an epoch takes its examples."""

import jax
import jax.numpy as jnp

from aejax.types import Key, Rows

_MOST_PLACES = 16
# Knuth, The Art of Computer Programming 3, section 6.4: the golden ratio of 2^16, which is odd.
_SCATTERING = 40503
_GATHERING = pow(_SCATTERING, -1, 2**_MOST_PLACES)


def permutation(key: Key, count: int) -> Rows:
    """The numbers below `count` in an order drawn at random.

    Words of 32 random bits are sorted whose last bits are the number itself, which takes a sixth of the time of
    `jax.random.permutation`, for it sorts pairs, and twice. Numbers that draw the same remaining bits are in the order
    of their last ones; these are scattered, so that the smaller number is no more likely to come first.
    """
    places = max(count - 1, 1).bit_length()
    if places > _MOST_PLACES:
        return jax.random.permutation(key, count)
    numbers, last = jnp.arange(count, dtype=jnp.uint32), jnp.uint32(2**places - 1)
    drawn = jax.random.bits(key, (count + 1,))
    mask = drawn[-1] & last
    words = jax.lax.sort((drawn[:-1] & ~last) | ((numbers ^ mask) * _SCATTERING & last), is_stable=False)
    return ((words * _GATHERING & last) ^ mask).astype(jnp.int32)
