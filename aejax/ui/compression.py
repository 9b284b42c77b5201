"""The bytes of an image's code beside those of image files."""

import numpy as np
import streamlit as st

from aejax.arrays import DataError
from aejax.compression import Way, ways
from aejax.embedder import told
from aejax.ui import charts, images, snapshot, tables
from aejax.ui.session import Result

_SAMPLE, _KNOWN = 100, 2000


@st.cache_resource(
    scope="session", max_entries=2, show_spinner="Writing images as JPEG and PNG …", hash_funcs={Result: snapshot.stamp}
)
def measured(result: Result) -> list[Way]:
    """The ways to keep the first held-out images of the data."""
    run, data = result.run, result.data
    train, test = data.y_train, data.y_test
    known = run.encode(data.x_train[:_KNOWN], **told(run, None if train is None else train[:_KNOWN]))
    return ways(run, data.x_test[:_SAMPLE], known, **told(run, None if test is None else test[:_SAMPLE]))


def show(result: Result) -> None:
    """Draw and tabulate the ways, where the examples are images."""
    if not images.are_pictures(result.data):
        st.caption("Bytes are compared for images alone: there is no JPEG of other data.")
        return
    try:
        found = measured(result)
    except DataError as error:
        st.caption(f"Bytes cannot be compared here: {error}.")
        return
    bars = charts.bars(
        [way.name for way in found],
        [way.payload for way in found],
        title="Bytes per image, without headers",
        unit="bytes per image, log scale",
    )
    bars.update_yaxes(type="log", dtick=1, range=_decades([way.payload for way in found]))
    alt = "; ".join(f"{way.name}: {way.payload:.4g} bytes per image" for way in found)
    st.plotly_chart(bars, key="compression-bars", config=charts.config("aejax-compression"), alt=alt)
    st.table(rows(found), border="horizontal", alt="Bytes and errors of each way to keep an image")
    st.caption(_told(found, min(_SAMPLE, len(result.data.x_test))))
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


def _told(found: list[Way], sample: int) -> str:
    jpeg = next((way for way in found if way.name.startswith("JPEG")), None)
    equal = (
        "No quality of JPEG comes as near to the originals as this model. "
        if jpeg is None
        else "JPEG has the quality whose error is nearest to the model's from below; where that is quality 1, it "
        "cannot be as coarse as the model is. "
    )
    return (
        f"Means over {sample} held-out images, a file each. {equal}Headers and tables of small files outweigh their "
        f"pixels, so both counts are given. The code is worth nothing without its decoder, whose weights are "
        f"{found[0].once:,} bytes, needed once; bits of a code are not entropy-coded, those of files are."
    )
