"""The Out of domain page sets examples of other data before any model."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, texts

Visit = Callable[..., AppTest]


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("domain").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_meets_foreign_examples(visit: Visit, case: str) -> None:
    visitor = visit("domain", case)
    assert [metric.label for metric in visitor.metric] == ["AUROC", "Detected of foreign", "False alarms of own"]
    assert charts_of(visitor)
    assert "training examples" in texts(visitor)
