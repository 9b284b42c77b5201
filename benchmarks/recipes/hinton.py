"""The deep autoencoder of 2006 from three starts: the last points of the curves, which are kept in `starts.json`."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import aejax
from aejax.starts import STARTS, Curve, learning_curves
from benchmarks.rows import Row

RECORD = Path(__file__).parent.parent / "starts.json"

_PAPER = "Hinton & Salakhutdinov 2006 (3.00; logistic PCA 8.01; PCA 13.87)"


def start(name: str, bound: float, at_least: bool, data: aejax.Data) -> Iterator[Row]:
    """784-1000-500-250-30 from the start of that name, with its recipe."""
    *_, curve = learning_curves(data.x_train, data.x_test, starts={name: STARTS[name]})
    _keep(curve)
    last, train = curve.points[-1], STARTS[name].train
    learnt = train.pretraining is not None and train.pretraining.learning_rate > 0
    epochs = f"{train.pretraining.epochs} epochs a layer, then {last.epoch}" if learnt else f"{last.epoch} epochs"
    conditions = f"60,000 images, {epochs}, seed {train.seed}, {last.seconds:.0f} s"
    measure = "squared error per test image"
    yield Row(f"784-1000-500-250-30: {curve.title}", measure, last.error, bound, _PAPER, conditions, at_least)


def _keep(curve: Curve) -> None:
    """Enter a curve into the record, in place of the last one of its name."""
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    RECORD.write_text(json.dumps(known | {curve.name: asdict(curve)}, indent=1) + "\n")


ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {
    "hinton-modern": partial(start, "modern", 2.8, False),
    "hinton-pretrained": partial(start, "pretrained", 3.0, False),
    # No better than logistic PCA is what failing means here.
    "hinton-random": partial(start, "random", 8.01, True),
}
