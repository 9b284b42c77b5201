"""The Compare page sets any model beside PCA, with the same examples and the same number of numbers."""

import csv
import io
import json
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, texts, trained

from aejax.baselines import PCA
from aejax.quality import METRICS
from aejax.settings import SpecError
from aejax.ui import compare

Visit = Callable[..., AppTest]


def sides(case: str) -> tuple[compare.Side, compare.Side]:
    result = trained(case)
    return compare.measured(result.run, result.data), compare.baseline(result.data, result.run.latent)


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("compare").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_is_compared(visit: Visit, case: str) -> None:
    visitor = visit("compare", case)
    ours, theirs = (json.loads(chart.proto.spec) for chart in charts_of(visitor)[:2])
    colors = [{trace["name"]: trace["marker"]["color"] for trace in figure["data"]} for figure in (ours, theirs)]
    assert colors[0] == colors[1]
    assert visitor.table[0].value.shape[0] >= 4
    assert "marks the better one" in texts(visitor)


@pytest.mark.parametrize("case", ["two numbers", "convolutional", "linear", "ten dimensions", "sequences, one number"])
def test_the_linear_model_alone_is_traced_to_pca(visit: Visit, case: str) -> None:
    # A dense network without hidden layers is linear too.
    is_linear = trained(case).run.spec.likelihood.kind == "mse"
    assert ("The linear model and PCA" in texts(visit("compare", case))) == is_linear


def test_each_row_marks_one_side_by_sign_and_weight() -> None:
    ours, theirs = sides("two numbers")
    values = [(ours.measured[name].value, theirs.measured[name].value) for name in METRICS]
    known = [pair for pair in values if None not in pair]
    for row, (one, other) in zip(compare.rows(ours, theirs), known, strict=True):
        marked = [row[side].endswith("**\N{NO-BREAK SPACE}✓") for side in (compare.AUTOENCODER, compare.BASELINE)]
        assert sum(marked) == (one != other)
        assert row["Unit"]
        assert row["Better is"] in ("higher", "lower")


def test_pca_has_the_least_squared_error_of_linear_maps() -> None:
    ours, theirs = sides("linear")
    assert ours.measured["mse"].value is not None
    assert theirs.measured["mse"].value is not None
    assert theirs.measured["mse"].value < ours.measured["mse"].value


def test_the_table_agrees_with_pca_itself() -> None:
    result = trained("two numbers")
    rows = {row["measure"]: row for row in csv.DictReader(io.StringIO(compare.table(*sides("two numbers")).decode()))}
    expected = PCA(2).fit(result.data.x_train).evaluate(result.data.x_test)
    assert set(rows) == set(METRICS)
    np.testing.assert_allclose(float(rows["sse"]["pca"]), expected["sse"], rtol=1e-5)


def test_what_cannot_be_measured_is_said_and_why() -> None:
    ours, theirs = sides("sequences, one number")
    sentences = compare.missing(ours, theirs)
    assert [sentence for sentence in sentences if sentence.startswith("Without BCE, Excess BCE: ")]
    assert "BCE" not in [row["Measure"] for row in compare.rows(ours, theirs)]


def test_pca_is_fitted_once_for_all_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    first = compare.baseline(trained("two numbers").data, 2)
    monkeypatch.setattr(compare, "PCA", None)
    assert compare.baseline(trained("two numbers").data, 2) is first


def test_a_code_larger_than_the_data_allows_is_explained(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise SpecError("d must be between 1 and 3; got 8")

    monkeypatch.setattr(compare, "baseline", refuse)
    assert "d must be between 1 and 3" in texts(visit("compare", "eight numbers"))


def test_the_page_leads_on(visit: Visit) -> None:
    links = {link.proto.label for link in visit("compare", "two numbers").get("page_link")}
    assert {"Next: walk through the latent space", "Train another model"} <= links
