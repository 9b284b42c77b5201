"""The bytes of an image's code beside those of image files."""

import numpy as np
import streamlit as st

from aejax.arrays import DataError
from aejax.compression import COARSEST, Way, ways
from aejax.embedder import told
from aejax.ui import charts, images, snapshot, tables
from aejax.ui.session import Result

_SAMPLE, _KNOWN = 100, 2000
_SEED = 0


@st.cache_resource(
    scope="session", max_entries=2, show_spinner="Writing images as JPEG and PNG …", hash_funcs={Result: snapshot.stamp}
)
def measured(result: Result) -> list[Way]:
    """The ways to keep held-out images of the data, drawn at random but the same ones for each model."""
    run, data = result.run, result.data
    train, test = data.y_train, data.y_test
    known = run.encode(data.x_train[:_KNOWN], **told(run, None if train is None else train[:_KNOWN]))
    rows = np.sort(np.random.default_rng(_SEED).permutation(len(data.x_test))[:_SAMPLE])
    return ways(run, data.x_test[rows], known, **told(run, None if test is None else test[rows]))


def show(result: Result) -> None:
    """Draw and tabulate the ways, where the examples are images."""
    if not images.are_pictures(result.data):
        st.caption("Bytes are compared for images alone: there is no JPEG of other data.")
        return
    try:
        found = measured(result)
    except DataError as error:
        st.caption(f"Bytes cannot be compared here: {error.plain}.")
        return
    bars = charts.bars(
        [f"{way.name}<br>MSE {way.mse:.3g}" for way in found],
        [way.payload for way in found],
        title="Bytes per image, without headers",
        unit="bytes per image, log scale",
        height=360,
    )
    bars.update_yaxes(type="log", dtick=1, range=_decades([way.payload for way in found]))
    alt = "; ".join(
        f"{way.name}: {way.payload:.4g} bytes per image, squared error {way.mse:.3g} per pixel" for way in found
    )
    st.plotly_chart(bars, key="compression-bars", config=charts.config("aejax-compression"), alt=alt)
    st.table(rows(found), border="horizontal", alt="Bytes and errors of each way to keep an image")
    st.caption(_told(found, min(_SAMPLE, len(result.data.x_test)), result.run.spec.bottleneck.bits(result.run.latent)))
    tables.offer("Bytes as CSV", records(found), "aejax-compression")


def rows(found: list[Way]) -> list[dict[str, str]]:
    """The ways for people."""
    return [
        {
            "Way": way.name,
            "Bytes per image": f"{way.bytes:,.4g}",
            "without headers": f"{way.payload:,.4g}",
            "Squared error per pixel": f"{way.mse:.3g}",
            "PSNR, dB": "no error" if np.isinf(way.psnr) else f"{way.psnr:.1f}",
            "Bytes needed once": f"{way.once:,}",
        }
        for way in found
    ]


def records(found: list[Way]) -> list[dict[str, object]]:
    """The ways for programs."""
    return [
        {
            "way": way.name,
            "bytes_per_image": float(way.bytes),
            "bytes_without_headers": float(way.payload),
            "mse": way.mse,
            "psnr_db": way.psnr,
            "bytes_once": way.once,
        }
        for way in found
    ]


def _decades(values: list[float]) -> list[float]:
    return [min(0.0, float(np.log10(min(values)))), float(np.log10(max(values))) + 0.25]


def _told(found: list[Way], sample: int, bits: float | None) -> str:
    coded = "Bits of a code are not entropy-coded, those of files are."
    if bits is not None:
        coded = f"There are finitely many codes: the logarithm of their number is {bits:.5g} bits. {coded}"
    return (
        f"Means over {sample} held-out images, drawn at random with a fixed seed, a file each; MSE is the mean squared "
        f"error per pixel. {matching(found)} Headers and tables of small files outweigh their pixels, so both counts "
        f"are given. The code is worth nothing without its decoder, whose weights are among the {found[0].once:,} "
        f"bytes needed once. {coded}"
    )


def matching(found: list[Way]) -> str:
    """Whether JPEG is compared at the error of the model, in one sentence; `found` begins with the model."""
    model, jpeg = found[0], next((way for way in found if way.name.startswith("JPEG")), None)
    if jpeg is None:
        return f"No quality of JPEG errs as little as the model (MSE {model.mse:.3g}), so they cannot be matched."
    errors = f"MSE {jpeg.mse:.3g} against {model.mse:.3g}"
    if jpeg.name == COARSEST:
        return f"JPEG's coarsest setting errs less than the model ({errors}), so they cannot be matched."
    return f"JPEG has the least quality that errs no more than the model ({errors})."
