"""The Train page and the sidebar, driven without a browser."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from aejax.data import DATASETS
from aejax.ui import monitor, session
from aejax.zoo import ZOO

APP = Path(__file__).parents[2] / "app.py"


def visit(**address: str) -> AppTest:
    visitor = AppTest.from_file(str(APP), default_timeout=60)
    for name, value in address.items():
        visitor.query_params[name] = value
    return ran(visitor.run())


def ran(visitor: AppTest) -> AppTest:
    assert not visitor.exception
    return visitor


def choices(visitor: AppTest) -> session.Choices:
    return visitor.session_state[session._CHOICES]


def trained(epochs: int = 1, **address: str) -> AppTest:
    visitor = visit(**({"data": "digits", "model": "linear"} | address))
    visitor.number_input(key="train.epochs").set_value(epochs).run()
    ran(visitor.button(key="train-start").click().run())
    return finished(visitor)


def finished(visitor: AppTest) -> AppTest:
    for _ in range(100):
        if not [button for button in visitor.button if button.key == "train-stop"]:
            return visitor
        ran(visitor.run())
    raise AssertionError("the training did not end")


def texts(visitor: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "success", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in visitor.get(kind))


def figures(visitor: AppTest) -> dict[str, Any]:
    return {element.proto.id.rpartition("-train-")[2]: element.proto for element in visitor.get("bidi_component")}


def test_the_first_visit_offers_to_train_the_default() -> None:
    visitor = visit()
    assert (choices(visitor).data_name, choices(visitor).model) == ("mnist-sample", "map")
    assert (choices(visitor).spec, choices(visitor).train) == (ZOO["map"].spec, ZOO["map"].train)
    assert not visitor.button(key="train-start").disabled
    assert "What it will learn from" in texts(visitor)
    assert any("parameters" in expander.label for expander in visitor.get("expander"))


def test_training_shows_loss_embedding_and_what_to_do_next() -> None:
    visitor = trained()
    assert "Trained: 1 of 1 epochs" in texts(visitor)
    assert {"loss", "embedding"} <= set(figures(visitor))
    assert len(visitor.get("page_link")) == 3
    assert "originals, reconstructions" in visitor.get("image")[0].proto.imgs[0].caption


def test_while_it_trains_it_can_be_stopped() -> None:
    visitor = visit(data="digits", model="linear")
    visitor.number_input(key="train.epochs").set_value(100_000).run()
    visitor.button(key="train-start").click().run()
    assert "pauses while you are on another page" in texts(visitor)
    ran(visitor.run())
    ran(visitor.button(key="train-stop").click().run())
    assert "Stopped: " in texts(visitor)


def test_other_choices_leave_the_result_and_say_so() -> None:
    visitor = trained()
    assert "other settings" not in texts(visitor)
    visitor.number_input(key="latent").set_value(5).run()
    assert "other settings" in texts(visitor)
    assert "Trained: 1 of 1 epochs" in texts(visitor)


def test_two_visitors_see_each_their_own_model() -> None:
    one, other, third = trained(latent="2"), trained(latent="3"), visit()
    assert one.session_state[session._TRAINING].result.run.latent == 2
    assert other.session_state[session._TRAINING].result.run.latent == 3
    assert "Trained" in texts(one)
    assert "Trained" not in texts(third)


@pytest.mark.parametrize("data", ["two-moons", "swiss-roll", "waves", "circles"])
def test_examples_that_are_no_images_are_shown_too(data: str) -> None:
    visitor = trained(data=data)
    assert "strip" in figures(visitor)
    assert not texts(visitor).count("cannot start")


def test_a_denoising_model_shows_what_it_sees() -> None:
    visitor = trained(model="denoising")
    assert "as the model sees them" in visitor.get("image")[0].proto.imgs[0].caption


def test_a_diverging_training_says_what_to_try() -> None:
    visitor = visit(data="digits", model="linear")
    visitor.selectbox(key="train.optimizer").set_value("sgd").run()
    visitor.number_input(key="train.learning_rate").set_value(1e12).run()
    visitor.button(key="train-start").click().run()
    finished(visitor)
    assert "lower the learning rate" in visitor.error[0].value
    assert not visitor.success
    for page in ("embedding", "compare", "latent"):
        ran(visitor.switch_page(f"pages/{page}.py").run())
        assert [button for button in visitor.button if "rain" in button.label], f"{page} is a dead end"


def test_a_training_stopped_before_its_first_result_says_so() -> None:
    visitor = visit(data="digits", model="convolutional")
    visitor.number_input(key="train.epochs").set_value(10_000).run()
    visitor.button(key="train-start").click().run()
    visitor.session_state[session._TRAINING].result = None
    ran(visitor.button(key="train-stop").click().run())
    assert "Stopped before there was anything to show." in texts(visitor)


@pytest.mark.parametrize(
    "key, value, sentence",
    [
        ("latent", 65, "Latent must be at most 64, the size of one example; got 65"),
        ("train.batch_size", 1438, "Batch_size must be at most 1437, the number of training examples; got 1438"),
    ],
)
def test_a_number_beyond_the_data_is_told_and_training_held_back(key: str, value: int, sentence: str) -> None:
    visitor = visit(data="digits")
    ran(visitor.number_input(key=key).set_value(value).run())
    assert [error.value for error in visitor.sidebar.error] == [sentence]
    assert visitor.button(key="train-start").disabled
    assert f"Training cannot start: {sentence}." in texts(visitor)


def test_a_part_that_does_not_fit_the_others_is_told() -> None:
    visitor = visit(model="k-sparse", latent="9")
    assert "Bottleneck.k must be at most 9, the size of the code; got 25" in [error.value for error in visitor.error]
    visitor = visit(model="sparse")
    ran(visitor.selectbox(key="spec.bottleneck.point.activation").set_value("relu").run())
    assert "kl_sparsity needs a code in [0, 1]" in visitor.sidebar.error[0].value
    assert visitor.button(key="train-start").disabled


def test_bad_widths_hold_the_training_back() -> None:
    visitor = visit()
    ran(visitor.text_input(key="spec.encoder.dense.widths").set_value("many").run())
    assert visitor.button(key="train-start").disabled
    assert "got 'many'" in visitor.sidebar.error[0].value


@pytest.mark.parametrize("model", ZOO)
def test_choosing_a_model_brings_its_recipe(model: str) -> None:
    visitor = visit()
    visitor.number_input(key="train.epochs").set_value(3).run()
    ran(visitor.selectbox(key="model").set_value(next(name for name in ZOO if name != model)).run())
    ran(visitor.selectbox(key="model").set_value(model).run())
    assert (choices(visitor).spec, choices(visitor).train) == (ZOO[model].spec, ZOO[model].train)
    assert not choices(visitor).problems


@pytest.mark.parametrize("data", [name for name, source in DATASETS.items() if not source.remote])
@pytest.mark.parametrize("model", ["map", "variational", "linear"])
def test_changing_the_data_keeps_a_model_that_fits(data: str, model: str) -> None:
    visitor = visit(model=model)
    ran(visitor.selectbox(key="data").set_value(data).run())
    assert not choices(visitor).problems
    assert choices(visitor).spec.encoder == ZOO[model].spec.encoder
    ran(visitor.selectbox(key="data").set_value("mnist-sample").run())
    assert choices(visitor).spec == ZOO[model].spec


def test_resetting_gives_the_recipe_back() -> None:
    visitor = visit(model="deep")
    visitor.number_input(key="latent").set_value(7).run()
    visitor.selectbox(key="spec.bottleneck").set_value("gaussian").run()
    ran(visitor.button(key="reset").click().run())
    assert choices(visitor).spec == ZOO["deep"].spec


def test_choices_come_from_the_address_and_go_into_it() -> None:
    visitor = visit(data="digits", model="deep", latent="5")
    assert (choices(visitor).data_name, choices(visitor).model, choices(visitor).spec.latent) == ("digits", "deep", 5)
    visitor.selectbox(key="data").set_value("waves").run()
    assert visitor.query_params["data"] == "waves"


@pytest.mark.parametrize("address", [{"data": "../etc"}, {"model": "<script>"}, {"latent": "-3"}, {"latent": "many"}])
def test_nonsense_in_the_address_is_passed_over(address: dict[str, str]) -> None:
    visitor = visit(**address)
    assert (choices(visitor).data_name, choices(visitor).spec) == ("mnist-sample", ZOO["map"].spec)


def test_data_are_downloaded_only_when_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEJAX_DATA", str(tmp_path))
    visitor = visit(data="mnist")
    assert visitor.button(key="download").label == "Download MNIST (12 MB)"
    assert visitor.button(key="train-start").disabled
    assert "download it first" in texts(visitor)
    assert not list(tmp_path.iterdir())


def test_the_choices_outlast_a_visit_to_another_page() -> None:
    visitor = visit()
    visitor.text_input(key="spec.encoder.dense.widths").set_value("64, 32").run()
    ran(visitor.switch_page("pages/embedding.py").run())
    ran(visitor.switch_page("pages/train.py").run())
    assert choices(visitor).spec.encoder.widths == (64, 32)


def test_a_page_without_a_result_trains_the_chosen_model() -> None:
    visitor = visit(data="digits", model="linear")
    ran(visitor.switch_page("pages/embedding.py").run())
    ran(visitor.button(key="train-default").click().run())
    assert visitor.session_state[session._TRAINING].data_name == "digits"
    assert visitor.title[0].value == "Train"


@pytest.mark.parametrize(
    "seconds, words",
    [(0.012, "12 ms"), (3.21, "3.2 s"), (42.4, "42 s"), (600, "10 min"), (3 * 3600, "3.0 h")],
)
def test_durations_are_told_with_no_more_digits_than_needed(seconds: float, words: str) -> None:
    assert monitor.duration(seconds) == words
