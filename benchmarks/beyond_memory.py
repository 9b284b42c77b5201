"""Examples a second, and memory, of training on a file of many gigabytes, beside a training held in memory.

Three processes, one after another: one that holds as much of the file as `--held` says, which is the pace of memory;
one that streams the whole file from the disk, its pages dropped from the system's cache before; and one that streams it
when the cache holds what fits. Each trains for `--seconds` after its first shards. `--whole` goes through a whole epoch
too.

Memory is the process's own (RssAnon): what the system would have to keep. Pages of the mapped file count as resident
too (RssFile) for as long as nobody else wants the room, and are told apart.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np

import aejax
from benchmarks.streaming import BATCH, MODELS, SIDE

_ROWS_AT_ONCE = 50_000
_SECONDS_TO_START = 8.0


def main() -> None:
    """Measure, and print one line a way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=10.0, help="size of the file")
    parser.add_argument("--held", type=float, default=800.0, help="megabytes that are held in memory")
    parser.add_argument("--device", type=float, default=200.0, help="megabytes that may be on the device")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each way is timed")
    parser.add_argument("--model", choices=MODELS, default="deep", help="what is trained")
    parser.add_argument("--through", default="", help="what to start each timed process with, such as 'chrt -r 1'")
    parser.add_argument("--whole", action="store_true", help="also go through a whole epoch")
    parser.add_argument("--one", nargs=4, metavar=("FILE", "MODEL", "MEGABYTES", "SECONDS"), help=argparse.SUPPRESS)
    parser.add_argument("--rows", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        path, model, most, seconds = given.one
        print(json.dumps(trained(Path(path), given.rows, model, float(most), float(seconds))))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npy"
        written(path, int(given.gigabytes * 1e9) // SIDE**2)
        compared(path, given)


def compared(path: Path, given: argparse.Namespace) -> None:
    """Each way in turn, in a line each."""
    rows = int(given.held * 1e6) // SIDE**2
    count = int(given.gigabytes * 1e9) // SIDE**2
    ways = [("held", rows, 2 * given.held, given.seconds), ("cold", count, given.device, given.seconds)]
    ways += [("warm", count, given.device, given.seconds)] + [("whole", count, given.device, 1e9)] * given.whole
    paces: dict[str, float] = {}
    for name, number, most, seconds in ways:
        forgotten(path) if name == "cold" else read(path)
        command = [*given.through.split(), sys.executable, "-m", "benchmarks.beyond_memory", "--rows", str(number)]
        told = [*command, "--one", str(path), given.model, str(most), str(seconds)]
        found = json.loads(subprocess.run(told, check=True, stdout=subprocess.PIPE).stdout)
        paces[name] = found["pace"]
        print(
            f"{name}: {found['examples']:,.0f} of {number:,} examples, {found['pace']:,.0f} a second "
            f"({found['pace'] / paces['held']:.2f} of held), {found['read']:,.0f} MB from the disk; own memory at most "
            f"{found['own']:,.0f} MB, of which {found['start']:,.0f} MB before the first example; pages of files "
            f"{found['pages']:,.0f} MB",
            flush=True,
        )


def written(path: Path, count: int) -> None:
    """A file of images of digits, each moved, some rows at a time."""
    digits = aejax.load_data("mnist-sample").x_train
    chosen = np.random.default_rng(0).integers(len(digits), size=_ROWS_AT_ONCE)
    images = np.lib.format.open_memmap(path, "w+", np.uint8, (count, SIDE, SIDE))
    images.flush()
    with path.open("r+b") as file:
        file.seek(images.offset)
        for start in range(0, count, _ROWS_AT_ONCE):
            moved = np.roll(digits[chosen], (start // _ROWS_AT_ONCE) % 11, axis=2)
            file.write(moved[: count - start].tobytes())
        file.flush()
        os.fsync(file.fileno())


def forgotten(path: Path) -> None:
    """Drop the file's pages from the system's cache."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read(path: Path) -> None:
    """Have the system's cache hold the file, as far as there is room."""
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def trained(path: Path, rows: int, model: str, megabytes: float, seconds: float) -> dict[str, float]:
    """Train for so many seconds after the first ones, or for one epoch."""
    before = status()["RssAnon"]
    train = aejax.TrainSpec(epochs=1, batch_size=BATCH, device_megabytes=megabytes)
    stop, most = threading.Event(), {"RssAnon": 0.0, "RssFile": 0.0}

    def watch() -> None:
        while not stop.wait(0.05):
            now = status()
            most.update({name: max(value, now[name]) for name, value in most.items()})

    watcher = threading.Thread(target=watch)
    watcher.start()
    # One epoch of the held set may be over too soon; and steps are few enough to begin and end on time.
    train = train.replace(epochs=100) if seconds < 1e6 else train
    first = None
    for item in aejax.fit(MODELS[model], train, np.load(path, mmap_mode="r")[:rows], every=0.5):
        if first is None and item.seconds > _SECONDS_TO_START:
            first, fetched = (item.step, item.seconds), fetched_bytes()
        if first is not None and item.seconds - first[1] > seconds:
            break
    stop.set()
    watcher.join()
    examples = (item.step - first[0]) * BATCH
    return {
        "examples": examples,
        "pace": examples / (item.seconds - first[1]),
        "read": (fetched_bytes() - fetched) / 1e6,
        "own": most["RssAnon"],
        "start": before,
        "pages": most["RssFile"],
    }


def status() -> dict[str, float]:
    """Megabytes of this process that are its own, and that are pages of files, which can be dropped at any time."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return {line.split(":")[0]: int(line.split()[1]) / 1e3 for line in lines if line.startswith(("RssAnon", "RssFile"))}


def fetched_bytes() -> int:
    """Bytes that this process has had fetched from a disk."""
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


if __name__ == "__main__":
    main()
