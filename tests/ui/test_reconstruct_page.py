"""The Reconstruct page shows what any model makes of any data, with errors, noise, arrows and bytes."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from visitors import CASES, texts, trained

Visit = Callable[..., AppTest]


def test_before_training_the_page_offers_it(visit: Visit) -> None:
    assert visit("reconstruct").button(key="train-default")


@pytest.mark.parametrize("case", CASES)
def test_every_model_on_every_kind_of_data_is_shown(visit: Visit, case: str) -> None:
    visitor = visit("reconstruct", case)
    said = texts(visitor)
    assert "Mean squared error per feature (MSE)" in said
    assert [metric.label for metric in visitor.metric] == ["With noise", "Rebuilt from it"]
    assert all(metric.value.endswith("dB") for metric in visitor.metric)
    data, run = trained(case).data, trained(case).run
    has_field = data.shape == (2,) or run.latent == 2
    assert has_field != ("Arrows need a plane" in said)
    assert (data.kind == "image") != ("Bytes are compared for images alone" in said)
