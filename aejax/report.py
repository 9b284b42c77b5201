"""What the command line says: tables and progress for people, one JSON object a line for programs."""

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from aejax.console import with_bar
from aejax.data import Data, Source
from aejax.history import LayerEpoch
from aejax.metrics import METRICS
from aejax.recipe import Recipe
from aejax.run import Run
from aejax.settings import SpecError, not_among
from aejax.spec import ModelSpec, TrainSpec
from aejax.summary import Summary, summarise
from aejax.trainer import Trainer
from aejax.training import Progress
from aejax.zoo import ZOO
from aejax.zoo_entry import ZooEntry

_WIDTH_OF_A_PIPE = 240
_DEFAULT = TrainSpec()


def named(name: str) -> ZooEntry:
    """The autoencoder of this name.

    Raises:
        SpecError: If there is none.
    """
    if name not in ZOO:
        raise SpecError(f"NAME {not_among(name, ZOO)}")
    return ZOO[name]


class Speaker:
    """Says how a training goes: as JSON, with a bar on a terminal, or in plain lines."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.has_bar = not as_json and sys.stdout.isatty()

    def start(self, name: str, trainer: Trainer, data: Data) -> None:
        """Say what is about to be trained, and on which devices where there are many."""
        spec, train, layout = trainer.spec, trainer.train, trainer.layout
        parameters = trainer.model.parameters
        if self.as_json:
            sizes = {"examples": len(data.x_train), "held_out": len(data.x_test), "parameters": parameters}
            about = {"name": name, "data": data.name, **sizes, "sentence": str(spec)}
            about["recipe"] = Recipe(data.name, spec, train).digest
            settings = {"spec": spec.model_dump(mode="json"), "train": train.model_dump(mode="json")}
            devices = {} if layout is None else {"devices": layout.parts, "model_shards": layout.model_shards}
            _line({"event": "start", **about, **settings, **devices})
            return
        typer.echo(str(spec))
        typer.echo(f"{parameters:,} parameters, {len(data.x_train):,} examples of {data.title}; {_recipe(train)}")
        if layout is not None:
            typer.echo(str(layout))

    def over(self, steps: Iterable[Progress]) -> Iterator[Progress]:
        """The same items, with a word on each."""
        if self.has_bar:
            yield from with_bar(steps)
            return
        for item in steps:
            yield item
            if item.layer is not None:
                if item.layer in item.run.pretraining:
                    self._layer(item.layer)
            elif item.validation is not None or item.step == item.steps:
                self._epoch(item)

    def _layer(self, layer: LayerEpoch) -> None:
        if self.as_json:
            _line({"event": "layer", **asdict(layer)})
        else:
            typer.echo(f"pretraining {layer}  squared error {layer.error:.3f}  {layer.seconds:.1f} s")

    def _epoch(self, item: Progress) -> None:
        used = item.run.history[-1].codes_used if item.run.history else None
        if self.as_json:
            numbers = {"epoch": item.epoch, "step": item.step, "steps": item.steps, "seconds": item.seconds}
            known: dict[str, float] = {} if used is None else {"codes_used": used}
            known |= {"examples_per_second": item.throughput}
            _line({"event": "epoch", **numbers, "terms": item.terms, "validation": item.validation, **known})
            return
        held_out = "" if item.validation is None else f"  held out {sum(item.validation.values()):.3f}"
        epochs = item.run.train.epochs
        words = "" if used is None else f"  {used} codewords used"
        pace = f"{item.seconds:.1f} s, {item.throughput:,.0f} examples/s"
        typer.echo(f"epoch {item.epoch} of {epochs}  loss {item.loss:.3f}{held_out}{words}  {pace}")

    def done(self, run: Run, evaluation: Mapping[str, float], out: Path | None) -> None:
        """Say how well held-out examples are rebuilt, and where the run is."""
        if self.as_json:
            last = run.history[-1]
            place = None if out is None else str(out)
            _line(
                {
                    "event": "done",
                    "epochs": last.epoch,
                    "seconds": last.seconds,
                    "loss": last.loss,
                    "evaluation": evaluation,
                    "out": place,
                }
            )
            return
        typer.echo("\nHeld-out examples:")
        table(_errors(evaluation, run.spec))
        typer.echo("The run is not kept: --out DIR keeps it." if out is None else f"The run is in {out}.")


def run(run: Run, evaluation: Mapping[str, float] | None, as_json: bool) -> None:
    """Show a run."""
    summary = summarise(run.spec, run.shape)
    last = run.history[-1] if run.history else None
    if as_json:
        layers = [asdict(layer) for layer in summary.layers]
        sizes = {"parameters": summary.parameters, "features": summary.features, "latent": summary.latent}
        settings = {"spec": run.spec.model_dump(mode="json"), "train": run.train.model_dump(mode="json")}
        about = {"sentence": summary.sentence, "shape": run.shape, **sizes, **settings, "layers": layers}
        _line(about | {"last_epoch": last and asdict(last), "evaluation": evaluation})
        return
    typer.echo(f"{summary.sentence}\n{_recipe(run.train)}\n")
    table(_layers(summary))
    typer.echo("".join(f"{remark}\n" for remark in summary.remarks), nl=False)
    typer.echo(f"{summary.parameters:,} parameters; {_compression(summary)}\n")
    if last is not None:
        typer.echo(f"Epoch {last.epoch} of {run.train.epochs}, after {last.seconds:.1f} s:")
        table(_terms(last.terms, last.validation or {}, run.spec))
    if evaluation is not None:
        typer.echo("\nHeld-out examples:")
        table(_errors(evaluation, run.spec))


def dataset_row(name: str, source: Source) -> dict[str, Any]:
    """A data set as a row."""
    where = "here" if source.ready else f"downloaded on first use, {source.download_bytes / 1e6:.0f} MB"
    sizes = {"kind": source.kind, "shape": _shape(source.shape), "train": source.train, "test": source.test}
    origin = {"where": where if source.remote else "always here", "licence": source.licence}
    return {"name": name, "title": source.title, **sizes, "classes": len(source.label_names), **origin}


def zoo_row(name: str, entry: ZooEntry) -> dict[str, Any]:
    """A named autoencoder as a row."""
    return {"name": name, "sentence": str(entry.spec), "recipe": _recipe(entry.train), "source": entry.source}


def _recipe(train: TrainSpec) -> str:
    """A recipe in words: its usual parts, then whatever else differs from the default."""
    usual = ("epochs", "batch_size", "optimizer", "learning_rate")
    others = {name: value for name, value in train if name not in usual and value != getattr(_DEFAULT, name)}
    words = [f"{train.epochs} epochs", f"batch {train.batch_size}", f"{train.optimizer} at {train.learning_rate:g}"]
    return ", ".join(words + [f"{name} {value}" for name, value in others.items()])


def table(rows: Sequence[Mapping[str, Any]], as_json: bool = False) -> None:
    """Print rows of equal keys as a table, or each as one JSON object."""
    if as_json:
        for row in rows:
            _line(row)
        return
    console = Console(width=None if sys.stdout.isatty() else _WIDTH_OF_A_PIPE)
    shown = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name, value in rows[0].items():
        shown.add_column(escape(name.replace("_", " ")), justify="right" if isinstance(value, (int, float)) else "left")
    for row in rows:
        shown.add_row(*(escape(_written(value)) for value in row.values()))
    console.print(shown)


def _layers(summary: Summary) -> list[dict[str, Any]]:
    return [asdict(layer) | {"shape": _shape(layer.shape)} for layer in summary.layers]


def _compression(summary: Summary) -> str:
    return f"{summary.features:,} features in {summary.latent:,}, a ratio of {summary.compression:.3g}"


def _terms(terms: Mapping[str, float], validation: Mapping[str, float], spec: ModelSpec) -> list[dict[str, Any]]:
    return [
        {"term": name, "training": value, "held_out": validation.get(name), "unit": _unit(name, spec)}
        for name, value in terms.items()
    ]


def _errors(evaluation: Mapping[str, float], spec: ModelSpec) -> list[dict[str, Any]]:
    names = [*(name for name in METRICS if name in evaluation), *(name for name in evaluation if name not in METRICS)]
    return [{"measure": name, "value": evaluation[name], "unit": _unit(name, spec)} for name in names]


def _unit(name: str, spec: ModelSpec) -> str:
    """Unit of an error or of a term of the loss."""
    if name in METRICS:
        return METRICS[name].unit
    return spec.loss_unit


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _written(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _line(values: Mapping[str, Any]) -> None:
    typer.echo(json.dumps(_plain(values), allow_nan=False))


def _plain(value: Any) -> Any:
    """The value without the numbers that JSON has no way to write."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
