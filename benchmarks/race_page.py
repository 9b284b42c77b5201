"""A record of a race as one page: `python -m benchmarks.race_page [RECORD] [PAGE]`."""

import html
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from benchmarks.race import RESULTS
from benchmarks.ratios import Ratio, is_limit, limits, ratios, report, shares, verdict

# Okabe & Ito's palette, which the colour-blind can tell apart.
COLOURS = {
    "aejax": "#0072B2",
    "torch": "#D55E00",
    "keras": "#CC79A7",
    "flax": "#009E73",
    "pythae": "#E69F00",
    "scikit-learn": "#56B4E9",
}

_TOLD = "<br>%{customdata[0]}<br>%{customdata[1]}<extra></extra>"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>aejax beside its peers</title>
<style>
:root {{ color-scheme: light dark; --text: #222; --page: #fff; --line: #ddd; }}
@media (prefers-color-scheme: dark) {{ :root {{ --text: #e6e6e6; --page: #14171c; --line: #3a3f47; }} }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 70rem; padding: 1rem; }}
body {{ color: var(--text); background: var(--page); }}
h1 {{ font-size: 1.6rem; }} h2 {{ font-size: 1.2rem; margin-top: 2rem; }}
.wide {{ overflow-x: auto; }}
.wide > div {{ min-width: 46rem; }}
.wide text:not(.hovertext *) {{ fill: var(--text) !important; }}
table {{ border-collapse: collapse; margin: 1rem 0; font-size: .9rem; font-variant-numeric: tabular-nums; }}
th, td {{ border-bottom: 1px solid var(--line); padding: .3rem .7rem; text-align: left; white-space: nowrap; }}
</style></head><body>
<h1>aejax beside its peers</h1>
<p>{about}</p>
{parts}
</body></html>
"""


def page(record: Mapping[str, Any]) -> str:
    """The whole page, which needs no network."""
    heading, *tables = report(record).strip().split("\n\n")
    figures = [
        ("How many times faster aejax is than the best mode of each peer", speeds(record)),
        ("Seconds, round by round", rounds(record)),
        ("Share of the machine's greatest rate of matrix products", reached(record)),
    ]
    parts, library = [], True
    for title, figure in figures:
        if figure.data:
            drawn = figure.to_html(full_html=False, include_plotlyjs=library, config={"responsive": True})
            parts.append(f'<h2>{html.escape(title)}</h2>\n<div class="wide" tabindex="0">{drawn}</div>')
            library = False
    parts += [_as_html(table) for table in tables]
    return _PAGE.format(about=html.escape(heading), parts="\n".join(parts))


def speeds(record: Mapping[str, Any]) -> go.Figure:
    """Bars of ratios, a group for each case, with the aims as lines across them."""
    rows = ratios(record)
    figure = go.Figure()
    for family in dict.fromkeys(row.family for row in rows):
        some = [row for row in rows if row.family == family]
        figure.add_bar(
            name=family,
            x=[row.case for row in some],
            y=[row.least for row in some],
            marker_color=COLOURS.get(family),
            customdata=[[row.best, _aim(row), row.median] for row in some],
            hovertemplate=f"%{{x}}: %{{y:.2f}}, median %{{customdata[2]:.2f}}{_TOLD}",
        )
    figure.add_hline(y=1.0, line_dash="dot", line_color="#888")
    figure.update_layout(barmode="group", yaxis_title="times faster, fastest rounds", **_LOOK)
    return figure


def _aim(row: Ratio) -> str:
    if row.aim is None:
        return "no aim"
    return f"aim {row.aim:g}: {verdict(row.holds).strip('*')}"


def rounds(record: Mapping[str, Any]) -> go.Figure:
    """Every round's seconds an epoch or call, so that the spread is seen."""
    figure = go.Figure()
    for name, told in record["contestants"].items():
        cases = {case: one for case, one in record["cases"].items() if name in one["times"] and not is_limit(one)}
        points = [
            (case, seconds / one["case"]["epochs"]) for case, one in cases.items() for seconds in one["times"][name]
        ]
        if points:
            figure.add_box(
                name=name,
                x=[case for case, _ in points],
                y=[seconds for _, seconds in points],
                marker_color=COLOURS.get(told["family"]),
                boxpoints="all",
            )
    figure.update_layout(boxmode="group", yaxis_title="seconds an epoch or call", yaxis_type="log", **_LOOK)
    return figure


def reached(record: Mapping[str, Any]) -> go.Figure:
    """Bars of shares of the limit: aejax's and the best peer's."""
    rows, figure = shares(record), go.Figure()
    for who, some in (
        ("aejax", [row for row in rows if row.contestant == "aejax"]),
        ("best peer", [row for row in rows if row.contestant != "aejax"]),
    ):
        if some:
            figure.add_bar(
                name=who,
                x=[row.case for row in some],
                y=[row.share for row in some],
                marker_color=COLOURS["aejax"] if who == "aejax" else "#999999",
                customdata=[[row.contestant, row.rate] for row in some],
                hovertemplate="%{x}: %{y:.2f}<br>%{customdata[0]}, %{customdata[1]:.1f} GFLOP/s<extra></extra>",
            )
    peak = limits(record).get("products")
    title = f"share of {peak.rate:.0f} GFLOP/s" if peak else "share"
    figure.update_layout(barmode="group", yaxis_title=title, **_LOOK)
    return figure


_LOOK: dict[str, Any] = {
    "template": "plotly_white",
    "height": 460,
    "margin": {"l": 60, "r": 10, "t": 50, "b": 60},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    "font": {"size": 14},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "xaxis": {"automargin": True},
    "yaxis": {"automargin": True, "gridcolor": "rgba(128,128,128,0.3)"},
}


def _as_html(part: str) -> str:
    """A table in Markdown, or a paragraph or list, as HTML."""
    lines = part.splitlines()
    if not lines[0].startswith("|"):
        return f"<p>{'<br>'.join(html.escape(line) for line in lines)}</p>"
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("| ---")]
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in cells[0])
    body = "".join(f"<tr>{''.join(_cell(cell) for cell in row)}</tr>" for row in cells[1:])
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: str) -> str:
    if cell.startswith("**"):
        return f"<td><strong>{html.escape(cell.strip('*'))}</strong></td>"
    return f"<td>{html.escape(cell)}</td>"


def main(record: Path = RESULTS / "latest.json", to: Path = Path("build") / "race.html") -> None:
    """Write the page of a record."""
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(page(json.loads(record.read_text("utf-8"))), "utf-8")
    print(to)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
