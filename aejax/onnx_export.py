"""Encoder and decoder as ONNX graphs, each run beside the model itself before it is handed out."""

import logging
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np

from aejax.arrays import as_values
from aejax.model import pixels
from aejax.run import Run
from aejax.settings import SpecError

TOLERANCE = 1e-5
"""How far a graph's outputs may be from the model's, as a share of the greatest of them or of 1."""

_CHECKED = 64


def onnx_files(run: Run, examples: np.ndarray) -> dict[str, bytes]:
    """The graphs of encoder and decoder, by the endings of their files' names.

    The encoder takes `x`, float32 examples in the data's own units (pixels in [0, 1]), any number at once, and gives
    codes; the decoder takes codes and gives expected examples.

    Raises:
        SpecError: If a package is missing, or the model cannot be had as such graphs; with the reason.
    """
    if run.classes:
        raise SpecError("ONNX needs a model that reads examples alone; this one is told the class of each too")
    for body in (run.spec.encoder, run.spec.writer):
        if body.takes_lengths:
            raise SpecError(f"ONNX needs layers that see an example as a whole; {body.kind!r} goes step by step")
    x = np.asarray(pixels(jnp.asarray(as_values(examples[:_CHECKED]))))
    model, params = run.model, run.params

    encode, decode = partial(model.encode, params), partial(model.decode, params)

    codes = np.asarray(encode(jnp.asarray(x)))
    return {
        ".encoder.onnx": _graph(encode, "encoder", x, codes),
        ".decoder.onnx": _graph(decode, "decoder", codes, np.asarray(decode(jnp.asarray(codes)))),
    }


def _graph(function: Callable[..., Any], what: str, given: np.ndarray, expected: np.ndarray) -> bytes:
    """The graph of a function, once it gives what the function gives."""
    try:
        import onnxruntime
        from jax2onnx import to_onnx
    except ImportError as error:
        raise SpecError(f'ONNX needs {error.name}: pip install "aejax[export]"') from error
    try:
        logging.getLogger("onnx_ir").setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the converter's own, of what it uses
            graph: Any = to_onnx(function, [("B", *given.shape[1:])], model_name=f"aejax_{what}")
        data: bytes = graph.SerializeToString()
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        (found,) = session.run(None, {session.get_inputs()[0].name: given})
    except Exception as error:  # whatever it is that a converter does not know
        said = " ".join(str(error).split())[:200]
        raise SpecError(f"the {what} cannot be written as ONNX ({type(error).__name__}: {said})") from error
    _check(what, found, expected)
    return data


def _check(what: str, found: np.ndarray, expected: np.ndarray) -> None:
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    off = float(np.abs(found - expected).max(initial=0)) / scale
    if not off <= TOLERANCE:
        raise SpecError(f"the {what} as ONNX must give what the model gives to {TOLERANCE:g}; it is off by {off:.2g}")
