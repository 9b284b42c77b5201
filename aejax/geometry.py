"""The geometry that a decoder gives its latent space: the metric of decoded examples, volumes, shortest ways, and back.

A step dz of the code moves the decoded example D(z) by J dz, so that its squared length is dz' J'J dz: lengths and
volumes of the latent space are counted in the units of the data, not of the code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Integer

from aejax import latent
from aejax.arrays import DataError, as_examples, as_labels
from aejax.batches import over_chunks
from aejax.embedder import Embedder
from aejax.model import Model
from aejax.run import Run
from aejax.types import Count, Latents, Params, PerExample, Scalar

Decoder: TypeAlias = tuple[Params, Integer[jax.Array, "1"] | None]
"""Parameters, and the class that the decoder is told where it is told one."""

_AT_ONCE = 256
_LEAST_POINTS = 3


@dataclass(frozen=True, eq=False)
class Geodesic:
    """A way through the latent space; energies and length are those of the decoded examples along it."""

    codes: Float[np.ndarray, "n latent"]
    energy: float
    """(n - 1) times the sum of the squared steps, in squared units of the data: the least for the shortest way."""
    line_energy: float
    """The same for the straight line."""
    length: float
    """Sum of the steps, in units of the data."""


def metric(run: Run, codes: object) -> Float[np.ndarray, "n latent latent"]:
    """The pull-back metric J'J of the decoder at each code, in squared units of the data per squared unit of the code.

    Raises:
        DataError: If `codes` is not of shape (n, latent), or not finite.

    References:
        Arvanitidis et al., Latent Space Oddity, 2018, section 2; Shao et al., The Riemannian Geometry of Deep
        Generative Models, 2018.
    """
    return _over(_metric, run, codes)


def log_magnification(run: Run, codes: object) -> Float[np.ndarray, " n"]:
    """Logarithm of sqrt(det J'J): by how much the decoder stretches a small volume of codes at each of `codes`.

    Returns:
        Natural logarithms; minus infinity where a direction of the code changes nothing.

    Raises:
        DataError: If `codes` is not of shape (n, latent), or not finite.

    References:
        Bishop et al., Magnification Factors for the SOM and GTM Algorithms, 1997, equation 6.
    """
    return _over(_log_magnification, run, codes)


def round_trip_error(embedder: Embedder, codes: object) -> Float[np.ndarray, " n"]:
    """|E(D(z)) - z| of each code: how far from it the encoder puts what it decodes to, in units of the code.

    Raises:
        DataError: If `codes` is not of shape (n, latent), or not finite.
    """
    latents = as_examples(codes, "codes", (embedder.latent,)).astype(np.float32)
    error: np.ndarray = np.linalg.norm(embedder.encode(embedder.decode(latents)) - latents, axis=1)
    return error


def geodesic(run: Run, a: object, b: object, n: int = 16, steps: int = 40) -> Geodesic:
    """The shortest way from `a` to `b` as the decoded examples measure it, found from the straight line.

    The energy of the curve through `n` codes is least where its steps are equally long and its length is least. It is
    a sum of squares, so each step is one of Levenberg and Marquardt's, and no step is taken that raises it.

    Args:
        run: Whose decoder gives the metric.
        a: Code at the start.
        b: Code at the end.
        n: Codes along the way, both ends included; at least 3.
        steps: Steps of the minimisation.

    Raises:
        DataError: If the codes are not of the run's size, or `n` is below 3.

    References:
        Shao et al., The Riemannian Geometry of Deep Generative Models, 2018, algorithm 1 (the energy);
        Marquardt, An Algorithm for Least-Squares Estimation of Nonlinear Parameters, 1963.
    """
    if n < _LEAST_POINTS:
        raise DataError(f"n must be at least {_LEAST_POINTS}; got {n}")
    line = latent.path(a, b, n)
    if line.shape[1] != run.latent:
        raise DataError(f"a and b must be codes of {run.latent} coordinates; got {line.shape[1]}")
    decoder = _decoder(run)
    codes, energy = _shortest(run.model, decoder, jnp.asarray(line), jnp.int32(steps))
    before, _ = _extent(run.model, decoder, jnp.asarray(line))
    _, length = _extent(run.model, decoder, codes)
    return Geodesic(np.asarray(codes), float(energy), float(before), float(length))


def _over(function: Callable[..., jax.Array], run: Run, codes: object) -> np.ndarray:
    latents = as_examples(codes, "codes", (run.latent,)).astype(np.float32)
    found: np.ndarray = over_chunks(partial(function, run.model, _decoder(run)), latents)
    return found


def _decoder(run: Run) -> Decoder:
    told = as_labels(run.spec, run.label, 1, "label")
    return run.params, None if told is None else jnp.asarray(told)


def _decoded(model: Model, decoder: Decoder, codes: Latents) -> Float[jax.Array, "n features"]:
    params, label = decoder
    labels = None if label is None else jnp.broadcast_to(label, (len(codes),))
    return model.decode(params, codes, labels).reshape(len(codes), -1)


def _jacobian(model: Model, decoder: Decoder, code: Float[jax.Array, " latent"]) -> Float[jax.Array, "features latent"]:
    def flat(z: jax.Array) -> jax.Array:
        return _decoded(model, decoder, z[None])[0]

    return jax.jacfwd(flat)(code)


@partial(jax.jit, static_argnames="model")
def _metric(model: Model, decoder: Decoder, codes: jax.Array, number: Count) -> Float[jax.Array, "n latent latent"]:
    def one(code: jax.Array) -> jax.Array:
        jacobian = _jacobian(model, decoder, code)
        return jacobian.T @ jacobian

    return jax.lax.map(one, codes, batch_size=_batch(model))


@partial(jax.jit, static_argnames="model")
def _log_magnification(model: Model, decoder: Decoder, codes: jax.Array, number: Count) -> PerExample:
    def one(code: jax.Array) -> jax.Array:
        jacobian = _jacobian(model, decoder, code)
        # det J'J = (product of R's diagonal)^2 for J = QR, which keeps the digits that J'J would square away.
        return jnp.log(jnp.abs(jnp.diagonal(jnp.linalg.qr(jacobian, mode="r")))).sum()

    return jax.lax.map(one, codes, batch_size=_batch(model))


def _batch(model: Model) -> int:
    """Codes whose jacobians are held at once."""
    return max(1, _AT_ONCE // model.latent)


def _extent(model: Model, decoder: Decoder, codes: Latents) -> tuple[Scalar, Scalar]:
    """Energy and length of the decoded curve."""
    decoded = _decoded(model, decoder, codes)
    squares = jnp.square(jnp.diff(decoded, axis=0)).sum(axis=1)
    return (len(codes) - 1) * squares.sum(), jnp.sqrt(squares).sum()


@partial(jax.jit, static_argnames="model")
def _shortest(model: Model, decoder: Decoder, line: jax.Array, steps: jax.Array) -> tuple[Latents, Scalar]:
    """The curve of least energy near `line`, whose ends stay, and its energy."""
    n, size = line.shape

    def energy(codes: jax.Array) -> Scalar:
        return _extent(model, decoder, codes)[0]

    def step(_: Count, state: tuple[jax.Array, Scalar, Scalar]) -> tuple[jax.Array, Scalar, Scalar]:
        codes, least, damping = state
        hessian, gradient = _normal_equations(model, decoder, codes)
        ridge = damping * jnp.trace(hessian) / len(hessian) + 1e-12
        move = jnp.linalg.solve(hessian + ridge * jnp.eye(len(hessian)), -gradient)
        tried = codes.at[1:-1].add(move.reshape(n - 2, size))
        now = energy(tried)
        better = now < least
        kept = jnp.where(better, tried, codes)
        return kept, jnp.where(better, now, least), jnp.where(better, damping / 4, jnp.minimum(damping * 4, 1e6))

    codes, least, _ = jax.lax.fori_loop(0, steps, step, (line, energy(line), jnp.float32(1e-3)))
    return codes, least


def _normal_equations(
    model: Model, decoder: Decoder, codes: Latents
) -> tuple[Float[jax.Array, "inner inner"], Float[jax.Array, " inner"]]:
    """Gauss and Newton's matrix and the gradient of half the sum of squared steps, by the codes between the ends.

    With r_i = D(z_i+1) - D(z_i) the gradient by z_i is J_i' (r_i-1 - r_i); the matrix has 2 J_i'J_i on its diagonal
    and -J_i'J_i+1 beside it.
    """
    n, size = codes.shape
    decoded = _decoded(model, decoder, codes)
    inner = jax.lax.map(partial(_jacobian, model, decoder), codes[1:-1], batch_size=_batch(model))
    bend = 2 * decoded[1:-1] - decoded[:-2] - decoded[2:]
    gradient = jnp.einsum("ifk,if->ik", inner, bend)
    places = jnp.arange(n - 2)
    matrix = jnp.zeros((n - 2, n - 2, size, size))
    matrix = matrix.at[places, places].set(2 * jnp.einsum("ifk,ifl->ikl", inner, inner))
    beside = -jnp.einsum("ifk,ifl->ikl", inner[:-1], inner[1:])
    matrix = matrix.at[places[:-1], places[1:]].set(beside)
    matrix = matrix.at[places[1:], places[:-1]].set(jnp.swapaxes(beside, 1, 2))
    side = (n - 2) * size
    return jnp.swapaxes(matrix, 1, 2).reshape(side, side), gradient.reshape(side)
