"""Posteriors are as wide as the codes that training draws from them."""

import jax
import numpy as np
import pytest

from aejax import posterior
from aejax.data import load_data
from aejax.model import pixels
from aejax.parts.posteriors import drawn
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

EXAMPLES = load_data("digits").x_test[:3]


def fresh(**settings: object) -> Run:
    spec = ModelSpec(latent=2, **settings)
    run = Run(spec, TrainSpec(), EXAMPLES.shape[1:], {})
    return Run(spec, TrainSpec(), run.shape, run.model.init(jax.random.key(0)))


def test_the_deviations_are_those_of_codes_drawn_in_training() -> None:
    run = fresh(bottleneck="gaussian")
    outputs = run.model.network(run.params).read(pixels(EXAMPLES), None)
    codes = jax.vmap(lambda key: drawn(key, outputs)[0])(jax.random.split(jax.random.key(1), 20_000))
    np.testing.assert_allclose(posterior.deviations(run, EXAMPLES), codes.std(axis=0), rtol=0.03)


def test_a_code_that_is_one_point_has_no_deviations() -> None:
    with pytest.raises(SpecError, match="deviations need bottleneck 'gaussian'"):
        posterior.deviations(fresh(), EXAMPLES)
