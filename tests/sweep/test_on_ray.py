"""A sweep on a cluster of two nodes: what is killed, a trial or a node, is taken up again and nothing is done twice."""

import os
import signal
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from aejax.folder import Workspace
from aejax.sweep.folder import SweepFolder, create_sweep
from aejax.sweep.plan import Plan

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ray") is None, reason="the extra `ray` is not installed"),
    pytest.mark.filterwarnings("ignore"),  # Ray's own
]

SMALL = {"train.epochs": 20, "encoder.widths": [16], "train.batch_size": 32}
NODE = {"num_cpus": 1, "object_store_memory": 100 << 20}


class Trouble(threading.Thread):
    """Kills a trial once three are over, and a node once nine are, so that the other one does the rest."""

    def __init__(self, sweep: SweepFolder, cluster: Any, node: Any) -> None:
        super().__init__(daemon=True)
        self.sweep, self.cluster, self.node = sweep, cluster, node
        self.killed: int | None = None
        self.node_is_gone = False

    def run(self) -> None:
        while not self.node_is_gone:
            time.sleep(0.2)
            trials = self.sweep.trials()
            over = sum(trial.over for trial in trials)
            alive = [each for each in trials if each.document["status"] == "running" and each.document["checkpoints"]]
            if self.killed is None and over >= 3 and alive:
                os.kill(alive[-1].document["worker"]["pid"], signal.SIGKILL)
                self.killed = alive[-1].number
            elif self.killed is not None and over >= 9:
                self.cluster.remove_node(self.node, allow_graceful=False)
                self.node_is_gone = True


def test_all_trials_end_once_though_one_is_killed_and_a_node_too(tmp_path: Path) -> None:
    import ray
    from ray.cluster_utils import Cluster

    from aejax.sweep.on_ray import carry_out_on_ray

    axes = {"latent": [1, 2, 3, 4], "learning_rate": [1e-3, 1e-2]}
    plan = Plan(data="digits", set=SMALL, axes=axes, seeds=3, metrics=("mse",))
    sweep = create_sweep(Workspace(tmp_path), plan)
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    trouble = Trouble(sweep, cluster, cluster.add_node(**NODE))
    try:
        trouble.start()
        carry_out_on_ray(sweep, cluster.address, lambda over, runs, last: None)
    finally:
        ray.shutdown()
        cluster.shutdown()
    assert (trouble.killed is None, trouble.node_is_gone) == (False, True)
    trials = sweep.trials()
    assert [trial.status for trial in trials] == ["done"] * 24
    assert sweep.document()["status"] == "done"
    for trial in trials:
        # An epoch that was gone back to stands once in the history.
        assert [epoch["epoch"] for epoch in trial.folder.epochs()] == list(range(1, 21))


def test_optuna_searches_through_ray_within_the_axes(tmp_path: Path) -> None:
    from aejax.sweep.on_ray import carry_out_on_ray

    axes = {"learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}, "encoder.widths": [[8], [4, 4]]}
    few = {"train.epochs": 4, "batch_size": 256}
    plan = Plan(data="digits", set=few, axes=axes, sampler="tpe", budget=4, pruning="asha", metrics=("mse",))
    sweep = create_sweep(Workspace(tmp_path), plan)
    carry_out_on_ray(sweep, "local", lambda over, runs, last: None)
    trials = sweep.trials()
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    assert {trial.status for trial in trials} <= {"done", "pruned"}
    assert all(1e-4 <= trial.settings["train.learning_rate"] <= 1e-2 for trial in trials)
    assert sweep.document()["status"] == "done"
