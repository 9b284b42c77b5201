"""What the steps of stories show: one table of figures, drawn from a story's data and what came of its trainings."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import streamlit as st
from jaxtyping import Num

from aejax import latent
from aejax.arrays import as_values
from aejax.baselines import PCA
from aejax.data import Data, load_data
from aejax.embedder import Embedder
from aejax.parts.posteriors import GaussianPosterior
from aejax.quality import evidence
from aejax.selection import marked, selected
from aejax.story_points import NOISE, STRANGERS
from aejax.ui import charts, code_pictures, examples, film, images, palette, plates
from aejax.ui.panes import Pane
from aejax.ui.story_runs import Told

_SHOWN, _CODES, _CELLS = 12, 8, 12
_BAR_HEIGHT, _CODE_HEIGHT, _CODE_WIDTH = 260, 64, 320


def draw(shows: str, told: Told) -> None:
    """Draw one of `FIGURES`."""
    FIGURES[shows](told)


def _examples(told: Told) -> None:
    _rows(told, {"Held-out examples": _chosen(told)}, "examples")


def _reconstructions(told: Told) -> None:
    x = _chosen(told)
    rebuilt = {f"Rebuilt: {title}": embedder.reconstruct(x) for title, embedder in _embedders(told).items()}
    _rows(told, {"Originals, held out": x, **rebuilt}, "reconstructions")


def _noise(told: Told) -> None:
    """Clean and noisy examples, and once there are runs what each makes of the noisy ones."""
    x = as_values(_chosen(told))
    noisy = np.clip(x + np.random.default_rng(0).normal(0, NOISE.sd, x.shape), 0, 1).astype(np.float32)
    rebuilt = {f"Rebuilt: {name}": embedder.reconstruct(noisy) for name, embedder in _embedders(told).items()}
    _rows(told, {"Clean": x, "With noise": noisy, **rebuilt}, "noise")


def _strangers(told: Told) -> None:
    others = load_data(STRANGERS)
    x = others.x_test[examples.assorted(others.y_test, _SHOWN, len(others.x_test))]
    rebuilt = {f"Rebuilt: {title}": embedder.reconstruct(x) for title, embedder in _embedders(told).items()}
    _rows(told, {"Never seen before": x, **rebuilt}, "strangers")
    _bars(told)


def _manifold(told: Told) -> None:
    """The whole plane of codes, decoded, of each run with codes of two numbers."""
    for result, title in zip(told.results, told.titles, strict=True):
        codes = result.run.encode(told.data.x_test)
        decoded = latent.grid(result.run, latent.ranges(codes), _CELLS)
        picture = images.as_bytes(latent.mosaic(decoded), images.bounds(told.data))
        said = f"{title}: each place decoded; z1 grows to the right, z2 upwards"
        _picture(picture, said, f"plane-{title}", width=560)


def _maps(told: Told) -> None:
    pca = PCA(told.results[0].run.latent).fit(told.data.x_train)
    _side_by_side(told, {"PCA": pca, **_embedders(told)})


def _both_maps(told: Told) -> None:
    _side_by_side(told, _embedders(told))


def _side_by_side(told: Told, shown: Mapping[str, Embedder]) -> None:
    both = [Pane(name, name, "", evidence(each, told.data), ()) for name, each in shown.items()]
    figure = plates.drawn(both, told.data, palette.colors() == palette.DARK)
    title = f"Codes of held-out examples: {' and '.join(shown)}"
    figure.update_layout(title={"text": title, "x": 0, "xanchor": "left", "font": {"size": 16}}, margin={"t": 72})
    st.plotly_chart(figure, key="story-maps", config=charts.config("aejax-story-maps", "svg"), alt=title)
    st.caption(f"{plates.method(told.data)} Coordinates have no unit of their own, so none is written on the axes.")


def _bars(told: Told) -> None:
    """The number of the point and those beside it."""
    point, finding = told.story.point, told.finding
    if finding is None:
        return
    unit = point.bars_unit or point.unit
    figure = charts.bars(
        list(finding.bars),
        list(finding.bars.values()),
        title=point.bars_title or point.title,
        unit=unit,
        height=_BAR_HEIGHT,
    )
    said = "; ".join(f"{name}: {value:.4g}" for name, value in finding.bars.items())
    st.plotly_chart(figure, key="story-bars", config=charts.config("aejax-story-numbers"), alt=f"{said} ({unit})")


def _codes(told: Told) -> None:
    """The codes of a few examples as bars, of each run."""
    x = _chosen(told)[:_CODES]
    for title, embedder in _embedders(told).items():
        codes = embedder.encode(x)
        pictures = code_pictures.draw(codes, (embedder.latent,), _CODE_HEIGHT, _CODE_WIDTH)
        said = f"{title}: the codes of {len(x)} held-out digits, a bar for each of {embedder.latent} numbers"
        _picture(images.sheet(np.stack(pictures), 2, gap=6), said, f"codes-{title}")


def _selected(told: Told) -> None:
    chosen = selected(told.results[0].run)
    mean = as_values(told.data.x_train).mean(axis=0)
    said = f"The {len(chosen.features)} chosen pixels in colour, on the mean training image"
    _picture(images.enlarged(marked(chosen, mean), 420), said, "chosen-pixels", width=420)


def _divergences(told: Told) -> None:
    """What each coordinate costs, of every run that has a posterior."""
    found = {
        title: result.run.divergence(told.data.x_test)
        for title, result in zip(told.titles, told.results, strict=True)
        if isinstance(result.run.spec.bottleneck, GaussianPosterior)
    }
    for title, values in found.items():
        names = [f"z{index + 1}" for index in range(len(values))]
        figure = charts.bars(
            names,
            values.tolist(),
            title=f"{title}: what each coordinate says",
            unit="nats per image",
            height=_BAR_HEIGHT,
        )
        figure.update_traces(texttemplate="").update_yaxes(range=[0, 1.1 * max(max(map(np.max, found.values())), 0.1)])
        said = f"{title}: divergence from the prior, {values.min():.2g} to {values.max():.2g} nats a coordinate"
        st.plotly_chart(figure, key=f"story-{title}", config=charts.config("aejax-story-divergence"), alt=said)


def _curves(told: Told) -> None:
    """The loss on held-out examples after each epoch, of all runs."""
    series = {
        title: np.array([sum(epoch.validation.values()) for epoch in film.epochs(standing) if epoch.validation])
        for title, standing in zip(told.titles, told.standings, strict=True)
    }
    unit = told.results[0].run.spec.loss_unit
    figure = charts.lines(series, title="Loss on held-out examples after each epoch", axes=("epoch", unit))
    figure.update_traces(mode="lines+markers", x0=1).update_xaxes(dtick=1)
    said = "; ".join(f"{title} ends at {values[-1]:.4g}" for title, values in series.items())
    st.plotly_chart(figure, key="story-curves", config=charts.config("aejax-story-loss"), alt=f"{said} {unit}")


FIGURES: Mapping[str, Callable[[Told], None]] = MappingProxyType(
    {
        "examples": _examples,
        "noise": _noise,
        "reconstructions": _reconstructions,
        "maps": _maps,
        "both maps": _both_maps,
        "manifold": _manifold,
        "codes": _codes,
        "selected": _selected,
        "divergences": _divergences,
        "strangers": _strangers,
        "curves": _curves,
        "bars": _bars,
    }
)
"""All that a step can show, beside the run itself."""

BEFORE = ("examples", "noise")
"""What can be shown before there is a run."""


def _chosen(told: Told) -> Num[np.ndarray, "n *shape"]:
    data = told.data
    count = _SHOWN if images.are_pictures(data) else examples.count(data)
    return data.x_test[examples.assorted(data.y_test, count, len(data.x_test))]


def _embedders(told: Told) -> dict[str, Embedder]:
    return dict(zip(told.titles, (result.run for result in told.results), strict=False))


def _rows(told: Told, rows: dict[str, Num[np.ndarray, "n *shape"]], name: str) -> None:
    """Examples below one another, a row for each of what became of them; to be saved."""
    data: Data = told.data
    if not images.are_pictures(data):
        limits = images.bounds(data)
        figure = examples.small_lines(rows, limits)
        st.caption(f"{', '.join(rows)}: value from {limits[0]:g} to {limits[1]:g} by step")
        key = f"story-{name}"
        st.plotly_chart(figure, key=key, config=charts.config(f"aejax-{key}"), alt=f"{', '.join(rows)} by step")
        return
    parts = [images.as_bytes(values, images.bounds(data)) for values in rows.values()]
    said = ", ".join(rows) if len(rows) == 1 else f"In each column from above: {', '.join(rows)}"
    _picture(images.sheet(np.concatenate(parts), len(parts[0])), said, name)


def _picture(picture: images.Picture, said: str, name: str, width: int = 1000) -> None:
    """A picture with what it shows, and a button that saves it."""
    large = images.enlarged(picture, width)
    with st.container(width=width):
        st.image(images.png_address(large), caption=said, width="stretch", alt=said)
    st.download_button(
        "Save as PNG",
        lambda: images.png(large),
        file_name=f"aejax-story-{name.lower().replace(' ', '-')}.png",
        mime="image/png",
        key=f"story-save-{name}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
