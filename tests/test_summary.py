"""Summaries: their counts are those of the parameters that a model really has."""

import math

import jax
import pytest

from aejax.model import Model
from aejax.settings import SpecError
from aejax.spec import ModelSpec
from aejax.summary import summarise
from aejax.zoo import ZOO

SPECS = {
    **{name: entry.spec for name, entry in ZOO.items()},
    "map with a dense head": ZOO["convolutional"].spec.replace(latent=5),
    "map with a posterior": ZOO["convolutional"].spec.replace(bottleneck="gaussian"),
    "two bodies": ModelSpec(latent=3, encoder="conv", decoder={"kind": "dense", "widths": (20,)}),
}


@pytest.mark.parametrize("name", SPECS)
def test_the_rows_add_up_to_the_parameters_of_the_model(name: str) -> None:
    spec, shape = SPECS[name], (12, 8)
    spec = spec if spec.latent is None else spec.replace(latent=min(spec.latent, 60))
    params = Model.of(spec, shape).init(jax.random.key(0))
    summary = summarise(spec, shape)
    assert summary.parameters == sum(value.size for value in params.values())
    for layer in summary.layers:
        own = [value.size for path, value in params.items() if path.rpartition(".")[0] == layer.name]
        assert layer.parameters == sum(own)
        assert layer.shape


def test_layers_come_in_the_order_in_which_an_example_meets_them() -> None:
    summary = summarise(ModelSpec(latent=3, encoder={"kind": "dense", "widths": (20, 10)}), (6, 5))
    assert [(layer.part, layer.shape) for layer in summary.layers] == [
        ("encoder", (20,)),
        ("encoder", (10,)),
        ("encoder", (3,)),
        ("code", (3,)),
        ("decoder", (10,)),
        ("decoder", (20,)),
        ("decoder", (30,)),
    ]
    assert {layer.kind for layer in summary.layers} == {"fully connected", "point"}
    assert (summary.features, summary.latent, summary.compression) == (30, 3, 10.0)
    assert summary.sentence == "dense(widths=20,10) > 3 point > mirror > bernoulli"


def test_the_convolutional_model_has_a_map_of_7_by_7_for_its_code_and_610_parameters() -> None:
    summary = summarise(ZOO["convolutional"].spec, (28, 28))
    assert [layer.shape for layer in summary.layers if layer.part == "code"] == [(7, 7, 1)]
    assert (summary.parameters, summary.compression) == (610, 16.0)
    assert summary.layers[0].kind == "convolution 3 x 3"


@pytest.mark.parametrize("name", SPECS)
def test_a_code_shape_holds_the_code(name: str) -> None:
    spec = SPECS[name]
    latent = spec.latent_size((28, 28))
    assert math.prod(spec.encoder.code_shape((28, 28), latent)) == latent


def test_a_model_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SpecError, match="latent must be at most 4"):
        summarise(ModelSpec(latent=5), (4,))


@pytest.mark.parametrize(
    "latent, encoder, stated",
    [(30, "dense", "closed form"), (8, "conv", "exact, 8 backward passes"), (9, "conv", "one random direction")],
)
def test_the_summary_says_how_the_contractive_penalty_is_computed(latent: int, encoder: str, stated: str) -> None:
    summary = summarise(ModelSpec(latent=latent, encoder=encoder, penalties=("contractive", "l1")), (8, 8))
    assert len(summary.remarks) == 1
    assert stated in summary.remarks[0]


def test_layers_that_see_each_step_of_a_sequence_tell_how_many_there_are() -> None:
    shapes = {layer.name: layer.shape for layer in summarise(ZOO["sequence"].spec, (28, 20)).layers}
    assert shapes["encoder.cell.dense_i"] == (28, 192)
    assert shapes["encoder.cell.dense_h"] == (192,)
    assert shapes["decoder.head"] == (28, 20)
