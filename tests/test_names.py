"""The package's public names."""

import importlib
import subprocess
import sys

import pytest

import aejax


@pytest.mark.parametrize("name", aejax.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(aejax, name) is not None
    assert name in dir(aejax)


def test_the_zoo_is_a_mapping_even_after_its_module_is_imported() -> None:
    importlib.import_module("aejax.zoo")
    assert aejax.zoo["deep"].spec.latent == 32


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'aejax' has no attribute 'nonsense'"):
        aejax.nonsense  # noqa: B018


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = "import sys, aejax; sys.exit(bool({'jax', 'sklearn', 'pydantic', 'streamlit'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_names_are_as_one_imports_them() -> None:
    code = "import aejax.zoo; from aejax import zoo, train, PCA, latent; from aejax.zoo import ZOO; assert zoo is ZOO"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
