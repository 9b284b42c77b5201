"""Points on known curves and surfaces, drawn anew from fixed seeds: what should unroll, and what cannot."""

import functools
import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, Int

from aejax.data.remote import Progress
from aejax.data.source import Arrays, Source

TRAIN_EXAMPLES, TEST_EXAMPLES = 2000, 500
TRAIN_SEED, TEST_SEED = 1, 2
PLANE_SEED = 3

# Radians along the roll and along the S; the labels are equal bins of these, half a turn of pi each.
ROLL_ANGLES = (1.5 * math.pi, 4.5 * math.pi)
CURVE_ANGLES = (-1.5 * math.pi, 1.5 * math.pi)
BINS = 6

Points: TypeAlias = Float[np.ndarray, "examples dimensions"]
Labels: TypeAlias = Int[np.ndarray, "examples"]


def two_moons(examples: int, seed: int) -> tuple[Points, Labels]:
    """Points on two interleaved half circles, centred and at half the usual size, and the moon of each."""
    from sklearn import datasets

    points, labels = datasets.make_moons(examples, noise=0.08, random_state=seed)
    return (points - [0.5, 0.25]) / 2, labels


def swiss_roll(examples: int, seed: int) -> tuple[Points, Labels]:
    """Points on a rolled-up sheet in space, centred and at 1/16 of the usual size, and their angle's bin."""
    from sklearn import datasets

    points, angles = datasets.make_swiss_roll(examples, noise=0.3, random_state=seed)
    return (points - [0, 10.5, 0]) / 16, binned(angles, ROLL_ANGLES)


def s_curve(examples: int, seed: int) -> tuple[Points, Labels]:
    """Points on an S-shaped sheet in space, centred and at 0.4 of the usual size, and their angle's bin."""
    from sklearn import datasets

    points, angles = datasets.make_s_curve(examples, noise=0.04, random_state=seed)
    return (points - [0, 1, 0]) * 0.4, binned(angles, CURVE_ANGLES)


def circles(examples: int, seed: int, dimensions: int = 10, noise: float = 0.02) -> tuple[Points, Labels]:
    """Points on three circles around one centre, in a plane turned at random within more dimensions.

    Args:
        examples: Number of points.
        seed: Draw of the points; the plane is the same for every draw.
        dimensions: Number of dimensions around the plane, at least 2.
        noise: Standard deviation of what is added to every coordinate.

    Returns:
        Points, whose circles have the radii 0.3, 0.6 and 0.9, and the circle of each.
    """
    if dimensions < 2:
        raise ValueError(f"dimensions must be at least 2; got {dimensions}")
    generator = np.random.default_rng(seed)
    labels = np.arange(examples) % 3
    angles = generator.uniform(0, 2 * math.pi, examples)
    flat = 0.3 * (labels + 1) * np.stack([np.cos(angles), np.sin(angles)])
    plane, _ = np.linalg.qr(np.random.default_rng(PLANE_SEED).normal(size=(dimensions, 2)))
    return flat.T @ plane.T + noise * generator.normal(size=(examples, dimensions)), labels


def binned(values: Float[np.ndarray, "examples"], ends: tuple[float, float]) -> Labels:
    """Which of the equal bins between the ends each value falls into."""
    edges = np.linspace(*ends, BINS + 1)
    return np.digitize(values, edges[1:-1])


def bin_names(ends: tuple[float, float]) -> tuple[str, ...]:
    """The span of each bin, in multiples of pi."""
    edges = np.linspace(*ends, BINS + 1) / math.pi
    return tuple(f"{low:g}π to {high:g}π" for low, high in zip(edges[:-1], edges[1:], strict=True))


def load_draws(draw: Callable[[int, int], tuple[np.ndarray, np.ndarray]], progress: Progress | None = None) -> Arrays:
    """A training and a test draw, of one seed each."""
    x_train, y_train = draw(TRAIN_EXAMPLES, TRAIN_SEED)
    x_test, y_test = draw(TEST_EXAMPLES, TEST_SEED)
    return x_train.astype(np.float32), y_train, x_test.astype(np.float32), y_test


point_set = functools.partial(
    Source,
    kind="points",
    value_range=(-1, 1),
    train=TRAIN_EXAMPLES,
    test=TEST_EXAMPLES,
    licence="generated; free of rights",
)

TWO_MOONS = point_set(
    title="Two moons",
    description="Two interleaved half circles in the plane: what one latent coordinate can and cannot tell.",
    shape=(2,),
    label_names=("upper moon", "lower moon"),
    source="sklearn.datasets.make_moons",
    load=functools.partial(load_draws, two_moons),
)

SWISS_ROLL = point_set(
    title="Swiss roll",
    description="A sheet rolled up in space: a straight projection overlays its turns, a map unrolls them.",
    shape=(3,),
    label_names=bin_names(ROLL_ANGLES),
    source=("sklearn.datasets.make_swiss_roll, after S. Marsland, Machine Learning, 2014"),
    load=functools.partial(load_draws, swiss_roll),
)

S_CURVE = point_set(
    title="S-curve",
    description="A sheet bent to an S in space: easier to flatten than the roll.",
    shape=(3,),
    label_names=bin_names(CURVE_ANGLES),
    source="sklearn.datasets.make_s_curve",
    load=functools.partial(load_draws, s_curve),
)

CIRCLES = point_set(
    title="Circles in ten dimensions",
    description="Three circles around one centre, in a plane hidden among ten dimensions: two would do.",
    shape=(10,),
    label_names=("inner circle", "middle circle", "outer circle"),
    source="generated by aejax",
    load=functools.partial(load_draws, circles),
)
