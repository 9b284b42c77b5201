"""What the server answers for the canvas's tools, against the functions of the core; nothing is taken on trust."""

import base64
import dataclasses
from typing import Any

import jax
import numpy as np
import pytest

from aejax import PCA, Data, Embedder, ModelSpec, Run, TrainSpec
from aejax.geometry import geodesic, log_magnification, round_trip_error
from aejax.latent import plane_codes
from aejax.model import Model, pixels
from aejax.ui.canvas.replies import MOST_CODES, Replies

_PLANE = {"corner": [-1, 1], "across": [2, 0], "down": [0, -2], "columns": 3, "rows": 2}


@pytest.fixture(scope="module")
def data() -> Data:
    pictures = np.random.default_rng(0).integers(0, 256, (60, 4, 3), dtype=np.uint8)
    return Data("noise", "Noise", pictures[:40], None, pictures[40:], None, (4, 3), (0, 255))


@pytest.fixture(scope="module")
def run() -> Run:
    spec = ModelSpec(encoder={"kind": "dense", "widths": (8,), "activation": "tanh"}, latent=2)
    return Run(spec, TrainSpec(), (4, 3), Model.of(spec, (4, 3)).init(jax.random.key(0)))


def replies(embedder: Embedder, data: Data) -> Replies:
    return Replies(embedder, data, data.x_test)


def asked(server: Replies, kind: str, **request: Any) -> dict[str, np.ndarray]:
    found = server.table()[kind](request)
    assert found is not None
    return dict(found)


def test_lists_of_codes_are_decoded(run: Run, data: Data) -> None:
    codes = [[0.0, 1.0], [2.0, -1.0]]
    found = asked(replies(run, data), "strip", codes=codes)
    np.testing.assert_array_equal(found["values"], run.decode(codes))


def test_planes_are_decoded_to_bytes_and_measured(run: Run, data: Data) -> None:
    codes = plane_codes(*list(_PLANE.values()))  # type: ignore[arg-type]
    server = replies(run, data)
    np.testing.assert_array_equal(asked(server, "tiles", **_PLANE)["values"], np.round(255 * run.decode(codes)))
    honest = asked(server, "honesty", **_PLANE)
    np.testing.assert_array_equal(honest["roundTrip"], round_trip_error(run, codes))
    np.testing.assert_array_equal(honest["magnification"], log_magnification(run, codes))


def test_the_shortest_way_is_found_for_a_run_and_not_for_a_baseline(run: Run, data: Data) -> None:
    found = asked(replies(run, data), "geodesic", a=[-1, 0], b=[1, 0], count=5)
    expected = geodesic(run, [-1, 0], [1, 0], 5)
    np.testing.assert_array_equal(found["codes"], expected.codes)
    np.testing.assert_allclose(found["energies"], [expected.energy, expected.line_energy, expected.length])
    baseline = replies(PCA(2).fit(data.x_train), data)
    assert "geodesic" not in baseline.table()
    assert set(asked(baseline, "honesty", **_PLANE)) == {"roundTrip"}


def test_a_drawing_is_encoded_rebuilt_and_set_among_the_training_errors(run: Run, data: Data) -> None:
    found = asked(replies(run, data), "encode", values=data.x_train[7].ravel().tolist())
    np.testing.assert_array_equal(found["code"], run.encode(data.x_train[7:8]))
    np.testing.assert_array_equal(found["reconstruction"], run.reconstruct(data.x_train[7:8]))
    squares = np.square(data.x_train / 255 - run.reconstruct(data.x_train)).mean(axis=(1, 2))
    np.testing.assert_allclose(found["others"], np.sort(squares), rtol=1e-5)
    np.testing.assert_allclose(found["error"], squares[7:8], rtol=1e-5)


def test_a_selection_has_a_mean_and_errors(run: Run, data: Data) -> None:
    chosen = [0, 3, 9, 19]
    mask = np.packbits(np.isin(np.arange(20), chosen), bitorder="little")
    found = asked(replies(run, data), "members", selection=base64.b64encode(mask.tobytes()).decode())
    examples = data.x_test[chosen] / 255
    np.testing.assert_allclose(found["mean"], examples.mean(axis=0), rtol=1e-6)
    squares = np.square(examples - run.reconstruct(data.x_test[chosen])).mean(axis=(1, 2))
    np.testing.assert_allclose(found["errors"], squares, rtol=1e-5)


def test_a_variational_runs_coordinates_have_their_divergence(data: Data) -> None:
    spec = ModelSpec(encoder={"kind": "dense", "widths": (8,)}, bottleneck="gaussian", latent=2)
    run = Run(spec, TrainSpec(), (4, 3), Model.of(spec, (4, 3)).init(jax.random.key(0)))
    mean, log_var = np.moveaxis(np.asarray(run.model.network(run.params).read(pixels(data.x_test), None)), 1, 0)
    expected = (mean**2 + np.exp(log_var) - 1 - log_var).mean(axis=0) / 2
    np.testing.assert_allclose(asked(replies(run, data), "divergence")["kl"], expected, rtol=1e-5)


def test_drawings_for_data_in_other_units_are_scaled(run: Run, data: Data) -> None:
    floats = {name: getattr(data, name).astype(np.float32) / 255 * 4 - 2 for name in ("x_train", "x_test")}
    other = dataclasses.replace(data, **floats, value_range=(-2.0, 2.0))
    free = Run(run.spec.replace(likelihood="mse"), run.train, run.shape, run.params)
    found = asked(replies(free, other), "encode", values=[255] * 12)
    np.testing.assert_allclose(found["code"], free.encode(np.full((1, 4, 3), 2.0)), rtol=1e-5)


@pytest.mark.parametrize(
    "kind, request_",
    [
        ("strip", {}),
        ("strip", {"codes": []}),
        ("strip", {"codes": [[1, 2, 3]]}),
        ("strip", {"codes": [[1, float("nan")]]}),
        ("strip", {"codes": [[1, 2]] * (MOST_CODES + 1)}),
        ("tiles", {**_PLANE, "columns": 0}),
        ("tiles", {**_PLANE, "rows": MOST_CODES}),
        ("tiles", {**_PLANE, "columns": "3"}),
        ("honesty", {**_PLANE, "down": None}),
        ("geodesic", {"a": [0, 0], "b": [1, 1], "count": 2}),
        ("geodesic", {"a": [0, 0], "b": "1", "count": 5}),
        ("members", {"selection": ""}),
        ("members", {"selection": "no base64"}),
        ("divergence", {}),
        ("encode", {"values": [0] * 11}),
        ("encode", {"values": [0.5] * 12}),
        ("encode", {"values": [256] * 12}),
    ],
)
def test_what_is_malformed_is_not_answered(run: Run, data: Data, kind: str, request_: dict[str, Any]) -> None:
    assert replies(run, data).table()[kind](request_) is None
