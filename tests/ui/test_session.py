"""What a visitor has is his own, and whatever goes wrong is told in one sentence."""

import time
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aejax import load_data, load_run
from aejax.jobs import Jobs
from aejax.spec import ModelSpec, TrainSpec
from aejax.ui import film, session

SMALL = ModelSpec(latent=2, encoder="linear", likelihood="mse")
BRIEF = TrainSpec(epochs=2, batch_size=512)


def page(spec: object, train: object, acts: tuple[str, ...]) -> None:
    """A page that does as it is told, and writes down what the session then says."""
    import streamlit as st

    from aejax.data import load_data
    from aejax.ui import session

    session.attach()
    for act in acts:
        if act in ("start", "prepare"):
            session.start("digits", load_data("digits"), spec, train, play=act == "start")
        else:
            session.steer(*act.split())
    st.session_state["said"] = (session.result(), session.training(), session.failure(), session.run_id())


def visit(*acts: str, spec: ModelSpec = SMALL, train: TrainSpec = BRIEF, run: str | None = None) -> AppTest:
    visitor = AppTest.from_function(page, kwargs={"spec": spec, "train": train, "acts": acts}, default_timeout=60)
    if run is not None:
        visitor.query_params["run"] = run
    return visitor.run()


def said(visitor: AppTest) -> Any:
    assert not visitor.exception
    return visitor.session_state["said"]


def waited(office: Jobs, run: str, *statuses: str) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        status = office.standing(run).status
        if status in statuses or not statuses and not office.standing(run).active:
            return run
        time.sleep(0.01)
    raise AssertionError(f"the run is still {status}")


@pytest.fixture
def finished(office: Jobs) -> str:
    return waited(office, said(visit("start"))[3])


def test_there_is_nothing_before_a_training() -> None:
    assert said(visit()) == (None, False, None, None)


def test_a_training_begins_without_a_result_and_is_named_in_the_address(office: Jobs) -> None:
    visitor = visit("start")
    result, training, failure, run = said(visitor)
    assert (result, training, failure) == (None, True, None)
    assert visitor.query_params["run"] == run
    waited(office, run)


def test_whoever_has_the_address_has_the_result(office: Jobs, finished: str) -> None:
    result, training, failure, run = said(visit(run=finished))
    assert (training, failure, run) == (False, None, finished)
    assert (result.data_name, result.run.spec, result.run.train) == ("digits", SMALL, BRIEF)
    assert (result.progress.step, result.progress.fraction, len(result.run.history)) == (6, 1.0, 2)
    kept = load_run(office.standing(finished).folder.path)
    for name, value in kept.params.items():
        np.testing.assert_array_equal(value, result.run.params[name])
    np.testing.assert_allclose(result.run.codes.mean, kept.codes.mean, rtol=1e-6)


def test_a_result_is_made_once_as_long_as_nothing_changes(finished: str) -> None:
    visitor = visit(run=finished)
    first = said(visitor)[0]
    assert said(visitor.run())[0] is first


def test_a_new_start_takes_the_place_of_the_old_training(office: Jobs) -> None:
    visitor = visit("start", "start", train=BRIEF.replace(epochs=100_000))
    newest, other = (standing for standing in office.runs()[:2])
    assert said(visitor)[3] == newest.id
    waited(office, other.id, "stopped")
    office.stop(newest.id)


def test_nothing_happens_where_there_is_nothing_to_stop() -> None:
    assert said(visit("stop")) == (None, False, None, None)


def test_what_cannot_be_trained_is_told(office: Jobs) -> None:
    visitor = visit("start", train=BRIEF.replace(batch_size=5000))
    waited(office, said(visitor)[3])
    result, training, failure, _ = said(visit(run=said(visitor)[3]))
    assert (result, training) == (None, False)
    assert failure == "Batch_size must be at most 1437, the number of training examples; got 5000."


def test_what_cannot_be_done_is_told(office: Jobs, finished: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(run: str) -> None:
        raise session.JobError(f"run {run} is running on another server")

    monkeypatch.setattr(office, "play", refuse)
    assert said(visit("play", run=finished))[2] == f"Run {finished} is running on another server."


def test_a_run_that_is_gone_leaves_nothing(office: Jobs, finished: str) -> None:
    visitor = visit(run=finished)
    office.delete(finished)
    assert said(visitor.run()) == (None, False, None, None)
    assert "run" not in visitor.query_params


def test_a_film_shows_the_moment_that_is_nearest(office: Jobs, finished: str) -> None:
    shown = film.film(office.standing(finished))
    assert shown.moment().step == 6
    assert shown.moment(0).step == 0
    assert shown.moment(10**6).step == 6
    assert shown.fraction == 1.0
    assert [epoch.epoch for epoch in shown.history()] == [1, 2]
    assert shown.decoder(6)["decoder.body.layers.0.kernel"].shape == (2, 64)
    codes = said(visit(run=finished))[0].run.encode(load_data("digits").x_test)
    np.testing.assert_allclose(shown.moment().codes, codes, atol=np.ptp(codes) / 65535)


def test_another_seed_is_another_one() -> None:
    assert session.fresh_seed() != session.fresh_seed()
