"""Reconstructions seen along the principal directions of the training examples."""

import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples
from aejax.baselines import PCA
from aejax.errors import as_intensities
from aejax.kept import kept

ANGLES_UP_TO = 2_048
"""Features of an example up to which all its principal directions are found."""

DIRECTIONS = 64
"""Principal directions that `frechet_distance` looks along, at most."""


@kept(4)
def principal_directions(x: np.ndarray) -> PCA:
    """PCA of `x`, with all directions of up to `ANGLES_UP_TO` features and `DIRECTIONS` of more; kept for four sets.

    Raises:
        DataError: If all examples are the same.
    """
    examples, features = x.reshape(len(x), -1).shape
    most = min(examples, features)
    return PCA(most if features <= ANGLES_UP_TO else min(most, DIRECTIONS)).fit(x)


def largest_angle(reconstruction: object, principal: PCA, d: int) -> float:
    """The largest angle, in degrees, between the first d principal directions of reconstructions and of the data.

    References:
        Bjorck & Golub, Numerical Methods for Computing Angles between Linear Subspaces, 1973.

    Raises:
        DataError: If examples have more than `ANGLES_UP_TO` features or no d directions, or reconstructions do not
            vary along d.
    """
    from scipy.linalg import eigh, subspace_angles

    rebuilt = as_examples(reconstruction, "reconstruction", principal.shape)
    flat = rebuilt.reshape(len(rebuilt), -1).astype(np.float64)
    if flat.shape[1] > ANGLES_UP_TO:
        raise DataError(f"x must have at most {ANGLES_UP_TO:,} features for the angle to PCA; got {flat.shape[1]:,}")
    if not 1 <= d <= principal.latent:
        raise DataError(f"d must be between 1 and {principal.latent}, PCA's directions; got {d}")
    centred = flat - flat.mean(axis=0)
    features = flat.shape[1]
    variances, axes = eigh(centred.T @ centred, subset_by_index=(features - d, features - 1))
    # Below this the directions are those of rounding.
    found = int((variances > variances[-1] * features * np.finfo(np.float32).eps ** 2).sum())
    if variances[-1] <= 0 or found < d:
        raise DataError(f"reconstruction must vary along {d} directions, as many as the code's; got {found}")
    return float(np.rad2deg(subspace_angles(axes, principal.components[:d].reshape(d, -1).T).max()))


def principal_features(x: object, principal: PCA) -> Float[np.ndarray, "batch directions"]:
    """The coordinates of examples along the first principal directions, in float64."""
    examples = as_examples(x, "x", principal.shape)
    count = min(principal.latent, DIRECTIONS)
    directions = principal.components[:count].reshape(count, -1)
    offset = principal.mean.reshape(1, -1)
    return (as_intensities(examples).reshape(len(examples), -1) - offset) @ directions.T


def frechet_distance(x: object, y: object) -> float:
    """Squared Frechet distance between the normal distributions of two samples' means and covariances.

    References:
        Heusel et al., GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium, 2017,
        equation 6; Dowson & Landau, The Frechet Distance between Multivariate Normal Distributions, 1982.

    Raises:
        DataError: If these are not tables of finite numbers, of one width and of 2 rows or more.
    """
    tables = [_table(values, name) for name, values in (("x", x), ("y", y))]
    if tables[0].shape[1] != tables[1].shape[1]:
        raise DataError(f"y must have {tables[0].shape[1]} columns, as x has; got {tables[1].shape[1]}")
    means = [table.mean(axis=0) for table in tables]
    spreads = [np.cov(table, rowvar=False).reshape(table.shape[1], -1) for table in tables]
    # The product of the two is not symmetric, but similar to this one, whose eigenvalues are safe to take.
    variances, axes = np.linalg.eigh(spreads[0])
    root = axes * np.sqrt(np.maximum(variances, 0.0)) @ axes.T
    values = np.linalg.eigvalsh(root @ spreads[1] @ root)
    common = np.sqrt(np.maximum(values, 0.0)).sum()
    spread = np.trace(spreads[0]) + np.trace(spreads[1]) - 2 * common
    return float(max(np.square(means[0] - means[1]).sum() + spread, 0.0))


def _table(values: object, name: str) -> Float[np.ndarray, "rows columns"]:
    table = as_examples(values, name)
    if table.ndim != 2 or len(table) < 2:
        raise DataError(f"{name} must be a table of 2 rows or more; got shape {table.shape}")
    return np.asarray(values, np.float64)
