"""The command `aejax bring`: a data set of one's own, read, told and kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from aejax.data.upload.reading import Reading

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, and nothing else.")]


def bring(
    place: Annotated[str, typer.Argument(metavar="PLACE", help="A file, a folder, or a name where --from says whose.")],
    way: Annotated[
        str, typer.Option("--from", metavar="WAY", help="Where it is: folder, scikit-learn, openml, hugging-face.")
    ] = "folder",
    title: Annotated[str | None, typer.Option("--title", help="Its name for people; else the place's.")] = None,
    assignments: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a line of the plan.")
    ] = None,
    source: Annotated[str, typer.Option(help="Where the data come from, to be shown with them.")] = "",
    licence: Annotated[str, typer.Option(help="Under which terms they may be used, likewise.")] = "",
    json: _Json = False,
) -> None:
    """Read a data set of one's own, say what becomes of it, and keep it for every page and command.

    \b
    aejax bring digits.zip --title "My digits" --licence "CC BY 4.0"
    aejax bring photographs/ --set height=32 --set width=48 --set colour=rgb
    aejax bring walks.csv --set kind=sequence --set series=walk --set time=when
    aejax bring wine --from scikit-learn
    aejax bring iris@1 --from openml

    It is read within the limits of uploads, AEJAX_LIMIT_... in the environment.
    """  # noqa: D301
    from aejax import report
    from aejax.arrays import DataError
    from aejax.data import shelf
    from aejax.data.upload.limits import limits_here
    from aejax.data.upload.origins import Origin
    from aejax.data.upload.plan import Plan
    from aejax.data.upload.reading import Reading, Upload
    from aejax.overrides import assigned

    plan, limits = assigned(Plan(), assignments or ()), limits_here()
    name = str(Path(place).expanduser().absolute()) if way == "folder" else place
    upload = Upload(origin=Origin(kind=way, name=name))
    try:
        outcome = _awaited(Reading(upload, plan, limits))
        if outcome.folder is None:
            raise DataError(f"{place}: {str(outcome.error).removesuffix('.')}")
        about = shelf.read_document(outcome.folder)["about"]
        kept = shelf.keep(outcome.folder, title or Path(place).stem or place, source, licence)
    finally:
        upload.forget()
    if not json:
        typer.echo("".join(f"- {note}.\n" for note in [*about["warnings"], *about["plan"]]), nl=False)
    report.table([report.dataset_row(kept, shelf.sources()[kept])], json)


def _awaited(reading: "Reading") -> Any:
    """What came of a reading, which ends with whoever waits for it."""
    try:
        return reading.wait()
    finally:
        reading.stop()
