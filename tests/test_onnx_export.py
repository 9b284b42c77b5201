"""Every named autoencoder as ONNX: checked in onnxruntime against the model, or refused with its reason."""

import sys

import jax
import numpy as np
import onnxruntime
import pytest

from aejax import SpecError, load_data
from aejax.model import Model
from aejax.onnx_export import TOLERANCE, onnx_files
from aejax.run import Run
from aejax.zoo import ZOO

REFUSED = {
    "conditional": "told the class of each too",
    "sequence": "goes step by step",
    "k-sparse": "the encoder cannot be written as ONNX",
}


@pytest.fixture(autouse=True)
def _ranks_as_users_have_them():
    """The converter has layers of its own, whose arrays grow in rank; the suite refuses that elsewhere."""
    with jax.numpy_rank_promotion("allow"):
        yield


def fresh(name):
    entry = ZOO[name]
    data = load_data("mnist-sample")
    params = Model.of(entry.spec, data.shape).init(jax.random.key(0))
    return Run(entry.spec, entry.train, data.shape, params), data.x_test[:80]


@pytest.mark.parametrize("name", ["map", pytest.param("convolutional", marks=pytest.mark.slow)])
def test_the_graphs_take_any_number_and_give_what_the_model_gives(name):
    run, x = fresh(name)
    files = onnx_files(run, x)
    encoder, decoder = (onnxruntime.InferenceSession(files[f".{what}.onnx"]) for what in ("encoder", "decoder"))
    for count in (1, 7):
        (codes,) = encoder.run(None, {encoder.get_inputs()[0].name: x[:count].astype(np.float32) / 255})
        np.testing.assert_allclose(codes, run.encode(x[:count]), atol=TOLERANCE, rtol=TOLERANCE)
        (rebuilt,) = decoder.run(None, {decoder.get_inputs()[0].name: codes})
        np.testing.assert_allclose(rebuilt, run.reconstruct(x[:count]), atol=TOLERANCE)


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_every_named_autoencoder_is_checked_or_refused_with_its_reason(name):
    run, x = fresh(name)
    if name in REFUSED:
        with pytest.raises(SpecError, match=REFUSED[name]):
            onnx_files(run, x)
    else:
        assert set(onnx_files(run, x)) == {".encoder.onnx", ".decoder.onnx"}


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SpecError, match=r'pip install "aejax\[export\]"'):
        onnx_files(*fresh("map"))
