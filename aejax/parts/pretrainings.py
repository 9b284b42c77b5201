"""Pretrainings: what each layer learns by itself, those below it held, before the whole network is trained."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import jax
import jax.numpy as jnp
from jaxtyping import Float

from aejax.parts.activations import ACTIVATIONS
from aejax.parts.boltzmann import Visible, Weights, contrastive_divergence, free_energy
from aejax.parts.cross_entropy import cross_entropy
from aejax.parts.likelihoods import sum_over_features
from aejax.settings import OneOf, Settings, parameter
from aejax.types import Key, PerExample


@dataclass(frozen=True)
class Layer:
    """One layer of an encoder: the units that it reads and is to rebuild, and the units that it makes of them."""

    visible: int
    hidden: int
    visible_activation: str
    activation: str


class Pretraining(Settings, ABC):
    """Layer by layer from the input to the code, by steepest descent with momentum.

    References:
        Hinton & Salakhutdinov, Reducing the Dimensionality of Data with Neural Networks, Science 313, 2006, with the
        numbers of its published code.
    """

    kind: str
    logistic: ClassVar[bool] = False
    """Whether all units must be logistic, but for a linear code."""

    epochs: int = parameter(10, "Passes over the training examples by each layer", ge=1, le=10_000)
    batch_size: int = parameter(100, "Examples in each step", ge=1, le=1_000_000)
    learning_rate: float = parameter(0.1, "Length of the steps of a layer with bounded units", ge=0, le=1e6, log=True)
    linear_learning_rate: float = parameter(
        1e-3, "Length of the steps of a layer with unbounded units, which diverges sooner", ge=0, le=1e6, log=True
    )
    first_momentum: float = parameter(0.5, "Share of the last step that is kept in the first epochs", ge=0, lt=1)
    first_epochs: int = parameter(5, "Epochs of that first momentum", ge=0, le=10_000)
    momentum: float = parameter(0.9, "Share of the last step that is kept after them", ge=0, lt=1)
    weight_cost: float = parameter(2e-4, "Share of each weight that is added to its gradient", ge=0, le=1)

    @abstractmethod
    def start(self, key: Key, layer: Layer) -> Weights:
        """Fresh weights."""

    @abstractmethod
    def gradient(self, key: Key, weights: Weights, layer: Layer, visible: Visible) -> tuple[Weights, PerExample]:
        """What a step goes against, as a mean over examples, and each example's squared error of reconstruction."""

    def free_energy(self, weights: Weights, layer: Layer, visible: Visible) -> PerExample | None:
        """Each example's free energy in nats; None where the layer is no model of probability."""
        return None


class Boltzmann(Pretraining):
    """Restricted Boltzmann machines by one step of contrastive divergence.

    References:
        Hinton, Osindero & Teh, A Fast Learning Algorithm for Deep Belief Nets, 2006.
    """

    kind: Literal["rbm"] = "rbm"
    formula: ClassVar[str] = (
        r"\Delta W \propto \langle v h^\top \rangle_{\text{data}} - \langle v h^\top \rangle_{\text{rebuilt}}"
    )
    page: ClassVar[str] = "pretraining"
    logistic: ClassVar[bool] = True
    initial_sd: float = parameter(0.1, "Standard deviation of the fresh weights", gt=0, le=10, log=True)

    def start(self, key: Key, layer: Layer) -> Weights:
        kernel = self.initial_sd * jax.random.normal(key, (layer.visible, layer.hidden))
        return Weights(kernel, jnp.zeros(layer.visible), jnp.zeros(layer.hidden))

    def gradient(self, key: Key, weights: Weights, layer: Layer, visible: Visible) -> tuple[Weights, PerExample]:
        gradient, rebuilt = contrastive_divergence(key, weights, layer.activation, visible)
        return gradient, sum_over_features(jnp.square(visible - rebuilt))

    def free_energy(self, weights: Weights, layer: Layer, visible: Visible) -> PerExample | None:
        return free_energy(weights, layer.activation, visible)


class Denoising(Pretraining):
    """Autoencoders of one layer with tied weights, which rebuild what they read from a part of it.

    References:
        Vincent et al., Stacked Denoising Autoencoders, 2010, sections 3.1 and 3.5.
    """

    kind: Literal["denoising"] = "denoising"
    formula: ClassVar[str] = r"\lVert v - g(W^\top f(W \tilde v)) \rVert^2"
    page: ClassVar[str] = "pretraining"
    share: float = parameter(0.25, "Share of the units read that is set to zero, anew at every step", ge=0, le=1)

    def start(self, key: Key, layer: Layer) -> Weights:
        kernel = ACTIVATIONS[layer.activation].initialiser(key, (layer.visible, layer.hidden), jnp.float32)
        return Weights(kernel, jnp.zeros(layer.visible), jnp.zeros(layer.hidden))

    def gradient(self, key: Key, weights: Weights, layer: Layer, visible: Visible) -> tuple[Weights, PerExample]:
        kept = jnp.where(jax.random.uniform(key, visible.shape) < self.share, 0.0, visible)
        mean = ACTIVATIONS[layer.visible_activation].function

        def cost(weights: Weights) -> tuple[Float[jax.Array, ""], PerExample]:
            logits = weights.down(ACTIVATIONS[layer.activation].function(weights.up(kept)))
            errors = sum_over_features(jnp.square(visible - mean(logits)))
            # Cross-entropy for units in [0, 1], as Vincent et al. have it; half the squared error for others.
            costs = cross_entropy(visible, logits)
            return jnp.mean(costs if layer.visible_activation == "sigmoid" else errors / 2), errors

        return jax.grad(cost, has_aux=True)(weights)


PRETRAININGS: dict[str, type[Pretraining]] = {"rbm": Boltzmann, "denoising": Denoising}

AnyPretraining = Annotated[Pretraining, OneOf(PRETRAININGS)]
