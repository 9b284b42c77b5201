"""The Walk through page follows one example through any model, and draws the model before there is a trained one."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest
from visitors import charts_of, texts, trained

from aejax.ui import route
from aejax.ui.stop import told_terms
from aejax.walk import stops, walk

Visit = Callable[..., AppTest]
WIDE = "spec.encoder.dense.widths"


def formulas(visitor: AppTest) -> list[str]:
    return [entry.value.strip("$\n ") for entry in visitor.main.latex]


def go(visitor: AppTest, place: int) -> AppTest:
    visitor.session_state[route.KEY] = {"at": place}
    visitor.run()
    assert not visitor.exception
    return visitor


def test_before_training_the_model_is_drawn_as_it_is_chosen(visit: Visit) -> None:
    visitor = visit("walk")
    assert visitor.button(key="train-default")
    assert formulas(visitor) == ["x"]
    assert "1 of 8: input" not in texts(visitor)
    visitor.text_input(key=WIDE).set_value("50").run()
    assert "1 of 8: input" in texts(visitor)
    assert "fully connected · 50 out · 39,250 parameters" in texts(go(visitor, 1))


@pytest.mark.parametrize("case", ["two numbers", "convolutional", "variational", "conditional", "concrete"])
def test_each_stop_shows_its_formula_and_what_leaves_it(visit: Visit, case: str) -> None:
    visitor = visit("walk", case)
    run = trained(case).run
    planned = stops(run.spec, run.shape)
    visitor.session_state["walk-model"] = "as trained"
    for place, stop in enumerate(planned):
        go(visitor, place)
        assert formulas(visitor) == [stop.formula]
        assert stop.part == "loss" or charts_of(visitor) or visitor.get("image") or stop.name == "condition"
    loss = next(entry.value for entry in visitor.markdown if "| term |" in entry.value)
    numbers = [float(number) for number in re.findall(r"\| (-?\d+\.\d+) \|", loss)]
    assert numbers[-1] == pytest.approx(sum(numbers[:-1]), abs=1e-3)


def test_another_example_and_another_draw_change_the_numbers(visit: Visit) -> None:
    visitor = visit("walk", "variational")
    run = trained("variational").run
    visitor.session_state["walk-model"] = "as trained"
    place = len(stops(run.spec, run.shape)) - 1

    def loss() -> str:
        return next(entry.value for entry in visitor.markdown if "| term |" in entry.value)

    first = (go(visitor, place), loss())[1]
    visitor.button(key="walk-draw").click().run()
    drawn_anew = loss()
    visitor.number_input(key="walk-row").set_value(5).run()
    assert len({first, drawn_anew, loss()}) == 3


def test_sequences_and_tables_are_followed_too(visit: Visit) -> None:
    for case in ("sequences, two numbers", "ten dimensions"):
        visitor = visit("walk", case)
        for place in range(len(stops(trained(case).run.spec, trained(case).run.shape))):
            go(visitor, place)


def test_the_terms_are_said_in_a_sentence() -> None:
    result = trained("two numbers")
    way = walk(result.run, result.data.x_test[:4])
    assert told_terms(way.terms) == f"reconstruction {way.loss:.4g} is {way.loss:.4g}"
