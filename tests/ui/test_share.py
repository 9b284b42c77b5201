"""The address restores what is chosen and shown; what is shared gives the same numbers; nothing in it is trusted."""

import pytest

from aejax.recipe import Recipe, as_command, as_python, unpacked
from aejax.ui import session, timeline
from tests.ui.test_train_page import choices, ran, texts, trained, visit


def test_the_address_restores_every_setting_and_the_code_shown_is_of_them():
    visitor = visit(data="digits", model="linear")
    assert "s" not in visitor.query_params
    visitor.number_input(key="train.seed").set_value(11).run()
    ran(visitor.selectbox(key="spec.bottleneck").set_value("gaussian").run())
    ran(visitor.number_input(key="spec.bottleneck.gaussian.beta").set_value(0.25).run())
    chosen = choices(visitor)
    recipe = Recipe("digits", chosen.spec, chosen.train)
    text = visitor.query_params["s"]
    assert unpacked(text) == recipe
    assert (chosen.train.seed, chosen.spec.bottleneck.beta) == (11, 0.25)
    assert as_python(recipe).strip() in [block.value for block in visitor.code]
    ran(visitor.segmented_control(key="share-as").set_value("Command line").run())
    assert as_command(recipe) in [block.value for block in visitor.code]
    other = choices(visit(s=text))
    assert Recipe(other.data_name, other.spec, other.train) == recipe
    ran(visitor.button(key="reset").click().run())
    assert "s" not in visitor.query_params


@pytest.mark.parametrize("text", ["", "x", "<script>", "A" * 9000, "eJwDAAAAAAE"])
def test_an_address_that_names_no_recipe_is_told_and_the_default_stands(text):
    visitor = visit(s=text)
    assert (choices(visitor).data_name, choices(visitor).model) == ("mnist-sample", "map")
    assert "recipe in an address" in texts(visitor) or "recipe in the address" in texts(visitor)


def test_the_address_restores_the_moment_that_is_shown():
    visitor = trained(3)
    run = visitor.session_state[session._RUN]
    steps = session.office().standing(run).folder.open_frames().steps()
    first = min(steps.values())
    assert first < max(steps.values())
    other = visit(run=run, step=str(first))
    assert other.query_params["step"] == str(first)
    other.session_state[timeline.KEY] = {"frame": max(steps)}
    other.session_state[timeline._ASKED] = -1
    assert ran(other.run()).query_params["step"] == str(max(steps.values()))
    assert "step" not in visit(run=run, step="9" * 40).query_params
