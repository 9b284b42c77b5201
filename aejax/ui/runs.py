"""The list of runs: what each is, how it stands, and what can be done with it."""

import streamlit as st

from aejax.data import sources
from aejax.jobs import Standing
from aejax.ui import session
from aejax.ui.film import settings

_SECONDS_BETWEEN_LOOKS = 1.0
_SHOWN = 40
_TRAIN_PAGE = "pages/train.py"

_BADGES = {
    "queued": ("orange", ":material/hourglass_empty:"),
    "starting": ("blue", ":material/hourglass_top:"),
    "running": ("blue", ":material/play_circle:"),
    "paused": ("gray", ":material/pause_circle:"),
    "stopping": ("gray", ":material/stop_circle:"),
    "stopped": ("gray", ":material/stop_circle:"),
    "done": ("green", ":material/check_circle:"),
    "diverged": ("red", ":material/error:"),
    "failed": ("red", ":material/error:"),
    "interrupted": ("orange", ":material/power_off:"),
}
_RESUMABLE = ("paused", "stopped", "interrupted")


def show() -> None:
    """List the runs, newest first; while any is in progress the list is drawn anew all the time."""
    standings = session.office().runs()
    if not standings:
        st.info("There is no run yet.", icon=":material/model_training:")
        st.page_link(_TRAIN_PAGE, label="Train a model", icon=":material/play_circle:")
        return
    if failure := session.failure():
        st.error(failure, icon=":material/error:")
    lively = any(standing.active for standing in standings)
    st.fragment(_list, run_every=_SECONDS_BETWEEN_LOOKS if lively else None)()


def _list() -> None:
    standings = session.office().runs()
    for standing in standings[:_SHOWN]:
        with st.container(border=True, key=f"run-{standing.id}"):
            _row(standing)
    if len(standings) > _SHOWN:
        st.caption(f"{len(standings) - _SHOWN} older runs are not shown.")


def _row(standing: Standing) -> None:
    spec, train = settings(standing)
    document = standing.document
    color, icon = _BADGES[standing.status]
    place = "" if standing.place is None else f", number {standing.place} in the queue"
    opened = ", shown on the Train page" if standing.id == session.run_id() else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":{color}-badge[{icon} {standing.status}{place}]")
        st.markdown(f"**{_title(document['data']['name'])}**")
        st.caption(f"{standing.id}{opened}")
    st.caption(f"{spec} · {document['epoch']} of {train.epochs} epochs when last kept · seed {train.seed}")
    if standing.message:
        st.caption(standing.message)
    with st.container(horizontal=True):
        _buttons(standing)


def _title(name: str) -> str:
    source = sources().get(name)
    return name if source is None else source.title


def _buttons(standing: Standing) -> None:
    name = standing.id
    if st.button("Open", key=f"open-{name}", icon=":material/open_in_new:"):
        session.want(name)
        st.switch_page(_TRAIN_PAGE)
    if not standing.own:
        st.caption("In the hands of another server.")
        return
    if standing.status in _RESUMABLE:
        _act("Resume", "play", name, ":material/play_arrow:")
    if standing.active:
        _act("Stop", "stop", name, ":material/stop:")
    else:
        _act("Delete", "delete", name, ":material/delete:")


def _act(label: str, act: str, name: str, icon: str) -> None:
    st.button(label, key=f"{act}-{name}", icon=icon, on_click=session.steer, args=(act,), kwargs={"run": name})
