"""The Sweep page: put together, begun in a process apart, watched, its runs compared and opened."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aejax.baselines import PCA, pca_errors
from aejax.data import load_data
from aejax.folder import Workspace
from aejax.settings import SpecError
from aejax.sweep.folder import SweepFolder, create_sweep
from aejax.sweep.plan import Plan
from aejax.sweep.writing import changes, typed, varied, written
from aejax.ui import session, sweep_charts, sweep_form, sweep_view
from aejax.zoo import ZOO

GOLDEN = Path(__file__).parents[1] / "golden" / "schema-1"
APP = str(Path(__file__).parents[2] / "app.py")
AXES = {"spec.latent": [1, 2], "train.learning_rate": [0.001, 0.01]}


def swept(place: Path, axes: dict[str, list[Any]] = AXES, seeds: int = 3) -> SweepFolder:
    """A sweep whose runs are copies of one another but for their settings and measures."""
    plan = Plan(name="<b>*ladder*</b>", data="two-moons", axes=axes, seeds=seeds, metrics=("mse", "knn_5"))
    sweep = create_sweep(Workspace(place), plan)
    document = json.loads((GOLDEN / "run.json").read_text())
    random = np.random.default_rng(0)
    map_ = random.normal(size=(500, 2)).astype(np.float32)
    for number, settings in enumerate(plan.points()):
        path = sweep.run(number).path
        shutil.copytree(GOLDEN, path)
        error = 0.1 / settings["spec.latent"] + 0.001 * random.normal()
        document["train"]["seed"] = settings.get("train.seed", 0)
        document["spec"]["latent"] = settings["spec.latent"]
        about = {"id": sweep.id, "trial": number, "settings": settings, "pruned": number == 1}
        measured = {} if number == 1 else {"mse": error, "knn_5": 0.9}
        (path / "run.json").write_text(json.dumps(document | {"sweep": about, "status": "done", "measured": measured}))
        np.save(path / "places.npy", map_)
    sweep.update(status="done", worker=None)
    return sweep


def visit(sweep: str = "") -> AppTest:
    visitor = AppTest.from_file(APP, default_timeout=60)
    visitor.query_params["data"] = "two-moons"
    ran(visitor.run())
    if sweep:
        visitor.query_params["sweep"] = sweep
    return ran(visitor.switch_page("pages/sweep.py").run())


def ran(visitor: AppTest) -> AppTest:
    assert not visitor.exception, visitor.exception
    return visitor


def said(visitor: AppTest) -> str:
    kinds = ("caption", "markdown", "info", "error", "warning", "subheader")
    return "\n".join(element.value for kind in kinds for element in visitor.get(kind))


def test_a_sweep_is_put_together_begun_watched_stopped_and_gone_on_with(jobs, tmp_path, monkeypatch) -> None:
    begun: list[tuple[str, int]] = []
    monkeypatch.setattr(sweep_form, "launch", lambda sweep, at_once: begun.append((sweep.id, at_once)))
    visitor = visit("../../etc")
    assert "There is no sweep yet" in said(visitor)
    assert visitor.button(key="sweep-start").label == "Start 3 runs"
    ran(visitor.multiselect(key="sweep-latent-2").set_value([1, 2]).run())
    ran(visitor.multiselect(key="sweep-others").set_value(["train.learning_rate"]).run())
    entry = visitor.text_input(key="sweep-axis-train.learning_rate")
    ran(entry.set_value(";").run())
    assert "This cannot be a sweep: axis train.learning_rate must have values" in said(visitor)
    ran(visitor.text_input(key="sweep-axis-train.learning_rate").set_value("1e-3, 0.01, 0.1").run())
    assert visitor.button(key="sweep-start").label == "Start 18 runs"
    ran(visitor.number_input(key="sweep-budget-6").set_value(4).run())
    ran(visitor.button(key="sweep-start").click().run())
    (sweep,) = (tmp_path / "sweeps").iterdir()
    assert [name for name, _ in begun] == [sweep.name]
    plan = SweepFolder(Workspace(tmp_path), sweep.name).plan
    assert (plan.sampler, plan.budget, plan.seeds, plan.runs) == ("random", 4, 3, 12)
    assert plan.axes["train.learning_rate"] == [0.001, 0.01, 0.1]
    assert plan.base[0].encoder == ZOO[plan.model].spec.encoder
    assert sweep.name in visitor.query_params["sweep"]
    assert "No run has begun yet" in said(visitor)


def test_runs_of_a_sweep_are_compared_and_one_is_opened(jobs, tmp_path) -> None:
    sweep = swept(tmp_path)
    visitor = visit(sweep.id)
    charts = [chart.proto.id.rpartition("-sweep-")[2] for chart in visitor.get("plotly_chart")]
    assert charts == ["frontier", "courses", "maps"]
    assert "12 of 12 runs over, 1 pruned · done" in [bar.proto.text for bar in visitor.get("progress")]
    table = visitor.dataframe[0].value
    assert list(table["latent"]) == [2, 2, 1, 1]
    assert list(table["runs"]) == [3, 3, 3, 3]
    ran(visitor.selectbox(key=f"sweep-other-{sweep.id}").set_value("latent 2, learning rate 0.001").run())
    assert "more than the chance of the seeds" in said(visitor)
    assert "6 pairs of settings" in said(visitor)
    assert "fewer than five seeds" in said(visitor)
    ran(visitor.button(key="sweep-open").click().run())
    assert visitor.title[0].value == "Train"
    assert session.result_of(jobs.standing(sweep.run(0).id)) is not None


def test_what_stopped_is_told_and_can_be_gone_on_with(jobs, tmp_path, monkeypatch) -> None:
    sweep = swept(tmp_path)
    shutil.rmtree(sweep.run(3).path)
    (sweep.run(4).path / "run.json").write_text("[")
    sweep.update(status="stopped", message="The disk is full")
    begun: list[str] = []
    monkeypatch.setattr("aejax.ui.sweeps.launch", lambda found, at_once: begun.append(found.id))
    visitor = visit()
    assert "The disk is full" in said(visitor)
    ran(visitor.button(key="sweep-go-on").click().run())
    assert begun == [sweep.id]
    assert sweep.document()["status"] == "queued"


def test_figures_hold_every_run_their_means_and_pca(tmp_path) -> None:
    found = sweep_view.view(swept(tmp_path))
    data = load_data("two-moons")
    errors = pca_errors(data.x_train, data.x_test, [1, 2, 9])
    alone = PCA(1).fit(data.x_train).evaluate(data.x_test)["mse"]
    assert errors[1] == pytest.approx(alone, rel=1e-4)
    assert list(errors) == [1, 2]
    figure = sweep_charts.frontier(found, "mse", errors)
    runs = [trace for trace in figure.data if trace.mode == "markers"]
    assert sum(len(trace.x) for trace in runs) == 11
    assert {point[0] for trace in runs for point in trace.customdata} <= {trial.folder.id for trial in found.trials}
    assert figure.data[-1].name == "PCA"
    assert len(sweep_charts.courses(found).data) == 4
    assert sweep_charts.maps(found, data).layout.annotations[0].text == "1 · 0.001"


def test_a_sweep_of_two_hundred_runs_is_read_again_in_no_time(tmp_path) -> None:
    sweep = swept(
        tmp_path, {"spec.latent": list(range(1, 3)), "train.learning_rate": list(np.linspace(1e-3, 1e-2, 20))}, 5
    )
    first = sweep_view.view(sweep)
    assert len(first.trials) == first.over == 200
    began = time.perf_counter()
    again = sweep_view.view(sweep)
    sweep_charts.courses(again)
    assert time.perf_counter() - began < 1
    assert again.trials[0] is first.trials[0]


def test_a_plan_is_written_from_choices() -> None:
    entry = ZOO["variational"]
    spec = entry.spec.replace(latent=3, **{"bottleneck.beta": 2.0})
    plan = Plan(model="variational", set=changes("variational", spec, entry.train), axes={"seed": [0]})
    assert plan.base == (spec, entry.train)
    assert varied(spec, entry.train)["spec.bottleneck.beta"] == [0.5, 2.0, 8.0]
    assert typed("a", "1, 2.5, dense") == [1, 2.5, "dense"]
    assert typed("a", written([[256, 128], [64]])) == [[256, 128], [64]]
    assert typed("a", written([0.25, 1.0])) == [0.25, 1]
    with pytest.raises(SpecError, match="axis a must have values"):
        typed("a", " , ;")
