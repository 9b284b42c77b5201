"""What is measured of aejax by itself, each in a process of its own: `python -m benchmarks.alone NAME`.

Imports, memory, growth with the data and the model, and sixteen models at once. Each prints one line of JSON.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import CASES, Case, Net

Found = dict[str, Any]
"""`told` in words, the `values`, the `aim` in words and whether it `holds`."""

TIMES = 3


def imports() -> Found:
    """Seconds that `import aejax` takes, and whether JAX comes with it."""
    asked = "import sys, time; began = time.perf_counter(); import aejax; print(time.perf_counter() - began)"
    told = [_printed(f"{asked}; print('jax' in sys.modules)") for _ in range(5)]
    seconds, brings_jax = min(float(one[0]) for one in told), told[0][1] == "True"
    whole = min(float(_printed(f"{asked}; aejax.fit; print(time.perf_counter() - began)")[1]) for _ in range(TIMES))
    words = f"{seconds:.2f} s, JAX {'with it' if brings_jax else 'only when needed'}; with `aejax.fit` {whole:.2f} s"
    values = {"import": seconds, "import with fit": whole}
    return _found(words, values, "under 1.5 s, JAX only when needed", seconds < 1.5 and not brings_jax)


def memory() -> Found:
    """Megabytes at the peak of a training on 60,000 images of 784 pixels, beyond what the imports take."""
    import jax

    from benchmarks.contestants.aejax_ import trainer_of

    jax.block_until_ready(jax.numpy.zeros(8) + 1)
    x = np.random.default_rng(0).integers(0, 256, (60_000, 28, 28), np.uint8)
    imported = _resident() - x.nbytes / 1e6
    most, stop = [0.0], threading.Event()

    def watch() -> None:
        while not stop.wait(0.005):
            most[0] = max(most[0], _resident())

    watcher = threading.Thread(target=watch)
    watcher.start()
    trainer = trainer_of(CASES["deep-256"], x, 1)
    trainer.advance(trainer.per_epoch)
    trainer.close_epoch()
    stop.set()
    watcher.join()
    beyond = most[0] - imported
    words = f"{beyond:.0f} MB beyond the {imported:.0f} MB of the imports, the images themselves counted"
    return _found(words, {"beyond": beyond, "imports": imported}, "under 600 MB", beyond < 600)


def _resident() -> float:
    """Megabytes of this process in memory."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1e3


def growth() -> Found:
    """How the time of an epoch grows with the number of images, the width and the size of the code."""
    images = CASES["deep-256"].net
    courses: dict[str, Iterable[tuple[float, Case]]] = {
        "images": [(n, Case("n", net=images, batch=256, images=n)) for n in (7_680, 15_360, 30_720, 61_440)],
        "width": [(w, Case("width", net=Net(widths=(w,)), batch=256, images=5_120)) for w in (128, 256, 512, 1024)],
        "code": [(d, Case("code", net=Net(latent=d), batch=256, images=5_120)) for d in (32, 128, 512)],
    }
    exponents = {name: _exponent([(size, _epoch(case)) for size, case in course]) for name, course in courses.items()}
    words = ", ".join(f"{name} {exponent:.2f}" for name, exponent in exponents.items())
    held = all(exponent <= 1.1 for exponent in exponents.values())
    return _found(f"seconds grow as the power of: {words}", exponents, "at most linear (1.1)", held)


def _epoch(case: Case) -> float:
    """Seconds of the fastest of some epochs."""
    from benchmarks.contestants.aejax_ import trainer_of

    x = np.random.default_rng(0).integers(0, 256, (case.used, 28, 28), np.uint8)
    trainer = trainer_of(case, x, TIMES + 1)
    trainer.advance(trainer.per_epoch)
    return min(_seconds(lambda: trainer.advance(trainer.per_epoch)) for _ in range(TIMES))


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _exponent(points: list[tuple[float, float]]) -> float:
    """Slope of the logarithm of seconds over that of sizes."""
    sizes, seconds = np.log(np.array(points)).T
    return float(np.polyfit(sizes, seconds, 1)[0])


def sixteen() -> Found:
    """How much more sixteen models of one form learn at once than one after another."""
    import jax

    import aejax
    from benchmarks.contestants.aejax_ import spec_of

    x = np.random.default_rng(0).integers(0, 256, (4_096, 28, 28), np.uint8)
    spec = spec_of(CASES["simple-64"].net)
    train = aejax.TrainSpec(epochs=2, batch_size=64)
    seconds: dict[str, list[float]] = {"together": [], "in turn": []}
    for _ in range(TIMES):
        for mode, times in seconds.items():
            many = aejax.fit_many(spec, train, x, sweep={"seed": range(16)}, mode=mode, metrics=())  # type: ignore[arg-type]
            times.append(sum(each.seconds for each in many.fitted))
    # The first time of each has its compilation in it.
    ratio = min(seconds["in turn"][1:]) / min(seconds["together"][1:])
    aim = 8.0 if jax.default_backend() == "gpu" else 3.0
    words = f"{ratio:.2f} times as fast at once as in turn, 16 of `simple` with a code of 64, batch 64"
    return _found(words, {"ratio": ratio}, f"at least {aim:g}", ratio >= aim)


def _found(words: str, values: dict[str, float], aim: str, holds: bool) -> Found:
    return {"told": words, "values": values, "aim": aim, "holds": bool(holds)}


def _printed(program: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return done.stdout.split()


MEASURES = {"import": imports, "memory": memory, "growth": growth, "sixteen": sixteen}

if __name__ == "__main__":
    print(json.dumps(MEASURES[sys.argv[1]]()))
