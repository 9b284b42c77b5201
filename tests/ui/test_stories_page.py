"""The Stories page: the shelf, a story from its first step to its point, the ways in and the ways out."""

import time

import pytest
from streamlit.testing.v1 import AppTest
from visitors import APP, charts_of, texts

from aejax.jobs import Jobs
from aejax.stories import STORIES
from aejax.ui import session

NAME = "linear"


def visit(**address: str) -> AppTest:
    visitor = AppTest.from_file(APP, default_timeout=60).run()
    for name, value in address.items():
        visitor.query_params[name] = value
    return ran(visitor.switch_page("pages/stories.py").run())


def ran(visitor: AppTest) -> AppTest:
    assert not visitor.exception
    return visitor


def press(visitor: AppTest, key: str) -> AppTest:
    return ran(visitor.button(key=key).click().run())


def keys(visitor: AppTest) -> set[str]:
    return {button.key for button in visitor.button}


@pytest.fixture(scope="module")
def told() -> list[AppTest]:
    """The visitor who has run the story, once one has."""
    return []


@pytest.fixture
def visitor(told: list[AppTest], office: Jobs) -> AppTest:
    """Someone who has predicted wrongly and run the story to its number."""
    if not told:
        begun = visit(story=NAME, step="2")
        begun.radio(key=f"story-prediction-{NAME}").set_value(STORIES[NAME].prediction.choices[-1]).run()
        press(begun, "story-run")
        assert {"story-stop", "story-back", "story-next"} <= keys(begun)
        end = time.monotonic() + 120
        while not begun.metric and time.monotonic() < end:
            time.sleep(0.2)
            ran(begun.run())
        told.append(begun)
    return told[0]


def test_the_shelf_has_every_story_with_its_question_and_time() -> None:
    visitor = visit()
    said = texts(visitor)
    for name, each in STORIES.items():
        assert each.title in said
        assert each.question in said
        assert f"open-{name}" in keys(visitor)
    assert "about" in said
    press(visitor, f"open-{NAME}")
    assert [title.value for title in visitor.title] == [STORIES[NAME].title]
    assert (visitor.query_params["story"], visitor.query_params["step"]) == (NAME, "1")


def test_one_may_go_through_all_steps_without_running_anything() -> None:
    visitor = visit(story="collapse", step="1")
    for step in STORIES["collapse"].steps:
        assert [heading.value for heading in visitor.subheader] == [step.title]
        if "story-next" in keys(visitor):
            press(visitor, "story-next")
    assert "It needs the run first" in texts(visitor)
    press(visitor, "story-to-run")
    assert "story-run" in keys(visitor)


def test_a_run_ends_with_the_number_the_sentence_and_what_was_predicted(visitor: AppTest) -> None:
    story = STORIES[NAME]
    (metric,) = visitor.metric
    assert story.point.holds(float(metric.value.removesuffix("°")))
    assert visitor.success[0].value.startswith("The linear autoencoder has found the plane of PCA")
    said = texts(visitor)
    assert f"You said: *{story.prediction.choices[-1]}*. It came otherwise: *{story.prediction.choices[0]}*." in said
    assert "The point is made with at most 5.0°" in said
    assert all(chart.proto.alt for chart in charts_of(visitor))
    press(visitor, "story-next")
    assert len(charts_of(visitor)) == 1
    press(visitor, "story-back")


def test_the_address_brings_another_visitor_to_the_same_point(visitor: AppTest) -> None:
    again = visit(story=NAME, step="2", trained=visitor.query_params["trained"])
    assert [metric.value for metric in again.metric] == [metric.value for metric in visitor.metric]
    press(again, "story-anew")
    assert "trained" not in again.query_params


def test_the_run_is_gone_on_with_in_the_laboratory(visitor: AppTest) -> None:
    run = visitor.query_params["trained"]
    other = visit(story=NAME, step="2", trained=run)
    press(other, "story-open-train")
    assert other.session_state[session._WANTED] == run
    assert other.title[0].value == "Train"


def test_a_point_that_is_missed_is_said_to_be(visitor: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(STORIES[NAME].point), "holds", lambda point, value: False)
    other = visit(story=NAME, step="2", trained=visitor.query_params["trained"])
    assert "the point is not made" in other.warning[0].value
    assert not other.success
    assert "story-reseed" in keys(other)


@pytest.mark.parametrize("trained", ["../..", "9" * 500])
def test_trainings_that_are_not_there_leave_the_story_to_be_run(trained: str) -> None:
    assert "story-run" in keys(visit(story=NAME, step="2", trained=trained))


def test_a_story_that_is_not_there_is_refused_with_a_way_out() -> None:
    visitor = visit(story="<script>")
    assert "The address names no story: story must be one of autoencoder" in visitor.error[0].value
    press(visitor, "story-shelf")
    assert f"open-{NAME}" in keys(visitor)


@pytest.mark.parametrize("step", ["99", "²"])
def test_a_step_that_is_not_there_is_the_nearest_one(step: str) -> None:
    assert len(visit(story=NAME, step=step).subheader) == 1
