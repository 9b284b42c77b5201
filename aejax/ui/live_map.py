"""The map of a training: one of its moments on the Latent Canvas."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, TypeVar

import numpy as np

from aejax.data import Data
from aejax.run import Run
from aejax.ui import canvas, images, session
from aejax.ui.canvas import Scene
from aejax.ui.canvas.decoder import Decoder, dense
from aejax.ui.canvas.sprites import Thumbnails
from aejax.ui.canvas.survey import Survey, main_directions, thumbnails
from aejax.ui.film import Film, Moment, settings

_MAIN = "train-canvas"
_KEPT = "what stays of the live map"
_DIRECTIONS = "directions of the live map"
_ASKED = ("decode", "inspect", "sample", "thumbnail")
_TOOLS = (*(name for name in canvas.TOOLS if name != "sliders"), "lasso", "trails")

T = TypeVar("T")


def keep(film: Film, moment: Moment, data: Data) -> None:
    """Send what stays while the map moves; from outside of the part of the page that is drawn again and again."""
    still = scene(film, moment, data, _MAIN)
    canvas.keep(still, _MAIN)
    session.put(_KEPT, (_MAIN, still.still["stamp"]))


def show(film: Film, moment: Moment, data: Data, key: str = _MAIN, height: int = 440) -> None:
    """Draw the codes of the probes at that moment; any place of the map is decoded with the weights of that time."""
    responders = {kind: partial(_answered, film, moment, data, kind) for kind in _ASKED}
    shown = scene(film, moment, data, key)
    canvas.latent_canvas(
        shown,
        key,
        height=height,
        tools=_TOOLS,
        responders=responders,
        options={"follows": key == _MAIN},
        kept=session.get(_KEPT) == (key, shown.still["stamp"]),
    )


def forget() -> None:
    """Take nothing of an earlier drawing of the page as sent."""
    session.put(_KEPT, None)


def scene(film: Film, moment: Moment, data: Data, key: str) -> Scene:
    """What the canvas of that name shows of a moment."""
    labels = data.y_test if film.split == "test" else data.y_train
    run, spec = film.standing.id, settings(film.standing)[0]
    stamp = run, film.decoder_step(moment.step)
    components, names = _directions(film, moment)
    return Scene(
        codes=moment.levels,
        bounds=moment.bounds,
        ranges=moment.bounds,
        shape=data.shape,
        kind=data.kind,
        value_range=images.bounds(data),
        title=f"Codes of {len(film.rows):,} {'held-out' if film.split == 'test' else 'training'} examples",
        rows=film.rows,
        labels=None if labels is None else labels[film.rows],
        classes=data.label_names,
        prior=spec.bottleneck.has_prior,
        components=components,
        components_names=names,
        thumbnails=_thumbnails(data, film.split, len(film.rows), film.rows.tobytes()),
        decoder=_once(f"decoder of {key}", stamp, lambda: _decoder(film, moment, data)),
        frame=moment.number,
        space=film.standing.id,
    )


def _directions(film: Film, moment: Moment) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The same directions until twice as many epochs are over: the map must move with its points alone."""
    run, age = film.standing.id, film.age(moment.step)
    known: dict[tuple[str, int], Any] = session.get(_DIRECTIONS) or {}
    if (run, age) not in known:
        known = {key: found for key, found in known.items() if key[0] == run}
        # The first moment of that age that is kept, whichever one the visitor has come to first.
        first = next((number for number, step in film.steps.items() if film.age(step) == age), moment.number)
        known[run, age] = main_directions((film.moment(first) or moment).codes)
        session.put(_DIRECTIONS, known)
    found: tuple[np.ndarray | None, tuple[str, ...]] = known[run, age]
    return found


def _once(name: str, stamp: object, make: Callable[[], T]) -> T:
    """What was made for this visitor when the stamp was last another."""
    key = f"live map: {name}"
    held: tuple[object, T] | None = session.get(key)
    if held is None or held[0] != stamp:
        held = stamp, make()
        session.put(key, held)
    return held[1]


@lru_cache(maxsize=8)
def _thumbnails(data: Data, split: str, count: int, rows: bytes) -> Thumbnails:
    examples = data.x_test if split == "test" else data.x_train
    return thumbnails(examples[np.frombuffer(rows, np.int64)], data)


def _decoder(film: Film, moment: Moment, data: Data) -> Decoder | None:
    weights = film.decoder(moment.step)
    if weights is None:
        return None
    spec, train = settings(film.standing)
    return dense(Run(spec, train, data.shape, weights))


def _answered(
    film: Film, moment: Moment, data: Data, kind: str, request: Mapping[str, Any]
) -> Mapping[str, np.ndarray] | None:
    """The newest weights' answer to what the browser cannot work out by itself."""
    result = session.result()
    if result is None:
        return None
    x, labels = (data.x_test, data.y_test) if film.split == "test" else (data.x_train, data.y_train)
    rows = film.rows
    known = None if labels is None else labels[rows]
    survey = Survey(result.run, data, x[rows], moment.codes, rows, known)
    respond: Callable[[Mapping[str, Any]], Mapping[str, np.ndarray] | None] = getattr(survey, kind)
    return respond(request)
