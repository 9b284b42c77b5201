"""What the package declares, what is pinned and what the documents say agree."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RUNTIME = [Requirement(line) for line in PROJECT["dependencies"]]
DEVELOPMENT = [
    Requirement(line) for extra in ("docs", "test", "dev") for line in PROJECT["optional-dependencies"][extra]
]


def pins(name: str) -> dict[str, str]:
    """The pinned version of each package in a requirements file and in those that it includes."""
    versions: dict[str, str] = {}
    for line in (ROOT / name).read_text("utf-8").splitlines():
        if line.startswith("-r "):
            versions |= pins(line.removeprefix("-r "))
        elif line and not line.startswith("#"):
            requirement = Requirement(line)
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            versions[canonicalize_name(requirement.name)] = specifier.version
    return versions


@pytest.mark.parametrize("requirement", RUNTIME, ids=lambda requirement: requirement.name)
def test_every_dependency_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pins("requirements.txt")[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("requirement", DEVELOPMENT, ids=lambda requirement: requirement.name)
def test_every_development_tool_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    if requirement.name != "aejax":
        assert requirement.specifier.contains(pins("requirements-dev.txt")[canonicalize_name(requirement.name)])


def test_the_changelog_tells_of_this_version() -> None:
    assert re.search(rf"^## {re.escape(PROJECT['version'])}\b", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_a_document_names_exists(document: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / document).read_text("utf-8"), re.M))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert named <= targets
