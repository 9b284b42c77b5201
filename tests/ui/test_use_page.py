"""The Use page learns from the codes of any model."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, charts_of, texts

Visit = Callable[..., AppTest]


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("use").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_codes_of_every_model_are_put_to_use(visit: Visit, case: str) -> None:
    visitor = visit("use", case)
    assert charts_of(visitor)
    assert visitor.table[0].value.shape[0] == 8
    assert "marks the best" in texts(visitor)
