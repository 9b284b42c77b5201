"""Sweeps: plans are read and refused, trials begun once and taken up again, whatever dies."""

import json
import os
import re
import signal
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aejax.cli import main
from aejax.folder import Workspace
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.sweep.advice import advice
from aejax.sweep.command import rows
from aejax.sweep.folder import all_sweeps, create_sweep, find_sweep, sweep_of
from aejax.sweep.local import LocalSweep
from aejax.sweep.places import POINTS, read_places
from aejax.sweep.plan import Plan, plan_of, read_plan
from aejax.sweep.storage import carry_out_with_others
from aejax.sweep.trial import run_trial

TINY = {"train.epochs": 2, "encoder.widths": [8], "batch_size": 256}
PLAN = Plan(data="digits", set=TINY, axes={"latent": [1, 2]}, seeds=2, metrics=("mse", "knn_5"))


def test_a_plan_is_what_its_file_says(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(
        "data: digits\nset: {train.epochs: 2}\naxes:\n  latent: [2, 4]\n"
        "  learning_rate: {low: 1e-4, high: 1e-2, log: true, count: 3}\nseeds: 2\n"
    )
    plan = read_plan(file)
    assert plan.runs == 12
    assert plan.points()[1] == {"spec.latent": 2, "train.learning_rate": 1e-4, "train.seed": 1}
    assert plan.title == "map: latent, learning_rate"
    assert Plan(**json.loads(plan.model_dump_json())).digest == plan.digest
    drawn = plan.replace(sampler="random", budget=5)
    assert len(drawn.points()) == 10
    assert [point["train.seed"] for point in drawn.points()[:2]] == [0, 1]
    assert plan.replace(measure="knn_5").sign == -1


@pytest.mark.parametrize(
    "text, said",
    [
        ("axes: [", "is no YAML, line 1"),
        ("just words", "must hold names with values, such as data, model and axes; got str"),
        ("a: &a [1]\naxes: *a", "must write every value out; it has an alias"),
        ("!!python/object/apply:os.system ['true']", "is no YAML"),
        ("axes: {latent: [2]}\nsampler: bayes", "sampler must be 'grid', 'random' or 'tpe'; got 'bayes'"),
        ("axes: {latent: [2]}\nsede: 3", "sede is not a setting (did you mean seeds?)"),
        ("axes: {latnet: [2]}", "'latnet' is no setting of this model and recipe (did you mean latent?)"),
        ("axes: {latent: []}", "axis spec.latent has no values"),
        ("axes: {latent: [2]}\ndata: digitz", "data must be one of"),
        ("axes: {latent: [2]}\nmodel: mapp", "model must be one of"),
        ("axes: {latent: [2]}\nmeasure: mze", "measure must be one of"),
        ("axes: {latent: [65]}\ndata: digits", "latent must be at most 64"),
        ("axes: {latent: [2]}\nseeds: 2\nsampler: tpe", "seeds must be 1 with sampler 'tpe'"),
        ("axes: {seed: [2]}\nseeds: 2", "seeds must be 1 where the seed is an axis"),
        (f"axes: {{seed: {list(range(101))}, latent: {list(range(1, 101))}}}", "at most 10,000 runs"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        plan_of(text, "plan.yaml").checked()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_stands_in_the_way_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    (tmp_path / "plan.yaml").write_text("data: digits\naxes: {latent: [2]}\n")
    assert main(["sweep", str(tmp_path / "plan.yaml")]) == 2
    assert "no sweep can be kept in" in capsys.readouterr().err
    assert main(["sweep", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml cannot be read: No such file" in capsys.readouterr().err
    assert main(["sweep", str(tmp_path / "plan.yaml"), "--ray", "auto", "--storage", "sqlite://"]) == 2
    assert "give one of them" in capsys.readouterr().err
    for module in ("ray", "optuna"):
        monkeypatch.setitem(__import__("sys").modules, module, None)
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path / "ours"))
    for words, extra in ((["--ray", "local"], "ray"), (["--storage", "sqlite://"], "sweep")):
        assert main(["sweep", str(tmp_path / "plan.yaml"), *words]) == 2
        assert f'pip install "aejax[{extra}]"' in capsys.readouterr().err


def test_the_plans_that_are_shown_can_be_carried_out() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "sweep.md").read_text("utf-8")
    plans = re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S)
    assert len(plans) == 2
    for plan in plans:
        plan_of(plan, "docs/how-to/sweep.md").checked()


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A sweep carried out in two processes, of which one was killed in the middle; each epoch that was told, too."""
    sweep = create_sweep(Workspace(tmp_path_factory.mktemp("swept")), PLAN.replace(set=TINY | {"train.epochs": 40}))
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            time.sleep(0.01)
            for trial in sweep.trials():
                if trial.document["status"] == "running" and trial.document["checkpoints"] and not killed:
                    os.kill(trial.document["worker"]["pid"], signal.SIGKILL)
                    killed.append(trial.number)

    threading.Thread(target=kill, daemon=True).start()
    ended: list[tuple[int, int]] = []
    problem = LocalSweep(sweep, 2, lambda over, runs, last: ended.append((over, runs))).carry_out()
    return sweep, killed, ended, problem


def test_a_trial_whose_process_is_killed_is_taken_up_again_and_none_is_done_twice(swept: Any) -> None:
    sweep, killed, ended, problem = swept
    assert (len(killed), problem) == (1, None)
    assert ended == [(1, 4), (2, 4), (3, 4), (4, 4)]
    trials = sweep.trials()
    assert [trial.status for trial in trials] == ["done"] * 4
    assert sweep.status == "done"
    for trial in trials:
        assert [epoch["epoch"] for epoch in trial.folder.epochs()] == list(range(1, 41))
        assert set(trial.measured) == {"mse", "knn_5"}
        assert read_places(trial.folder.path).shape == (min(POINTS, 360), 2)
    assert [trial.settings for trial in trials] == PLAN.points()


def test_its_runs_are_runs_like_all_others_and_its_table_tells_their_spread(swept: Any) -> None:
    sweep, *_ = swept
    from aejax.run import load_run

    runs = [load_run(trial.folder.path) for trial in sweep.trials()]
    assert [run.latent for run in runs] == [1, 1, 2, 2]
    values = [trial.measured["mse"] for trial in sweep.trials()]
    table = sweep.table(sweep.trials())
    assert [row["mse"].mean for row in table] == pytest.approx([np.mean(values[:2]), np.mean(values[2:])])
    best = rows(sweep)[0]
    assert best["runs"] == 2
    assert best["mse"].endswith("(2)")


def test_a_sweep_that_is_over_repeats_nothing_and_is_found_by_its_plan(swept: Any) -> None:
    sweep, *_ = swept
    before = [trial.folder.stamp() for trial in sweep.trials()]
    assert LocalSweep(sweep, 1).carry_out() is None
    assert [trial.folder.stamp() for trial in sweep.trials()] == before
    assert sweep_of(sweep.workspace, sweep.plan).id == sweep.id
    assert find_sweep(sweep.workspace, "../../etc") is None
    assert [found.id for found in all_sweeps(sweep.workspace)] == [sweep.id]
    (sweep.path / "sweep.json").rename(sweep.path / "kept.json")
    (sweep.path / "sweep.json").write_text("[" * 100_000)
    with pytest.raises(StoreError, match="is not a sweep's description"):
        sweep.document()
    (sweep.path / "kept.json").rename(sweep.path / "sweep.json")


def test_trials_that_diverge_fail_or_are_hopeless_are_marked_and_the_others_go_on(tmp_path: Path) -> None:
    plan = PLAN.replace(seeds=1, axes={"learning_rate": [1e-3, 1e12]}, set=TINY | {"optimizer": "sgd"})
    sweep = create_sweep(Workspace(tmp_path), plan)
    good, wild = (run_trial(sweep, number, point) for number, point in enumerate(plan.points()))
    assert (good.status, wild.status) == ("done", "diverged")
    assert "lower the learning rate" in wild.message
    given_up = run_trial(sweep, 2, {"train.learning_rate": 1e-3}, lambda epoch, error: epoch == 1)
    stopped = run_trial(sweep, 3, {"train.learning_rate": 1e-3}, stop=lambda: True)
    assert (given_up.status, stopped.status) == ("pruned", "stopped")
    failed = run_trial(sweep, 4, {"spec.latent": 65})
    assert failed.status == "failed"
    trials = sweep.trials()
    assert [trial.over for trial in trials] == [True, True, True, False, True][: len(trials)]
    assert run_trial(sweep, 1, {"train.learning_rate": 1e12}).status == "diverged"
    assert [row["mse"] is None for row in sweep.table(trials)][:2] == [False, True]


def test_a_folder_that_cannot_be_written_stops_the_sweep_with_a_sentence(tmp_path: Path) -> None:
    sweep = create_sweep(Workspace(tmp_path), PLAN)
    sweep.run(0).path.write_text("in the way")
    with pytest.raises(StoreError, match="no run can be kept in"):
        run_trial(sweep, 0, PLAN.points()[0])
    assert LocalSweep(sweep, 1).carry_out().startswith("no run can be kept in")
    assert sweep.document()["status"] == "stopped"
    assert "no run can be kept in" in sweep.document()["message"]


needs_optuna = pytest.mark.skipif(find_spec("optuna") is None, reason="the extra `sweep` is not installed")


def scored(plan: Plan, sweep: Any) -> list[Any]:
    """Carry a plan out in this process, as it is advised."""
    adviser, outcomes = advice(plan, sweep.trials()), []
    while (found := adviser.propose()) is not None:
        outcome = run_trial(sweep, *found, lambda epoch, error, number=found[0]: adviser.heard(number, epoch, error))
        adviser.over(found[0], outcome)
        outcomes.append(outcome)
    return outcomes


@needs_optuna
def test_optuna_proposes_within_the_axes_goes_on_after_a_restart_and_gives_up_what_is_hopeless(tmp_path: Path) -> None:
    axes = {"learning_rate": {"low": 1e-5, "high": 1e-1, "log": True}, "encoder.widths": [[8], [4, 4]]}
    plan = PLAN.replace(axes=axes, seeds=1, sampler="tpe", budget=3)
    sweep = create_sweep(Workspace(tmp_path), plan)
    first = advice(plan, ())
    number, settings = first.propose()
    assert 1e-5 <= settings["train.learning_rate"] <= 1e-1
    assert settings["spec.encoder.widths"] in ([8], [4, 4])
    assert run_trial(sweep, number, settings, stop=lambda: True).status == "stopped"
    assert [outcome.status for outcome in scored(plan, sweep)] == ["done"] * 3
    assert sweep.trials()[0].settings == settings
    assert len(sweep.trials()) == 3
    assert scored(plan, sweep) == []
    judged = PLAN.replace(
        axes={"learning_rate": [1e-2] * 4 + [1e-7]}, seeds=1, pruning="median", set=TINY | {"train.epochs": 4}
    )
    other = create_sweep(Workspace(tmp_path / "other"), judged)
    assert [outcome.status for outcome in scored(judged, other)][-1] == "pruned"


@needs_optuna
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_machines_that_share_a_database_share_the_work_and_take_up_what_dies(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    ended: list[str] = []

    def told(over: int, runs: int, last: Any) -> None:
        ended.append(last.status)

    folder = carry_out_with_others(Workspace(tmp_path), PLAN, storage, told)
    again = carry_out_with_others(Workspace(tmp_path), PLAN, storage, told)
    assert ended == ["done"] * 4
    assert again.id == folder.id
    assert [trial.status for trial in folder.trials()] == ["done"] * 4
    with pytest.raises(SpecError, match="--storage 'nothing://x' cannot be used"):
        carry_out_with_others(Workspace(tmp_path), PLAN, "nothing://x", told)
