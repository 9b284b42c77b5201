"""The course of a training as TensorBoard reads it: an event file of scalars over steps, at the times they were had."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from aejax.run import Run
from aejax.settings import SpecError


def event_file(run: Run, begun: str) -> bytes:
    """The event file of a run: each term of the loss, in nats per example, and each held-out one, an epoch at a time.

    Args:
        run: What was trained.
        begun: When, as ISO 8601.

    Raises:
        SpecError: If tensorboardX is missing.
    """
    try:
        from tensorboardX import SummaryWriter
    except ImportError as error:
        raise SpecError(f'TensorBoard\'s files need {error.name}: pip install "aejax[export]"') from error
    start = datetime.fromisoformat(begun).timestamp()
    with tempfile.TemporaryDirectory() as place:
        with SummaryWriter(place) as writer:
            for name, told in (
                ("model", str(run.spec)),
                ("spec", run.spec.model_dump_json()),
                ("train", run.train.model_dump_json()),
            ):
                writer.add_text(name, f"    {told}", walltime=start)  # indented: shown as it is written
            for name, value, step, seconds in _scalars(run):
                writer.add_scalar(name, value, step, walltime=start + seconds)
        (file,) = Path(place).iterdir()
        return file.read_bytes()


def _scalars(run: Run) -> Iterator[tuple[str, float, int, float]]:
    """Name, value, step and seconds since the start of all that was told."""
    for number, layer in enumerate(run.pretraining):
        yield f"pretraining/layer-{layer.layer}", layer.error, number, layer.seconds
    for epoch in run.history:
        held_out = epoch.validation or {}
        yield "loss/training", epoch.loss, epoch.step, epoch.seconds
        if held_out:
            yield "loss/held-out", sum(held_out.values()), epoch.step, epoch.seconds
        for kind, terms in (("training", epoch.terms), ("held-out", held_out)):
            for name, value in terms.items():
                yield f"{name}/{kind}", value, epoch.step, epoch.seconds
