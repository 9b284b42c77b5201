"""The Train page and the sidebar, driven without a browser."""

import time
from pathlib import Path
from typing import Any

import pytest
from canvas_data import about, plain
from streamlit.testing.v1 import AppTest

from aejax.data import DATASETS
from aejax.jobs import Standing
from aejax.ui import monitor, session, timeline, transport, tuning
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


def press(visitor: AppTest, what: str) -> AppTest:
    """Press a button of the transport, which is drawn by JavaScript: leave in its state what that would."""
    try:
        known = visitor.session_state[transport.KEY]
    except KeyError:
        known = {}
    count = known.get("press", {}).get("count", 0) + 1
    visitor.session_state[transport.KEY] = {"press": {"what": what, "count": count}}
    return ran(visitor.run())


def buttons(visitor: AppTest) -> dict[str, bool]:
    """The buttons of the transport, and whether each can be pressed."""
    return {button["name"]: not button["disabled"] for button in plain(visitor, transport.KEY)["buttons"]}


def trained(epochs: int = 1, **address: str) -> AppTest:
    visitor = visit(**({"data": "digits", "model": "linear"} | address))
    visitor.number_input(key="train.epochs").set_value(epochs).run()
    return finished(press(visitor, "play"))


def finished(visitor: AppTest, *statuses: str) -> AppTest:
    """The page once the run has come to one of these, or to any, ends."""
    end = time.monotonic() + 60
    run = visitor.session_state[session._RUN]
    while time.monotonic() < end:
        current = session.office().standing(run)
        if current.status in statuses if statuses else not current.active:
            return ran(visitor.run())
        time.sleep(0.02)
    raise AssertionError(f"the training is still {current.status}")


def texts(visitor: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "success", "info", "warning", "error")
    return "\n".join(element.value for kind in kinds for element in visitor.get(kind))


def figures(visitor: AppTest) -> dict[str, Any]:
    return {element.proto.id.rpartition("-train-")[2]: element.proto for element in visitor.get("bidi_component")}


def test_the_first_visit_offers_to_train_the_default() -> None:
    visitor = visit()
    assert (choices(visitor).data_name, choices(visitor).model) == ("mnist-sample", "map")
    assert (choices(visitor).spec, choices(visitor).train) == (ZOO["map"].spec, ZOO["map"].train)
    assert buttons(visitor) == {"play": True, "step": True, "step-epoch": True, "help": True}
    assert "What it will learn from" in texts(visitor)
    assert any("parameters" in expander.label for expander in visitor.get("expander"))


def test_training_shows_loss_embedding_and_what_to_do_next() -> None:
    visitor = trained()
    assert "Trained: 1 of 1 epochs" in texts(visitor)
    assert {"loss", "canvas", "timeline"} <= set(figures(visitor))
    assert len(visitor.get("page_link")) == 3
    assert "originals, reconstructions" in visitor.get("image")[0].proto.imgs[0].caption


def test_while_it_trains_it_can_be_paused_stepped_and_stopped() -> None:
    visitor = visit(data="digits", model="linear")
    visitor.number_input(key="train.epochs").set_value(100_000).run()
    press(visitor, "play")
    finished(visitor, "running")
    assert buttons(visitor).keys() == {"pause", "step", "step-epoch", "stop", "reset", "reseed", "help"}
    press(visitor, "pause")
    finished(visitor, "paused")
    assert {"play", "step", "step-epoch", "stop"} <= buttons(visitor).keys()
    step = current(visitor).document["step"]
    press(press(visitor, "step"), "stop")
    finished(visitor)
    assert current(visitor).document["step"] > step
    assert "Stopped: " in texts(visitor)
    assert "Play goes on with it where it ended." in texts(visitor)


def current(visitor: AppTest) -> Standing:
    return session.office().standing(visitor.session_state[session._RUN])


def test_a_press_is_obeyed_once() -> None:
    visitor = trained()
    run = visitor.session_state[session._RUN]
    ran(visitor.run())
    assert visitor.session_state[session._RUN] == run
    visitor.session_state[transport.KEY] = {"press": {"what": "nonsense", "count": 99}}
    ran(visitor.run())
    visitor.session_state[transport.KEY] = {"press": "nonsense"}
    ran(visitor.run())


def test_reset_begins_anew_from_the_same_seed_and_reseed_from_another() -> None:
    visitor = trained()
    first = current(visitor)
    second = current(finished(press(visitor, "reset"), "paused"))
    assert second.id != first.id
    assert (second.document["step"], second.document["train"]) == (0, first.document["train"])
    third = current(finished(press(visitor, "reseed"), "paused"))
    assert third.document["train"]["seed"] != first.document["train"]["seed"]
    assert choices(visitor).train.seed == third.document["train"]["seed"]


def test_another_tab_and_a_refresh_find_the_run_and_its_settings_by_the_address() -> None:
    visitor = trained(latent="3")
    other = visit(run=visitor.session_state[session._RUN])
    assert "Trained: 1 of 1 epochs" in texts(other)
    assert "other settings" not in texts(other)
    assert (choices(other).data_name, choices(other).spec.latent, choices(other).train.epochs) == ("digits", 3, 1)


@pytest.mark.parametrize("run", ["../../etc", "20260101-000000-00000000", "<script>"])
def test_a_run_that_is_not_here_is_passed_over(run: str) -> None:
    visitor = visit(run=run)
    assert "run" not in visitor.query_params
    assert "What it will learn from" in texts(visitor)


def test_numbers_change_while_it_trains() -> None:
    visitor = visit(data="digits", model="linear")
    finished(press(visitor, "step"), "paused")
    run = visitor.session_state[session._RUN]
    slider = visitor.select_slider(key=f"tune.{run}.train.learning_rate")
    assert slider.value == 0.01
    ran(slider.set_value(0.1).run())
    end = time.monotonic() + 20
    while not current(visitor).document["changes"] and time.monotonic() < end:
        time.sleep(0.02)
    assert current(visitor).document["changes"][-1]["numbers"] == {"train.learning_rate": 0.1}
    assert current(visitor).document["train"]["learning_rate"] == 0.1


def test_values_to_choose_from_hold_the_present_one_and_keep_the_bounds() -> None:
    around = tuning.scale(0.0123, 0.0, 1e12)
    assert around[0] == 0.0
    assert around == sorted(around)
    assert 0.0123 in around
    assert max(around) > 1
    assert tuning.scale(0.33, 0.0, 1.0)[::21] == [0.0, 1.0]
    assert all(value <= 100 for value in tuning.scale(90.0, 0.0, 100.0))


def test_the_timeline_shows_earlier_moments_and_a_branch_begins_there() -> None:
    visitor = visit(data="digits", model="linear")
    visitor.number_input(key="train.epochs").set_value(2).run()
    finished(press(visitor, "step-epoch"), "paused")
    finished(press(visitor, "play"))
    run, told = visitor.session_state[session._RUN], about(visitor, timeline.KEY, "")
    assert (told["epochs"], told["moment"]["epoch"], told["moment"]["step"]) == (2, 2, 58)
    visitor.session_state[timeline.KEY] = {"frame": 0}
    ran(visitor.run())
    moment = about(visitor, timeline.KEY, "")["moment"]
    assert (moment["epoch"], moment["step"]) == (0, 0)
    ran(visitor.toggle(key="train-compare").set_value(True).run())
    assert "canvas-other" in figures(visitor)
    ran(visitor.button(key="train-branch").click().run())
    branch = current(finished(visitor))
    assert branch.document["parent"] == {"run": run, "step": 0}
    assert [epoch["terms"] for epoch in branch.folder.epochs()] == [
        epoch["terms"] for epoch in session.office().standing(run).folder.epochs()
    ]


def test_it_trains_further_after_the_end() -> None:
    visitor = trained()
    visitor.number_input(key="train-more").set_value(2).run()
    ran(visitor.button(key="train-extend").click().run())
    finished(visitor)
    assert "Trained: 3 of 3 epochs" in texts(visitor)


def test_runs_are_listed_and_can_be_opened_stopped_and_deleted() -> None:
    visitor = visit(data="digits", model="linear")
    visitor.number_input(key="train.epochs").set_value(100_000).run()
    press(visitor, "play")
    run = visitor.session_state[session._RUN]
    finished(visitor, "running")
    other = visit(runs=run)
    ran(other.switch_page("pages/runs.py").run())
    ran(other.button(key=f"stop-{run}").click().run())
    finished(visitor)
    ran(other.run())
    ran(other.button(key=f"open-{run}").click().run())
    assert other.title[0].value == "Train"
    assert other.session_state[session._RUN] == run
    assert choices(other).train.epochs == 100_000
    other.query_params["runs"] = run
    ran(other.switch_page("pages/runs.py").run())
    ran(other.button(key=f"delete-{run}").click().run())
    assert run not in [standing.id for standing in session.office().runs()]
    ran(other.button(key="undo-delete").click().run())
    assert run in [standing.id for standing in session.office().runs()]
    session.office().delete(run)
    ran(other.switch_page("pages/train.py").run())
    assert "run" not in other.query_params


def test_keys_are_told_when_asked_for() -> None:
    visitor = press(visit(), "help")
    assert "**Space** plays and pauses" in texts(visitor)
    assert "**Space**" not in texts(press(visitor, "help"))


def test_other_choices_leave_the_result_and_say_so() -> None:
    visitor = trained()
    assert "other settings" not in texts(visitor)
    visitor.number_input(key="latent").set_value(5).run()
    assert "other settings" in texts(visitor)
    assert "Trained: 1 of 1 epochs" in texts(visitor)


def test_two_visitors_see_each_their_own_model() -> None:
    one, other, third = trained(latent="2"), trained(latent="3"), visit()
    assert current(one).document["spec"]["latent"] == 2
    assert current(other).document["spec"]["latent"] == 3
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
    finished(press(visitor, "play"))
    assert "lower the learning rate" in visitor.error[0].value
    assert not visitor.success
    for page in ("embedding", "compare", "latent"):
        ran(visitor.switch_page(f"pages/{page}.py").run())
        assert [button for button in visitor.button if "rain" in button.label], f"{page} is a dead end"


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
    assert not buttons(visitor)["play"]
    assert f"Training cannot start: {sentence}." in texts(visitor)


def test_a_part_that_does_not_fit_the_others_is_told() -> None:
    visitor = visit(model="k-sparse", latent="9")
    assert "Bottleneck.k must be at most 9, the size of the code; got 25" in [error.value for error in visitor.error]
    visitor = visit(model="sparse")
    ran(visitor.selectbox(key="spec.bottleneck.point.activation").set_value("relu").run())
    assert "kl_sparsity needs a code in [0, 1]" in visitor.sidebar.error[0].value
    assert not buttons(visitor)["play"]


def test_bad_widths_hold_the_training_back() -> None:
    visitor = visit()
    ran(visitor.text_input(key="spec.encoder.dense.widths").set_value("many").run())
    assert not buttons(visitor)["play"]
    assert "got 'many'" in visitor.sidebar.error[0].value


def test_choosing_a_model_brings_its_recipe() -> None:
    visitor = visit(model=list(ZOO)[-1])
    for model, entry in ZOO.items():
        visitor.number_input(key="train.epochs").set_value(3).run()
        ran(visitor.selectbox(key="model").set_value(model).run())
        assert (choices(visitor).spec, choices(visitor).train) == (entry.spec, entry.train), model
        assert not choices(visitor).problems, model


@pytest.mark.parametrize("model", ["map", "variational", "linear"])
def test_changing_the_data_keeps_a_model_that_fits(model: str) -> None:
    visitor = visit(model=model)
    for data in [name for name, source in DATASETS.items() if not source.remote]:
        ran(visitor.selectbox(key="data").set_value(data).run())
        assert not choices(visitor).problems, data
        assert choices(visitor).spec.encoder == ZOO[model].spec.encoder, data
        ran(visitor.selectbox(key="data").set_value("mnist-sample").run())
        assert choices(visitor).spec == ZOO[model].spec, data


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
    assert not buttons(visitor)["play"]
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
    assert current(visitor).document["data"]["name"] == "digits"
    assert visitor.title[0].value == "Train"


@pytest.mark.parametrize(
    "seconds, words",
    [(0.012, "12 ms"), (3.21, "3.2 s"), (42.4, "42 s"), (600, "10 min"), (3 * 3600, "3.0 h")],
)
def test_durations_are_told_with_no_more_digits_than_needed(seconds: float, words: str) -> None:
    assert monitor.duration(seconds) == words
