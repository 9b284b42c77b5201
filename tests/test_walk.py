"""One example's way through a model: the numbers on it are those of the model itself."""

import numpy as np
import pytest
from visitors import CASES, trained

from aejax.data import load_data
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import fit
from aejax.walk import stops, walk

FEW = 8

WAYS = {
    "noise and a penalty": {
        "latent": 3,
        "corruption": "gaussian",
        "encoder": {"kind": "dense", "widths": (5, 4)},
        "penalties": ("l1", "decorrelate"),
    },
    "codebook": {"latent": 4, "bottleneck": {"kind": "codebook", "codes": 8, "width": 2}},
    "categorical": {"latent": 8, "bottleneck": {"kind": "categorical", "values": 4}},
    "weighted bound": {"latent": 2, "bottleneck": {"kind": "gaussian", "samples": 3}},
    "map with a head": {"latent": 3, "encoder": {"kind": "conv", "channels": (3, 2)}},
    "sequence": {"latent": 3, "encoder": {"kind": "recurrent", "hidden": 6, "reading": "both_ways", "feedback": True}},
}
SEEN = ("convolutional", "conditional", "concrete", "sequences, one number")


def run_of(name):
    if name in CASES:
        return trained(name).run, trained(name).data
    data = load_data("digits")
    few = {"epochs": 1, "batch_size": 64}
    *_, progress = fit(ModelSpec(**WAYS[name]), TrainSpec(**few), data.x_train[:64], data.x_test[:64])
    return progress.run, data


@pytest.mark.parametrize("name", [*SEEN, *WAYS])
def test_the_way_is_the_models_own_and_its_terms_are_those_of_evaluate(name):
    run, data = run_of(name)
    x, labels = data.x_test[:FEW], run.spec.told(data.y_test[:FEW])
    ways = [walk(run, x, row, seed=5, labels=labels) for row in range(FEW)]
    planned = stops(run.spec, run.shape)
    told = run.evaluate(x, seed=5, labels=labels)
    for term in ways[0].terms:
        assert term.formula
        values = [next(one.value for one in way.terms if one.name == term.name) for way in ways]
        assert np.mean(values) == pytest.approx(told[term.name], rel=1e-4, abs=1e-5)
    assert np.mean([way.loss for way in ways]) == pytest.approx(told["loss"], rel=1e-4)
    assert [stop.name for stop in planned] == [stop.name for stop in ways[0].stops]
    assert sum(stop.parameters for stop in planned) == sum(np.size(value) for value in run.params.values())
    for plan, stop in zip(planned[:-1], ways[0].stops[:-1], strict=True):
        assert stop.formula
        assert all(np.isfinite(values).all() for values in stop.values.values())
        if stop.part in ("encoder", "decoder", "input", "output"):
            assert [values.shape for values in stop.values.values()] == [plan.shape]
    by_name = {stop.name: stop.values for stop in ways[3].stops}
    code = next(by_name["code"][key] for key in ("draw", "code") if key in by_name["code"])
    seen = by_name["noise"]["as the model sees it"] if "noise" in by_name else by_name["input"]["example"]
    if not run.spec.bottleneck.has_prior and run.spec.bottleneck.kind != "categorical":
        expected = run.encode(np.asarray(seen)[None], None if labels is None else labels[3:4])[0]
        np.testing.assert_allclose(code, expected, atol=1e-5)
    if "mean" in by_name["code"]:
        np.testing.assert_allclose(by_name["code"]["mean"], run.encode(x, labels)[3], atol=1e-5)
        np.testing.assert_allclose(by_name["code"]["spread"], run.deviation(x, labels)[3], atol=1e-5)
    decoded = run.decode(code[None], None if labels is None else labels[3:4])[0]
    np.testing.assert_allclose(by_name["output"]["reconstruction"], decoded, atol=1e-5)
    if "noise" in by_name:
        np.testing.assert_allclose(seen, run.corrupt(x, seed=5)[3], atol=1e-6)


def test_each_dense_layer_is_its_formula_worked_out_by_hand():
    run, data = run_of("noise and a penalty")
    way = {stop.name: stop for stop in walk(run, data.x_test[:FEW], 2).stops}
    h = way["noise"].values["as the model sees it"].ravel()
    for number in range(3):
        name = f"encoder.body.layers.{number}"
        h = h @ np.asarray(run.params[f"{name}.kernel"]) + np.asarray(run.params[f"{name}.bias"])
        h = np.maximum(h, 0) if number < 2 else h
        np.testing.assert_allclose(way[name].values["activations"].ravel(), h, atol=1e-5)
    assert way["encoder.body.layers.0"].formula == r"h_{1} = \mathrm{relu}\left(W_{1}\,h_{0} + b_{1}\right)"
    np.testing.assert_allclose(way["code"].values["code"], h, atol=1e-5)


def test_too_many_companions_and_a_row_that_is_not_there_are_refused():
    run, data = run_of("two numbers")
    with pytest.raises(SpecError, match="at most 64 examples in x; got 0 of 65"):
        walk(run, data.x_test[:65])
    with pytest.raises(SpecError, match="got 3 of 2"):
        walk(run, data.x_test[:2], 3)
