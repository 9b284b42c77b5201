"""Colours are read, on both grounds, by everyone: measured, not believed."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from aejax.ui import palette

THEME = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]

# Linear RGB to what a dichromat sees, at full severity: Machado, Oliveira & Fernandes, IEEE TVCG 15(6), 2009.
DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
# sRGB to CIE XYZ, IEC 61966-2-1, and the D65 white.
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
LEAST_CONTRAST = 3.0  # WCAG 2.2, criterion 1.4.11
LEAST_DISTANCE = 9.0  # CIELAB; about 2 can just be noticed side by side
THEMES = {"light": palette.LIGHT, "dark": palette.DARK}


def linear(color: str) -> np.ndarray:
    values = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(TO_XYZ[1] @ linear(color))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(color: str, deficiency: np.ndarray) -> np.ndarray:
    seen = np.clip(deficiency @ linear(color), 0, 1)
    share = TO_XYZ @ seen / TO_XYZ.sum(axis=1)
    root = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def test_the_measures_agree_with_known_values() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    np.testing.assert_allclose(lab("#FF0000", np.eye(3)), [53.24, 80.09, 67.20], atol=0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_has_the_same_colours(theme: str) -> None:
    assert tuple(THEME[theme]["chartCategoricalColors"]) == THEMES[theme]


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_stands_out_from_its_ground(theme: str) -> None:
    ground = THEME[theme]["backgroundColor"]
    assert min(contrast(color, ground) for color in THEMES[theme]) >= LEAST_CONTRAST


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", THEMES)
def test_every_two_colours_differ_to_every_eye(theme: str, deficiency: str) -> None:
    seen = [lab(color, DEFICIENCIES[deficiency]) for color in THEMES[theme]]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) >= LEAST_DISTANCE


def test_colour_and_symbol_together_tell_sixty_classes_apart() -> None:
    looks = {(palette.color(label), palette.symbol(label, 60)) for label in range(60)}
    assert len(looks) == 60


def test_beyond_eight_classes_symbols_differ_too() -> None:
    assert {palette.symbol(label, 8) for label in range(8)} == {"circle"}
    assert len({palette.symbol(label, 10) for label in range(10)}) == 10
