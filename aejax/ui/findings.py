"""What a run shows of itself, said on a page: each finding with its formula and where to read on."""

import streamlit as st

from aejax.arrays import DataError
from aejax.findings import FINDINGS, findings
from aejax.ui import explain, snapshot
from aejax.ui.session import Result

_EXAMPLES = 1000


def show(result: Result, key: str) -> None:
    """Say what the run shows of itself; nothing where it shows nothing."""
    for name, sentence in _found(result).items():
        finding = FINDINGS[name]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.info(sentence, icon=":material/lightbulb:")
            explain.popover(finding.title, finding.meaning, finding.formula, finding.page, f"{key}-{name}")


@st.cache_data(scope="session", max_entries=4, show_spinner=False, hash_funcs={Result: snapshot.stamp})
def _found(result: Result) -> dict[str, str]:
    """The findings on some held-out examples; none where these cannot be looked at."""
    run, data = result.run, result.data
    labels = None if data.y_test is None else data.y_test[:_EXAMPLES]
    try:
        return findings(run, data.x_test[:_EXAMPLES], run.spec.told(labels))
    except DataError:
        return {}
