"""A lesson's link hides and locks what it names, looks as it says, and can always be left."""

import re

from hypothesis import given, settings
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from aejax.ui import teaching
from aejax.ui.lesson import GROUPS, PAGES, Lesson, lesson
from tests.ui.test_train_page import buttons, choices, ran, texts, visit


def styles(visitor: AppTest) -> str:
    return "\n".join(element.proto.body for element in visitor.get("html"))


def test_every_page_but_the_first_can_be_hidden(root) -> None:
    table = (root / "app.py").read_text("utf-8")
    assert table.count("url_path=") - table.count('visibility="hidden"') == len(PAGES) + 1
    assert all(f'title="{title}"' in table and f'url_path="{place}"' in table for place, title in PAGES.items())


@settings(deadline=None)
@given(some.sets(some.sampled_from([*GROUPS, *PAGES])), some.sets(some.sampled_from([*GROUPS])), some.booleans())
def test_a_lesson_is_read_back_from_its_text(hidden: set[str], locked: set[str], large: bool) -> None:
    made = Lesson(frozenset(hidden), frozenset(locked - hidden), large, not large)
    assert lesson(made.text) == made


@settings(deadline=None)
@given(some.text(max_size=200))
def test_any_text_is_a_lesson_that_trusts_nothing(text: str) -> None:
    found = lesson(text)
    assert found.hidden <= {*GROUPS, *PAGES}
    assert lesson(found.text).text == found.text


def test_what_is_locked_is_there_and_cannot_be_used() -> None:
    visitor = visit(teach="lock-model,lock-numbers,lock-parts,lock-training,lock-transport,lock-reset", model="deep")
    assert visitor.selectbox(key="model").disabled
    assert visitor.number_input(key="latent").disabled
    assert visitor.selectbox(key="spec.encoder").disabled
    assert visitor.number_input(key="train.seed").disabled
    assert visitor.button(key="reset").disabled
    assert not visitor.selectbox(key="data").disabled
    assert buttons(visitor) == {"play": False, "step": False, "step-epoch": False, "help": True}
    assert teaching.REASON in texts(visitor)
    assert choices(visitor).model == "deep"
    free = visit(model="deep")
    assert not free.selectbox(key="model").disabled
    assert buttons(free)["play"]


def test_what_is_hidden_is_gone_and_keeps_what_is_chosen() -> None:
    visitor = visit(teach="hide-parts,hide-trainings,large", latent="7", data="digits")
    assert re.search(r'st-key-lesson-parts"\][^{}]*\{ display: none', styles(visitor))
    assert 'href$="trainings"' in styles(visitor)
    assert "font-size: 125%" in styles(visitor)
    assert choices(visitor).spec.latent == 7


def test_a_lesson_can_always_be_left() -> None:
    visitor = visit(teach="hide-trainings,hide-share,lock-data,contrast")
    ran(visitor.button(key="lesson-leave").click().run())
    assert "teach" not in visitor.query_params
    assert not visitor.selectbox(key="data").disabled
    assert 'href$="trainings"' not in styles(visitor)
    assert visitor.title


def test_what_a_link_names_in_vain_is_told() -> None:
    said = texts(visit(teach="hide-everything,lock-share"))
    assert "The address also names 'hide-everything', which means nothing here." in said
