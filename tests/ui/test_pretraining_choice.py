"""Pretraining in the sidebar: offered where it suits the model, and part of what is chosen."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from aejax.ui import session
from aejax.zoo import ZOO

APP = Path(__file__).parents[2] / "app.py"


@pytest.mark.parametrize(
    "model, offered",
    [("hinton-2006", ["none", "rbm", "denoising"]), ("map", ["none", "denoising"]), ("convolutional", ["none"])],
)
def test_only_what_suits_the_model_is_offered(model: str, offered: list[str]) -> None:
    visitor = AppTest.from_file(str(APP), default_timeout=60)
    visitor.query_params["model"] = model
    visitor.run()
    assert not visitor.exception
    assert visitor.selectbox(key="train.pretraining").options == offered
    assert visitor.session_state[session._CHOICES].train == ZOO[model].train
