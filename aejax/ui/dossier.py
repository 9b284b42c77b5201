"""A comparison as one HTML file that needs no network: the models, their maps, the tables, and how it was measured."""

import datetime
import html
from collections.abc import Mapping, Sequence

import plotly.io

from aejax import __version__
from aejax.data import Data
from aejax.metrics import GROUPS
from aejax.ui import charts, compare, examples, images, panes, snapshot
from aejax.ui.linked import Linked
from aejax.ui.session import Result

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem; color: #1b2733; }
table { border-collapse: collapse; font-size: 14px; margin: 0.5rem 0 1rem; }
th, td { text-align: left; padding: 4px 12px 4px 0; border-bottom: 1px solid #cbd5de; vertical-align: top; }
.maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); gap: 1rem; }
.maps > div { min-width: 0; overflow: hidden; }
.wide { overflow-x: auto; } img { max-width: 100%; image-rendering: pixelated; } small { color: #55606b; }
@media print {
  body { max-width: none; margin: 0; font-size: 11pt; } .wide { overflow: visible; } .modebar { display: none; }
  .maps { grid-template-columns: 1fr 1fr; } .maps > div, tr, img { break-inside: avoid; } h2, h3 { break-after: avoid; }
}
"""

_HEIGHT = 440


def dossier(result: Result, shown: Sequence[Linked], spreads: Mapping[str, compare.Spread] | None = None) -> bytes:
    """The whole file, as UTF-8."""
    held = [here.pane for here in shown]
    parts = [
        _element("h1", f"{result.data.title}: {', '.join(pane.name for pane in held)}"),
        _about(result),
        "<h2>Maps</h2>",
        f'<div class="maps">{_maps(shown, result.data)}</div>',
        "<h2>Reconstructions</h2>",
        _reconstructions(held, result.data),
        "<h2>In numbers</h2>",
        _metrics(held, spreads),
        "<h2>Classes</h2>",
        _classes(held),
        _element("p", compare.method(held)),
    ]
    title = html.escape(f"aejax: {result.data.title}")
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    page = (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{"".join(parts)}</body></html>'
    )
    return page.encode()


def _about(result: Result) -> str:
    run, progress = result.run, result.progress
    train = ", ".join(f"{name} {value}" for name, value in run.train)
    facts = {
        "Model": f"{snapshot.title(result)}: {run.spec}",
        "Recipe": train,
        "Trained": f"{progress.epoch} of {run.train.epochs} epochs, {progress.seconds:.1f} s",
        "Data": f"{result.data.title}, {result.data.source}; {len(result.data.x_train):,} training and "
        f"{len(result.data.x_test):,} held-out examples; {result.data.licence}",
        "Settings as JSON": run.spec.model_dump_json(),
        "Made": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC with aejax {__version__}",
    }
    lines = "".join(f"<tr>{_element('th', name)}{_element('td', value)}</tr>" for name, value in facts.items())
    return f"<table>{lines}</table>"


def _maps(shown: Sequence[Linked], data: Data) -> str:
    figures = []
    for index, here in enumerate(shown):
        places, labels = here.survey.codes, here.survey.labels
        figure = charts.scatter(places, labels, data.label_names, title=here.pane.title, height=_HEIGHT)
        figure.update_yaxes(scaleanchor="x")
        if (box := here.link.get("extent")) is not None:
            figure.update_xaxes(range=[box["left"], box["right"]]).update_yaxes(range=[box["bottom"], box["top"]])
        drawn = plotly.io.to_html(
            figure, full_html=False, include_plotlyjs=index == 0, config=charts.config(f"aejax-map-{index + 1}")
        )
        residual = "" if here.residual is None else f"; {here.residual:.1%} of the first map's variance is left"
        figures.append(f"<div>{drawn}{_element('small', here.pane.about + residual)}</div>")
    return "".join(figures)


def _reconstructions(held: Sequence[panes.Pane], data: Data) -> str:
    if not images.are_pictures(data):
        return _element("p", "These data are not images; the errors below are of all measured examples.")
    drawn = []
    for name, pictures in compare.reconstructions(held, data).items():
        address = images.png_address(examples.strip(data, pictures))
        drawn.append(f'{_element("p", name)}<img src="{address}" alt="{html.escape(name, quote=True)}">')
    return "".join(drawn)


def _metrics(held: Sequence[panes.Pane], spreads: Mapping[str, compare.Spread] | None) -> str:
    names, measured = [pane.title for pane in held], [panes.measured(pane) for pane in held]
    parts = []
    for title, group in GROUPS.items():
        table = compare.rows(names, measured, group, spreads)
        meant = "".join(_element("li", f"{metric.title}: {metric.meaning}.") for metric in group.values())
        reasons = "".join(_element("small", f"{sentence} ") for sentence in compare.missing(names, measured, group))
        parts.append(f"{_element('h3', title)}{_table(table)}<small><ul>{meant}</ul></small>{reasons}")
    return "".join(parts)


def _classes(held: Sequence[panes.Pane]) -> str:
    found = {pane.title: panes.by_class(pane) for pane in held}
    if not next(iter(found.values())):
        return _element("p", "These data have no labels.")
    return _table(compare.class_table(found))


def _table(rows: Sequence[Mapping[str, str]]) -> str:
    if not rows:
        return ""
    head = "".join(_element("th", name) for name in rows[0])
    lines = "".join(f"<tr>{''.join(_cell(value) for value in row.values())}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{lines}</table></div>'


def _cell(value: str) -> str:
    """A cell; what is marked for the page by asterisks is set in bold."""
    if value.startswith("**"):
        return f"<td><b>{html.escape(value.replace('**', ''))}</b></td>"
    return _element("td", value)


def _element(name: str, text: str) -> str:
    return f"<{name}>{html.escape(text)}</{name}>"
