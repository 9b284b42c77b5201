"""Activations by name, each with the weight initialisation that keeps its signals at one scale through depth."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import jax
from jax import nn
from jax.nn import initializers

from aejax.settings import Named


@dataclass(frozen=True)
class ActivationEntry:
    """A function, the initialiser of the weights before it, and the range of its values."""

    function: Callable[[jax.Array], jax.Array]
    initialiser: jax.nn.initializers.Initializer
    low: float = -math.inf
    high: float = math.inf


# Relu has Glorot's and not He's: with the tutorial networks of the zoo it ends lower, seed for seed.
# Glorot & Bengio 2010 (symmetric; Keras has it everywhere), He et al. 2015 (rectifiers), LeCun et al. 1998.
_GLOROT = initializers.glorot_uniform()
_HE = initializers.he_uniform()
_LECUN = initializers.lecun_normal()

ACTIVATIONS: dict[str, ActivationEntry] = {
    "linear": ActivationEntry(lambda x: x, _GLOROT),
    "relu": ActivationEntry(nn.relu, _GLOROT, low=0.0),
    "leaky_relu": ActivationEntry(nn.leaky_relu, _HE),
    "elu": ActivationEntry(nn.elu, _HE, low=-1.0),
    "gelu": ActivationEntry(nn.gelu, _HE),
    "silu": ActivationEntry(nn.silu, _HE),
    "selu": ActivationEntry(nn.selu, _LECUN),
    "softplus": ActivationEntry(nn.softplus, _GLOROT, low=0.0),
    "tanh": ActivationEntry(nn.tanh, _GLOROT, low=-1.0, high=1.0),
    # Four times Glorot, for the sigmoid's slope at zero is a quarter.
    "sigmoid": ActivationEntry(
        nn.sigmoid, initializers.variance_scaling(16.0, "fan_avg", "uniform"), low=0.0, high=1.0
    ),
}

Activation = Annotated[str, Named(ACTIVATIONS)]
