"""The short set: print one table and keep it as JSON beside this file."""

import json
import os
import platform
from datetime import date
from pathlib import Path

import jax

from benchmarks.throughput import measure

RESULTS = Path(__file__).parent / "results.json"


def main() -> None:
    """Run the short set."""
    rows = []
    for row in measure():
        rows.append(row)
        print("; ".join(f"{name} {value:.3g}" if isinstance(value, float) else value for name, value in row.items()))
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    about = {"date": date.today().isoformat(), "machine": machine, "jax": jax.__version__}
    RESULTS.write_text(json.dumps(about | {"throughput": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
