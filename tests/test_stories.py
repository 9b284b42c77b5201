"""Every story is well formed, and its point holds: of three at each run of the tests, of all over seeds if asked."""

import pytest

from aejax.data import load_data, sources
from aejax.settings import SpecError
from aejax.stories import STORIES, story
from aejax.story import RUN, Finding
from aejax.training import train
from aejax.ui.story_figures import BEFORE, FIGURES

CHEAP = ("linear", "strangers", "autoencoder")
SEEDS = [pytest.param(seed, marks=() if seed == 0 else pytest.mark.slow) for seed in range(3)]
NAMES = [pytest.param(name, marks=() if name in CHEAP else pytest.mark.slow) for name in STORIES]


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_well_formed(name: str) -> None:
    told = story(name)
    assert 3 <= len(told.steps) <= 6
    assert 0 < told.seconds <= 30
    assert told.question.endswith("?")
    assert sources()[told.data].ready, "a story waits for no download"
    assert [step.shows for step in told.steps].count(RUN) == 1
    assert {step.shows for step in told.steps} <= {RUN, *FIGURES}
    assert {step.shows for step in told.steps[: told.run_step]} <= {*BEFORE}
    for training in told.trainings:
        spec, schedule = training.recipe(seed=5)
        spec.latent_size(sources()[told.data].shape)
        assert schedule.seed == 5
    question = told.prediction
    assert question is not None
    assert len(question.choices) == len(set(question.choices)) == len(question.limits) + 1
    assert list(question.limits) == sorted(question.limits)


@pytest.mark.parametrize("name", STORIES)
def test_what_a_story_says_follows_the_number(name: str) -> None:
    point, question = STORIES[name].point, STORIES[name].prediction
    side = 1 if point.direction == "at least" else -1
    bars = {"one": 0.1, "two": 0.2, "three": 0.3}
    made, missed = (Finding(point.bound + sign * side, bars) for sign in (1, -1))
    assert point.holds(made.value)
    assert point.holds(point.bound)
    assert not point.holds(missed.value)
    assert point.written.format(made.value) in point.sentence(made) or "{value}" not in point.said
    assert "the point is not made" in point.sentence(missed)
    assert question is not None
    assert question.came(-1e9) == question.choices[0]
    assert question.came(question.limits[0]) == question.choices[0]
    assert question.came(1e9) == question.choices[-1]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_storys_point_holds(name: str, seed: int) -> None:
    told = STORIES[name]
    data = load_data(told.data)
    runs = [train(*training.recipe(seed), data.x_train, data.x_test) for training in told.trainings]
    finding = told.point.measure(data, runs)
    assert told.point.holds(finding.value), told.point.sentence(finding)
    if name == "convolution":
        assert runs[0].model.parameters == 610


def test_an_unknown_name_is_told_with_those_that_are() -> None:
    with pytest.raises(SpecError, match=r"story must be one of autoencoder, .*got 'liner' \(did you mean linear\?\)"):
        story("liner")
