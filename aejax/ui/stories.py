"""Stories told: the shelf of them, and one of them step by step."""

import streamlit as st

from aejax.settings import SpecError
from aejax.stories import STORIES, story
from aejax.story import RUN, Step
from aejax.ui import session, story_figures, story_runs
from aejax.ui.story_runs import Told

_NAME, _STEP = "story", "step"
_AT = "story and step that are told"
_ROOMS = {"Train": "pages/train.py", "Embedding": "pages/embedding.py", "Latent": "pages/latent.py"}


def asked() -> str | None:
    """The story that the address names, else the one that was told last; None for the shelf.

    Raises:
        SpecError: If the address names a story that there is not.
    """
    if (named := st.query_params.get(_NAME)) is not None:
        story(named)
        return named
    at: tuple[str, int] | None = session.get(_AT)
    return None if at is None else at[0]


def shelf() -> None:
    """Draw a card for each story."""
    st.write(
        "Each story makes one point with one short training: read, say what you expect, run it, and see what came. "
        "Seconds are those of the training on two processors that have nothing else to do."
    )
    for name, each in STORIES.items():
        with st.container(border=True, key=f"shelf-{name}"):
            st.markdown(f"**{each.title}**  \n{each.question}")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button("Open", key=f"open-{name}", icon=":material/auto_stories:", on_click=_go, args=(name, 0))
                st.caption(f"{len(each.steps)} steps · about {each.seconds} s of training")


def refuse(error: SpecError) -> None:
    """Say that there is no such story, with a way to those that there are."""
    st.error(f"The address names no story: {error}.", icon=":material/error:")
    st.button("All stories", key="story-shelf", icon=":material/shelves:", on_click=_leave)


def tell(name: str) -> None:
    """Draw the step of a story at which the visitor is."""
    each = STORIES[name]
    at = _step(name)
    _keep(name, at)
    _to_the_top(name, at)
    st.button("All stories", key="story-shelf", icon=":material/shelves:", type="tertiary", on_click=_leave)
    st.caption(f"{each.question} Step {at + 1} of {len(each.steps)}.")
    step = each.steps[at]
    st.subheader(step.title)
    st.markdown(step.text)
    found = story_runs.told(name)
    if step.shows == RUN:
        _show_run(found, step)
    elif step.shows in story_figures.BEFORE or found.results:
        story_figures.draw(step.shows, found)
    else:
        st.info("This step shows what came of the training. It needs the run first.", icon=":material/info:")
        st.button(
            "To the run", key="story-to-run", icon=":material/play_arrow:", on_click=_go, args=(name, each.run_step)
        )
    _onward(name, at)


def _to_the_top(name: str, at: int) -> None:
    """Have the browser show a step from its beginning, once: Streamlit leaves the page where it was scrolled to."""
    component = st.components.v2.component("aejax_top", js=_SCROLL)
    component(key="story-top", data={"at": f"{name} {at}"}, height=1)


_SCROLL = """
export default function ({ data, parentElement }) {
  const page = document.querySelector('[data-testid="stMain"]');
  if (!page || page.dataset.story === data.at) return;
  page.dataset.story = data.at;
  page.scrollTo(0, 0);
}
"""


def _onward(name: str, at: int) -> None:
    last = len(STORIES[name].steps) - 1
    with st.container(horizontal=True):
        back, ahead = ":material/arrow_back:", ":material/arrow_forward:"
        st.button("Back", key="story-back", icon=back, disabled=at == 0, on_click=_move, args=(name, -1))
        if at < last:
            st.button("Next", key="story-next", icon=ahead, icon_position="right", on_click=_move, args=(name, 1))
        elif (following := _following(name)) is not None:
            label = f"Next story: {STORIES[following].title}"
            st.button(
                label, key="story-following", icon=ahead, icon_position="right", on_click=_go, args=(following, 0)
            )


def _following(name: str) -> str | None:
    names = list(STORIES)
    return next(iter(names[names.index(name) + 1 :]), None)


def _show_run(found: Told, step: Step) -> None:
    _ask(found, step)
    if failure := session.failure() if not found.standings else None:
        st.error(failure, icon=":material/error:")
    if found.active:
        story_runs.watch(found)
        st.button("Stop", key="story-stop", icon=":material/stop:", on_click=story_runs.stop, args=(found.name,))
        return
    if found.finding is not None:
        _conclude(found)
        _again(found)
        _into_the_laboratory(found)
        return
    if found.standings:
        _mourn(found)
        _again(found)
        return
    st.button(
        "Run", key="story-run", type="primary", icon=":material/play_arrow:", on_click=_begin, args=(found.name, 0)
    )
    st.caption(
        f"Trains {_counted(found)}; about {found.story.seconds} s on two processors that have nothing else to do."
    )


def _counted(found: Told) -> str:
    count = len(found.story.trainings)
    return "one model" if count == 1 else f"{count} models"


def _ask(found: Told, step: Step) -> None:
    """Ask for a prediction; while it is found out and afterwards what was said stands."""
    question = step.question
    if question is None:
        return
    st.radio(
        question.asked,
        question.choices,
        index=None,
        key=_prediction(found.name),
        persist_state="session",
        disabled=bool(found.standings),
        help="You need not say anything: the run waits for no answer",
    )


def _prediction(name: str) -> str:
    return f"story-prediction-{name}"


def _conclude(found: Told) -> None:
    """Draw the number of the point, say it, and set it beside what was predicted."""
    point, finding = found.story.point, found.finding
    if finding is None:
        return
    holds = point.holds(finding.value)
    st.metric(point.title, point.written.format(finding.value))
    st.caption(f"Unit: {point.unit}. The point is made with {point.direction} {point.written.format(point.bound)}.")
    say = st.success if holds else st.warning
    say(point.sentence(finding), icon=":material/check_circle:" if holds else ":material/help:")
    question, said = found.story.prediction, session.get(_prediction(found.name))
    if question is not None and said is not None:
        came = question.came(finding.value)
        st.markdown(f"You said: *{said}*. " + ("So it came." if said == came else f"It came otherwise: *{came}*."))
    if found.changed:
        st.info("These trainings have other settings than the story's own.", icon=":material/info:")
    story_figures.draw("bars", found)


def _mourn(found: Told) -> None:
    """Say why there is no number."""
    if found.refusal is not None:
        st.warning(f"The number cannot be taken of these trainings: {found.refusal}.", icon=":material/block:")
        return
    messages = [standing.message for standing in found.standings if standing.message]
    ended = ", ".join(sorted({standing.status for standing in found.standings if standing.status != "done"}))
    said = messages[0] if messages else f"The training has ended before its time ({ended or 'its data are gone'})"
    st.warning(f"{said.rstrip('.')}. Without its end there is no number.", icon=":material/stop_circle:")


def _again(found: Told) -> None:
    with st.container(horizontal=True):
        again, other = ":material/replay:", ":material/casino:"
        st.button("Run again", key="story-again", icon=again, on_click=_begin, args=(found.name, 0))
        tip = "Other first weights and another order of the examples: does the point stand?"
        st.button(
            "With another seed", key="story-reseed", icon=other, help=tip, on_click=_begin, args=(found.name, None)
        )
        st.button(
            "Begin the story anew", key="story-anew", icon=":material/restart_alt:", on_click=_anew, args=(found.name,)
        )


def _into_the_laboratory(found: Told) -> None:
    st.markdown("**Go on in the laboratory**, with every control:")
    titles = dict(zip([standing.id for standing in found.standings], found.titles, strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = next(iter(titles))
        if len(titles) > 1:
            run = st.selectbox("Model", list(titles), format_func=titles.__getitem__, key="story-model", width=220)
        for room, page in _ROOMS.items():
            if st.button(room, key=f"story-open-{room.lower()}", icon=":material/open_in_new:"):
                session.want(run)
                st.switch_page(page)


def _begin(name: str, seed: int | None) -> None:
    story_runs.begin(name, session.fresh_seed() if seed is None else seed)


def _anew(name: str) -> None:
    story_runs.forget(name)
    session.forget(_prediction(name))
    _go(name, 0)


def _go(name: str, step: int) -> None:
    _keep(name, step)
    story_runs.address(name)


def _move(name: str, by: int) -> None:
    # From where the visitor is by now: a press may come before the step of the last one is drawn.
    _go(name, min(max(_step(name) + by, 0), len(STORIES[name].steps) - 1))


def _leave() -> None:
    session.put(_AT, None)
    for key in (_NAME, _STEP):
        st.query_params.pop(key, None)
    story_runs.address(None)


def _step(name: str) -> int:
    """Where the visitor is in the story, from 0."""
    text = st.query_params.get(_STEP, "") if st.query_params.get(_NAME) == name else ""
    at: tuple[str, int] | None = session.get(_AT)
    known = at[1] if at is not None and at[0] == name else 0
    number = int(text) - 1 if text.isascii() and text.isdigit() and len(text) < 4 else known
    return min(max(number, 0), len(STORIES[name].steps) - 1)


def _keep(name: str, step: int) -> None:
    session.put(_AT, (name, step))
    st.query_params.update({_NAME: name, _STEP: str(step + 1)})
