"""Receptive fields on a page."""

import numpy as np
from streamlit.testing.v1 import AppTest

from aejax.ui.receptive_fields import strongest


def page(encoder: dict[str, object]) -> None:
    import jax

    from aejax import ModelSpec, Run, TrainSpec
    from aejax.model import Model
    from aejax.ui import receptive_fields

    spec = ModelSpec(latent=2, encoder=encoder)
    params = Model.of(spec, (8, 8)).init(jax.random.key(0))
    receptive_fields.show(Run(spec, TrainSpec(), (8, 8), params), pictures=True)


def test_the_fields_of_a_layer_are_drawn_and_another_layer_can_be_chosen():
    shown = AppTest.from_function(page, args=({"kind": "dense", "widths": (30,)},), default_timeout=60).run()
    assert not shown.exception
    assert "30 of 30 units of layer 1" in shown.get("image")[0].proto.imgs[0].caption
    shown.selectbox[0].set_value(2).run()
    assert not shown.exception
    assert "2 of 2 units of layer 2" in shown.get("image")[0].proto.imgs[0].caption


def test_an_encoder_without_such_fields_is_told():
    shown = AppTest.from_function(page, args=({"kind": "conv"},), default_timeout=60).run()
    assert not shown.exception
    assert "dense encoders" in shown.info[0].value


def test_the_strongest_come_first():
    fields = np.arange(4.0)[:, None, None] * np.ones((4, 2, 2))
    assert strongest(fields, 3).tolist() == [3, 2, 1]
