"""What units look for, against the units' own answers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import aejax
from aejax import ModelSpec, SpecError, TrainSpec
from aejax.model import Model
from aejax.receptive_fields import layer_count, receptive_fields


def run_of(encoder, shape=(4, 3), latent=2):
    spec = ModelSpec(latent=latent, encoder=encoder)
    params = Model.of(spec, shape).init(jax.random.key(0))
    biased = {name: value + (0.3 if name.endswith("bias") else 0.0) for name, value in params.items()}
    return aejax.Run(spec, TrainSpec(), shape, biased)


def test_the_fields_of_linear_layers_are_how_the_code_answers_to_each_pixel():
    run = run_of({"kind": "dense", "widths": (6, 5), "activation": "linear"})
    silent = run.encode(np.zeros((1, 4, 3)))
    answers = run.encode(np.eye(12).reshape(12, 4, 3)) - silent
    np.testing.assert_allclose(receptive_fields(run, 3).reshape(2, 12), answers.T, atol=1e-5)


def test_the_fields_of_the_first_layer_are_its_own_weights_and_those_above_sums_of_them():
    run = run_of({"kind": "dense", "widths": (6,), "activation": "relu"})
    fields = receptive_fields(run)
    assert fields.shape == (6, 4, 3)
    kernel = np.asarray(run.params["encoder.body.layers.0.kernel"])
    np.testing.assert_array_equal(fields.reshape(6, 12), kernel.T)
    second = np.asarray(run.params["encoder.body.layers.1.kernel"])
    np.testing.assert_allclose(receptive_fields(run, 2), np.tensordot(second.T, fields, 1), atol=1e-6)


def test_one_layer_leads_to_the_code_where_there_is_no_hidden_one():
    assert [layer_count(run_of(kind)) for kind in ("linear", "dense")] == [1, 1]
    assert receptive_fields(run_of("linear")).shape == (2, 4, 3)


def test_layers_that_are_not_there_are_refused():
    with pytest.raises(SpecError, match="layer must be between 1 and 2, the layers of the encoder; got 3"):
        receptive_fields(run_of({"kind": "dense", "widths": (6,)}), 3)
    spec = ModelSpec(latent=None, encoder="conv")
    run = aejax.Run(spec, TrainSpec(), (8, 8), {"x": jnp.zeros(1)})
    with pytest.raises(SpecError, match="receptive fields are those of a dense encoder; got 'conv'"):
        receptive_fields(run)
