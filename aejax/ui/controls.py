"""Settings as widgets, made from the settings' own declarations: a new part is in the menus by itself."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

from aejax.settings import Settings, SpecError
from aejax.ui import explain, session
from aejax.ui.declared import Declared, declared

S = TypeVar("S", bound=Settings)
Refusal = Callable[[str, Any], str | None]

NONE = "none"
"""What stands in a menu for no part."""


@dataclass(frozen=True)
class Form:
    """Where widgets keep their values, which values are refused and why, and what is wrong so far.

    Attributes:
        refusal: Says of a setting's name and value why the data at hand forbid it, or gives None.
        keys: Keys of the widgets that are known by another name than their path, such as those in the URL.
        problems: One sentence for each value that cannot be used.
        notes: One sentence for each part that had to give way to another.
        locked: Whether the widgets show their values and cannot be used.
    """

    refusal: Refusal = lambda name, value: None
    keys: Mapping[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    locked: bool = False

    def identity(self, path: str) -> dict[str, Any]:
        """The widget's key, how long its value is kept, and whether it can be used."""
        if path in self.keys:
            return {"key": self.keys[path], "bind": "query-params", "disabled": self.locked}
        return {"key": path, "persist_state": "session", "disabled": self.locked}

    def inner(self) -> "Form":
        """The form of a part's own settings: the part is judged whole, so they are not refused one by one."""
        return Form(keys=self.keys, problems=self.problems, locked=self.locked)

    def tell(self, problem: str) -> None:
        """Show what is wrong beside the widget, and remember it."""
        st.error(problem, icon=":material/error:")
        self.problems.append(problem)


def control(base: Settings, name: str, path: str, form: Form, label: str | None = None) -> Any:
    """The value of one setting as the visitor chose it, drawn as a widget; `base` has the value at first.

    A value that cannot be is told beside the widget, and the value of `base` stands in for it.
    """
    setting, start = declared(type(base))[name], getattr(base, name)
    before = len(form.problems)
    chosen = _WIDGETS[setting.kind](setting, label or setting.label, start, path, form)
    if len(form.problems) > before:
        return start
    try:
        value = getattr(base.replace(**{name: chosen}), name)
    except SpecError as error:
        form.tell(_sentence(str(error)))
        return start
    refused = form.refusal(name, value)
    if refused is not None:
        form.tell(_sentence(refused))
    return value


def controls(base: S, path: str, form: Form) -> S:
    """All settings of a record, one widget below the other, as the visitor chose them."""
    values = {name: control(base, name, f"{path}.{name}", form) for name in declared(type(base))}
    return base.replace(**values)


def values(base: Settings, path: str, form: Form) -> dict[str, Any]:
    """The value of each widget, by its key, with which `controls` would give `base`."""
    found: dict[str, Any] = {}
    for name, setting in declared(type(base)).items():
        where, value = f"{path}.{name}", getattr(base, name)
        parts = value if setting.kind == "parts" else () if value is None else (value,)
        if setting.kind in ("part", "parts"):
            kinds = [part.kind for part in parts]
            found[where] = kinds if setting.kind == "parts" else (kinds or [NONE])[0]
            for part in parts:
                found |= values(part, f"{where}.{part.kind}", form)
            continue
        if setting.optional:
            found[f"{where}.given"] = value is not None
        if value is not None:
            found[form.identity(where)["key"]] = _written(value) if setting.kind == "list" else value
    return found


def _part(setting: Declared, label: str, start: Settings | None, path: str, form: Form) -> Settings | None:
    offered, refused = _offers(setting, start, form)
    kinds = [*([NONE] if setting.optional else []), *offered]
    first = NONE if start is None else _kind(start)
    _give_way(path, first, kinds, label, form)
    kind = st.selectbox(
        label,
        kinds,
        index=kinds.index(first) if first in kinds else 0,
        format_func=_worded,
        help=setting.help,
        on_change=_follow,
        args=(setting, path),
        **form.identity(path),
    )
    for other, reason in refused.items():
        st.caption(f"Not offered: {_worded(other)}. {_sentence(reason)}.")
    if kind is None or kind == NONE:
        return None
    _describe(setting.table[kind], path)
    return controls(offered[kind], f"{path}.{kind}", form.inner())


def _describe(part: type[Settings], path: str) -> None:
    """Say what a part is; on demand its formula too, and where to read on."""
    st.caption(_first_line(part))
    if part.formula:
        explain.popover("Formula", _first_line(part), part.formula, part.page, f"explain-{path}")


def _give_way(path: str, first: str, kinds: list[str], label: str, form: Form) -> None:
    """Put another part in place of one that the data forbid, and that one back when they allow it again."""
    place = f"{path}.gave way"
    chosen = session.get(path, first)
    wanted, instead = session.get(place, (chosen, chosen))
    if chosen not in kinds:
        wanted, instead = chosen, first if first in kinds else kinds[0]
        session.put(place, (wanted, instead))
        session.put(path, instead)
    elif wanted != instead and wanted in kinds and chosen == instead:
        session.put(path, wanted)
    if wanted not in kinds and session.get(path) == instead:
        form.notes.append(f"{label}: {_worded(instead)} in place of {_worded(wanted)}, which does not suit these data.")


def _follow(setting: Declared, path: str) -> None:
    """Give the settings that depend on the choice their usual value under it."""
    record = setting.owner(**{setting.name: None if session.get(path) == NONE else session.get(path)})
    for name in setting.followers:
        session.put(f"{path.rpartition('.')[0]}.{name}", getattr(record, name))


def _parts(setting: Declared, label: str, start: tuple[Settings, ...], path: str, form: Form) -> tuple[Settings, ...]:
    known = {_kind(part): part for part in start}
    chosen = st.multiselect(
        label, list(setting.table), default=list(known), format_func=_worded, help=setting.help, **form.identity(path)
    )
    parts = []
    for kind in chosen:
        st.markdown(f"**{_worded(kind).capitalize()}**")
        _describe(setting.table[kind], f"{path}.{kind}")
        parts.append(controls(known.get(kind) or setting.table[kind](), f"{path}.{kind}", form.inner()))
    return tuple(parts)


def _offers(setting: Declared, start: Settings | None, form: Form) -> tuple[dict[str, Settings], dict[str, str]]:
    """The parts that suit the data, each as it would begin, and why the others do not."""
    offered: dict[str, Settings] = {}
    refused: dict[str, str] = {}
    for kind, part in setting.table.items():
        usual = start if start is not None and _kind(start) == kind else part()
        reasons = {variant: form.refusal(setting.name, variant) for variant in (usual, *_switched(usual))}
        suited = [variant for variant, reason in reasons.items() if reason is None]
        if suited:
            offered[kind] = suited[0]
        else:
            refused[kind] = str(reasons[usual])
    return offered, refused


def _switched(part: S) -> list[S]:
    """The part with each of its switches the other way."""
    switches = [name for name, setting in declared(type(part)).items() if setting.kind == "truth"]
    return [part.replace(**{name: not getattr(part, name)}) for name in switches]


def _name(setting: Declared, label: str, start: str, path: str, form: Form) -> Any:
    names = list(setting.table)
    return st.selectbox(
        label, names, index=names.index(start), format_func=_worded, help=setting.help, **form.identity(path)
    )


def _truth(setting: Declared, label: str, start: bool, path: str, form: Form) -> bool:
    return st.toggle(label, start, help=setting.help, **form.identity(path))


def _list(setting: Declared, label: str, start: tuple[int, ...], path: str, form: Form) -> tuple[str, ...]:
    text = st.text_input(
        label, _written(start), help=f"{setting.help}; numbers with commas between them", **form.identity(path)
    )
    return tuple(number.strip() for number in (text or "").split(",") if number.strip())


def _number(setting: Declared, label: str, start: float | None, path: str, form: Form) -> Any:
    if setting.optional and form.refusal(setting.name, None) is None:
        given = st.toggle(
            f"Choose the {label.lower()}", start is not None, help=setting.help, **form.identity(f"{path}.given")
        )
        if not given:
            return None
    if setting.kind == "whole":
        first = max(int(setting.low or 0), 2) if start is None else int(start)
        return st.number_input(label, value=first, step=1, help=setting.help, **form.identity(path))
    value = float(start or 0.0)
    return st.number_input(label, value=value, step=_step(value), format="%g", help=setting.help, **form.identity(path))


_WIDGETS: dict[str, Callable[..., Any]] = {
    "part": _part,
    "parts": _parts,
    "name": _name,
    "truth": _truth,
    "whole": _number,
    "real": _number,
    "list": _list,
}


def _step(value: float) -> float:
    """A round step of a tenth of the value or so."""
    return 0.1 if value == 0 else float(f"{10 ** math.floor(math.log10(abs(value)) - 0.5):.0e}")


def _written(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def _worded(name: str) -> str:
    return name.replace("_", " ")


def _kind(part: Settings) -> str:
    return str(getattr(part, "kind", type(part).__name__))


def _first_line(part: type[Settings]) -> str:
    return (part.__doc__ or "").strip().splitlines()[0]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
