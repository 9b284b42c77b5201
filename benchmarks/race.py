"""aejax beside its peers, interleaved in one run: `python -m benchmarks.race`.

Each contestant is a process of its own, and one at a time has anything to do. Round by round all of them take their
turn, so that a machine whose speed drifts slows all alike. What comes of it is kept as JSON after each case, and
printed as a table of ratios.
"""

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.alone import MEASURES
from benchmarks.cases import CASES, SHORT, SIDE, Case
from benchmarks.field import CONTESTANTS, ROOT, AbsentError, Course, Runner
from benchmarks.ratios import report
from benchmarks.starts import starts

RESULTS = Path(__file__).parent / "results"
PEERS = ROOT / ".venv-peers" / "bin" / "python"
_SAMPLE, _HEADER = "train-images-idx3-ubyte.gz", 16
GPU_FACTOR = 5
"""How many times longer a round is on a GPU than on two processors, so that a clock can tell it."""
GPU_WIDTH = 4
"""How many times as wide the matrices are there, by whose products its limit is measured."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Race, keep and print."""
    told = _options().parse_args(arguments)
    precision = told.precision or ("tf32" if told.platform == "gpu" else "float32")
    course = Course(told.peers_python, told.platform, precision, told.undisturbed)
    names = told.cases.split(",") if told.cases else list(CASES if told.full else SHORT)
    field = [one for one in CONTESTANTS if told.platform in one.platforms]
    if told.contestants:
        field = [one for one in field if any(part in one.name for part in told.contestants.split(","))]
    record = begun(course, told.rounds)
    told.out.parent.mkdir(parents=True, exist_ok=True)
    runners = [Runner(contestant, course) for contestant in field]
    try:
        with tempfile.TemporaryDirectory() as folder:
            images = told.images or write_images(Path(folder))
            for name in names:
                case = CASES[name] if told.platform == "cpu" else CASES[name].lasting(GPU_FACTOR, GPU_WIDTH)
                say(f"{name}:")
                record["cases"][name] = raced(case, runners, images, told.rounds, told.seeds, record["contestants"])
                keep(record, told.out)
            for name, found in alone(course, images, told.full) if told.alone else ():
                say(f"{name}: {found.get('told', found)}")
                record["alone"][name] = found
                keep(record, told.out)
    finally:
        for runner in runners:
            runner.stop()
    print(report(record))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.race", description=__doc__)
    parser.add_argument("--out", type=Path, default=RESULTS / "latest.json", help="file for the record")
    parser.add_argument("--cases", help=f"some of {', '.join(CASES)}; the short set if none are given")
    parser.add_argument("--images", type=Path, help="npy file of images as bytes, 28 by 28; else MNIST's sample")
    parser.add_argument("--full", action="store_true", help="all cases")
    parser.add_argument("--rounds", type=int, default=5, help="timed rounds of each case")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each family whose losses are compared")
    parser.add_argument("--platform", choices=("cpu", "gpu"), default="cpu", help="where all of them compute")
    parser.add_argument("--precision", choices=("float32", "tf32"), help="of products; tf32 on a GPU by default")
    parser.add_argument("--peers-python", default=str(PEERS), help="interpreter that has the peers")
    parser.add_argument("--alone", action="store_true", help="measure imports, starts, memory and growth too")
    parser.add_argument("--undisturbed", action="store_true", help="time each before all other processes (Linux, root)")
    parser.add_argument("--contestants", help="those alone whose names have one of these parts in them")
    return parser


def say(text: str) -> None:
    """Tell whoever waits how far it is."""
    print(text, file=sys.stderr, flush=True)


def keep(record: dict[str, Any], path: Path) -> None:
    """Write the record, whole or not at all."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    beside.replace(path)


def begun(course: Course, rounds: int) -> dict[str, Any]:
    """A record with nothing raced yet."""
    machine = {"system": platform.system(), "processor": processor(), "cores": os.cpu_count()}
    about = {"date": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine}
    where = {"platform": course.platform, "precision": course.precision, "rounds": rounds}
    where |= {"undisturbed": course.is_first, "load": round(os.getloadavg()[0], 1)}
    return about | where | {"python": platform.python_version(), "contestants": {}, "cases": {}, "alone": {}}


def processor() -> str:
    """Name of the processor, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def write_images(folder: Path) -> Path:
    """A file of 60,000 images as bytes: the sample of MNIST in the package, six times over."""
    # Read here, so that a machine needs no more of aejax than what trains.
    held = gzip.decompress((ROOT / "aejax" / "data" / "assets" / "mnist-sample" / _SAMPLE).read_bytes())
    path = folder / "images.npy"
    np.save(path, np.tile(np.frombuffer(held, np.uint8, offset=_HEADER).reshape(-1, SIDE, SIDE), (6, 1, 1)))
    return path


def raced(
    case: Case, runners: Sequence[Runner], images: Path, rounds: int, seeds: int, contestants: dict[str, Any]
) -> dict[str, Any]:
    """One case by all who can: their seconds round by round, their losses, and why the others did not take part."""
    record: dict[str, Any] = {"case": case.told(), "flops": case.flops, "bytes": case.bytes}
    record |= {"times": {}, "losses": {}, "again": {}, "prepared": {}, "absent": {}}
    present: list[Runner] = []
    for runner in runners:
        name = runner.contestant.name
        try:
            if contestants.get(name, {}).get("versions") is None:
                contestants[name] = introduced(runner)
            told = runner.ask_first("prepare", case=case.told(), images=str(images), rounds=rounds, seed=0)
        except AbsentError as error:
            contestants.setdefault(name, {"family": runner.contestant.family, "absent": str(error)})
            record["absent"][name] = str(error)
            continue
        record["prepared"][name], record["times"][name] = told["seconds"], []
        present.append(runner)
    for number in range(rounds):
        # Another one begins each round, so that none always follows the same.
        turn = number % max(1, len(present))
        for runner in present[turn:] + present[:turn]:
            _take(runner, record)
    for runner in present:
        _finish(runner, record)
    if case.task == "train":
        _learn_again(case, present, images, record, seeds)
    return record


def alone(course: Course, images: Path, full: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is measured of aejax by itself, by name: the short set has imports and starts."""
    first = ["chrt", "-r", "1"] if course.is_first else []
    for name in MEASURES if full else ("import",):
        command = [*first, sys.executable, "-m", "benchmarks.alone", name]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=course.environment(CONTESTANTS[0]))
        said = done.stderr.strip().splitlines()
        yield name, json.loads(done.stdout) if done.returncode == 0 else {"absent": said[-1][:300] if said else "ended"}
    if course.platform == "cpu":
        yield from starts(course, images).items()


def introduced(runner: Runner) -> dict[str, Any]:
    """What a contestant says of itself."""
    return {"family": runner.contestant.family} | runner.ask_first("about")


def _take(runner: Runner, record: dict[str, Any]) -> None:
    name = runner.contestant.name
    if name in record["absent"]:
        return
    try:
        record["times"][name].append(runner.ask_first("round")["seconds"])
    except AbsentError as error:
        record["absent"][name] = str(error)
        del record["times"][name]


def _finish(runner: Runner, record: dict[str, Any]) -> None:
    name = runner.contestant.name
    if name in record["absent"]:
        return
    try:
        record["losses"][name] = runner.ask("loss")["loss"]
        runner.ask("drop")
    except AbsentError as error:
        record["absent"][name] = str(error)
    say(f"  {name}: least {min(record['times'][name]):.3f} s, loss {record['losses'].get(name)}")


def _learn_again(case: Case, runners: Sequence[Runner], images: Path, record: dict[str, Any], seeds: int) -> None:
    """The losses of further seeds, by one mode of each family: what a mode computes is the same, but for rounding."""
    quickest: dict[str, Runner] = {}
    for runner in sorted(runners, key=lambda one: record["prepared"][one.contestant.name]):
        if record["losses"].get(runner.contestant.name) is not None:
            quickest.setdefault(runner.contestant.family, runner)
    rounds = len(record["times"][next(iter(record["times"]))])
    for family, runner in quickest.items():
        losses = [record["losses"][runner.contestant.name]]
        try:
            for seed in range(1, seeds):
                runner.ask_first("prepare", case=case.told(), images=str(images), rounds=rounds, seed=seed)
                for _ in range(rounds):
                    runner.ask_first("round")
                losses.append(runner.ask("loss")["loss"])
            runner.ask("drop")
        except AbsentError as error:
            say(f"  {runner.contestant.name}: {error}")
        record["again"][family] = losses


if __name__ == "__main__":
    main()
