"""Progress on a terminal."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from aejax.training import Progress as TrainingProgress


def with_bar(steps: "Iterable[TrainingProgress]") -> "Iterator[TrainingProgress]":
    """The same items, with a bar that shows the epoch, the losses in nats per example and the time left."""
    columns = TextColumn("epoch {task.fields[epoch]}"), BarColumn(), TextColumn("{task.fields[losses]}")
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("", total=1.0, epoch=0, losses="")
        for item in steps:
            losses = f"loss {item.loss:.2f}"
            if item.validation is not None:
                losses += f", held out {sum(item.validation.values()):.2f}"
            bar.update(task, completed=item.fraction, epoch=item.epoch, losses=f"{losses} nats")
            yield item
