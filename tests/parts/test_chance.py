"""Keys are those that JAX itself would make."""

import jax
import numpy as np
import pytest

from aejax.parts.chance import along, seeded


@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1, 2**31, 2**32 - 1, 2**32, -1])
def test_the_key_of_a_seed_is_that_of_jax(seed: int) -> None:
    assert seeded(seed) == jax.random.key(seed)


def test_another_generator_makes_its_own_keys() -> None:
    with jax.default_prng_impl("rbg"):
        assert jax.random.key_impl(seeded(3)) == jax.random.key_impl(jax.random.key(3))
        np.testing.assert_array_equal(jax.random.key_data(seeded(3)), jax.random.key_data(jax.random.key(3)))


def test_a_path_folds_in_one_number_after_the_other() -> None:
    key = jax.random.key(1)
    assert along(key, ()) == key
    assert along(key, (5, 2)) == jax.random.fold_in(jax.random.fold_in(key, 5), 2)
