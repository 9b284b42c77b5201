"""How long a workspace of a thousand runs takes to be listed and filtered: `python -m benchmarks.runs`."""

import json
import shutil
import tempfile
import time
from pathlib import Path

from aejax.folder import Workspace
from aejax.jobs import Jobs
from aejax.ui.run_table import columns, filtered, rows

GOLDEN = Path(__file__).parents[1] / "tests" / "golden" / "schema-1"
RUNS = 1000


def fill(place: Path, runs: int = RUNS) -> None:
    """Put so many runs into a workspace, of several models."""
    document = json.loads((GOLDEN / "run.json").read_text())
    document["last"] = json.loads((GOLDEN / "history.jsonl").read_text().splitlines()[-1])
    for number in range(runs):
        folder = place / "runs" / f"20261126-00{number // 60:02d}{number % 60:02d}-0123abcd"
        shutil.copytree(GOLDEN, folder)
        document["spec"]["encoder"]["widths"] = [2 + number % 60]
        document["train"]["seed"] = number
        (folder / "run.json").write_text(json.dumps(document))
        (folder / "remarks.json").write_text(
            json.dumps({"name": f"run {number}", "tags": ["odd" if number % 2 else "even"]})
        )


def main() -> None:
    """Time the first list, the next one, and a filter, each to the columns that are drawn."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder))
        jobs = Jobs(Workspace(Path(folder)), limit=1)
        for what, text in (("first list", ""), ("next list", ""), ("filtered", "run 77 even")):
            began = time.perf_counter()
            table = columns(filtered(rows(jobs.runs()), text))
            print(f"{what}: {len(table['Run'])} of {RUNS} runs in {time.perf_counter() - began:.3f} s")
        jobs.close()


if __name__ == "__main__":
    main()
