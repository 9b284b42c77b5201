"""The Use page learns from the codes of any model."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, texts, trained

from aejax.downstream import CODES, COMPONENTS, FEATURES, QUANTITIES
from aejax.ui import downstream

Visit = Callable[..., AppTest]

ONE = dict.fromkeys(QUANTITIES, 0.5)
FOUND = {FEATURES: ONE, COMPONENTS: ONE | {"accuracy": 0.9}, CODES: ONE | {"bytes": 0.25}}


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("use").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_codes_of_every_model_are_put_to_use(visit: Visit, case: str) -> None:
    visitor = visit("use", case)
    (chart,) = charts_of(visitor)
    assert chart.proto.alt
    assert visitor.table[0].value.shape[0] == len(QUANTITIES)
    assert "marks the best" in texts(visitor)


def test_the_best_of_each_row_is_marked() -> None:
    rows = {row["Measure"]: row for row in downstream.rows(FOUND)}
    accuracy, size = rows[QUANTITIES["accuracy"].title], rows[QUANTITIES["bytes"].title]
    assert [name for name in FOUND if accuracy[name].endswith("✓")] == [COMPONENTS]
    assert [name for name in FOUND if size[name].endswith("✓")] == [CODES]
    assert all(row["Unit"] and row["Better is"] in ("higher", "lower") for row in rows.values())


def test_no_time_is_marked_for_the_least_changes_between_visits() -> None:
    found = {
        way: entry | {"probe_seconds": index, "cluster_seconds": index}
        for index, (way, entry) in enumerate(FOUND.items())
    }
    rows = [row for row in downstream.rows(found) if row["Measure"].endswith("time")]
    assert len(rows) == 2
    assert not any(row[way].endswith("✓") for row in rows for way in FOUND)


def test_the_file_has_a_row_a_measure() -> None:
    records = downstream.records(FOUND)
    assert [record["measure"] for record in records] == list(QUANTITIES)
    assert records[0][COMPONENTS] == 0.9


def test_the_figure_has_a_bar_for_each_way_and_a_unit() -> None:
    figure = downstream.figure(FOUND)
    assert [bar.name for bar in figure.data] == list(FOUND)
    assert figure.layout.yaxis.title.text == "share or score, 0 to 1"


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"y_train": None, "y_test": None, "label_names": ()}, "this data set has no classes"),
        ({"y_train": np.zeros(1437, np.int32)}, "all examples are of one class"),
    ],
)
def test_without_classes_the_page_says_so(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], reason: str
) -> None:
    result = trained("two numbers")
    bare = replace(result, data=replace(result.data, **changes))
    monkeypatch.setitem(visit.__globals__, "trained", lambda case: bare)
    visitor = visit("use", "two numbers")
    assert reason in texts(visitor)
    assert not charts_of(visitor)


def test_the_page_leads_on(visit: Visit) -> None:
    links = {link.proto.label for link in visit("use", "two numbers").get("page_link")}
    assert {"Next: compare it with PCA as a map", "Train another model"} <= links
