"""Examples a second of a set four times larger than the device may hold, beside the same set held on it.

Each way is a process of its own, whose memory is sampled while it trains; rounds are interleaved, for a machine's speed
drifts. The file is written once, into TMPDIR. `--records` also times Grain on the same file, record by record and block
by block, where it is installed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import aejax

SIDE, BATCH = 28, 128
MODELS = {"deep": aejax.zoo["deep"].spec, "linear": aejax.zoo["linear"].spec.replace(latent=2)}
_ROWS_AT_ONCE = 10_000


def main() -> None:
    """Measure, and print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--megabytes", type=float, default=100.0, help="what the device may hold; the set is 4 times it"
    )
    parser.add_argument("--rounds", type=int, default=3, help="times that each way is measured")
    parser.add_argument("--records", action="store_true", help="time Grain as well")
    parser.add_argument("--one", nargs=3, metavar=("FILE", "MODEL", "MEGABYTES"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(trained(Path(arguments.one[0]), arguments.one[1], float(arguments.one[2]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npy"
        written(path, int(4e6 * arguments.megabytes) // SIDE**2)
        for model in MODELS:
            print(compared(path, model, arguments.megabytes, arguments.rounds), flush=True)
        for name, read in readers(path, arguments.records).items():
            print(f"{name}: {read():,.0f} examples a second, read and put on the device alone", flush=True)


def written(path: Path, count: int) -> None:
    """A file of images of digits, each moved, some rows at a time."""
    digits = aejax.load_data("mnist-sample").x_train
    random = np.random.default_rng(0)
    images = np.lib.format.open_memmap(path, "w+", np.uint8, (count, SIDE, SIDE))
    for start in range(0, count, _ROWS_AT_ONCE):
        size = min(_ROWS_AT_ONCE, count - start)
        images[start : start + size] = np.roll(digits[random.integers(len(digits), size=size)], start % 7, axis=2)
    images.flush()


def compared(path: Path, model: str, megabytes: float, rounds: int) -> str:
    """Both ways in turn, so many rounds, in a line."""
    ways: dict[str, list[dict[str, float]]] = {"held": [], "streamed": []}
    for _ in range(rounds):
        for way, most in (("held", 8 * megabytes), ("streamed", megabytes)):
            command = [sys.executable, "-m", "benchmarks.streaming", "--one", str(path), model, str(most)]
            ways[way].append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    told = {
        way: f"{statistics.median(r['pace'] for r in found):,.0f} examples/s, "
        f"{max(r['memory'] for r in found):,.0f} MB beyond the start"
        for way, found in ways.items()
    }
    ratios = {
        name: statistics.median(
            one[name] / other[name] for one, other in zip(ways["streamed"], ways["held"], strict=True)
        )
        for name in ("pace", "work")
    }
    ratio = f"ratio {ratios['pace']:.2f} by the clock, {ratios['work']:.2f} by the processor's time"
    return f"{model}, {4 * megabytes:,.0f} MB: held {told['held']}; streamed {told['streamed']}; {ratio}"


def trained(path: Path, model: str, megabytes: float) -> dict[str, float]:
    """Two epochs: the pace of the second one, and by how much memory of the process's own grew at most."""
    train = aejax.TrainSpec(epochs=2, batch_size=BATCH, device_megabytes=megabytes)
    # Whatever JAX itself takes is taken before.
    aejax.train(MODELS[model], train.replace(epochs=1), np.load(path, mmap_mode="r")[:1000])
    before, stop, most = own_memory(), threading.Event(), [0.0]

    def watch() -> None:
        while not stop.wait(0.02):
            most[0] = max(most[0], own_memory() - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    # The processor's time hardly knows what else the machine is doing.
    moments = [(item.step, item.seconds, time.process_time()) for item in aejax.fit(MODELS[model], train, path)]
    stop.set()
    watcher.join()
    (first, began, idle), (last, ended, busy) = moments
    examples = (last - first) * BATCH
    return {"pace": examples / (ended - began), "work": examples / (busy - idle), "memory": most[0]}


def own_memory() -> float:
    """Megabytes of this process that are not pages of files, which the system can drop at any time."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1e3


def readers(path: Path, has_grain: bool) -> dict[str, Callable[[], float]]:
    """Ways to read the file in random order, by name."""
    found: dict[str, Callable[[], float]] = {"shards of shuffled blocks": lambda: pace(shards(path))}
    if has_grain and find_spec("grain"):
        found["Grain, a record at a time"] = lambda: pace(grain_batches(path, 1), 20_000)
        found["Grain, blocks of 256 rows"] = lambda: pace(grain_batches(path, 256))
    return found


def pace(batches: Iterator[int], most: int = 10**9) -> float:
    """Examples a second."""
    began, done = time.perf_counter(), 0
    for size in batches:
        done += size
        if done >= most:
            break
    return done / (time.perf_counter() - began)


def shards(path: Path) -> Iterator[int]:
    """The sizes of an epoch's shards, once they are on the device."""
    import jax

    from aejax.loop import Examined
    from aejax.shards import Streamed

    rows = np.load(path, mmap_mode="r")
    supply, step = Streamed(rows, Examined(rows[:0]), BATCH, rows.nbytes / 4, lambda x: None), 0
    while step < supply.per_epoch:
        shard = supply.at(jax.random.key(0), step, supply.per_epoch)
        jax.block_until_ready(shard.data.x)
        step = shard.last
        yield shard.examples


def grain_batches(path: Path, block: int) -> Iterator[int]:
    """The sizes of an epoch's batches, as Grain gives them: shuffled records, or shuffled blocks of rows."""
    import grain
    import jax

    rows = np.load(path, mmap_mode="r")

    class Blocks:
        def __len__(self) -> int:
            return len(rows) // block

        def __getitem__(self, number: int) -> np.ndarray:
            return rows[block * number : block * (number + 1)]

    records = grain.MapDataset.source(Blocks()).seed(0).shuffle()
    for batch in records.batch(BATCH if block == 1 else 4).to_iter_dataset():
        x = jax.device_put(batch.reshape(-1, *rows.shape[1:]))
        jax.block_until_ready(x)
        yield len(x)


if __name__ == "__main__":
    main()
