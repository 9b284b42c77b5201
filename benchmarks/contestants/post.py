"""A contestant's side of the conversation: orders in on standard input, answers out on standard output."""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.cases import Case, case_of

WARM_STEPS = 8
"""Steps of training before anything is timed: all is compiled, and memory is laid out."""


class NotWrittenError(Exception):
    """A case that a contestant has no way for; says why."""


@dataclass
class Ready:
    """A case that is built and compiled.

    Attributes:
        round: One timed round: returns once all is computed, and not only asked for.
        loss: The loss of the trained model over all images, in nats (or squared error) an image; None if untrained.
    """

    round: Callable[[], object]
    loss: Callable[[], float] | None = None


Builder = Callable[[Case, np.ndarray, int, int], Ready]
"""Takes the case, the images as bytes, the rounds and a seed; what it compiles, it has run once when it returns."""


def serve(build: Builder, about: Callable[[], Mapping[str, Any]]) -> None:
    """Answer orders until there are no more.

    Orders are `about`, `prepare` (with a case, a file of images, a number of rounds and a seed), `round`, `loss`, and
    `drop`.
    """
    # What libraries print must not mix with the answers.
    answers, sys.stdout = os.fdopen(os.dup(1), "w"), sys.stderr
    os.dup2(2, 1)
    ready: Ready | None = None
    for line in sys.stdin:
        order = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            match order["order"]:
                case "about":
                    answer = dict(about())
                case "prepare":
                    began = time.perf_counter()
                    case = case_of(order["case"])
                    ready = build(case, np.load(order["images"])[: case.used], order["rounds"], order["seed"])
                    answer = {"seconds": time.perf_counter() - began}
                case "round" if ready is not None:
                    began = time.perf_counter()
                    ready.round()
                    answer = {"seconds": time.perf_counter() - began}
                case "loss" if ready is not None:
                    answer = {"loss": None if ready.loss is None else float(ready.loss())}
                case "drop":
                    ready = None
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is told, and the race goes on
            answer = {"failure": f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
