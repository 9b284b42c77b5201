"""A model as one HTML file that needs no network: its map, its decoder and its thumbnails; and as a program.

`python -m aejax.ui.offline RUN DATA FILE` writes the file of a run's folder.
"""

import base64
import gzip
import html
import json
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aejax import __version__
from aejax.data import Data, load_data
from aejax.launch import app_home
from aejax.remarks import read_remarks
from aejax.run import Run, load_run
from aejax.ui import embedding
from aejax.ui.canvas import Scene, Survey
from aejax.ui.canvas.component import modules

GREATEST_MAP = 20_000
"""Points of the map, at most."""

_TOOLS = ("axes", "legend", "probe", "hover", "sliders", "lasso", "picture", "help")
_HEIGHT = 560


def offline(run: Run, data: Data, title: str) -> bytes:
    """The whole file, as UTF-8; of a run that is told classes, `run.given` one of them."""
    sample = embedding.points(run, data, "test", GREATEST_MAP)
    survey = Survey(
        embedder=run,
        data=data,
        examples=data.x_test[sample.rows],
        codes=sample.codes,
        rows=sample.rows,
        labels=sample.labels,
        title=f"Codes of {sample}",
        space=title,
    )
    return page(survey.scene(), title, f"{run.spec}. {data.title}: {data.source}; licence: {data.licence}.")


def page(scene: Scene, title: str, about: str) -> bytes:
    """A scene on a page of its own, as UTF-8."""
    shelves = [scene.still, scene.weights, scene.moment]
    told = {
        "height": _HEIGHT,
        "tools": _TOOLS,
        "asks": [],
        "replies": {},
        "missing": [],
        "options": {},
        "moment": scene.moment["stamp"],
    }
    sources = json.loads(gzip.decompress(modules()["zipped"].tobytes()))
    written = json.dumps({"about": told, "shelves": [_packed(shelf) for shelf in shelves], "modules": sources})
    parts = {
        "TITLE": html.escape(title),
        "ABOUT": html.escape(about),
        "VERSION": html.escape(__version__),
        "THEME": _theme(),
        # A sign that would end the element early is written as JSON allows.
        "DATA": written.replace("<", "\\u003c"),
    }
    return re.sub(r"%([A-Z]+)%", lambda found: parts[found[1]], _PAGE).encode()


def _packed(shelf: Mapping[str, Any]) -> dict[str, Any]:
    arrays = {name: np.ascontiguousarray(value) for name, value in shelf.items() if isinstance(value, np.ndarray)}
    coded = {name: [array.dtype.name, base64.b64encode(array.tobytes()).decode()] for name, array in arrays.items()}
    return {"stamp": shelf["stamp"], "about": shelf["about"], "arrays": coded}


def _theme() -> str:
    """The application's colours on light and on dark ground, as the canvas asks for them."""
    theme = tomllib.loads((app_home() / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    light, dark = (f":root {{ {_colors(theme[ground])} }}" for ground in ("light", "dark"))
    return f"{light} @media (prefers-color-scheme: dark) {{ {dark} }}"


def _colors(theme: Mapping[str, Any]) -> str:
    names = {
        "primary-color": theme["primaryColor"],
        "background-color": theme["backgroundColor"],
        "secondary-background-color": theme["secondaryBackgroundColor"],
        "text-color": theme["textColor"],
        "border-color": theme["borderColor"],
        "chart-categorical-colors": ",".join(theme["chartCategoricalColors"]),
        "font": "system-ui, sans-serif",
    }
    return " ".join(f"--st-{name}: {value};" for name, value in names.items())


def main() -> None:
    """Write the file of a run."""
    folder, name, out = sys.argv[1:]
    run, data = load_run(folder), load_data(name)
    run = run.given(0) if run.classes else run
    called = read_remarks(Path(folder)).name or Path(folder).name
    Path(out).write_bytes(offline(run, data, f"{called}, {data.title}"))


# No source but this file itself: whatever it were to ask of a network, the browser would not fetch.
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline' blob:; \
style-src 'unsafe-inline'; img-src data: blob:; connect-src data: blob:">
<meta name="viewport" content="width=device-width"><title>%TITLE%</title>
<style>%THEME%
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 1200px; padding: 1rem; font: 16px/1.5 system-ui, sans-serif;
  background: var(--st-background-color); color: var(--st-text-color); }
h1 { font-size: 1.3rem; } small { overflow-wrap: anywhere; }
</style></head>
<body><h1>%TITLE%</h1><div id="canvas"><div class="place"></div></div>
<p><small>%ABOUT% Made with aejax %VERSION%.
Move the pointer over the map: the place under it is decoded here.</small></p>
<script type="application/json" id="data">%DATA%</script>
<script type="module">
const { about, shelves, modules } = JSON.parse(document.getElementById("data").textContent);
const kinds = { uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, int32: Int32Array, float32: Float32Array };
const typed = ([kind, text]) => {
  const bytes = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  return kinds[kind] === Uint8Array ? bytes : new kinds[kind](bytes.buffer);
};
// As a table of one column, which is how the application hands arrays over.
const column = (array) => ({ getChildAt: () => ({ toArray: () => array }) });
const held = new Map();
for (const { stamp, about: told, arrays } of shelves) {
  const columns = Object.entries(arrays).map(([name, coded]) => [name, column(typed(coded))]);
  held.set(stamp, { stamp, about: told, ...Object.fromEntries(columns) });
}
const made = new Map();
const make = (name) => {
  if (made.has(name)) return made.get(name);
  const source = modules[name].replace(/from "\\.\\/([\\w-]+\\.js)"/g, (_, other) => `from "${make(other)}"`);
  made.set(name, URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  return made.get(name);
};
const style = Object.keys(modules).filter((name) => name.endsWith(".css")).map((name) => modules[name]).join("");
const { show } = await import(make("index.js"));
const parentElement = document.getElementById("canvas");
await show({ parentElement, data: {}, about, style, wait: async (stamp) => held.get(stamp), setStateValue: () => {} });
</script></body></html>
"""

if __name__ == "__main__":
    main()
