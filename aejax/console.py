"""Progress on a terminal."""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from aejax.training import Progress as TrainingProgress


def with_bar(steps: "Iterable[TrainingProgress]") -> "Iterator[TrainingProgress]":
    """The same items, with a bar that shows the epoch, the losses per example and the time left."""
    columns = TextColumn("epoch {task.fields[epoch]}"), BarColumn(), TextColumn("{task.fields[losses]}")
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn()) as bar:
        task = bar.add_task("", total=1.0, epoch=0, losses="")
        for item in steps:
            if item.layer is not None:
                bar.update(task, epoch=f"0, {item.layer}", losses=f"squared error {item.layer.error:.2f}")
                yield item
                continue
            losses = f"loss {item.loss:.2f}"
            if not math.isnan(item.throughput):
                losses += f", {item.throughput:,.0f} examples/s"
            if item.validation is not None:
                losses += f", held out {sum(item.validation.values()):.2f}"
            bar.update(
                task, completed=item.fraction, epoch=item.epoch, losses=f"{losses} {item.run.spec.likelihood.unit}"
            )
            yield item


@contextmanager
def with_download_bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A report for `load_data`, shown as a bar on standard error until the block ends."""
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(title), total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total)
