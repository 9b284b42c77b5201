"""Documents that can go stale are run, or compared with the code."""

import importlib
import importlib.util
import inspect
import pkgutil
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

import aejax
from aejax import cli
from aejax.data import DATASETS
from aejax.overrides import overridden
from aejax.projections import PROJECTIONS
from scripts.write_reference import PAGE, reference

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")]
DOCUMENTS += sorted((ROOT / "docs").rglob("*.md"))
TEXTS = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in DOCUMENTS}

SITE = {"{toctree}", "{eval-rst}", "{include}"}
"""Blocks that the building of the site checks."""

PROGRAMS = {"pip", "py", "python3", "tar", "apt-get"}
"""Programs that are not ours, whose lines are not looked into."""

# What a page says will come of its Python, as its last values have it.
CLAIMS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "README.md": lambda its: its["codes"].shape == (2000, 32) and its["search"].best_params_ == {"latent": 2},
    "docs/tutorial.md": lambda its: its["strip"].shape == (8, 64) and its["again"].spec == its["run"].spec,
    "docs/stories.md": lambda its: its["told"].point.holds(its["finding"].value),
    "docs/data.md": lambda its: its["run"].latent == 2 and its["run"].shape == (32,),
    "docs/scale.md": lambda its: abs(its["spread"].history[-1].loss / its["alone"].history[-1].loss - 1) < 1e-4,
    "docs/how-to/own-data.md": lambda its: its["found"]["knn_5"].value > 0.8 and its["back"].shape == (178, 13),
    "docs/how-to/compare.md": lambda its: 0 < its["laid"].residual < 1 and not its["measured"]["mse"].value,
    "docs/how-to/latent-size.md": lambda its: 0 < its["used"].active < 16,
    "docs/how-to/sweep.md": lambda its: len(its["many"].runs) == 8 and its["many"].table[0]["mse"].runs == 4,
    "docs/how-to/denoise.md": lambda its: its["after"] < 0.7 * its["before"],
    "docs/how-to/walk.md": lambda its: sum(term.value for term in its["way"].terms) == its["way"].loss,
    "docs/how-to/share.md": lambda its: its["spec"] == its["entry"].spec,
}


SLOW = {"docs/how-to/latent-size.md"}


class Block(NamedTuple):
    """A fenced block of a document; `excuse` is why it is not run, where a comment above it says so."""

    language: str
    code: str
    excuse: str | None


def blocks(text: str, *languages: str) -> list[Block]:
    fence = r"(?:^<!-- not run: ([^\n]+) -->\n)?^```(\S+)[^\n]*\n(.*?)^```$"
    found = [Block(language, code, excuse or None) for excuse, language, code in re.findall(fence, text, re.M | re.S)]
    return [block for block in found if not languages or block.language in languages]


def lines(text: str) -> Iterator[list[str]]:
    """The words of each line that a document has for a shell, without what it sets in the environment."""
    for block in blocks(text, "sh"):
        if block.excuse is None:
            for line in block.code.splitlines():
                words = shlex.split(line.replace("\\", "/"), comments=True)
                yield [word for word in words if not re.match(r"[A-Z_]+=", word)]


def check_ours(name: str, *words: str) -> None:
    """Have the command line's own parser read a command, and look up what it names."""
    command = typer.main.get_command(cli.app).commands[name]  # type: ignore[attr-defined]
    given = command.make_context(name, list(words)).params
    if name == "train":
        entry = aejax.zoo[given["name"]]
        overridden(entry.spec, entry.train, given["assignments"] or ())
    assert {given.get("data") or "digits"} <= {*DATASETS, "own-leaves"}
    assert {*(given.get("beside") or ())} <= {*PROJECTIONS}


def check(program: str, *words: str) -> None:
    """Refuse a line that could not work."""
    if program == "aejax":
        check_ours(*words)
    elif program == "make":
        makefile = (ROOT / "Makefile").read_text("utf-8")
        assert all(re.search(rf"^{word}:", makefile, re.M) for word in words if "=" not in word)
    elif program == "python" and words[0] == "-m":
        assert importlib.util.find_spec(words[1]) is not None
    elif program == "python" and words[0] == "-c":
        compile(words[1], "", "exec")
    else:
        assert program in PROGRAMS or program.startswith(".venv/"), program


def with_blocks(*languages: str) -> list[str]:
    return [name for name, text in TEXTS.items() if blocks(text, *languages)]


def test_every_block_is_of_a_kind_that_is_checked_or_has_an_excuse() -> None:
    checked = {"python", "sh", "diff", *SITE}
    others = [(name, block.language) for name, text in TEXTS.items() for block in blocks(text) if not block.excuse]
    assert [(name, language) for name, language in others if language not in checked] == []
    assert set(with_blocks("python")) == set(CLAIMS)


def test_the_reference_is_what_the_code_declares() -> None:
    assert PAGE.read_text("utf-8") == reference(), "run python scripts/write_reference.py"


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=pytest.mark.slow if page in SLOW else ()) for page in CLAIMS]
)
def test_a_pages_python_runs_as_written_and_does_what_the_page_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    values: dict[str, Any] = {}
    for block in blocks(TEXTS[page], "python"):
        exec(compile(block.code, page, "exec"), values)
    assert CLAIMS[page](values)


@pytest.mark.slow
def test_the_readmes_commands_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    commands = [words[1:] for words in lines(TEXTS["README.md"]) if words[:1] == ["aejax"] and words[1] != "app"]
    assert len(commands) >= 5
    assert [cli.main(command) for command in commands] == [0] * len(commands)


@pytest.mark.parametrize("page", with_blocks("sh"))
def test_a_pages_commands_are_understood(page: str) -> None:
    for words in lines(TEXTS[page]):
        if words:
            check(*words)


def test_variables_of_the_environment_are_those_of_the_code() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "aejax").rglob("*.py"))
    named = {name for text in TEXTS.values() for name in re.findall(r"AEJAX_(?:LIMIT_|[A-Z]+)", text)}
    assert {name for name in named if name not in code} == set()


def slug(heading: str) -> str:
    """A heading's name in an address, as GitHub and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", TEXTS)
def test_links_within_the_project_lead_somewhere(page: str) -> None:
    words = re.sub(r"\$[^$]+\$", "", TEXTS[page])
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)", words):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        if anchor:
            assert anchor in map(slug, re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)), anchor


def test_the_site_names_all_that_is_public() -> None:
    api, rooms = TEXTS["docs/api.md"], TEXTS["docs/architecture.md"]
    assert {name for name in aejax.__all__ if f"aejax.{name}" not in api} == set()
    modules = {found.name for found in pkgutil.iter_modules(aejax.__path__) if not found.name.startswith("_")}
    table = {name for row in re.findall(r"^\|.*\|(.*)\|$", rooms, re.M) for name in re.findall(r"`(\w+)`", row)}
    assert table ^ modules == {"aejax"}


def undocumented(name: str, item: Any) -> Iterator[str]:
    """The public names in a module, a class or a function that have no docstring, nor one to inherit."""
    if inspect.isfunction(item) and item.__name__ == "<lambda>":
        return
    if not inspect.getdoc(item):
        yield name
    if inspect.isclass(item) or inspect.ismodule(item):
        home = item.__name__ if inspect.ismodule(item) else item.__module__
        for own, value in vars(item).items():
            kinds = inspect.isclass(value) or inspect.isroutine(value) or isinstance(value, property)
            if kinds and not own.startswith("_") and getattr(value, "__module__", home) == home:
                # By attribute, so that an override has the docstring of what it overrides.
                yield from undocumented(f"{name}.{own}", getattr(item, own))


def test_every_public_name_has_a_docstring() -> None:
    found = (module.name for module in pkgutil.walk_packages(aejax.__path__, "aejax."))
    names = [name for name in found if "._" not in name]
    assert len(names) > 100
    assert [gap for name in names for gap in undocumented(name, importlib.import_module(name))] == []
