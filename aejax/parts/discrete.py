"""Discrete bottlenecks: codes of which there are finitely many."""

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Float, Int

from aejax.parts.bottleneck import Bottleneck, Code
from aejax.settings import SpecError, parameter
from aejax.types import AnyArray, Counts, Heads, Key, Latents, Params, Scalar, Shape


class Quantise(Bottleneck):
    """A code whose coordinates have a few levels each, in [-1, 1]: finite scalar quantisation.

    References:
        Mentzer et al., Finite Scalar Quantization, 2024, section 3.
    """

    kind: Literal["quantise"] = "quantise"
    formula: ClassVar[str] = r"z_j = \mathrm{round}(b_j) / \lfloor L/2 \rfloor, \quad b_j = c \tanh(h_j + s) - t"
    page: ClassVar[str] = "discrete"
    levels: int = parameter(8, "Values that each coordinate of the code can have", ge=2, le=1024)

    @property
    def activation_name(self) -> str:
        return "tanh"

    @property
    def bounds(self) -> tuple[float, float]:
        return -1.0, 1.0

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        # An even number of levels has none at zero: the range is shifted by half a level, and the input to match.
        half, offset = (self.levels - 1) * 1.001 / 2, 0.5 * (self.levels % 2 == 0)
        bounded = jnp.tanh(outputs[:, 0] + math.atanh(offset / half)) * half - offset
        # The gradient of rounding is zero everywhere; it is taken straight through instead.
        return (bounded + jax.lax.stop_gradient(jnp.round(bounded) - bounded)) / (self.levels // 2)

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        return Code(self.mean(outputs), {})

    def shown(self, outputs: Heads, latents: Latents, module: nnx.Module | None = None) -> dict[str, AnyArray]:
        return {"before rounding": jnp.tanh(outputs[:, 0]), "code": latents}

    def nearest(self, latents: Latents, module: nnx.Module | None = None) -> Latents:
        half = self.levels // 2
        least, greatest = -half, self.levels - 1 - half
        return jnp.clip(jnp.round(latents * half), least, greatest) / half

    def bits(self, latent: int) -> float:
        return latent * math.log2(self.levels)


class Codewords(nnx.Module):
    """The vectors that parts of a code can be."""

    def __init__(self, codes: int, width: int, rngs: nnx.Rngs) -> None:
        # Never seen by a decoder: they are replaced by outputs of the encoder before the first epoch.
        self.codewords = nnx.Param(jax.random.normal(rngs.params(), (codes, width)))


class Codebook(Bottleneck):
    """A code cut into vectors of `width` numbers, each replaced by the nearest of a learned book: the VQ-VAE.

    The decoder's gradient goes straight through to the encoder; the book learns by its own distance to what it stands
    for. Codewords that no example used in an epoch are put anew onto outputs of the encoder.

    References:
        van den Oord et al., Neural Discrete Representation Learning, 2017, equations 1 to 3; Dhariwal et al.,
        Jukebox, 2020, section 3 (restart of unused codewords).
    """

    kind: Literal["codebook"] = "codebook"
    formula: ClassVar[str] = r"z = e_k, \quad k = \arg\min_i \lVert h - e_i \rVert"
    page: ClassVar[str] = "discrete"
    term_formulas: ClassVar[Mapping[str, str]] = {
        "codebook": r"\textstyle\sum \lVert \mathrm{sg}(h) - e_k \rVert^2",
        "commitment": r"c \textstyle\sum \lVert h - \mathrm{sg}(e_k) \rVert^2",
    }
    codes: int = parameter(256, "Vectors in the book", ge=2, le=65536)
    width: int = parameter(4, "Numbers in each vector; the size of the code is a multiple of it", ge=1, le=4096)
    commitment: float = parameter(
        0.25,
        "Weight of the encoder's distance to its codewords, in nats for each unit of its square",
        ge=0,
        le=1000,
        live=True,
    )

    @property
    def activation_name(self) -> str:
        return "linear"

    @property
    def unit(self) -> int:
        return self.width

    def check_latent(self, latent: int) -> None:
        if latent % self.width:
            raise SpecError(f"bottleneck.width must divide the size of the code, {latent}; got {self.width}")

    def module(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        return Codewords(self.codes, self.width, rngs)

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        raw = outputs[:, 0]
        return _straight_through(raw, self.nearest(raw, module))

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        raw, book = outputs[:, 0], _book(module)
        used = self.indices(raw, book)
        words = book[used].reshape(raw.shape)
        fixed = jax.lax.stop_gradient
        terms = {
            "codebook": jnp.square(words - fixed(raw)).sum(axis=1),
            "commitment": self.commitment * jnp.square(raw - fixed(words)).sum(axis=1),
        }
        counts = jnp.zeros(self.codes).at[used.reshape(-1)].add(1.0)
        return Code(_straight_through(raw, words), terms, {"used": counts})

    def shown(self, outputs: Heads, latents: Latents, module: nnx.Module | None = None) -> dict[str, AnyArray]:
        words = self.indices(outputs[:, 0], _book(module))
        return {"before the book": outputs[:, 0], "code": latents, "numbers of the words": words}

    def nearest(self, latents: Latents, module: nnx.Module | None = None) -> Latents:
        book = _book(module)
        return book[self.indices(latents, book)].reshape(latents.shape)

    def bits(self, latent: int) -> float:
        return latent // self.width * math.log2(self.codes)

    def indices(self, latents: Latents, book: Float[jax.Array, "codes width"]) -> Int[jax.Array, "batch parts"]:
        """The number of the codeword nearest to each part of each code."""
        parts = jnp.reshape(latents, (latents.shape[0], -1, self.width))
        # Without the square of the part itself, which is the same for all codewords.
        squares = jnp.square(book).sum(axis=1)[None, None] - 2 * parts @ book.T
        return squares.argmin(axis=2)

    def counts(self, latent: int) -> Counts:
        return {"used": jnp.zeros(self.codes)}

    def refreshed(self, params: Params, counts: Counts, outputs: Heads, key: Key) -> Params:
        vectors = outputs[:, 0].reshape(-1, self.width)
        fresh = jax.random.choice(key, vectors, (self.codes,), replace=len(vectors) < self.codes)
        return {"codewords": jnp.where(counts["used"][:, None] > 0, params["codewords"], fresh)}


def _straight_through(raw: Latents, discrete: Latents) -> Latents:
    """The discrete code to the last bit, with the gradient of the raw one."""
    return jax.lax.stop_gradient(discrete) + (raw - jax.lax.stop_gradient(raw))


def _book(module: nnx.Module | None) -> Float[jax.Array, "codes width"]:
    if not isinstance(module, Codewords):
        raise TypeError(f"a codebook needs its codewords; got {module}")
    return module.codewords[...]


class Categorical(Bottleneck):
    """A code of choices among `values`, each written as a row of ones and zeros and drawn towards equal odds.

    In training a choice is a soft one, by the Gumbel-softmax at a temperature that falls exponentially.

    References:
        Jang et al., Categorical Reparameterization with Gumbel-Softmax, 2017, equation 2; Maddison et al.,
        The Concrete Distribution, 2017.
    """

    kind: Literal["categorical"] = "categorical"
    formula: ClassVar[str] = r"z = \mathrm{softmax}\bigl((h + g) / \tau\bigr), \quad g \sim \mathrm{Gumbel}"
    page: ClassVar[str] = "discrete"
    term_formulas: ClassVar[Mapping[str, str]] = {
        "kl": r"\beta \textstyle\sum p \ln (p V)",
    }
    values: int = parameter(8, "Values that each choice has; the size of the code is a multiple of it", ge=2, le=4096)
    beta: float = parameter(1.0, "Weight of the divergence from equal odds", ge=0, le=1000, live=True)
    temperature: float = parameter(
        1.0, "Softness of the choices at the start of training", gt=0, le=100, live=True, log=True
    )
    last_temperature: float = parameter(
        0.5, "Softness of the choices at the end of training", gt=0, le=100, live=True, log=True
    )

    @property
    def activation_name(self) -> str:
        return "linear"

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, 1.0

    @property
    def unit(self) -> int:
        return self.values

    def check_latent(self, latent: int) -> None:
        if latent % self.values:
            raise SpecError(f"bottleneck.values must divide the size of the code, {latent}; got {self.values}")

    def mean(self, outputs: Heads, module: nnx.Module | None = None) -> Latents:
        soft = jax.nn.softmax(self._choices(outputs[:, 0])).reshape(outputs[:, 0].shape)
        return _straight_through(soft, self.nearest(soft))

    def code(self, key: Key, outputs: Heads, progress: Scalar, module: nnx.Module | None = None) -> Code:
        logits = self._choices(outputs[:, 0])
        temperature = self.temperature * (self.last_temperature / self.temperature) ** progress
        soft = jax.nn.softmax((logits + jax.random.gumbel(key, logits.shape, logits.dtype)) / temperature)
        odds = jax.nn.log_softmax(logits)
        divergence = (jnp.exp(odds) * (odds + math.log(self.values))).sum(axis=(1, 2))
        return Code(soft.reshape(outputs[:, 0].shape), {"kl": self.beta * divergence})

    def shown(self, outputs: Heads, latents: Latents, module: nnx.Module | None = None) -> dict[str, AnyArray]:
        odds = jax.nn.softmax(self._choices(outputs[:, 0])).reshape(latents.shape)
        return {"odds": odds, "draw": latents}

    def nearest(self, latents: Latents, module: nnx.Module | None = None) -> Latents:
        chosen = self._choices(latents).argmax(axis=2)
        return jax.nn.one_hot(chosen, self.values).reshape(latents.shape)

    def bits(self, latent: int) -> float:
        return latent // self.values * math.log2(self.values)

    def prior(self, random: np.random.Generator, n: int, latent: int) -> Float[np.ndarray, "n latent"]:
        chosen = random.integers(self.values, size=(n, latent // self.values))
        return np.eye(self.values, dtype=np.float32)[chosen].reshape(n, latent)

    def _choices(self, latents: Latents) -> Float[jax.Array, "batch choices values"]:
        return jnp.reshape(latents, (latents.shape[0], -1, self.values))
