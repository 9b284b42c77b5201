"""The choices beside every page: data, model, and every setting of it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from aejax.arrays import DataError, check_batch, check_range
from aejax.data import Data, DownloadError, Source, load_data, sources
from aejax.jobs import Standing
from aejax.parts.bottlenecks import BOTTLENECKS
from aejax.parts.likelihoods import Mixed, Mse
from aejax.pretraining import check_pretraining, check_pretraining_range
from aejax.settings import SpecError
from aejax.spec import MAXIMUM_LATENT, ModelSpec, TrainSpec
from aejax.store import StoreError
from aejax.ui import session, share, style, teaching, transport, vector
from aejax.ui.controls import Form, control, values
from aejax.ui.film import settings
from aejax.ui.lesson import GROUPS
from aejax.ui.readiness import get_ready
from aejax.ui.session import DEFAULT_DATA, DEFAULT_MODEL
from aejax.zoo import ZOO

# The names of these widgets are those of the parameters in the address, by which choices are shared.
_KEYS = {"spec.latent": "latent"}
_SLOTS = {
    "encoder": ":material/input:",
    "bottleneck": ":material/compress:",
    "decoder": ":material/output:",
    "likelihood": ":material/difference:",
    "corruption": ":material/grain:",
    "penalties": ":material/add_circle:",
}
_SUITED = "which data the likelihood suits"
_BESIDE = {"bottleneck": ("encoder",), "penalties": ("encoder", "bottleneck")}
"""The parts beside which one is judged, as they are chosen before it."""


def show(bare: bool = False) -> None:
    """Draw the sidebar and keep what is chosen in it for the page.

    Args:
        bare: Whether the page needs none of its controls, so that they are not seen; what is chosen in them stays.
    """
    get_ready()
    taught = teaching.current()
    style.apply(replace(taught, hidden=taught.hidden | {*GROUPS}) if bare else taught)
    found, shared = session.attach(), share.asked()
    if found is not None:
        _adopt_run(found)
    if shared is not None:
        _adopt_settings(shared.data, shared.spec, shared.train)
    transport.obey()
    with st.sidebar:
        known = sources()
        with teaching.place("data"):
            name, data = _data(known)
        with teaching.place("model"):
            model = _model()
        source, entry = known[name], ZOO[model]
        prominent, problems = teaching.place("numbers"), list[str]()
        base = _suited(entry.spec, source)
        _suit(name, base)
        with teaching.place("parts"):
            st.caption("Every part of the model")
            spec = _spec(base, source, prominent, problems).for_sequences(data is not None and data.ragged)
        with teaching.place("training"):
            train = _train(entry.train, spec, source, prominent, problems)
        with teaching.place("reset"):
            _offer_reset()
        shelf = teaching.place("share")
        vector.offer()
        teaching.show(taught)
    if data is None:
        problems.insert(0, f"{source.title} is not on this machine{_way_out(source)}")
    chosen = session.Choices(name, data, model, spec, train, tuple(problems))
    session.choose(chosen)
    share.keep(chosen)
    with shelf:
        share.show(chosen)
    transport.begin()


def _offer_reset() -> None:
    st.button(
        "Reset to the recipe",
        key="reset",
        icon=":material/restart_alt:",
        help="Give every setting the value that the chosen model comes with",
        on_click=_adopt,
        disabled=teaching.locks("reset"),
        width="stretch",
    )


def _data(known: Mapping[str, Source]) -> tuple[str, Data | None]:
    titles = {name: source.title for name, source in known.items()}
    if session.get("data", DEFAULT_DATA) not in titles:
        # The one that was chosen has been deleted.
        session.put("data", DEFAULT_DATA)
    name = _choice("Data", "data", titles, DEFAULT_DATA, "What the model learns from")
    source = known[name]
    st.caption(source.description)
    if source.ready or session.get("downloaded") == name:
        return name, _there(name)
    size = f"{source.download_bytes / 1e6:.0f} MB"
    if st.button(f"Download {source.title} ({size})", key="download", icon=":material/download:", width="stretch"):
        return name, _downloaded(name, source.title)
    return name, None


def _way_out(source: Source) -> str:
    return " yet: download it first" if source.remote else ", or damaged: choose another"


def _there(name: str) -> Data | None:
    try:
        return load_data(name)
    except StoreError as error:
        st.error(str(error), icon=":material/error:")
        return None


def _downloaded(name: str, title: str) -> Data | None:
    bar = st.progress(0.0, f"Downloading {title}")

    def progress(done: int, total: int, file: str) -> None:
        bar.progress(min(done / max(total, 1), 1.0), f"{file}: {done / 1e6:.1f} of {total / 1e6:.1f} MB")

    try:
        data = load_data(name, progress)
    except DownloadError as error:
        st.error(str(error), icon=":material/error:")
        return None
    finally:
        bar.empty()
    session.put("downloaded", name)
    return data


def _choice(
    label: str, key: str, titles: Mapping[str, str], usual: str, about: str, changed: Callable[[], None] | None = None
) -> str:
    """A name chosen by its title, and kept in the address by itself: Streamlit's own binding would write the title."""
    given = st.query_params.get(key, usual)
    name = st.selectbox(
        label,
        list(titles),
        index=list(titles).index(given if given in titles else usual),
        format_func=titles.__getitem__,
        key=key,
        persist_state="session",
        on_change=changed,
        disabled=teaching.locks(key),
        help=about,
    )
    teaching.note(key)
    if name == usual:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = name
    return name


def _model() -> str:
    titles = {name: entry.title for name, entry in ZOO.items()}
    about = "A named autoencoder with its recipe for training; every part of it can be changed below"
    model = _choice("Model", "model", titles, DEFAULT_MODEL, about, _adopt)
    st.caption(f"{ZOO[model].about}.", help=f"Source: {ZOO[model].source}")
    return model


def _suited(spec: ModelSpec, source: Source) -> ModelSpec:
    """The model with the likelihood that suits a table of numbers and truths, where the data are one."""
    if not 0 < len(source.truths) < math.prod(source.shape):
        return spec
    return spec.replace(likelihood=Mixed(truths=source.truths))


def _suit(name: str, base: ModelSpec) -> None:
    """Choose the likelihood that suits other data, where it is another than what suited those before."""
    before = session.get(_SUITED)
    session.put(_SUITED, (name, base.likelihood.kind))
    if before is not None and before[0] != name and "mixed" in (before[1], base.likelihood.kind):
        session.put("spec.likelihood", base.likelihood.kind)


def _adopt() -> None:
    """Give every widget the value of the chosen model's recipe."""
    entry = ZOO[session.get("model", DEFAULT_MODEL)]
    source = sources().get(session.get("data", DEFAULT_DATA))
    _fill(entry.spec if source is None else _suited(entry.spec, source), entry.train)


def _adopt_run(found: Standing) -> None:
    """Give every widget the value that a run has, which was found by its identifier."""
    _adopt_settings(found.document["data"]["name"], *settings(found))


def _adopt_settings(name: str, spec: ModelSpec, train: TrainSpec) -> None:
    usual = spec.for_sequences(False)
    model = next((name for name, entry in ZOO.items() if entry.spec == usual), session.get("model", DEFAULT_MODEL))
    for key, value in {"data": name if name in sources() else DEFAULT_DATA, "model": model}.items():
        session.put(key, value)
    _fill(spec, train)


def _fill(spec: ModelSpec, train: TrainSpec) -> None:
    for prefix in ("spec.", "train."):
        session.forget(prefix)
    form = Form(keys=_KEYS)
    for key, value in (values(spec, "spec", form) | values(train, "train", form)).items():
        session.put(key, value)


def _spec(base: ModelSpec, source: Source, prominent: Any, problems: list[str]) -> ModelSpec:
    """The model as chosen; the code's size is drawn in `prominent`, for it is what one changes most."""
    notes: list[str] = []
    chosen: dict[str, Any] = {}

    def form(latent: int, *beside: str) -> Form:
        """For a part that is judged in a model with a code of that size and the parts chosen `beside` it."""
        neutral = ModelSpec(latent=latent, likelihood=Mse()).replace(**{slot: chosen[slot] for slot in beside})
        # Of a bottleneck that is not chosen yet, any may be meant.
        others = [] if "encoder" in beside else [neutral.replace(bottleneck=kind) for kind in BOTTLENECKS]
        return Form(_misfits(source, neutral, *others), _KEYS, problems, notes, teaching.locks("parts"))

    largest = min(math.prod(source.shape), MAXIMUM_LATENT)
    teaching.note("parts")
    for slot, icon in _SLOTS.items():
        with st.expander(slot.capitalize(), icon=icon, key=f"group-{slot}"):
            chosen[slot] = control(base, slot, f"spec.{slot}", form(largest, *_BESIDE.get(slot, ())))
    with prominent:
        sized = replace(form(1, "encoder", "bottleneck"), locked=teaching.locks("numbers"))
        latent = control(base, "latent", "spec.latent", sized, "Latent size")
        for note in notes:
            st.info(note, icon=":material/swap_horiz:")
    return base.replace(**chosen, latent=latent)


def _train(base: TrainSpec, spec: ModelSpec, source: Source, prominent: Any, problems: list[str]) -> TrainSpec:
    def pretrainable(value: Any) -> None:
        check_pretraining(spec, value, source.train)
        check_pretraining_range(spec, value, _extremes(source), "the data")

    checks = {"batch_size": lambda value: check_batch(value, source.train), "pretraining": pretrainable}

    def refusal(name: str, value: Any) -> str | None:
        return _said(lambda: checks[name](value)) if name in checks else None

    form = Form(refusal, _KEYS, problems, locked=teaching.locks("training"))
    with prominent:
        quick = replace(form, locked=teaching.locks("numbers"))
        first = {name: control(base, name, f"train.{name}", quick) for name in ("epochs", "learning_rate")}
        teaching.note("numbers")
    teaching.note("training")
    with st.expander("Training", icon=":material/model_training:", key="group-training"):
        rest = {
            name: control(base, name, f"train.{name}", form) for name in TrainSpec.model_fields if name not in first
        }
    return base.replace(**first, **rest)


def _misfits(source: Source, *neutral: ModelSpec) -> Callable[[str, Any], str | None]:
    """Says why a part, put into any of some otherwise harmless models, does not suit the data."""

    def check(model: ModelSpec, name: str, value: Any) -> None:
        spec = _changed(model, name, value)
        if isinstance(spec.likelihood, Mixed) and spec.likelihood.truths != (source.truths or None):
            raise SpecError("it is for tables with columns of 0 and 1 beside numbers")
        spec.latent_size(source.shape)
        check_range(spec, _extremes(source), "the data")

    def refusal(name: str, value: Any) -> str | None:
        reasons = [_said(partial(check, model, name, value)) for model in neutral]
        return None if None in reasons else reasons[0]

    return refusal


def _extremes(source: Source) -> np.ndarray:
    """One example with the least and the greatest value of the data."""
    return np.array([source.value_range], np.uint8 if source.value_range == (0, 255) else np.float32)


def _changed(model: ModelSpec, name: str, value: Any) -> ModelSpec:
    """The model with the part in it, and the largest code that its bottleneck can cut up."""
    spec = model.replace(**{name: value})
    if name == "latent" or spec.latent is None:
        return spec
    unit = spec.bottleneck.unit
    return spec.replace(latent=max(spec.latent - spec.latent % unit, unit))


def _said(check: Callable[[], None]) -> str | None:
    """The sentence with which a check fails, or None."""
    try:
        check()
    except (SpecError, DataError) as error:
        return str(error)
    return None
