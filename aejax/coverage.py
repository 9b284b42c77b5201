"""How much of the plane between the codes is theirs: where a code is still itself once decoded and encoded."""

import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples, check_varies
from aejax.embedder import Embedder

CELLS = 40
"""Cells along the longer side of the grid."""

TOLERANCE = 0.05
"""Share of the hull's diameter within which a code counts as having returned."""


def latent_fill(embedder: Embedder, codes: object, cells: int = CELLS, tolerance: float = TOLERANCE) -> float:
    """Share of the places within the convex hull of `codes` that come back to themselves, decoded and encoded.

    The places are the middles of the square cells of a grid; to come back is to end nearer than `tolerance` times the
    hull's diameter, its greatest distance of two codes.

    Raises:
        DataError: If codes are not pairs of finite numbers, do not span the plane, or the embedder cannot decode them.
    """
    places, diameter = places_within(codes, cells)
    returned = np.asarray(embedder.encode(embedder.decode(places.astype(np.float32))), np.float64)
    return float((np.linalg.norm(returned - places, axis=1) <= tolerance * diameter).mean())


def places_within(codes: object, cells: int = CELLS) -> tuple[Float[np.ndarray, "places 2"], float]:
    """The middles of the grid's cells within the codes' convex hull, and the hull's diameter."""
    from scipy.spatial import ConvexHull, QhullError
    from scipy.spatial.distance import pdist

    table = as_examples(codes, "codes").astype(np.float64)
    if table.shape[1:] != (2,):
        raise DataError(f"codes must be of 2 coordinates, places on a map; got shape {table.shape}")
    check_varies("codes", table)
    try:
        hull = ConvexHull(table)
    except QhullError as error:
        raise DataError(f"codes must span the plane; the {len(table)} given lie on one line") from error
    corners = table[hull.vertices]
    low, side = corners.min(axis=0), np.ptp(corners, axis=0).max() / cells
    axes = [np.arange(low[axis] + side / 2, corners[:, axis].max(), side) for axis in (0, 1)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=2).reshape(-1, 2)
    within = (grid @ hull.equations[:, :2].T + hull.equations[:, 2][None] <= 0).all(axis=1)
    if not within.any():
        raise DataError(f"codes must span the plane; the hull of the {len(table)} given holds no cell of the grid")
    return grid[within], float(pdist(corners).max())
