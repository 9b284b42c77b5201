"""A code of features as they are, and the layer that learns which."""

from math import prod
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Float, Int

from aejax.parts.bottleneck import Bottleneck, Code
from aejax.settings import parameter
from aejax.types import AnyArray, Key, Latents, Params, Scalar, Shape

# What an encoder gives that passes features on: one for each, whatever the size of the code.
_Features = Float[jax.Array, "batch 1 features"]


class Selector(nnx.Module):
    """For each coordinate of a code, a choice among features: the logits are E W + b, whose factors are learnt.

    Logits that are themselves the parameters (the direct form) hardly concentrate: each is moved only where its own
    feature has been drawn. Here they share the factors, and so learn from one another.

    References:
        Nilsson et al., Indirectly Parameterized Concrete Autoencoders, 2024.
    """

    def __init__(self, features: int, chosen: int, rank: int, rngs: nnx.Rngs) -> None:
        self.embedding = nnx.Param(jax.random.normal(rngs.params(), (chosen, rank)))
        self.kernel = nnx.Param(jax.random.normal(rngs.params(), (rank, features)) / jnp.sqrt(rank))
        # One for each pair, not for each feature as in the paper: an assignment can be written into it.
        self.bias = nnx.Param(jnp.zeros((chosen, features)))

    def logits(self) -> Float[jax.Array, "latent features"]:
        """Logarithm of each choice's probability, up to a constant."""
        return self.embedding[...] @ self.kernel[...] + self.bias[...]

    def chosen(self) -> Int[jax.Array, " latent"]:
        """The likeliest feature of each coordinate."""
        return jnp.argmax(self.logits(), axis=1)

    def draw(self, key: Key, temperature: Scalar) -> Float[jax.Array, "latent features"]:
        """Weights that sum to 1 in each row: the hotter, the more even.

        References:
            Maddison et al., The Concrete Distribution, 2017.
        """
        logits = self.logits()
        return jax.nn.softmax((logits + jax.random.gumbel(key, logits.shape)) / temperature)


class Select(Bottleneck):
    """A code of as many features of the input as it has coordinates, chosen while the model trains.

    In training each coordinate is a mixture of features, drawn anew for each batch, which a falling temperature
    narrows to a single one. After the last step each coordinate gets a feature of its own.

    References:
        Balin, Abid & Zou, Concrete Autoencoders, 2019; Nilsson et al., Indirectly Parameterized
        Concrete Autoencoders, 2024.
    """

    kind: Literal["select"] = "select"
    formula: ClassVar[str] = (
        r"z_j = \textstyle\sum_i w_{ji} x_i, \quad w_j = \mathrm{softmax}\bigl((a_j + g) / \tau\bigr)"
    )
    page: ClassVar[str] = "concrete"
    of_features: ClassVar[bool] = True
    settles: ClassVar[bool] = True
    rank: int = parameter(256, "Numbers by which each coordinate's preferences are learnt", ge=1, le=4096)
    first_temperature: float = parameter(10.0, "Temperature at the start of training", gt=0, le=1e3, live=True)
    last_temperature: float = parameter(0.01, "Temperature at its end", gt=0, le=1e3, live=True)

    @property
    def activation_name(self) -> str:
        return "linear"

    def module(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module | None:
        return Selector(prod(shape), latent, self.rank, rngs)

    def mean(self, outputs: _Features, module: nnx.Module | None = None) -> Latents:
        assert isinstance(module, Selector)  # noqa: S101 - as it makes it itself
        return outputs[:, 0, module.chosen()]

    def code(self, key: Key, outputs: _Features, progress: Scalar, module: nnx.Module | None = None) -> Code:
        assert isinstance(module, Selector)  # noqa: S101 - as it makes it itself
        temperature = self.first_temperature * (self.last_temperature / self.first_temperature) ** progress
        mixed = outputs[:, 0] @ module.draw(key, temperature).T
        return Code(jnp.where(progress < 1.0, mixed, self.mean(outputs, module)), {})

    def shown(self, outputs: _Features, latents: Latents, module: nnx.Module | None = None) -> dict[str, AnyArray]:
        assert isinstance(module, Selector)  # noqa: S101 - as it makes it itself
        chosen = jnp.broadcast_to(module.chosen()[None], latents.shape)
        return {"code": latents, "numbers of the features": chosen}

    def settled(self, learnt: Params) -> Params:
        """Each coordinate's own feature made its likeliest: the assignment of greatest joint probability."""
        from scipy.optimize import linear_sum_assignment

        bias = np.array(learnt["bias"])
        logits = np.asarray(learnt["embedding"] @ learnt["kernel"], np.float64) + bias
        greatest = logits.max(axis=1)
        # Rows differ from log-probabilities by a constant each, which changes no assignment.
        rows, features = linear_sum_assignment(greatest[:, None] - logits)
        moved = logits.argmax(axis=1) != features
        bias[rows[moved], features[moved]] += (greatest - logits[rows, features])[moved] + 1.0
        return {**learnt, "bias": jnp.asarray(bias)}
