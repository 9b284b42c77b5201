"""Convolutions and pooling as processors like them: matrix products of shifted maps, and nothing scattered."""

from functools import reduce
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Float

Maps = Float[jax.Array, "batch height width ins"]
Made = Float[jax.Array, "batch height width outs"]
Kernel = Float[jax.Array, "rows columns ins outs"]

# Maps of so few channels make poor rows of a matrix.
_FEW = 4

# Of neighbourhoods written out, beyond which their memory is not worth the time.
_MOST_BYTES = 1 << 29


class Conv(nnx.Conv):
    """A convolution in the maps' own size.

    XLA convolves well on an accelerator. On a processor its convolutions of many channels are slower by an order of
    magnitude than the matrix products that they are, for which each pixel's neighbourhood is written out; large images
    in large batches are left to XLA.
    """

    def __call__(self, x: Maps, doubled: tuple[int, int] | None = None) -> Float[jax.Array, "batch _ _ outs"]:
        """What the layer makes of the maps, or of them `doubled`: each pixel a square of four, cut to that size."""
        if doubled is not None:
            return self._of_doubled(x, *doubled)
        if not _by_products_here(self, x):
            made: jax.Array = super().__call__(x)
            return made
        return _biased(_by_products(x, self.kernel[...]), self)

    def _of_doubled(self, x: Maps, height: int, width: int) -> Float[jax.Array, "batch _ _ outs"]:
        _, rows, columns, _ = x.shape
        few = min(self.in_features, self.out_features) <= _FEW
        if few or (height, width) != (2 * rows, 2 * columns) or not _by_products_here(self, x):
            return self(x.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width])
        # The four of a square see the same few pixels of the small maps: four kernels there do the work of one.
        found = _by_products(x, _of_squares(self.kernel[...])).reshape(len(x), rows, columns, 2, 2, -1)
        return _biased(found.transpose(0, 1, 3, 2, 4, 5).reshape(len(x), height, width, -1), self)


def _by_products_here(layer: nnx.Conv, x: Maps) -> bool:
    rows, columns, ins, outs = layer.kernel.shape
    written = rows * columns * (outs if outs <= _FEW < ins else ins) * (x.nbytes // ins)
    return jax.default_backend() == "cpu" and written <= _MOST_BYTES


def _biased(made: Made, layer: nnx.Conv) -> Made:
    return made if layer.bias is None else made + layer.bias[...].reshape(1, 1, 1, -1)


def _of_squares(kernel: Kernel) -> Float[jax.Array, "_ _ ins _"]:
    """The kernel of doubled maps as four kernels of the small ones, one for each pixel of a square."""
    rows, columns = (_places(size) for size in kernel.shape[:2])
    squares = jnp.einsum("adi,bej,ijco->decabo", rows, columns, kernel)
    return squares.reshape(*squares.shape[:3], -1)


def _places(size: int) -> np.ndarray:
    """Which pixel of the small maps each of a kernel's sees from either half of a square."""
    middle = (size - 1) // 2
    seen = [[(half + at - middle) // 2 for at in range(size)] for half in (0, 1)]
    first, last = min(seen[0]), max(seen[1])
    return np.array([[[place == at for at in row] for place in range(first, last + 1)] for row in seen], np.float32)


def _by_products(x: Maps, kernel: Kernel) -> Made:
    ins, outs = kernel.shape[2:]
    by = _from_few if ins <= _FEW else _to_few if outs <= _FEW else _gathered
    return by(x, kernel)


def _gathered(x: Maps, kernel: Kernel) -> Made:
    """One product of each pixel's neighbourhood."""
    around = jnp.concatenate(_shifted(x, 1, kernel), axis=3)
    products = around.reshape(-1, around.shape[3]) @ kernel.reshape(-1, kernel.shape[3])
    return products.reshape(*x.shape[:3], -1)


def _from_few(x: Maps, kernel: Kernel) -> Made:
    """The same, the neighbourhood before the pixels."""
    ins, outs = kernel.shape[2:]
    around = jnp.stack(_shifted(jnp.moveaxis(x, 3, 0), 2, kernel))
    products = around.reshape(-1, x.size // ins).T @ kernel.reshape(-1, outs)
    return products.reshape(*x.shape[:3], outs)


def _to_few(x: Maps, kernel: Kernel) -> Made:
    """One product of each pixel for every place that it reaches, and the sum of what reaches each."""
    rows, columns, ins, outs = kernel.shape
    reached = kernel.transpose(0, 1, 3, 2).reshape(-1, ins) @ x.reshape(-1, ins).T
    pieces = jnp.split(reached.reshape(-1, outs, *x.shape[:3]), rows * columns)
    placed = [_moved(piece[0], 2, kernel, at) for piece, at in zip(pieces, _places_of(kernel), strict=True)]
    return jnp.moveaxis(reduce(jnp.add, placed), 0, 3)


def _shifted(x: jax.Array, axis: int, kernel: Kernel) -> list[jax.Array]:
    """Maps moved so that each place of the kernel in turn comes to lie on its middle."""
    return [_moved(x, axis, kernel, place) for place in _places_of(kernel)]


def _places_of(kernel: Kernel) -> list[tuple[int, int]]:
    return list(product(range(kernel.shape[0]), range(kernel.shape[1])))


def _moved(x: jax.Array, axis: int, kernel: Kernel, place: tuple[int, int]) -> jax.Array:
    """Maps moved so that this place of the kernel comes to lie on its middle, zeros coming in at the edges.

    Height and width of the maps are `axis` and the axis after it.
    """
    widths = [(0, 0)] * x.ndim
    widths[axis : axis + 2] = [((size - 1) // 2, size // 2) for size in kernel.shape[:2]]
    cut = [slice(None)] * axis
    cut += [slice(at, at + size) for at, size in zip(place, x.shape[axis : axis + 2], strict=True)]
    return jnp.pad(x, widths)[tuple(cut)]


def halved(x: Maps) -> Float[jax.Array, "batch _ _ ins"]:
    """Of each square of four pixels the greatest; at an odd edge, of those that there are.

    Where several are the greatest each has its part of the slope.
    """
    _, height, width, _ = x.shape
    if height % 2 or width % 2:
        x = jnp.pad(x, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), constant_values=-jnp.inf)
    rows = jnp.maximum(x[:, ::2], x[:, 1::2])
    return jnp.maximum(rows[:, :, ::2], rows[:, :, 1::2])
