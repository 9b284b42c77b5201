"""A penalty on what holds a batch together: the trees of shortest edges in the data and in the code."""

from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Float, Int

from aejax.parts.penalty import Context, Penalty
from aejax.settings import parameter
from aejax.types import PerExample, Scalar


class Topology(Penalty):
    """The edges that hold a batch together are to be as long in the code as in the data, and the other way round.

    These are the edges of the two minimum spanning trees, which are where clusters join as the scale grows (the
    persistent homology of dimension 0). Lengths in the data are counted in the batch's mean distance, for the code's
    scale is free.

    References:
        Moor et al., Topological Autoencoders, 2020, equations 2 to 4.
    """

    kind: Literal["topology"] = "topology"
    formula: ClassVar[str] = r"\tfrac{w}{2n} \textstyle\sum_{\text{trees}} \lVert A^x - A^z \rVert^2"
    page: ClassVar[str] = "maps"
    weight: float = parameter(
        30.0, "Nats for each unit of squared difference, an edge", ge=0, le=1e6, live=True, log=True
    )

    def cost(self, context: Context) -> PerExample:
        data, codes = _distances(context.x), _distances(jnp.asarray(context.latents))
        count = len(data)
        data = data * (count * (count - 1)) / jnp.maximum(data.sum(), 1e-12)
        total = _mismatch(data, codes, data) + _mismatch(data, codes, codes)
        return jnp.full(count, self.weight * total / count)


def _distances(points: jax.Array) -> Float[jax.Array, "batch batch"]:
    flat = points.reshape(len(points), -1)
    # Differences rather than norms and products: equal points are then exactly at distance 0.
    squares = jax.lax.map(lambda row: jnp.square(row[None] - flat).sum(axis=1), flat)
    # The root has no finite slope at 0.
    return jnp.where(squares > 0, jnp.sqrt(jnp.where(squares > 0, squares, 1.0)), 0.0)


def _mismatch(
    data: Float[jax.Array, "batch batch"], codes: Float[jax.Array, "batch batch"], tree: Float[jax.Array, "batch batch"]
) -> Scalar:
    """Half the squared difference of the lengths of the edges that span `tree`."""
    heads, tails = spanning_tree(jax.lax.stop_gradient(tree)).T
    return 0.5 * jnp.square(data[heads, tails] - codes[heads, tails]).sum()


def spanning_tree(distances: Float[jax.Array, "batch batch"]) -> Int[jax.Array, "edges 2"]:
    """The edges of the minimum spanning tree, by Prim's algorithm: one less than there are points.

    References:
        Prim, Shortest Connection Networks, 1957.
    """
    count = len(distances)

    def join(step: jax.Array, state: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        # `away` is each point's distance to the tree, infinite for those in it; `through` its nearest point there.
        edges, away, through, outside = state
        new = jnp.argmin(away)
        edges = edges.at[step].set(jnp.stack([through[new], new]))
        outside = outside.at[new].set(False)
        nearer = outside & (distances[new] < away)
        away = jnp.where(outside, jnp.where(nearer, distances[new], away), jnp.inf)
        return edges, away, jnp.where(nearer, new, through), outside

    outside = jnp.arange(count) > 0
    start = jnp.where(outside, distances[0], jnp.inf)
    origin = jnp.zeros(count, jnp.int32)
    state = (jnp.zeros((count - 1, 2), jnp.int32), start, origin, outside)
    edges: jax.Array = jax.lax.fori_loop(0, count - 1, join, state)[0]
    return edges
