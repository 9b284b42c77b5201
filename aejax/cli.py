"""The command `aejax`: each subcommand reads its options, calls the core and says what came of it."""

import gc
import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from aejax import bringing, train_command
from aejax.place import compiled_folder, keeping_compiled, workspace_folder
from aejax.sweep import command
from aejax.train_command import DataName, Failed, Json, loaded

# What a command needs is imported when it runs: JAX takes a second, and --help should not.
app = typer.Typer(add_completion=False, rich_markup_mode=None)

# typer takes it from click, or from a copy of its own.
_UsageError: type[Exception] = typer.BadParameter.__bases__[0]


class SplitName(StrEnum):
    """A data set's two parts."""

    train = "train"
    test = "test"


def _print_version(wanted: bool) -> bool:
    from aejax import __version__

    if wanted:
        typer.echo(f"aejax {__version__}")
        raise typer.Exit
    return wanted


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A laboratory for autoencoders: train them, see their codes, move through the latent space.

    \b
    aejax app                                   the laboratory, in the browser
    aejax zoo                                   the named autoencoders
    aejax datasets                              the data sets
    aejax bring digits.zip                      one more, of your own
    aejax train map --out runs/map              train one on a sample of MNIST
    aejax resume runs/map                       go on with it, if it was stopped or killed
    aejax sweep ladder.yaml                     many runs, and what came of them
    aejax show runs/map                         its layers, its history, its errors
    aejax embed runs/map --out codes.parquet    its codes, as a table
    aejax export runs/map --as html             a page that needs no network; onnx, run, codes ...
    aejax measure runs/map --beside pca         its metrics, beside a baseline's

    Exit status: 0 done, 1 failed (such as a loss that diverged), 2 something in the command is not as it must be,
    130 stopped with Ctrl-C. Every error is one sentence on standard error.
    """  # noqa: D301
    for name, value in keeping_compiled(compiled_folder(workspace_folder())).items():
        os.environ.setdefault(name, value)


@app.command("app")
def app_(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port; the first free one from 8501.")] = None,
    address: Annotated[str | None, typer.Option(help="Address to listen on; this machine alone.")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Start the laboratory in the browser.

    \b
    aejax app
    aejax app --port 8600 --no-browser
    """  # noqa: D301
    from aejax import launch

    raise typer.Exit(launch.run(port, address, None if browser else True))


app.command()(train_command.train)
app.command()(train_command.resume)


@app.command()
def embed(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run that `aejax train --out` wrote.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Parquet file to write.")],
    data: DataName = "mnist-sample",
    split: Annotated[SplitName, typer.Option(help="Which examples.")] = SplitName.test,
) -> None:
    """Write the code of every example to a Parquet file: row, label, label_name, z0, z1 ...

    \b
    aejax embed runs/map --out codes.parquet
    aejax embed runs/map --data mnist --split train --out codes.parquet
    """  # noqa: D301
    from aejax.exports import Taken, exported
    from aejax.run import load_run
    from aejax.settings import SpecError
    from aejax.taking import write_files

    if out.suffix != ".parquet":
        raise SpecError(f"--out must end in .parquet; got {out.name!r}")
    taken = Taken(folder, load_run(folder), loaded(data), split.value)
    write_files({out: exported(taken, "codes")[".parquet"]})
    typer.echo(f"{len(taken.examples)} codes of {taken.run.latent} coordinates in {out}")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run that `aejax train --out` wrote.")],
    form: Annotated[
        str, typer.Option("--as", metavar="FORM", help="run, codes, html, onnx, atlas, projector or tensorboard.")
    ],
    out: Annotated[Path | None, typer.Option(metavar="STEM", help="Files' names without endings.")] = None,
    data: DataName = "",
    split: Annotated[SplitName, typer.Option(help="Which examples.")] = SplitName.test,
) -> None:
    """Take a run away in another form.

    \b
    aejax export runs/map --as run          one file, for `aejax import`
    aejax export runs/map --as html         map and decoder on a page that needs no network
    aejax export runs/map --as onnx         encoder and decoder, each checked against the run
    aejax export runs/map --as codes        Parquet: row, label, label_name, z0, z1 ...
    aejax export runs/map --as atlas        for `embedding-atlas STEM.atlas.parquet --x projection_x --y projection_y`
    aejax export runs/map --as projector    TSV and pictures for TensorBoard's projector
    aejax export runs/map --as tensorboard  the course of its loss

    Without --data it is the data set that the run was trained on.
    """  # noqa: D301
    from aejax.exports import Taken, exported
    from aejax.run import load_run
    from aejax.taking import trained_on, write_files

    taken = Taken(folder, load_run(folder), loaded(data or trained_on(folder)), split.value)
    stem = out or Path(folder.resolve().name)
    files = {stem.with_name(stem.name + ending): found for ending, found in exported(taken, form).items()}
    write_files(files)
    for path, found in files.items():
        typer.echo(f"{path}: {len(found):,} bytes")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `aejax export --as run` wrote.")],
) -> None:
    """Take a run in, from a file that anyone may have made: it is read as data, checked, and never run.

    \b
    aejax import map.aejax.safetensors
    """  # noqa: D301
    from aejax.folder import Workspace
    from aejax.shared import imported

    folder = imported(file, Workspace())
    typer.echo(f"Run {folder.id} is in {folder.path}; the laboratory shows it on its Runs page.")


@app.command()
def datasets(json: Json = False) -> None:
    """List the data sets: what they hold, where they are, and under which licence."""
    from aejax import report
    from aejax.data import sources

    report.table([report.dataset_row(name, source) for name, source in sources().items()], json)


app.command()(bringing.bring)


app.command()(command.sweep)


@app.command()
def zoo(json: Json = False) -> None:
    """List the named autoencoders, each a sentence of parts, with its training recipe and its source."""
    from aejax import report
    from aejax.zoo import ZOO

    report.table([report.zoo_row(name, entry) for name, entry in ZOO.items()], json)


@app.command()
def show(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run that `aejax train --out` wrote.")],
    data: Annotated[
        str | None, typer.Option("--data", metavar="D", help="Also measure the run on this data set's test examples.")
    ] = None,
    json: Json = False,
) -> None:
    """Show a run: its sentence, its layers, its last epoch, and its errors on a data set.

    \b
    aejax show runs/map
    aejax show runs/map --data mnist-sample
    """  # noqa: D301
    from aejax import report
    from aejax.run import load_run

    run = load_run(folder)
    known = None if data is None else loaded(data)
    found = None if known is None else run.evaluate(known.x_test, labels=run.spec.told(known.y_test))
    report.run(run, found, json)


@app.command()
def measure(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR ...", help="Runs that `aejax train --out` wrote.")],
    data: DataName = "mnist-sample",
    beside: Annotated[
        list[str] | None, typer.Option("--beside", metavar="B", help="Also a baseline, such as pca; may be repeated.")
    ] = None,
    split: Annotated[SplitName, typer.Option("--split", help="Which examples are measured.")] = SplitName.test,
    json: Json = False,
) -> None:
    """Measure runs on a data set, side by side with baselines: errors, ranks, labels, distances, units.

    \b
    aejax measure runs/map --data mnist-sample
    aejax measure runs/map runs/deep --data mnist-sample --beside pca --beside umap
    """  # noqa: D301
    from aejax import report
    from aejax.beside import measured_rows
    from aejax.run import load_run

    runs = {str(folder): load_run(folder) for folder in folders}
    report.table(measured_rows(runs, beside or [], loaded(data), split.value), json)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; every error is one sentence on standard error."""
    # Imports and compilation make many objects and no garbage; looking for it took a tenth of a short command's time.
    gc.set_threshold(50_000)
    command = typer.main.get_command(app)
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        status: Any = command.main(arguments or ["--help"], prog_name="aejax", standalone_mode=False)
    except Failed as failed:
        return _failed(failed, failed.status)
    except typer.Abort:
        return _failed("stopped", 130)
    except _UsageError as error:
        return _failed(error.format_message(), 2)  # type: ignore[attr-defined]
    except Exception as error:  # noqa: BLE001 - it is reported, in a sentence
        return _failed(*_explained(error))
    return _failed("stopped", 130) if status == 130 else int(status or 0)


def _explained(error: Exception) -> tuple[str, int]:
    """What to say of an error, and with which exit status to end."""
    from aejax import DataError, DivergedError, DownloadError, SpecError, StoreError

    if isinstance(error, (DataError, SpecError, StoreError)):
        return str(error), 2
    if isinstance(error, (DivergedError, DownloadError)):
        return str(error), 1
    return f"failed with {type(error).__name__}: {error}", 1


def _failed(sentence: object, status: int) -> int:
    print(f"aejax: {' '.join(str(sentence).split())}", file=sys.stderr)
    return status
