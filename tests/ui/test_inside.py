"""The Embedding page tells what a model has made of its parts."""

from collections.abc import Callable

import numpy as np
from streamlit.testing.v1 import AppTest
from visitors import texts, trained

from aejax.activity import activity
from aejax.selection import selected
from aejax.ui.inside import told

Visit = Callable[..., AppTest]


def test_the_coordinates_are_told_of() -> None:
    codes = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, -2.0]])
    assert told(activity(codes)).startswith("Of 2,000 held-out examples at most: 2 of 3 coordinates vary, 1.5 are not")
    assert "33% are dead" in told(activity(codes))
    assert "9 codewords in use" in told(activity(codes, words=9))
    assert "3 nats from the prior" in told(activity(codes, np.array([1.0, 2.0, 0.0])))


def test_a_model_that_chooses_features_shows_them(visit: Visit) -> None:
    visitor = visit("embedding", "concrete")
    shown = visitor.dataframe[0].value
    assert shown["feature"].tolist() == selected(trained("concrete").run).features.tolist()


def test_a_dense_encoder_shows_what_its_units_look_for(visit: Visit) -> None:
    captions = [image.proto.imgs[0].caption for image in visit("embedding", "two numbers").get("image")]
    assert any("units of layer 1" in caption for caption in captions)


def test_a_collapsed_posterior_is_remarked_on(visit: Visit) -> None:
    found = activity(np.array([[0.0, 1.0], [0.0, -1.0]]), np.array([0.0, 2.0]))
    assert "1 of 2 coordinates are idle" in found.remark
    assert "coordinates vary" in texts(visit("embedding", "variational"))
