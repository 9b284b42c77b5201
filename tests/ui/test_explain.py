"""Every part, metric and finding has a sentence, a formula and a page, and a page shows them where they are needed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from latex2mathml.converter import convert
from streamlit.testing.v1 import AppTest
from visitors import texts

from aejax.findings import FINDINGS
from aejax.metrics import METRICS
from aejax.optimizers import OPTIMIZERS
from aejax.parts.bottlenecks import BOTTLENECKS
from aejax.parts.corruptions import CORRUPTIONS
from aejax.parts.likelihoods import LIKELIHOODS
from aejax.parts.networks import NETWORKS
from aejax.parts.penalties import PENALTIES
from aejax.parts.pretrainings import PRETRAININGS
from aejax.ui import explain

PAGES = Path(__file__).parents[2] / "docs" / "mathematics"
TABLES = {
    "corruption": CORRUPTIONS,
    "network": NETWORKS,
    "bottleneck": BOTTLENECKS,
    "likelihood": LIKELIHOODS,
    "penalty": PENALTIES,
    "optimizer": OPTIMIZERS,
    "pretraining": PRETRAININGS,
    "metric": METRICS,
    "finding": FINDINGS,
}
EXPLAINED = {f"{table} {name}": entry for table, entries in TABLES.items() for name, entry in entries.items()}


@pytest.mark.parametrize("name", EXPLAINED)
def test_it_has_a_sentence_a_formula_that_can_be_set_and_a_page(name: str) -> None:
    entry = EXPLAINED[name]
    assert (getattr(entry, "meaning", None) or entry.__doc__ or "").strip()
    for formula in (entry.formula, *getattr(entry, "term_formulas", {}).values()):
        assert "<math" in convert(formula)
        assert formula.count("{") == formula.count("}")
        assert "|" not in formula.replace(r"\|", "")  # it would end a cell of a table
    assert (PAGES / f"{entry.page}.md").is_file()
    assert explain.title(entry.page)


def test_links_between_pages_are_words_where_a_page_is_shown() -> None:
    assert "sparse.md" in (PAGES / "metrics.md").read_text("utf-8")
    assert "the sparse autoencoders" in explain.text("metrics")
    assert ".md" not in explain.text("metrics")


def test_the_sidebar_explains_each_chosen_part(visit: Callable[..., AppTest]) -> None:
    visitor = visit("walk")
    visitor.selectbox(key="spec.bottleneck").set_value("gaussian").run()
    shown = [entry.value.strip("$\n ") for entry in visitor.sidebar.latex]
    assert BOTTLENECKS["gaussian"].formula in shown
    visitor.button(key="explain-spec.bottleneck-page").click().run()
    assert not visitor.exception
    assert "The evidence bound" in texts(visitor)
