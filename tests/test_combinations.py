"""Parts crossed with one another: each combination has a loss, or is refused with the reason."""

from itertools import combinations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from aejax.model import Model
from aejax.parts.batch import Batch
from aejax.parts.bottlenecks import BOTTLENECKS
from aejax.parts.chance import Chance
from aejax.parts.corruptions import CORRUPTIONS
from aejax.parts.likelihoods import LIKELIHOODS
from aejax.parts.networks import NETWORKS
from aejax.parts.penalties import PENALTIES
from aejax.settings import SpecError, live_numbers
from aejax.spec import ModelSpec

SLOTS = {
    "corruption": list(CORRUPTIONS),
    "encoder": list(NETWORKS),
    "bottleneck": list(BOTTLENECKS),
    "decoder": [None, *NETWORKS],
    "likelihood": list(LIKELIHOODS),
    # As often none as any, for much is refused beside a penalty.
    "penalties": [*[()] * len(PENALTIES), *[(kind,) for kind in PENALTIES]],
    "classes": [0, 3],
}
SHAPES = [(12,), (4, 6, 2)]
SAMPLE = 1000
"""Combinations that are looked at for each shape, of more than a hundred thousand."""


def draw(shape):
    """Combinations in random order; every pair of kinds comes up many times."""
    random = np.random.default_rng(len(shape))
    for _ in range(SAMPLE):
        yield {slot: kinds[random.integers(len(kinds))] for slot, kinds in SLOTS.items()}


def built(shape):
    """Each combination drawn, with the model or the reason against it."""
    for parts in draw(shape):
        try:
            yield parts, Model.of(ModelSpec(latent=8, **parts), shape)
        except SpecError as error:
            yield parts, str(error)


def pairs(parts):
    """Each two kinds of those that read or make a code."""
    return set(combinations([(slot, parts[slot]) for slot in ("encoder", "bottleneck", "decoder", "penalties")], 2))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_combination_has_a_loss_or_a_reason_against_it(shape):
    drawn = list(built(shape))
    reasons = {found for _, found in drawn if isinstance(found, str)}
    models = [(pairs(parts), found) for parts, found in drawn if isinstance(found, Model)]
    fitting = {choice for parts, found in drawn if isinstance(found, Model) for choice in parts.items()}
    # A model for each pair of kinds that fit: what two parts do to each other is met at least once.
    unseen, tried = set().union(*(met for met, _ in models)), 0
    while unseen:
        met, model = max(models, key=lambda model: len(model[0] & unseen))
        check_terms(model, shape)
        unseen -= met
        tried += 1
    assert tried > 30
    for reason in reasons:
        # The setting by its name, what it needs, and what was given.
        assert reason.split()[0].split(".")[0].rstrip(":") in {*SLOTS, "latent"}, reason
        assert " " in reason
    misfits = {(slot, kind) for slot, kinds in SLOTS.items() for kind in kinds} - fitting
    of_images = {("corruption", "patches"), ("corruption", "shift"), ("encoder", "conv"), ("decoder", "conv")}
    images_only = of_images if len(shape) == 1 else set()
    # A code of chosen features has no encoder to write with.
    assert misfits == images_only | {("decoder", "identity")}


def check_terms(model, shape):
    """The loss traced without a number computed."""
    batch = Batch(
        jax.ShapeDtypeStruct((5, *shape), jnp.float32),
        labels=jax.ShapeDtypeStruct((5,), jnp.int32) if model.spec.classes else None,
    )
    numbers = {name: jax.ShapeDtypeStruct((), jnp.float32) for name in live_numbers(model.spec)}
    key = jax.eval_shape(lambda: jax.random.key(0))
    chance = Chance(key, key, jax.ShapeDtypeStruct((5,), jnp.int32))
    params = jax.eval_shape(model.init, key)
    progress = jax.ShapeDtypeStruct((), jnp.float32)
    terms = jax.eval_shape(model.terms, params, numbers, chance, batch, progress)
    assert "reconstruction" in terms
    for name, term in terms.items():
        assert (term.shape, term.dtype) == ((5,), jnp.float32), f"{name} of {model.spec}"
