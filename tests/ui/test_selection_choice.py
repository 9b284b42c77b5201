"""A model of chosen features in the sidebar: its two parts are offered together, and drawn where it has chosen."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aejax.ui import session
from aejax.zoo import ZOO

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def visitor() -> AppTest:
    visitor = AppTest.from_file(str(APP), default_timeout=60)
    visitor.query_params["model"] = "concrete"
    visitor.run()
    assert not visitor.exception
    return visitor


def test_the_named_model_is_chosen_whole(visitor: AppTest) -> None:
    assert visitor.session_state[session._CHOICES].spec == ZOO["concrete"].spec
    assert visitor.selectbox(key="spec.bottleneck").options == ["select"]


def test_another_encoder_takes_the_selection_away_and_identity_brings_it_back(visitor: AppTest) -> None:
    visitor.selectbox(key="spec.encoder").select("dense").run()
    assert not visitor.exception
    chosen = visitor.session_state[session._CHOICES]
    assert (chosen.spec.bottleneck.kind, chosen.problems) == ("point", ())
    assert "select" not in visitor.selectbox(key="spec.bottleneck").options
    visitor.selectbox(key="spec.encoder").select("identity").run()
    chosen = visitor.session_state[session._CHOICES]
    assert (chosen.spec.bottleneck.kind, chosen.problems) == ("select", ())


def page(shape: tuple[int, ...], names: tuple[str, ...] | None) -> None:
    """A page that shows nothing but a selection."""
    import numpy as np

    from aejax.selection import Selection
    from aejax.ui import selection

    features = np.array([3, 0])
    found = Selection(features, np.array([0.9, 1.0], np.float32), np.zeros(shape, np.float32), shape, names)
    selection.show(found, np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape))


@pytest.mark.parametrize("shape, names, images", [((4, 4), None, 1), ((6,), ("height", "age"), 0)])
def test_a_selection_is_drawn_on_the_image_and_told_in_a_table(
    shape: tuple[int, ...], names: tuple[str, ...] | None, images: int
) -> None:
    drawn = AppTest.from_function(page, kwargs={"shape": shape, "names": names}, default_timeout=60).run()
    assert not drawn.exception
    assert len(drawn.get("image")) == images
    (table,) = drawn.dataframe
    np.testing.assert_allclose(table.value["probability"], [0.9, 1.0])
    place = list(table.value["name"]) if names else list(table.value["row"])
    assert place == (["height", "age"] if names else [0, 0])
