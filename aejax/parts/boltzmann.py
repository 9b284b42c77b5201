"""Restricted Boltzmann machines with logistic visible units: free energy, and one step of contrastive divergence."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Float

from aejax.types import Key, PerExample

Visible = Float[jax.Array, "batch visible"]
Hidden = Float[jax.Array, "batch hidden"]


class Weights(NamedTuple):
    """One layer that is read upwards by its matrix and downwards by the transpose of the same."""

    kernel: Float[jax.Array, "visible hidden"]
    visible_bias: Float[jax.Array, " visible"]
    hidden_bias: Float[jax.Array, " hidden"]

    def up(self, visible: Visible) -> Hidden:
        """The input of each hidden unit."""
        return visible @ self.kernel + self.hidden_bias[None]

    def down(self, hidden: Hidden) -> Visible:
        """The input of each visible unit."""
        return hidden @ self.kernel.T + self.visible_bias[None]


class Units(NamedTuple):
    """A kind of hidden unit.

    `log_partition` is the logarithm of the sum, or integral, over the unit's states of the exponential of minus its
    energy, by the unit's input, up to a constant; its derivative is the unit's mean. `draw` samples states.
    """

    log_partition: Callable[[Hidden], Hidden]
    draw: Callable[[Key, Hidden], Hidden]


def _coins(key: Key, inputs: Hidden) -> Hidden:
    return jax.random.bernoulli(key, jax.nn.sigmoid(inputs)).astype(inputs.dtype)


def _noisy(key: Key, inputs: Hidden) -> Hidden:
    return inputs + jax.random.normal(key, inputs.shape, inputs.dtype)


UNITS: dict[str, Units] = {
    # States 0 and 1: log(1 + exp(a)).
    "sigmoid": Units(jax.nn.softplus, _coins),
    # Real states of energy s^2 / 2 - s a, so normal of mean a and variance 1.
    "linear": Units(lambda inputs: jnp.square(inputs) / 2, _noisy),
}
"""Hidden units by the name of the activation that is their mean."""


def free_energy(weights: Weights, units: str, visible: Visible) -> PerExample:
    """Minus the logarithm of each example's unnormalised probability, in nats, up to a constant.

    References:
        Hinton, A Practical Guide to Training Restricted Boltzmann Machines, 2010, section 16.1; Welling, Rosen-Zvi &
        Hinton, Exponential Family Harmoniums, 2005, for linear units.
    """
    hidden = UNITS[units].log_partition(weights.up(visible)).sum(axis=1)
    return -(visible @ weights.visible_bias + hidden)


def reconstruction(key: Key, weights: Weights, units: str, visible: Visible) -> Visible:
    """The means of the visible units after hidden states drawn by each example: one step of Gibbs sampling."""
    return jax.nn.sigmoid(weights.down(UNITS[units].draw(key, weights.up(visible))))


def contrastive_divergence(key: Key, weights: Weights, units: str, visible: Visible) -> tuple[Weights, Visible]:
    """The step's direction uphill, as for a gradient, and the reconstructions.

    It is the gradient of the free energy of the examples less that of their reconstructions, which count as data: of
    the kernel, the mean of <v h> after one step of sampling less <v h> of the data, with the hidden units' means as h.

    References:
        Hinton, Training Products of Experts by Minimizing Contrastive Divergence, 2002; with probabilities in place
        of states where Hinton 2010, section 3, has them.
    """
    rebuilt = reconstruction(key, weights, units, visible)

    def contrast(weights: Weights) -> Float[jax.Array, ""]:
        return jnp.mean(free_energy(weights, units, visible) - free_energy(weights, units, rebuilt))

    return jax.grad(contrast)(weights), rebuilt
