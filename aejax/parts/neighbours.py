"""Penalties that keep together in the code what is near in the data, and push the rest apart."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from aejax.graph import Graph, nearest
from aejax.parts.penalty import Context, Penalty
from aejax.parts.shapes import check_images
from aejax.settings import Named, parameter
from aejax.types import Examples, PerExample, Pixels, Scalar, Shape

Pairs = Float[jax.Array, "batch batch"]

# Codes that coincide would repel without bound.
_SOFTENED = 1 / 1.001


class Neighbour(NamedTuple):
    """For each example of a batch one of its neighbours, and its share of all edges over the mean share."""

    x: Pixels
    share: PerExample


def cross_entropy(attraction: PerExample, others: Pairs, negatives: Scalar | float) -> PerExample:
    """Of one edge each, and of `negatives` pairs that are none, as the mean over the batch in place of a draw."""
    repulsion = -jnp.log1p(-_SOFTENED * others).sum(axis=1) / max(len(others) - 1, 1)
    return jnp.log1p(attraction) + negatives * repulsion


def contrast(attraction: PerExample, others: Pairs, negatives: Scalar | float) -> PerExample:
    """Of telling the neighbour from the rest of the batch."""
    own = 1.0 / (1.0 + attraction)
    return jnp.log(own + others.sum(axis=1)) - jnp.log(own)


OBJECTIVES: dict[str, Callable[[PerExample, Pairs, Scalar | float], PerExample]] = {
    "umap": cross_entropy,
    "infonce": contrast,
}

Objective = Annotated[str, Named(OBJECTIVES)]


class Neighbours(Penalty):
    """Neighbours in the data are to be neighbours in the code, and others are not: the objective of UMAP.

    One edge of each example's neighbourhood is drawn at every step; the rest of the batch stands for all that is
    far. The graph is found once, before training. Outside of training there are no neighbours, and the term is zero.

    References:
        Sainburg et al., Parametric UMAP Embeddings, 2021, section 2; McInnes et al., UMAP, 2018, algorithms 1 to 5;
        Damrich et al., From t-SNE to UMAP with Contrastive Learning, 2023, section 3 (InfoNCE).
    """

    kind: Literal["neighbours"] = "neighbours"
    formula: ClassVar[str] = (
        r"w\, \mathrm{CE}(p_{ij}, q_{ij}), \quad q_{ij} = \bigl(1 + a \lVert z_i - z_j \rVert^{2b}\bigr)^{-1}"
    )
    page: ClassVar[str] = "maps"
    of_all_examples: ClassVar[bool] = True
    weight: float = parameter(10.0, "Nats for each nat of an edge's cross-entropy", ge=0, le=1e6, live=True, log=True)
    objective: Objective = parameter(
        "umap", "umap: each pair is an edge or is not; infonce: which of the batch is the neighbour"
    )
    k: int = parameter(15, "Nearest examples that count as neighbours", ge=1, le=200)
    min_dist: float = parameter(0.1, "Distance in the code within which neighbours are near enough", ge=0, le=0.99)
    blur: float = parameter(
        0.0, "Standard deviation, in pixels, of the blur under which images are compared; 0 for none", ge=0, le=10
    )
    union: float = parameter(
        1.0, "1: two are neighbours if either finds the other (UMAP's fuzzy union); 0: only if both do", ge=0, le=1
    )
    negatives: float = parameter(5.0, "Pairs that are no edge for each edge (umap only)", ge=0, le=1000, live=True)

    def cost(self, context: Context) -> PerExample:
        if context.companions is None:
            return jnp.zeros(len(context.latents))
        codes, near = jnp.asarray(context.latents), jnp.asarray(context.encode(context.companions.x))
        others = 1.0 / (1.0 + self._exponent(codes[:, None], codes[None]))
        # Of an example with itself there is no pair.
        others = jnp.where(jnp.eye(len(codes), dtype=bool), 0.0, others)
        costs = OBJECTIVES[self.objective](self._exponent(codes, near), others, self.negatives)
        return self.weight * context.companions.share * costs

    def _exponent(self, first: jax.Array, second: jax.Array) -> jax.Array:
        """A d^(2b), of which the likeness is 1 / (1 + it)."""
        a, b = kernel_shape(self.min_dist)
        # Raised a little: at zero a power below 1 has no finite slope.
        return a * (jnp.square(first - second).sum(axis=-1) + 1e-6) ** b

    def prepare(self, x: Examples) -> dict[str, np.ndarray]:
        graph = nearest(blurred(x, self.blur) if self.blur else x, self.k)
        by_weight = self.objective == "umap"
        weights = edge_weights(graph, self.union) if by_weight else edge_chances(graph, self.union)
        totals = weights.sum(axis=1)
        cumulative = np.cumsum(weights, axis=1) / np.maximum(totals, 1e-12)[:, None]
        share = totals / totals.mean() if by_weight else np.ones_like(totals)
        return {"neighbours": graph.neighbours, "cumulative": cumulative, "share": share}

    def check_shape(self, shape: Shape) -> None:
        if self.blur:
            check_images(f"penalties: {self.kind} with blur", shape)

    def companions(self, prepared: dict[str, jax.Array], key: jax.Array, rows: jax.Array, x: Examples) -> Any:
        drawn = jax.random.uniform(key, (len(rows), 1))
        slots = (drawn >= prepared["cumulative"][rows, :-1]).sum(axis=1)
        return Neighbour(x[prepared["neighbours"][rows, slots]], prepared["share"][rows])


def blurred(x: Examples, sd: float) -> Examples:
    """Images through a Gaussian filter, so that a stroke a pixel off is near still.

    References:
        Simard et al., Efficient Pattern Recognition Using a New Transformation Distance, 1993 (smoothed images).
    """
    # Imported where it is needed: it takes as long as half of JAX.
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(np.asarray(x, np.float32), (0, sd, sd, *[0] * (x.ndim - 3)))


@lru_cache(maxsize=64)
def kernel_shape(min_dist: float) -> tuple[float, float]:
    """The a and b with which 1 / (1 + a d^(2b)) is nearest to 1 within `min_dist` and exp(min_dist - d) beyond.

    References:
        McInnes et al., UMAP, 2018, definition 11.
    """
    from scipy.optimize import curve_fit

    distances = np.linspace(0, 3, 300)
    wanted = np.where(distances < min_dist, 1.0, np.exp(min_dist - distances))
    (a, b), _ = curve_fit(lambda d, a, b: 1 / (1 + a * d ** (2 * b)), distances, wanted)
    return float(a), float(b)


def memberships(distances: Float[np.ndarray, "examples k"]) -> Float[np.ndarray, "examples k"]:
    """How much each neighbour belongs to an example: 1 for the nearest, and log2(k) for all together.

    exp(-(d - rho) / sigma), rho being the distance of the nearest that is not the same, sigma found by bisection.

    References:
        McInnes et al., UMAP, 2018, section 3.1 and algorithm 3.
    """
    apart = np.where(distances > 0, distances, np.inf).min(axis=1, keepdims=True)
    beyond = np.maximum(distances - np.where(np.isfinite(apart), apart, 0.0), 0.0).astype(np.float64)
    target = np.log2(distances.shape[1])
    low, high = np.zeros((len(distances), 1)), beyond.max(axis=1, keepdims=True) * 1e3 + 1e-12
    for _ in range(64):
        middle = (low + high) / 2
        enough = np.exp(-beyond / middle).sum(axis=1, keepdims=True) > target
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.exp(-beyond / high)


def edge_weights(graph: Graph, union: float = 1.0) -> Float[np.ndarray, "examples k"]:
    """Weight of the edge to each neighbour, of which each end holds its half.

    For what the two ends say, a and b, it is a + b - a b by their union and a b by their intersection; `union` is the
    share of the former. An edge that only one end knows of is held whole by that end, so that the weights add up.

    References:
        McInnes et al., UMAP, 2018, algorithm 1 (the fuzzy union), and umap-learn's `set_op_mix_ratio`.
    """
    own = memberships(graph.distances)
    returned, mutual = _returned(graph, own)
    joined = _joined(own, returned, union)
    return np.where(mutual, joined / 2, joined).astype(np.float32)


def edge_chances(graph: Graph, union: float = 1.0) -> Float[np.ndarray, "examples k"]:
    """How likely each neighbour is to be drawn, over the likeliest: 1 for one that finds the example too, else `union`.

    Where there is none that does, and only those count, all are alike.
    """
    alike = np.ones(graph.neighbours.shape)
    returned, _ = _returned(graph, alike)
    joined = _joined(alike, returned, union)
    return np.where(joined.any(axis=1, keepdims=True), joined, 1.0).astype(np.float32)


def _joined(own: np.ndarray, returned: np.ndarray, union: float) -> np.ndarray:
    both = own * returned
    return union * (own + returned - both) + (1 - union) * both


def _returned(graph: Graph, weights: Float[np.ndarray, "examples k"]) -> tuple[np.ndarray, np.ndarray]:
    """The weight of each edge's reverse, zero where it is none, and whether it is one."""
    count, k = graph.neighbours.shape
    heads, tails = np.repeat(np.arange(count), k), graph.neighbours.ravel().astype(np.int64)
    names, reversed_names = heads * count + tails, tails * count + heads
    order = np.argsort(names)
    at = np.minimum(np.searchsorted(names, reversed_names, sorter=order), len(names) - 1)
    mutual = names[order[at]] == reversed_names
    returned = np.where(mutual, weights.ravel()[order[at]], 0.0)
    return returned.reshape(count, k), mutual.reshape(count, k)
