"""The application starts with the same files and settings however it is started."""

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import streamlit

from aejax import launch

ROOT = Path(__file__).parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
SETTINGS = dict(launch._flattened(CONFIG))


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", SETTINGS)
def test_streamlit_knows_every_setting(name: str) -> None:
    streamlit.get_option(name)


@pytest.mark.parametrize(
    "option",
    ["--server.address=localhost", "--browser.gatherUsageStats=false", "--runner.postScriptGC=false"],
)
def test_the_command_carries_the_settings_that_matter(option: str) -> None:
    assert option in launch.command()


def test_the_command_carries_every_setting_once() -> None:
    options = [option.split("=")[0] for option in launch.command() if option.startswith("--")]
    assert options == [f"--{name}" for name in SETTINGS]


def test_arguments_override_the_settings() -> None:
    command = launch.command(port=8600, address="0.0.0.0", headless=False)
    assert {"--server.port=8600", "--server.address=0.0.0.0", "--server.headless=false"} <= set(command)


def test_a_missing_application_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "HOMES", (tmp_path / "one", tmp_path / "other"))
    with pytest.raises(FileNotFoundError, match="install aejax again"):
        launch.command()


def test_the_wheel_holds_the_application(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    installed = tmp_path / "installed"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(installed)
    for file in (
        "app.py",
        ".streamlit/config.toml",
        *(f"pages/{page.name}" for page in ROOT.glob("pages/*.py")),
    ):
        assert (installed / "aejax" / "_app" / file).read_bytes() == (ROOT / file).read_bytes()
    script = "import sys; sys.path.insert(0, sys.argv[1]); from aejax import launch; print(launch.app_home())"
    printed = subprocess.run(
        [sys.executable, "-c", script, str(installed)],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(printed.stdout.strip()) == installed / "aejax" / "_app"
    frontend = ROOT / "aejax" / "ui" / "canvas" / "frontend"
    for file in frontend.glob("*.*s"):
        assert (installed / file.relative_to(ROOT)).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
def test_colours_stand_out_from_their_ground(theme: str, ground: str) -> None:
    colors = CONFIG["theme"][theme]
    assert contrast(colors["textColor"], colors[ground]) >= 7
    assert contrast(colors["linkColor"], colors[ground]) >= 4.5
    assert contrast(colors["primaryColor"], colors[ground]) >= 3
    assert contrast(colors["primaryColor"], "#FFFFFF") >= 4.5
    assert min(contrast(color, colors[ground]) for color in colors["chartCategoricalColors"]) >= 3
