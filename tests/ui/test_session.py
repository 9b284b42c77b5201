"""What a visitor has is his own, and whatever goes wrong is told in one sentence."""

from typing import Any

import jax
import pytest
from streamlit.testing.v1 import AppTest

from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import DivergedError
from aejax.ui import session

SMALL = ModelSpec(latent=2)
BRIEF = TrainSpec(epochs=2, batch_size=512)


def page(spec: object, train: object, acts: tuple[str, ...]) -> None:
    """A page that does as it is told, and writes down what the session then says."""
    import streamlit as st

    from aejax.data import load_data
    from aejax.ui import session

    for act in acts:
        if act == "start":
            session.start("digits", load_data("digits"), spec, train)
        elif act == "stop":
            session.stop()
        else:
            session.advance(float(act))
    st.session_state["said"] = (session.result(), session.training(), session.failure(), session.seconds_per_step())


def visit(*acts: str, spec: ModelSpec = SMALL, train: TrainSpec = BRIEF) -> AppTest:
    visitor = AppTest.from_function(page, kwargs={"spec": spec, "train": train, "acts": acts}, default_timeout=60)
    return visitor.run()


def said(visitor: AppTest) -> Any:
    assert not visitor.exception
    return visitor.session_state["said"]


def test_there_is_nothing_before_a_training() -> None:
    assert said(visit()) == (None, False, None, None)


def test_a_training_begins_without_a_result() -> None:
    assert said(visit("start")) == (None, True, None, None)


def test_advancing_gives_at_least_one_snapshot() -> None:
    result, training, failure, _ = said(visit("start", "0"))
    assert (result.progress.step, training, failure) == (1, True, None)
    assert (result.data_name, result.run.spec, result.run.train) == ("digits", SMALL, BRIEF)


def test_a_training_ends_by_itself_and_its_last_snapshot_stays() -> None:
    result, training, _, pace = said(visit("start", "60"))
    assert not training
    assert result.progress.fraction == 1.0
    assert len(result.run.history) == BRIEF.epochs
    assert pace is not None
    assert pace > 0


def test_stopping_keeps_the_latest_snapshot() -> None:
    result, training, _, _ = said(visit("start", "0", "stop", "60"))
    assert not training
    assert result.progress.step == 1


def test_a_new_start_replaces_the_old_training() -> None:
    result, training, _, _ = said(visit("start", "60", "start"))
    assert result is None
    assert training


def test_nothing_happens_where_there_is_nothing_to_stop() -> None:
    assert said(visit("stop", "1")) == (None, False, None, None)


def test_what_cannot_be_trained_is_told_and_not_begun() -> None:
    result, training, failure, _ = said(visit("start", train=BRIEF.replace(batch_size=5000)))
    assert (result, training) == (None, False)
    assert failure == "Batch_size must be at most 1437, the number of training examples; got 5000."


def test_a_diverging_training_ends_with_its_reason() -> None:
    steep = BRIEF.replace(optimizer="sgd", learning_rate=1e12)
    _, training, failure, _ = said(visit("start", "60", train=steep))
    assert not training
    assert "lower the learning rate" in failure


def test_two_visitors_have_each_their_own() -> None:
    one, other = visit("start", "0"), visit("start", "0", spec=SMALL.replace(latent=3))
    none = visit()
    assert said(one)[0].run.latent == 2
    assert said(other)[0].run.latent == 3
    assert said(none)[0] is None


@pytest.mark.parametrize(
    "error, sentence",
    [
        (SpecError("latent must be at least 1; got 0"), "Latent must be at least 1; got 0."),
        (DivergedError("the loss is gone."), "The loss is gone."),
        (MemoryError(), "There is not enough memory"),
        (jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: out of memory"), "There is not enough memory"),
        (jax.errors.JaxRuntimeError("INTERNAL: broken\nat line 1"), "The device could not run this model (INTERNAL:"),
    ],
)
def test_errors_are_explained_in_one_sentence(error: Exception, sentence: str) -> None:
    told = session.explained(error)
    assert told.startswith(sentence)
    assert told.endswith(".")
    assert "\n" not in told
