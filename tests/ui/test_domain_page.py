"""The Out of domain page sets examples of other data before any model."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, texts, trained

from aejax.data import load_data
from aejax.domain import PERTURBATIONS, SCORES, foreign
from aejax.ui import domain

Visit = Callable[..., AppTest]

RANDOM = np.random.default_rng(0)


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("domain").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_meets_foreign_examples(visit: Visit, case: str) -> None:
    visitor = visit("domain", case)
    assert [metric.label for metric in visitor.metric] == ["AUROC", "Detected of foreign", "False alarms of own"]
    assert all(chart.proto.alt for chart in charts_of(visitor))
    assert "training examples" in texts(visitor)


def test_another_origin_comes_first_and_the_own_data_spoilt_last() -> None:
    digits = domain.others(load_data("mnist-sample"))
    assert digits[0].startswith("fashion")
    assert domain.others(load_data("fashion-sample"))[0].startswith("mnist")
    assert digits[-4:] == list(PERTURBATIONS)
    assert domain.others(load_data("digits")) == list(PERTURBATIONS)
    assert domain.others(load_data("swiss-roll"))[0] == "s-curve"


def test_a_higher_threshold_detects_less_with_fewer_false_alarms(visit: Visit) -> None:
    visitor = visit("domain", "eight numbers")
    shares = []
    for index in (20, 150):
        slider = visitor.select_slider[0]
        slider.set_value(float(slider.options[index])).run()
        shares.append([float(metric.value.removesuffix("%")) for metric in visitor.metric[1:]])
    assert shares[0][0] >= shares[1][0]
    assert shares[0][1] > shares[1][1]


def test_what_the_model_cannot_read_is_said_in_one_sentence(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        foreign(trained("two numbers").run, np.zeros((3, 28, 28), np.uint8))

    monkeypatch.setattr(domain, "compared", refuse)
    (warning,) = visit("domain", "two numbers").warning
    said = "These examples cannot be shown to the model: it reads 8 x 8 numbers an example, and these have 28 x 28."
    assert warning.value == said


def test_without_labels_none_is_in_doubt(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    result = trained("two numbers")
    data = replace(result.data, y_train=None, y_test=None, label_names=())
    bare = replace(result, data=data)
    monkeypatch.setitem(visit.__globals__, "trained", lambda case: bare)
    assert "No label can be doubted: this data set has none." in texts(visit("domain", "two numbers"))


@pytest.mark.parametrize("values, log", [(RANDOM.uniform(1, 2, 500), False), (RANDOM.lognormal(0, 2, 500), True)])
def test_bins_are_even_in_logarithms_where_scores_differ_much(values: np.ndarray, log: bool) -> None:
    edges, is_log = domain.bins(values)
    assert is_log == log
    steps = np.diff(np.log(edges) if log else edges)
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)
    assert edges[-1] >= values.max()


@pytest.mark.parametrize("values", [np.zeros(5), np.full(5, 2.0), np.array([0.0, 0, 0, 9.0])])
def test_scores_that_are_all_alike_have_bins_too(values: np.ndarray) -> None:
    edges, _ = domain.bins(values)
    assert (np.diff(edges) > 0).all()
    assert domain.thresholds(values, values)


def test_the_bars_of_each_kind_add_up_to_all_of_it() -> None:
    own, strange = RANDOM.lognormal(0, 1, 400), RANDOM.lognormal(2, 1, 300)
    figure = domain.histogram(own, strange, "mse", 1.0)
    assert [trace.name for trace in figure.data] == ["Own, held out", "Foreign"]
    np.testing.assert_array_equal(figure.data[0].x, figure.data[1].x)
    for trace in figure.data:
        assert sum(trace.y) == pytest.approx(100)
    assert figure.layout.xaxis.title.text == "squared error per feature"


@pytest.mark.parametrize("score", SCORES)
def test_an_axis_says_no_word_twice(score: str) -> None:
    said = domain.axis_title(score)
    assert said.endswith(SCORES[score].unit)
    words = [word for word in said.replace(",", "").split() if len(word) > 3]
    assert len(words) == len(set(words))


def test_an_auroc_names_the_examples_that_it_is_from(visit: Visit) -> None:
    own, strange = {"mse": np.arange(5.0)}, {"mse": np.arange(3.0) + 9}
    assert domain.auroc_records(domain.Compared(own, strange, {}), "blank") == [
        {"foreign": "blank", "score": "mse", "auroc": 1.0, "own_examples": 5, "foreign_examples": 3}
    ]
    assert "Each from 360 own held-out examples and 360 foreign ones" in texts(visit("domain", "two numbers"))


def test_only_a_model_that_is_told_classes_says_which(visit: Visit) -> None:
    assert "told no true one" in texts(visit("domain", "conditional"))
    assert "told no true one" not in texts(visit("domain", "two numbers"))


def test_the_page_leads_on(visit: Visit) -> None:
    links = {link.proto.label for link in visit("domain", "two numbers").get("page_link")}
    assert {"Next: put the code to use", "See reconstructions"} <= links
