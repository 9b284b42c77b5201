"""Every setting of every part has a widget, made from its declaration."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from aejax.optimizers import OPTIMIZERS
from aejax.parts.bottlenecks import BOTTLENECKS
from aejax.parts.corruptions import CORRUPTIONS
from aejax.parts.likelihoods import LIKELIHOODS
from aejax.parts.networks import NETWORKS, Dense
from aejax.parts.penalties import PENALTIES
from aejax.parts.pretrainings import PRETRAININGS
from aejax.settings import Settings
from aejax.spec import ModelSpec, TrainSpec
from aejax.ui import controls
from aejax.ui.declared import declared
from aejax.zoo import ZOO

TABLES: dict[str, Any] = {
    "corruption": CORRUPTIONS,
    "encoder": NETWORKS,
    "decoder": NETWORKS,
    "bottleneck": BOTTLENECKS,
    "likelihood": LIKELIHOODS,
    "penalties": PENALTIES,
    "optimizer": OPTIMIZERS,
    "pretraining": PRETRAININGS,
}
PARTS = [(slot, kind) for slot, table in TABLES.items() for kind in table]


def page(base: object, given: dict[str, object], refused: tuple[str, ...] = ()) -> None:
    """A page that shows nothing but the settings of `base`."""
    import streamlit as st

    from aejax.ui import controls

    def refusal(name: str, value: object) -> str | None:
        return f"{name} is refused" if getattr(value, "kind", value) in refused else None

    for key, value in given.items():
        if key not in st.session_state:
            st.session_state[key] = value
    form = controls.Form(refusal)
    st.session_state["chosen"] = controls.controls(base, "it", form)
    st.session_state["form"] = form


def shown(base: Settings, given: dict[str, Any] | None = None, refused: tuple[str, ...] = ()) -> AppTest:
    kwargs = {"base": base, "given": given or {}, "refused": refused}
    drawn = AppTest.from_function(page, kwargs=kwargs, default_timeout=60).run()
    assert not drawn.exception
    return drawn


def chosen(drawn: AppTest) -> Any:
    assert not drawn.exception
    return drawn.session_state["chosen"]


def with_part(slot: str, kind: str) -> Settings:
    if slot == "penalties":
        return ModelSpec(penalties=(kind,))
    return TrainSpec(**{slot: kind}) if slot in TrainSpec.model_fields else ModelSpec(**{slot: kind})


@pytest.mark.parametrize("name", ZOO)
def test_every_model_of_the_zoo_survives_its_widgets(name: str) -> None:
    for settings in (ZOO[name].spec, ZOO[name].train):
        drawn = shown(settings)
        assert chosen(drawn) == settings
        assert not drawn.session_state["form"].problems


@pytest.mark.parametrize("slot, kind", PARTS)
def test_every_part_survives_its_widgets(slot: str, kind: str) -> None:
    settings = with_part(slot, kind)
    assert chosen(shown(settings)) == settings


@pytest.mark.parametrize("slot, kind", PARTS)
def test_every_part_can_be_put_into_the_widgets(slot: str, kind: str) -> None:
    settings = with_part(slot, kind)
    given = controls.values(settings, "it", controls.Form())
    assert chosen(shown(type(settings)(), given)) == settings


@pytest.mark.parametrize("slot, kind", PARTS)
def test_every_setting_of_a_part_has_a_widget_with_label_and_help(slot: str, kind: str) -> None:
    drawn = shown(with_part(slot, kind))
    labels = {widget.key: widget.label for widget in widgets(drawn)}
    for name in declared(TABLES[slot][kind]):
        assert labels[f"it.{slot}.{kind}.{name}"]
    assert all(widget.help for widget in widgets(drawn))


def widgets(drawn: AppTest) -> Iterator[Any]:
    for kind in ("selectbox", "number_input", "text_input", "toggle", "multiselect"):
        yield from drawn.get(kind)


def test_the_menu_offers_every_part_of_the_table() -> None:
    assert shown(ModelSpec()).selectbox(key="it.bottleneck").options == [kind.replace("_", " ") for kind in BOTTLENECKS]


def test_a_number_can_be_changed() -> None:
    drawn = shown(TrainSpec())
    drawn.number_input(key="it.epochs").set_value(7).run()
    assert chosen(drawn) == TrainSpec(epochs=7)


def test_small_numbers_are_shown_and_kept_whole() -> None:
    drawn = shown(TrainSpec(learning_rate=3e-5))
    rate = drawn.number_input(key="it.learning_rate")
    assert rate.proto.format == "%g"
    assert rate.step == 1e-6
    assert chosen(drawn).learning_rate == 3e-5


@pytest.mark.parametrize("value", [-1, 2**32])
def test_a_number_out_of_bounds_is_told_and_the_old_one_stands(value: int) -> None:
    """The browser's own bounds would say it in red alone, and keep the last value that it had sent."""
    drawn = shown(TrainSpec())
    drawn.number_input(key="it.seed").set_value(value).run()
    assert [error.value for error in drawn.error] == [
        f"Seed must be {'greater than or equal to 0' if value < 0 else 'less than 4294967296'}; got {value}"
    ]
    assert chosen(drawn) == TrainSpec()


def test_widths_are_written_with_commas() -> None:
    drawn = shown(ModelSpec(encoder=Dense(widths=(128, 64))))
    text = drawn.text_input(key="it.encoder.dense.widths")
    assert text.value == "128, 64"
    text.set_value("32,16 , 8").run()
    assert chosen(drawn).encoder == Dense(widths=(32, 16, 8))


@pytest.mark.parametrize("text", ["12, x", "0", "-3", "1.5", "99999", "12 13", "; drop"])
def test_bad_text_is_told_beside_the_widget_and_stands_for_nothing(text: str) -> None:
    drawn = shown(ModelSpec())
    drawn.text_input(key="it.encoder.dense.widths").set_value(text).run()
    assert len(drawn.error) == 1
    assert drawn.error[0].value.startswith("Widths")
    assert drawn.session_state["form"].problems == [drawn.error[0].value]
    assert chosen(drawn) == ModelSpec()


def test_a_kind_shows_its_own_settings_and_remembers_them() -> None:
    drawn = shown(ModelSpec())
    drawn.selectbox(key="it.bottleneck").set_value("gaussian").run()
    drawn.number_input(key="it.bottleneck.gaussian.beta").set_value(4.0).run()
    drawn.selectbox(key="it.bottleneck").set_value("point").run()
    assert chosen(drawn) == ModelSpec()
    drawn.selectbox(key="it.bottleneck").set_value("gaussian").run()
    assert chosen(drawn).bottleneck.beta == 4.0


def test_an_optional_part_can_be_left_out_and_taken() -> None:
    drawn = shown(ModelSpec())
    assert drawn.selectbox(key="it.decoder").value == "none"
    drawn.selectbox(key="it.decoder").set_value("linear").run()
    assert chosen(drawn).decoder.kind == "linear"


def test_an_optional_number_can_be_left_out() -> None:
    drawn = shown(ModelSpec())
    drawn.toggle(key="it.latent.given").set_value(False).run()
    assert chosen(drawn).latent is None


def test_an_optional_number_cannot_be_left_out_where_that_is_refused() -> None:
    drawn = shown(ModelSpec(), refused=(None,))  # type: ignore[arg-type]
    assert not [toggle for toggle in drawn.toggle if toggle.key == "it.latent.given"]


def test_penalties_can_be_added() -> None:
    drawn = shown(ModelSpec())
    drawn.multiselect(key="it.penalties").set_value(["l1"]).run()
    drawn.number_input(key="it.penalties.l1.weight").set_value(0.5).run()
    assert chosen(drawn).penalties[0].weight == 0.5


def test_the_learning_rate_follows_the_optimizer() -> None:
    drawn = shown(TrainSpec())
    drawn.selectbox(key="it.optimizer").set_value("adadelta").run()
    assert chosen(drawn).learning_rate == 1.0
    drawn.selectbox(key="it.optimizer").set_value("adam").run()
    assert chosen(drawn).learning_rate == 1e-3


def test_a_refused_part_is_explained_and_not_offered() -> None:
    drawn = shown(ModelSpec(), refused=("conv",))
    assert "conv" not in drawn.selectbox(key="it.encoder").options
    assert "Not offered: conv. Encoder is refused." in [caption.value for caption in drawn.caption]


def test_a_chosen_part_gives_way_where_it_is_refused() -> None:
    others = tuple(kind for kind in LIKELIHOODS if kind != "mse")
    drawn = shown(ModelSpec(), refused=others)
    assert chosen(drawn).likelihood.kind == "mse"
    assert drawn.session_state["form"].notes == [
        "Likelihood: mse in place of bernoulli, which does not suit these data."
    ]
    assert not drawn.session_state["form"].problems


def test_settings_of_an_unknown_type_are_not_passed_over() -> None:
    class Odd(Settings):
        secret: bytes = b""

    with pytest.raises(TypeError, match="no widget is known"):
        declared(Odd)
