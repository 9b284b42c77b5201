"""What a training leaves in its run's folder for those who look on: frames, and the weights at those moments."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aejax.checkpoints import Checkpoints
from aejax.data import Data
from aejax.folder import RunFolder
from aejax.frames import (
    FrameError,
    Frames,
    FrameWriter,
    create_frames,
    probe_rows,
    quantised,
    slots_within,
)
from aejax.trainer import Trainer

_GREATEST_FRAME = 1 << 19  # numbers
_STRIP, _STRIP_OF_POINTS, _FEATURES_OF_A_POINT = 16, 1000, 3
_BYTES_OF_FRAMES, _BYTES_OF_DECODERS = 48 << 20, 32 << 20


class Recorder(Checkpoints):
    """Writes down one training in its folder: what it can go on from, and frames of its course."""

    def __init__(self, folder: RunFolder, trainer: Trainer, data: Data) -> None:
        """Go on writing the folder's files, or make them where there are none of the form that is needed."""
        super().__init__(folder, trainer)
        document = folder.document()
        self._terms = sorted(trainer.state.sums)
        about = self._probes(data, document["probes"]) | {"terms": self._terms}
        layout = {name: list(value.shape) for name, value in sorted(trainer.state.params.items())}
        decoder = {name: shape for name, shape in layout.items() if name.startswith("decoder.")}
        self._frames = self._opened(folder.frames, self._form(len(self._terms)), _BYTES_OF_FRAMES, about)
        self._weights = self._opened(folder.weights, _flat_form(layout, "<f4"), 0, {"layout": layout})
        self._decoders = self._opened(
            folder.decoders, _flat_form(decoder, "<f2"), _BYTES_OF_DECODERS, {"layout": decoder}
        )

    def _probes(self, data: Data, chosen: Mapping[str, Any]) -> dict[str, Any]:
        """Choose the examples that every frame tells of, and say which they are."""
        x, labels = (data.x_test, data.y_test) if chosen["split"] == "test" else (data.x_train, data.y_train)
        count = min(chosen["count"], max(_GREATEST_FRAME // self._trainer.model.latent, 1))
        strip = _STRIP_OF_POINTS if data.features <= _FEATURES_OF_A_POINT else _STRIP
        rows, shown = sorted(probe_rows(labels, len(x), count)), probe_rows(labels, len(x), strip)
        self._strip = x[shown]
        spec = self._trainer.spec
        told = [None if labels is None else spec.told(labels[which]) for which in (rows, shown)]
        self._probed, self._strip_labels = self._trainer.run().chunks(x[rows], told[0]), told[1]
        return {"split": chosen["split"], "rows": rows, "strip": shown}

    def forget_later(self) -> None:
        """Drop what was written of moments after the present one, once the training has gone back in time."""
        for file in (self._frames, self._weights, self._decoders):
            file.forget_after(self._trainer.step)
        self.align_history()

    def _form(self, terms: int) -> np.dtype:
        latent, shape = self._trainer.model.latent, (len(self._strip), *self._trainer.model.shape)
        fields = [("epoch", "<u4", ()), ("step", "<u8", ()), ("seconds", "<f8", ()), ("terms", "<f8", (terms,))]
        fields += [("validation", "<f8", (terms,)), ("levels", "<u2", (self._probed.count, latent))]
        return np.dtype([*fields, ("bounds", "<f4", (latent, 2)), ("seen", "<f4", shape), ("rebuilt", "<f4", shape)])

    def _opened(self, path: Path, form: np.dtype, size: int, about: Mapping[str, Any]) -> FrameWriter:
        try:
            there = FrameWriter(path)
            if there.form == form and there.about == about:
                there.forget_after(self._trainer.step)
                return there
        except FrameError:
            pass
        return create_frames(path, form, slots_within(form, size, 2, 1000), about)

    def inherit(self, other: RunFolder) -> None:
        """Take over the frames of the run that this one branched from, up to where it did."""
        theirs = Frames(other.frames)
        if theirs.form != self._frames.form or theirs.about != self._frames.about:
            return
        for number, step in theirs.steps().items():
            fields = theirs.read(number)
            if fields is not None and step <= self._trainer.step:
                self._frames.append(step, fields)

    def frame(self) -> None:
        """Publish where the training stands now, unless the newest frame says it already.

        Raises:
            DivergedError: If the codes are not finite.
        """
        trainer = self._trainer
        if list(self._frames.steps().values())[-1:] == [trainer.step]:
            return
        run, terms = trainer.run(), trainer.terms()
        codes = run.encode(self._probed)
        if not np.isfinite(codes).all():
            trainer.check_finite({"codes": float("nan")}, f"after {trainer.step} steps")
        levels, bounds = quantised(codes)
        seen = run.corrupt(self._strip)
        validation = (trainer.history[-1].validation if trainer.history else None) or {}
        fields = {
            "epoch": trainer.epoch,
            "step": trainer.step,
            "seconds": trainer.seconds,
            "terms": [terms[name] for name in self._terms],
            "validation": [validation.get(name, np.nan) for name in self._terms],
            "levels": levels,
            "bounds": bounds,
            "seen": seen,
            "rebuilt": run.reconstruct(seen, self._strip_labels),
        }
        self._frames.append(trainer.step, fields)

    def weights(self) -> None:
        """Publish the weights as they are now."""
        params = dict(sorted(self._trainer.state.params.items()))
        decoder = {name: value for name, value in params.items() if name.startswith("decoder.")}
        for file, arrays in ((self._weights, params), (self._decoders, decoder)):
            flat = np.concatenate([np.ravel(value) for value in arrays.values()])
            # Weights beyond half precision become infinite, which whoever decodes with them must see.
            with np.errstate(over="ignore"):
                file.append(self._trainer.step, {"values": flat.astype(file.form["values"].base)})


def _flat_form(layout: Mapping[str, list[int]], kind: str) -> np.dtype:
    return np.dtype([("values", kind, (sum(math.prod(shape) for shape in layout.values()),))])
