"""How well the distances among examples, near and far, are kept by the distances among their codes.

`x` are examples and `z` their codes, one a row each, as arrays of any shape.
"""

import numpy as np
from jaxtyping import Float, Int

from aejax.arrays import DataError, check_varies, pair_of_tables
from aejax.kept import kept

PAIRED = 2_000
"""Examples whose distances to one another are all looked at; of more, so many are drawn with a fixed seed."""

TRIPLETS = 5
"""Triplets that each example is the first of."""


def distance_correlation(x: object, z: object) -> float:
    """Spearman's correlation of the distances of all pairs of examples with those of their codes.

    References:
        Spearman, The Proof and Measurement of Association between Two Things, 1904; Shepard, The Analysis of
        Proximities, 1962 (the diagram that it sums up).

    Raises:
        DataError: If `x` and `z` are not as many finite rows that vary, or all distances are equal.
    """
    from scipy.stats import spearmanr

    among_examples, among_codes = _paired(x, z)
    return float(spearmanr(among_examples, among_codes).statistic)


def stress(x: object, z: object) -> float:
    """The distances' root mean squared change, as a share of their root mean square, at the codes' best scale.

    Codes have no unit, so they are multiplied first by the factor for which this is least.

    References:
        Kruskal, Multidimensional Scaling by Optimizing Goodness of Fit, 1964; Smelser et al., Normalized Stress Is Not
        Normalized, 2024 (the factor).

    Raises:
        DataError: If `x` and `z` are not as many finite rows that vary.
    """
    among_examples, among_codes = _paired(x, z)
    factor = (among_examples @ among_codes) / (among_codes @ among_codes)
    residual = np.square(among_examples - factor * among_codes).sum()
    return float(np.sqrt(residual / (among_examples @ among_examples)))


def triplet_accuracy(x: object, z: object, seed: int = 0) -> float:
    """Share of random triplets whose first is nearer to the same one of the other two, by example and by code.

    References:
        Wang et al., Understanding How Dimension Reduction Tools Work, 2021, section 6 (five triplets an example).

    Raises:
        DataError: If `x` and `z` are not as many finite rows that vary, or fewer than 3.
    """
    examples, codes = pair_of_tables(x, z)
    others = random_triplets(len(examples), seed)
    agree = [_first_is_nearer(examples, two) == _first_is_nearer(codes, two) for two in others]
    return float(np.mean(agree))


def random_triplets(count: int, seed: int = 0) -> Int[np.ndarray, "triplets examples 2"]:
    """Two others of each example, so many times, drawn with equal chances.

    Raises:
        DataError: If there are fewer than 3 examples.
    """
    if count < 3:
        raise DataError(f"x must hold 3 examples or more for triplets; got {count}")
    random, own = np.random.default_rng(seed), np.arange(count)[None]
    first = random.integers(1, count, (TRIPLETS, count))
    second = random.integers(1, count - 1, (TRIPLETS, count))
    # Counted onwards from the example itself, and past the first.
    second += second >= first
    return np.stack([(own + first) % count, (own + second) % count], axis=2)


def _first_is_nearer(table: np.ndarray, two: Int[np.ndarray, "examples 2"]) -> np.ndarray:
    flat = table.reshape(len(table), -1).astype(np.float64)
    first, second = (np.square(flat[two[:, side]] - flat).sum(axis=1) for side in (0, 1))
    return np.asarray(first < second)


def _paired(x: object, z: object) -> tuple[np.ndarray, np.ndarray]:
    """The distances of all pairs, among examples and among codes."""
    examples, codes = pair_of_tables(x, z)
    if len(examples) > PAIRED:
        rows = np.sort(np.random.default_rng(0).choice(len(examples), PAIRED, replace=False))
        examples, codes = examples[rows], codes[rows]
        check_varies("z", codes)
    among_examples, among_codes = pair_distances(examples), pair_distances(codes)
    for name, distances in (("x", among_examples), ("z", among_codes)):
        if np.ptp(distances) == 0:
            raise DataError(f"{name} must have distances that differ; got {distances[0]:g} for all of {len(distances)}")
    return among_examples, among_codes


@kept(4)
def pair_distances(x: np.ndarray) -> Float[np.ndarray, " pairs"]:
    """The distance of each two rows, in the order of `scipy.spatial.distance.pdist`."""
    from scipy.spatial.distance import pdist

    distances: np.ndarray = pdist(x.reshape(len(x), -1).astype(np.float64))
    distances.flags.writeable = False
    return distances
