"""The rules that the linter does not know: sizes, directions of dependence, nothing that unpickles."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE_FILES = sorted((ROOT / "aejax").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))
ALL_FILES = [*PACKAGE_FILES, *PAGES, ROOT / "app.py"]

FILE_LINES = 250
FUNCTION_LINES = 40
PAGE_LINES = 60

UNSAFE_MODULES = {"pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
UNSAFE_CALLS = {"eval", "exec", "__import__"}

# What each part of the core may not import: dependence runs the other way.
TRAINING = {
    f"aejax.{name}"
    for name in ("training", "trainer", "recorder", "player", "pretraining", "sweep", "jobs", "worker", "estimator")
}
NOT_IMPORTED_BY = {
    "aejax.types": TRAINING | {"aejax.spec", "aejax.parts", "aejax.model"},
    "aejax.spec": TRAINING | {"aejax.model"},
    "aejax.parts": TRAINING | {"aejax.model"},
    "aejax.model": TRAINING,
    "aejax.data": TRAINING,
    "aejax.quality": TRAINING,
    "aejax.baselines": TRAINING,
    "aejax.latent": TRAINING,
    "aejax.geometry": TRAINING,
    "aejax.rebuilding": TRAINING,
    "aejax.residuals": TRAINING,
    "aejax.compression": TRAINING,
    "aejax.domain": TRAINING,
    "aejax.downstream": TRAINING,
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def docstring_lines(tree: ast.AST) -> set[int]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    firsts = [node.body[0] for node in ast.walk(tree) if isinstance(node, documented) and node.body]
    texts = [node for node in firsts if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)]
    return {line for text in texts for line in range(text.lineno, (text.end_lineno or 0) + 1)}


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code: not blank, not a comment, not a docstring."""
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    spoken = [token for token in tokens if token.type not in (*silent, tokenize.ENDMARKER)]
    lines = {line for token in spoken for line in range(token.start[0], token.end[0] + 1)}
    return lines - docstring_lines(ast.parse(source))


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, at its top or inside a function."""
    package = module_name(path).split(".") if path.name == "__init__.py" else module_name(path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*above, *filter(None, [node.module])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def within(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("path", PACKAGE_FILES, ids=relative)
def test_a_file_has_at_most_250_lines_of_code(path: Path) -> None:
    assert len(code_lines(path.read_text("utf-8"))) <= FILE_LINES


@pytest.mark.parametrize("path", PACKAGE_FILES, ids=relative)
def test_a_function_has_at_most_40_lines_of_code(path: Path) -> None:
    source = path.read_text("utf-8")
    lines = code_lines(source)
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    lengths = {node.name: len(lines & set(range(node.lineno, (node.end_lineno or 0) + 1))) for node in functions}
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}


@pytest.mark.parametrize("path", PAGES, ids=relative)
def test_a_page_has_at_most_60_lines_and_no_class(path: Path) -> None:
    source = path.read_text("utf-8")
    assert len(source.splitlines()) <= PAGE_LINES
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]


@pytest.mark.parametrize("path", ALL_FILES, ids=relative)
def test_nothing_is_unpickled_or_evaluated(path: Path) -> None:
    assert not {name for name in imported(path) if within(name, UNSAFE_MODULES)}
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    called = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
    assert not called & UNSAFE_CALLS
    keywords = [keyword for node in calls for keyword in node.keywords if keyword.arg == "allow_pickle"]
    assert all(isinstance(keyword.value, ast.Constant) and keyword.value.value is False for keyword in keywords)


@pytest.mark.parametrize("path", PACKAGE_FILES, ids=relative)
def test_dependence_flows_one_way(path: Path) -> None:
    module = module_name(path)
    imports = set(imported(path))
    if not within(module, {"aejax.ui"}):
        assert not {name for name in imports if within(name, {"aejax.ui", "streamlit", "pages", "app"})}
    for lower, higher in NOT_IMPORTED_BY.items():
        if within(module, {lower}):
            assert not {name for name in imports if within(name, higher)}


@pytest.mark.parametrize("path", ALL_FILES, ids=relative)
def test_only_one_file_touches_the_session_state(path: Path) -> None:
    uses = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)]
    touched = any(node.attr == "session_state" for node in uses)
    assert not touched or relative(path) == str(Path("aejax", "ui", "session.py"))
