"""Examples a second of one process, of one with two devices, and of two processes that train as one.

On one machine with two processors there is no speed to be won, only the price to be seen: what a step's sum over
processes costs, by size of model and batch. `--through 'chrt -r 1'` starts each process with that.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

# Widths of the encoder, and examples in each step.
CASES = [((128, 64), 128), ((128, 64), 1024), ((1024, 512), 1024)]
EPOCHS = 4


def main() -> None:
    """Measure, and print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--through", default="", help="what to start each process with")
    through = parser.parse_args().through.split()
    for widths, batch in CASES:
        words = [*through, sys.executable, "-m", "aejax", "train", "deep", "--json", "--set", f"train.epochs={EPOCHS}"]
        words += ["--set", f"spec.encoder.widths={','.join(map(str, widths))}", "--set", f"train.batch_size={batch}"]
        for name, processes, devices in (("one device", 1, 1), ("two devices", 1, 2), ("two processes", 2, 1)):
            print(f"{widths}, batch {batch}, {name}: {told(words, processes, devices)}", flush=True)


def told(words: list[str], processes: int, devices: int) -> str:
    """The pace of all epochs but the first, and the time of a step."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{found.getsockname()[1]}"
        found.close()
        words = [*words, "--out", str(Path(folder) / "run"), "--distributed", "--processes", str(processes)]
        environment = os.environ | {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"}
        started = [
            subprocess.Popen(
                [*words, *(["--process", str(number), "--coordinator", where] if processes > 1 else [])],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(processes)
        ]
        output = [process.communicate()[0] for process in started]
        size = max(file.stat().st_size for file in (Path(folder) / "run").glob("checkpoint-*"))
    events = [json.loads(line) for line in output[0].splitlines()]
    start, epochs = events[0], [event for event in events if event["event"] == "epoch"]
    steps = epochs[-1]["step"] - epochs[0]["step"]
    seconds = epochs[-1]["seconds"] - epochs[0]["seconds"]
    pace = steps * start["train"]["batch_size"] / seconds
    return f"{pace:,.0f} examples/s, {1e3 * seconds / steps:.2f} ms a step; a checkpoint has {size / 1e6:.1f} MB"


if __name__ == "__main__":
    main()
