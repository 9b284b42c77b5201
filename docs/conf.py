"""Settings of the documentation, which `make docs` builds into build/docs."""

import os
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
# JAX looks for a graphics card when it is first used, and the documentation has no need of one.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

from aejax import __version__  # noqa: E402

project = "aejax"
author = "The aejax authors"
copyright = f"2026, {author}"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}

myst_enable_extensions = ["attrs_inline", "dollarmath"]
myst_heading_anchors = 3
# What a docstring has between backticks is code, as in Markdown.
default_role = "code"

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_attr_annotations = False

html_theme = "furo"
html_title = f"aejax {version}"
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0067A3", "color-brand-content": "#0067A3"},
    "dark_css_variables": {"color-brand-primary": "#56B4E9", "color-brand-content": "#56B4E9"},
}
html_math_renderer = "mathml"


def _inline_math(writer: nodes.NodeVisitor, node: nodes.math) -> None:
    writer.body.append(_mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _math_block(writer: nodes.NodeVisitor, node: nodes.math_block) -> None:
    writer.body.append(f'<div class="math">{_mathml(node.astext(), "block")}</div>')
    raise nodes.SkipNode


def _mathml(formula: str, display: str) -> str:
    written = convert(formula, display=display)
    if "\\" in written or "&#x0005C;" in written:
        raise ExtensionError(f"formula {formula!r} has a command that is not known: {written}")
    return written


def _escape(app: Sphinx, what: str, name: str, item: Any, options: Any, lines: list[str]) -> None:
    """Have stars and bars in a docstring read as they stand: axes of arrays and absolute values, no markup."""
    text = re.sub(r"`[^`]*`|[*|]", lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", "\n".join(lines))
    lines[:] = text.split("\n")


def setup(app: Sphinx) -> None:
    """Have formulas written as MathML, which browsers draw without a script from elsewhere."""
    app.connect("autodoc-process-docstring", _escape, priority=400)  # before napoleon, which writes stars of its own
    app.add_html_math_renderer("mathml", (_inline_math, None), (_math_block, None))
