"""The Compare page sets any model beside other runs and baselines: the same examples, linked, aligned, measured."""

import csv
import dataclasses
import html
import io
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, texts, trained

from aejax.baselines import PCA
from aejax.metrics import GROUPS, METRICS
from aejax.projections import PROJECTIONS
from aejax.quality import Measurement
from aejax.settings import SpecError
from aejax.ui import compare, desk, dossier, linked, panes, plates, tables
from aejax.ui.panes import Pane

Visit = Callable[..., AppTest]

LIGHT = [kind for kind, way in PROJECTIONS.items() if not way.heavy]


def both(case: str) -> list[Pane]:
    pca = panes.pane(trained(case), panes.PCA, "test")
    assert isinstance(pca, Pane)
    return [panes.of_model(trained(case), "test"), pca]


def measured(case: str) -> tuple[list[str], list[compare.Measured]]:
    shown = both(case)
    return [pane.title for pane in shown], [panes.measured(pane) for pane in shown]


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("compare").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_is_compared(visit: Visit, case: str) -> None:
    visitor = visit("compare", case)
    assert visitor.multiselect(key="compare-panes").value == [panes.MODEL, panes.PCA]
    assert sum(len(table.value) for table in visitor.table) >= 8
    assert "marks the best" in texts(visitor)
    assert "Laid upon the first pane, it leaves" in texts(visitor)


@pytest.mark.parametrize("case", ["two numbers", "linear", "ten dimensions", "sequences, one number"])
def test_the_linear_model_alone_is_traced_to_pca(visit: Visit, case: str) -> None:
    # A dense network without hidden layers is linear too.
    is_linear = trained(case).run.spec.likelihood.kind == "mse"
    assert ("The linear model and PCA" in texts(visit("compare", case))) == is_linear


@pytest.mark.parametrize("kind", LIGHT)
def test_every_light_baseline_stands_in_a_pane(kind: str) -> None:
    found = panes.pane(trained("two numbers"), kind, "train")
    assert isinstance(found, Pane)
    assert found.name == PROJECTIONS[kind].title
    assert found.evidence.split == "train"


def test_a_heavy_baseline_is_fitted_beside_the_server_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panes, "projection", lambda kind: PROJECTIONS[kind](examples=100))
    result = trained("two numbers")
    found = panes.pane(result, "t-sne", "test")
    assert isinstance(found, panes.Empty)
    assert found.task is not None
    assert found.task.work is not None
    found.task.stop()
    assert found.task.work is None
    assert not found.task.over
    again = panes.pane(result, "t-sne", "test")
    assert isinstance(again, panes.Empty)
    assert again.task is found.task
    again.task.want()
    desk.desk().advance()
    again.task.result()
    done = panes.pane(result, "t-sne", "test")
    assert isinstance(done, Pane)
    assert done.evidence.test.codes.shape[1] == 2
    assert panes.pane(result, "t-sne", "train") is not done


def test_the_page_says_that_a_baseline_is_being_fitted(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    idle = desk.Task(trained("two numbers").data, PROJECTIONS["umap"](), 2, wanted=False)
    known = panes.pane
    waits = panes.Empty("umap", "UMAP", "", idle)
    monkeypatch.setattr(panes, "pane", lambda result, key, split: waits if key == "pca" else known(result, key, split))
    visitor = visit("compare", "two numbers")
    assert "The fitting of UMAP was stopped." in texts(visitor)
    assert visitor.button(key="begin-umap")


def test_a_missing_library_is_told_with_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PROJECTIONS["pacmap"], "installed", classmethod(lambda cls: False))
    found = panes.pane(trained("two numbers"), "pacmap", "test")
    assert isinstance(found, panes.Empty)
    assert 'pip install "aejax[maps]"' in found.reason


def test_a_run_that_is_gone_leaves_an_empty_pane(visit: Visit) -> None:
    found = panes.pane(trained("two numbers"), "20200101-000000-00000000", "test")
    assert isinstance(found, panes.Empty)
    assert found.reason == "there is no such run any more"


def test_each_row_marks_the_best_by_sign_and_weight() -> None:
    names, found = measured("two numbers")
    rows = {row["Measure"]: row for row in compare.rows(names, found)}
    for name, metric in METRICS.items():
        values = [each[name].value for each in found]
        if all(value is None for value in values):
            assert metric.title not in rows
            continue
        row = rows[metric.title]
        marked = [row[title].endswith("**\N{NO-BREAK SPACE}✓") for title in names]
        assert sum(marked) == (metric.is_contest and None not in values and values[0] != values[1])
        if any(marked):
            best = values[marked.index(True)]
            assert all(not metric.better(value, best) for value in values)
        assert row["Unit"]
        assert row["Better is"] == (metric.direction if metric.is_contest else "–")


def test_every_group_of_metrics_has_its_tab(visit: Visit) -> None:
    assert [tab.label for tab in visit("compare", "two numbers").tabs] == list(GROUPS)


def test_pca_has_the_least_squared_error_of_linear_maps() -> None:
    _, (ours, theirs) = measured("linear")
    assert ours["mse"].value is not None
    assert theirs["mse"].value is not None
    assert theirs["mse"].value < ours["mse"].value


def test_the_file_of_metrics_agrees_with_pca_itself() -> None:
    result = trained("two numbers")
    text = tables.as_csv(compare.records(*measured("two numbers"))).decode()
    rows = {row["measure"]: row for row in csv.DictReader(io.StringIO(text))}
    expected = PCA(2).fit(result.data.x_train).evaluate(result.data.x_test)
    assert set(rows) == set(METRICS)
    np.testing.assert_allclose(float(rows["sse"]["PCA (2-D)"]), expected["sse"], rtol=1e-5)


def test_what_cannot_be_measured_is_said_and_why() -> None:
    names, found = measured("sequences, one number")
    sentences = compare.missing(names, found)
    assert any(sentence.startswith("PCA (1-D) has no BCE, Excess BCE") for sentence in sentences)
    assert "BCE" not in [row["Measure"] for row in compare.rows(names, found)]


def test_a_spread_over_seeds_is_mean_and_deviation_of_the_runs() -> None:
    every = [{name: Measurement(value, "") for name in METRICS} for value in (1.0, 2.0, 3.0)]
    every[0]["ssim"] = Measurement(None, "", "no images")
    spreads = compare.spreads_of(every)
    assert "ssim" not in spreads
    assert (spreads["mse"].mean, spreads["mse"].deviation, spreads["mse"].runs) == (2.0, 1.0, 3)
    rows = compare.rows(["a"], every[:1], {"mse": METRICS["mse"]}, spreads)
    assert rows[0]["This model over seeds"] == "2 ± 1 (3)"
    assert compare.spreads_of(every[:1]) == {}
    assert "2,1,3" in tables.as_csv(compare.records(["a"], every[:1], spreads)).decode()


def test_nothing_is_marked_within_the_spread_of_seeds() -> None:
    found = [{"mse": Measurement(value, "")} for value in (1.0, 1.5, 4.0)]
    group = {"mse": METRICS["mse"]}
    (sure,), (unsure,) = (
        compare.rows("abc", found, group, {"mse": compare.Spread(1.0, deviation, 3)}) for deviation in (0.1, 0.5)
    )
    assert [sure[name][:2] == "**" for name in "abc"] == [True, False, False]
    assert [unsure[name][:2] == "**" for name in "abc"] == [False, False, False]


def test_two_fittings_take_turns_and_one_that_failed_can_be_begun_again() -> None:
    data = trained("two numbers").data
    office = desk.Desk(at_once=1)
    first = office.ask(data, PROJECTIONS["t-sne"](examples=100), 2)
    second = office.ask(data, PROJECTIONS["t-sne"](examples=110, perplexity=60), 2)
    assert first.work is not None
    assert second.work is None
    first.stop()
    office.advance()
    with pytest.raises(SpecError, match=r"perplexity must be at most 36\.3333 for 110 examples; got 60"):
        second.result()
    assert second.failure is not None
    assert second.work is None
    second.want()
    assert not second.over


def test_classes_are_told_one_by_one() -> None:
    found = {pane.name: panes.by_class(pane) for pane in both("two numbers")}
    rows = compare.class_table(found)
    assert [row["Class"] for row in rows] == list("0123456789")
    assert all(len(row) == 2 + 3 * len(found) for row in rows)
    assert sum(int(row["Examples"]) for row in rows) == len(trained("two numbers").data.x_test)


@pytest.mark.parametrize("laid", linked.LAYINGS)
@pytest.mark.parametrize("case", ["one number", "two numbers", "eight numbers", "convolutional"])
def test_panes_lie_upon_the_first_or_know_how_they_would(case: str, laid: linked.Laid) -> None:
    first, other = linked.laid_out(both(case), trained(case).data, laid)
    assert first.residual is None
    assert other.residual is not None
    carried = other.survey.codes @ np.array(other.link["map"]["matrix"]) + other.link["map"]["shift"]
    left = (
        np.square(carried - first.survey.codes).sum()
        / np.square(first.survey.codes - first.survey.codes.mean(axis=0)).sum()
    )
    assert left == pytest.approx(other.residual, abs=1e-4)
    assert (first.survey.rows == other.survey.rows).all()


def test_an_affine_map_leaves_no_more_than_a_similarity() -> None:
    shown, data = both("linear"), trained("linear").data
    left = [linked.laid_out(shown, data, laid)[1].residual for laid in ("similarity", "affine")]
    assert left[1] is not None
    assert left[0] is not None
    assert left[1] <= left[0] + 1e-9


def test_the_first_pane_suggests_where_the_second_differs() -> None:
    first, other = linked.laid_out(both("two numbers"), trained("two numbers").data, "similarity")
    told = first.link["changes"]
    assert len(told["points"]) == len(told["kept"]) == len(told["members"]) > 0
    assert told["kept"] == sorted(told["kept"])
    assert "changes" not in other.link


def test_a_place_decodes_in_the_browser_as_on_the_server() -> None:
    for here in linked.laid_out(both("two numbers"), trained("two numbers").data, "similarity"):
        assert here.scene.decoder is not None
        layers, values = here.scene.decoder.layout["layers"], here.scene.decoder.values.astype(np.float32)
        signal, at = here.survey.codes[:5], 0
        for layer in layers:
            size = layer["inputs"] * layer["outputs"]
            kernel = values[at : at + size].reshape(layer["inputs"], layer["outputs"])
            bias = values[at + size : at + size + layer["outputs"]]
            signal, at = signal @ kernel + bias, at + size + layer["outputs"]
            signal = {"relu": lambda x: np.maximum(x, 0), "sigmoid": lambda x: 1 / (1 + np.exp(-x))}.get(
                layer["activation"], lambda x: x
            )(signal)
        expected = here.survey.embedder.decode(here.survey.codes[:5]).reshape(5, -1)
        np.testing.assert_allclose(signal, expected, atol=0.02)


def test_pca_is_fitted_once_for_all_visitors() -> None:
    first, second = (panes.pane(trained("two numbers"), panes.PCA, "test") for _ in range(2))
    assert first is second


def test_a_baseline_that_cannot_be_fitted_is_explained(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise SpecError("latent must be between 1 and 3; got 8")

    monkeypatch.setattr(panes, "_light", refuse)
    assert "PCA cannot be shown: latent must be between 1 and 3; got 8." in texts(visit("compare", "eight numbers"))


def test_without_panes_the_page_asks_for_some(visit: Visit) -> None:
    visitor = visit("compare", "two numbers")
    visitor.multiselect(key="compare-panes").set_value([]).run()
    assert "Choose what to compare" in texts(visitor)


def test_the_plate_shows_as_many_of_each_class() -> None:
    labels = np.array([0] * 7 + [1] * 3 + [2] * 5)
    assert np.bincount(labels[plates.balanced(labels, 15, each=4)]).tolist() == [4, 3, 4]
    assert len(plates.balanced(None, 900)) == plates.EACH
    figure = plates.drawn(both("eight numbers"), trained("eight numbers").data, dark=False)
    assert len(figure.data) == 20
    assert {trace.xaxis for trace in figure.data} == {"x", "x2"}
    assert sum(bool(trace.showlegend) for trace in figure.data) == 10


def test_the_report_is_one_file_that_fetches_nothing_and_escapes_what_it_is_told() -> None:
    shown = both("two numbers")
    shown[0] = dataclasses.replace(shown[0], name='<script>alert("x")</script>')
    result = trained("two numbers")
    text = dossier.dossier(result, linked.laid_out(shown, result.data, "similarity")).decode()
    assert text.startswith("<!doctype html>")
    assert '<script>alert("x")</script>' not in text.split("<h2>Maps</h2>")[0]
    assert "&lt;script&gt;" in text
    assert 'src="http' not in text
    assert "Trustworthiness" in text
    assert html.escape(str(result.run.spec)) in text


def test_the_page_leads_on(visit: Visit) -> None:
    links = {link.proto.label for link in visit("compare", "two numbers").get("page_link")}
    assert {"Next: what is lost", "Train another model"} <= links
