"""All runs: found, sorted, named, compared, opened, stopped, gone on with, deleted and brought back."""

import hashlib
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import streamlit as st

from aejax.remarks import Remarks, tags_of, write_remarks
from aejax.settings import SpecError
from aejax.store import StoreError
from aejax.ui import run_contrast, session, taking
from aejax.ui.run_table import STATES, Row, columns, filtered, plain, rows

_SECONDS_BETWEEN_LOOKS = 2.0
_TRAIN_PAGE = "pages/train.py"
_CHOSEN, _DELETED, _DRAWN = "runs", "runs that were deleted last", "table of runs that is drawn"
_MOST_CHOSEN = 24
_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}")
_RESUMABLE = ("paused", "stopped", "interrupted")
_PAGES = {
    "Train": _TRAIN_PAGE,
    "Embedding": "pages/embedding.py",
    "Latent": "pages/latent.py",
    "Reconstruct": "pages/reconstruct.py",
    "Compare": "pages/compare.py",
}


def show() -> None:
    """Draw the page; while any run is in progress it is drawn anew every few seconds."""
    standings = session.office().runs()
    if not standings:
        _offer_undo()
        st.info("There is no run yet.", icon=":material/model_training:")
        st.page_link(_TRAIN_PAGE, label="Train a model", icon=":material/play_circle:")
        taking.take_in()
        return
    if failure := session.failure():
        st.error(failure, icon=":material/error:")
    lively = any(standing.active for standing in standings)
    st.fragment(_table, run_every=_SECONDS_BETWEEN_LOOKS if lively else None)()
    taking.take_in()


def _table() -> None:
    _offer_undo()
    everything = rows(session.office().runs())
    found = _ask(everything)
    asked = st.query_params.get(_CHOSEN, "")[: _MOST_CHOSEN * 32].split(",")
    named = {name for name in asked if _ID.fullmatch(name)}
    unseen = {row.id for row in everything} & named - {row.id for row in found}
    ids = (_pick(found, named) if found else set()) | unseen
    chosen = [row for row in everything if row.id in ids][:_MOST_CHOSEN]
    if not found:
        st.info("No run is like that.", icon=":material/search_off:")
    told = f"{len(found):,} of {len(everything):,} runs" if len(found) < len(everything) else f"{len(found):,} runs"
    beyond = f", {len(unseen)} of them not in the table" if unseen else ""
    st.caption(f"{told}; {len(chosen)} chosen{beyond}. A click on a column's head sorts by it.")
    if chosen:
        st.query_params[_CHOSEN] = ",".join(row.id for row in chosen)
        _panel(chosen)
    else:
        st.query_params.pop(_CHOSEN, None)
        st.caption("Choose runs by the boxes at the left: one to open or to name it, several to compare them.")


def _pick(found: Sequence[Row], named: AbstractSet[str]) -> set[str]:
    """The table, and which runs are chosen in it."""
    order = ",".join(row.id for row in found)
    # A choice is kept by the number of its row: with other rows, or in another order, it is another table.
    key = f"runs-table-{hashlib.sha256(order.encode()).hexdigest()[:16]}"
    event = st.dataframe(
        columns(found),
        key=key,
        hide_index=True,
        height=min(420, 40 + 35 * len(found)),
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [at for at, row in enumerate(found) if row.id in named]}},
        column_config={
            "Name": st.column_config.TextColumn(width=170),
            "Begun": st.column_config.DatetimeColumn(format="distance"),
            "Seconds": st.column_config.NumberColumn(format="%.1f"),
            "Loss": st.column_config.NumberColumn(format="%.5g"),
            "Held out": st.column_config.NumberColumn(format="%.5g"),
            "Pinned": st.column_config.CheckboxColumn(width=60),
            "Tags": st.column_config.ListColumn(),
        },
        alt="All runs: name, state, data, losses, epochs, size of the code, seed, time, tags",
    )
    is_new = session.get(_DRAWN) != key
    session.put(_DRAWN, key)
    if is_new:
        return {row.id for row in found if row.id in named}
    return {found[at].id for at in event["selection"]["rows"] if at < len(found)}


def _ask(everything: Sequence[Row]) -> list[Row]:
    """The rows that the visitor wants to see."""
    tags = sorted({tag for row in everything for tag in row.remarks.tags})
    states = [state for state in STATES if any(row.standing.status == state for row in everything)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find", key="runs-find", placeholder="Words of name, model, data, notes or tags", bind="query-params"
        )
        asked = st.multiselect("State", states, key="runs-states", width=220)
        wanted = st.multiselect("Tags", tags, key="runs-tags", width=220) if tags else []
    return filtered(everything, text or "", asked, wanted)


def _panel(chosen: Sequence[Row]) -> None:
    """What can be done with the runs chosen."""
    if len(chosen) == 1:
        _one(chosen[0])
        return
    over = [row.id for row in chosen if not row.standing.active and row.standing.own]
    with st.container(horizontal=True):
        st.button(
            f"Delete {len(over)} runs", key="delete-chosen", icon=":material/delete:", on_click=_delete, args=(over,)
        )
    run_contrast.show(chosen)


def _one(row: Row) -> None:
    standing, document = row.standing, row.standing.document
    train = document["train"]
    place = "" if standing.place is None else f", number {standing.place} in the queue"
    with st.container(border=True, key=f"run-{row.id}"):
        st.markdown(f"**{plain(row.title)}** · {plain(row.data)} · {standing.status}{place}")
        st.caption(f"{row.sentence} · {document['epoch']} of {train['epochs']} epochs when last kept · {row.id}")
        if standing.message:
            st.caption(plain(standing.message))
        _buttons(row)
        _remarks(row)
        taking.offer(row)


def _buttons(row: Row) -> None:
    name, standing = row.id, row.standing
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page = st.selectbox("Open on", list(_PAGES), key="runs-page", width=150)
        if st.button("Open", key=f"open-{name}", icon=":material/open_in_new:"):
            session.want(name)
            st.switch_page(_PAGES[page])
        if not standing.own:
            st.caption("In the hands of another process.")
            return
        if standing.status in _RESUMABLE:
            _act("Resume", "play", name, ":material/play_arrow:")
        if standing.active:
            _act("Stop", "stop", name, ":material/stop:")
        else:
            st.button("Delete", key=f"delete-{name}", icon=":material/delete:", on_click=_delete, args=([name],))


def _act(label: str, act: str, name: str, icon: str) -> None:
    st.button(label, key=f"{act}-{name}", icon=icon, on_click=session.steer, args=(act,), kwargs={"run": name})


def _delete(names: Sequence[str]) -> None:
    for name in names:
        session.steer("delete", run=name)
    session.put(_DELETED, list(names))
    st.query_params.pop(_CHOSEN, None)


def _offer_undo() -> None:
    gone = [name for name in session.get(_DELETED) or [] if name in session.office().workspace.discarded()]
    if gone:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"{len(gone)} {'run' if len(gone) == 1 else 'runs'} deleted; the trash keeps them for a month.")
            st.button("Undo", key="undo-delete", icon=":material/undo:", on_click=_undo, args=(gone,))


def _undo(names: Sequence[str]) -> None:
    for name in names:
        session.steer("restore", run=name)
    session.put(_DELETED, None)


def _remarks(row: Row) -> None:
    """Name, tags and notes of a run."""
    remarks = row.remarks
    with st.expander("Name, tags, notes", icon=":material/label:"), st.form(key=f"remarks-{row.id}", border=False):
        name = st.text_input("Name", remarks.name, max_chars=120, placeholder=row.title)
        tags = st.text_input("Tags", ", ".join(remarks.tags), help="With commas between them")
        notes = st.text_area("Notes", remarks.notes, max_chars=4000)
        pinned = st.toggle("Pinned above all others", remarks.pinned)
        if st.form_submit_button("Keep", icon=":material/save:"):
            try:
                told = Remarks(name=name.strip(), tags=tags_of(tags), notes=notes, pinned=pinned)
                write_remarks(row.standing.folder.path, told)
            except (SpecError, StoreError) as error:
                st.error(f"This cannot be kept: {error}.")
            else:
                st.rerun()
