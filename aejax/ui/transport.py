"""The transport of the Train page: play, pause, step, stop, begin anew; by buttons and by keys."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from aejax.jobs import Standing
from aejax.ui import session, teaching
from aejax.ui.session import Choices

KEY = "train-transport"
_OBEYED = "presses of the transport that were obeyed"
_WAITS = "press of the transport that waits for the choices"
_KEYS_SHOWN = "keys are shown"
_SEED = "train.seed"
_HERE = Path(__file__).parent
_SECONDS_FOR_A_STEP = 0.15
"""How long the buttons wait for a step to be done, so that they need not change twice."""

_BUTTONS: dict[str, tuple[str, str, str, str]] = {
    "play": ("Play", "M7 4v16l13-8z", "space", "Train, or go on training"),
    "pause": ("Pause", "M6 4h4v16H6zM14 4h4v16h-4z", "space", "Hold the training where it stands"),
    "step": ("Step", "M5 4v16l10-8zM16 4h3v16h-3z", "ArrowRight", "Train with one batch, then pause"),
    "step-epoch": ("Epoch", "M3 4v16l9-8zM12 4v16l9-8z", "ArrowUp", "Train to the end of the epoch, then pause"),
    "stop": ("Stop", "M5 5h14v14H5z", "", "End the training; it can be gone on with later"),
    "reset": (
        "Reset",
        "M12 5V1L6 6l6 5V7a5.5 5.5 0 1 1-5.5 5.5h-2A7.5 7.5 0 1 0 12 5z",
        "r",
        "Begin anew with what is chosen beside, from the same seed",
    ),
    "reseed": (
        "Reseed",
        "M4 4h16v16H4zM7 7v3h3V7zM14 7v3h3V7zM7 14v3h3v-3zM14 14v3h3v-3z",
        "",
        "Begin anew from another seed",
    ),
    "help": (
        "Keys",
        "M2 6h20v12H2zM5 9v2h2V9zM9 9v2h2V9zM13 9v2h2V9zM17 9v2h2V9zM7 13v2h10v-2z",
        "?",
        "Show what the keys do",
    ),
}

KEYS_HELP = (
    "**Space** plays and pauses, **→** trains with one batch, **↑** to the end of the epoch, **[** and **]** go "
    "through the moments of the training, **r** begins anew, **?** shows and hides this. "
    "While the map has the focus, arrows move the probe over it."
)


def obey() -> bool:
    """Do what the transport was last pressed for, once, and say whether there was such a press.

    It is called before anything of the page is drawn anew, so at once. What begins a run waits for `begin`, for the
    choices beside may have changed at the same time.
    """
    press = (session.get(KEY) or {}).get("press")
    if not isinstance(press, Mapping):
        return False
    count = press.get("count")
    if not isinstance(count, int) or count <= session.get(_OBEYED, 0):
        return False
    session.put(_OBEYED, count)
    what, current = str(press.get("what")), session.standing()
    if what == "reseed":
        session.put(_SEED, session.fresh_seed())
    if what in ("reset", "reseed") or (what.startswith(("play", "step")) and (current is None or _over(current))):
        session.put(_WAITS, what)
    elif what in _ACTS:
        _ACTS[what](session.choices(), current)
    return True


def begin() -> None:
    """Begin the run that the transport was pressed for, with what is now chosen beside."""
    if (what := session.get(_WAITS)) in _ACTS:
        session.put(_WAITS, None)
        _ACTS[what](session.choices(), session.standing())


@st.fragment
def show() -> None:
    """Draw the buttons that make sense as this visitor's run stands, and obey them before the rest is drawn anew."""
    obeyed = obey()
    _draw(session.choices(), session.standing())
    if obeyed:
        st.rerun()


def _draw(choices: Choices, current: Standing | None) -> None:
    buttons = [_button(name, current, choices) for name in _BUTTONS if name in _possible(current)]
    component = st.components.v2.component("aejax_transport", html=_HTML, css=_CSS, js=_source("transport.js"))
    data = {"buttons": buttons, "count": session.get(_OBEYED, 0)}
    with teaching.place("transport"):
        component(key=KEY, data=data, height="content", on_press_change=_noted)
        teaching.note("transport")
    if session.get(_KEYS_SHOWN, False):
        st.info(KEYS_HELP, icon=":material/keyboard:")


def _button(name: str, current: Standing | None, choices: Choices) -> dict[str, Any]:
    label, icon, key, about = _BUTTONS[name]
    begins = current is None or name in ("reset", "reseed") or _over(current)
    locked = teaching.locks("transport") and name != "help"
    disabled = locked or (begins and name != "help" and bool(choices.problems))
    told = {"name": name, "label": label, "icon": icon, "key": key, "help": teaching.REASON if locked else about}
    return told | {"first": name in ("play", "pause"), "disabled": disabled}


def _possible(current: Standing | None) -> set[str]:
    waits = current is None or _over(current) or current.status in ("paused", "stopped", "interrupted")
    ends = current is not None and current.status == "stopping"
    goes = {"pause"} if ends else {"play" if waits else "pause", "step", "step-epoch"}
    stop = {"stop"} if current is not None and current.active else set()
    anew = {"reset", "reseed"} if current is not None else set()
    return goes | stop | anew | {"help"}


def _over(current: Standing) -> bool:
    """Whether there is nothing in the run to go on with."""
    return current.status in ("done", "failed", "diverged")


def _begin(choices: Choices, current: Standing | None, play: bool = True) -> None:
    if choices.data is not None and not choices.problems:
        session.start(choices.data_name, choices.data, choices.spec, choices.train, play=play)


def _play(choices: Choices, current: Standing | None) -> None:
    if current is None or _over(current):
        _begin(choices, current)
    else:
        session.steer("play")


def _step(unit: str) -> Callable[[Choices, Standing | None], None]:
    def act(choices: Choices, current: Standing | None) -> None:
        if current is None or _over(current):
            _begin(choices, current, play=False)
        session.steer("step", unit)
        session.wait_while_running(_SECONDS_FOR_A_STEP)

    return act


def _anew(choices: Choices, current: Standing | None) -> None:
    _begin(choices, current, play=current is not None and current.status == "running")


def _help(choices: Choices, current: Standing | None) -> None:
    session.put(_KEYS_SHOWN, not session.get(_KEYS_SHOWN, False))


_ACTS: dict[str, Callable[[Choices, Standing | None], None]] = {
    "play": _play,
    "pause": lambda choices, current: session.steer("pause"),
    "step": _step("batch"),
    "step-epoch": _step("epoch"),
    "stop": lambda choices, current: session.steer("stop"),
    "reset": _anew,
    "reseed": _anew,
    "help": _help,
}


def _noted() -> None:
    """Do nothing: that a callback is named makes the state known to Streamlit."""


def _source(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


_HTML = '<div class="bar" role="toolbar" aria-label="Training"></div>'

_CSS = """
.bar { display: flex; flex-wrap: wrap; gap: 0.5rem; }
button {
  display: inline-flex; align-items: center; gap: 0.4rem; min-height: 2.5rem; padding: 0.25rem 0.9rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.5rem);
  background: var(--st-background-color); color: var(--st-text-color); font: inherit; cursor: pointer;
}
svg { width: 1.1em; height: 1.1em; fill: currentColor; fill-rule: evenodd; }
button:hover:enabled { border-color: var(--st-primary-color); color: var(--st-primary-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
button:disabled { opacity: 0.5; cursor: not-allowed; }
button.first { background: var(--st-primary-color); border-color: var(--st-primary-color); color: #fff; }
button.first:hover:enabled { color: #fff; filter: brightness(1.1); }
"""
