"""Optimizers by name, in the forms of their papers; the learning rate belongs to `TrainSpec`, for it is live."""

from abc import ABC, abstractmethod
from typing import Annotated, Any, ClassVar, Literal

import jax
import jax.numpy as jnp
import optax
import optax.contrib

from aejax.settings import OneOf, Settings, parameter
from aejax.types import Params


class Optimizer(Settings, ABC):
    """A rule that turns gradients into steps."""

    kind: str
    usual_learning_rate: ClassVar[float] = 1e-3
    searches: ClassVar[bool] = False
    """Whether the rule finds its own step length along a line, and so ignores the schedule."""

    @abstractmethod
    def transformation(self) -> optax.GradientTransformation:
        """The rule at learning rate 1."""


class Adam(Optimizer):
    """Kingma & Ba, Adam, 2015."""

    kind: Literal["adam"] = "adam"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta\, \hat m / (\sqrt{\hat v} + \epsilon)"
    page: ClassVar[str] = "optimizers"
    b1: float = parameter(0.9, "Decay of the mean of gradients", ge=0, lt=1)
    b2: float = parameter(0.999, "Decay of the mean of squared gradients", ge=0, lt=1)
    eps: float = parameter(1e-8, "Added to the root of the squared gradients", gt=0, le=1)

    def transformation(self) -> optax.GradientTransformation:
        return optax.chain(self._direction(), optax.scale_by_learning_rate(1.0))

    def _direction(self) -> optax.GradientTransformation:
        """`optax.scale_by_adam`, with one division and one root a weight where it has three divisions and one root."""

        def step(gradient: Params, state: optax.ScaleByAdamState, params: Params | None = None) -> tuple[Params, Any]:
            del params
            count = optax.safe_increment(state.count)
            mean = optax.update_moment(gradient, state.mu, self.b1, 1)
            square = optax.update_moment_per_elem_norm(gradient, state.nu, self.b2, 2)
            whole, root = 1.0 / (1.0 - self.b1**count), jax.lax.rsqrt(1.0 - self.b2**count)
            direction = jax.tree.map(lambda m, v: whole * m / (root * jnp.sqrt(v) + self.eps), mean, square)
            return direction, optax.ScaleByAdamState(count, mean, square)

        return optax.GradientTransformation(optax.scale_by_adam(self.b1, self.b2, self.eps).init, step)


class AdamW(Adam):
    """Loshchilov & Hutter, Decoupled Weight Decay Regularization, 2019."""

    kind: Literal["adamw"] = "adamw"  # type: ignore[assignment]
    formula: ClassVar[str] = (
        r"\theta \leftarrow \theta - \eta\, \bigl(\hat m / (\sqrt{\hat v} + \epsilon) + \lambda \theta\bigr)"
    )
    page: ClassVar[str] = "optimizers"
    weight_decay: float = parameter(
        1e-4, "Share of each weight taken off per step, times the learning rate", ge=0, le=1
    )

    def transformation(self) -> optax.GradientTransformation:
        decay = optax.add_decayed_weights(self.weight_decay)
        return optax.chain(self._direction(), decay, optax.scale_by_learning_rate(1.0))


class NAdam(Adam):
    """Dozat, Incorporating Nesterov Momentum into Adam, 2016."""

    kind: Literal["nadam"] = "nadam"  # type: ignore[assignment]
    formula: ClassVar[str] = (
        r"\theta \leftarrow \theta - \eta\, "
        r"\bigl(\beta_1 \hat m + (1 - \beta_1)\, \hat g\bigr) / (\sqrt{\hat v} + \epsilon)"
    )
    page: ClassVar[str] = "optimizers"

    def transformation(self) -> optax.GradientTransformation:
        return optax.nadam(1.0, self.b1, self.b2, self.eps)


class Adadelta(Optimizer):
    """Zeiler, ADADELTA, 2012, algorithm 1; its learning rate is 1, and the 0.001 of some libraries hardly moves."""

    kind: Literal["adadelta"] = "adadelta"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta\, g\, \sqrt{u + \epsilon} / \sqrt{v + \epsilon}"
    page: ClassVar[str] = "optimizers"
    usual_learning_rate: ClassVar[float] = 1.0
    rho: float = parameter(0.95, "Decay of both running means", ge=0, lt=1)
    eps: float = parameter(1e-7, "Added inside both roots", gt=0, le=1)

    def transformation(self) -> optax.GradientTransformation:
        return optax.adadelta(1.0, self.rho, self.eps)


class RmsProp(Optimizer):
    """Tieleman & Hinton, lecture 6.5 of Neural Networks for Machine Learning, 2012."""

    kind: Literal["rmsprop"] = "rmsprop"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta\, g / \sqrt{v + \epsilon}"
    page: ClassVar[str] = "optimizers"
    decay: float = parameter(0.9, "Decay of the mean of squared gradients", ge=0, lt=1)
    eps: float = parameter(1e-7, "Added to the mean of squared gradients", gt=0, le=1)

    def transformation(self) -> optax.GradientTransformation:
        return optax.rmsprop(1.0, decay=self.decay, eps=self.eps)


class Sgd(Optimizer):
    """Stochastic gradient descent with momentum; Sutskever et al., 2013, where Nesterov's."""

    kind: Literal["sgd"] = "sgd"
    formula: ClassVar[str] = r"m \leftarrow \mu m + g, \quad \theta \leftarrow \theta - \eta\, m"
    page: ClassVar[str] = "optimizers"
    momentum: float = parameter(0.9, "Share of the last step that is kept", ge=0, lt=1)
    nesterov: bool = parameter(False, "Look ahead along the momentum before taking the gradient")

    def transformation(self) -> optax.GradientTransformation:
        return optax.sgd(1.0, self.momentum, self.nesterov)


class Muon(Optimizer):
    """Jordan et al., Muon, 2024: orthogonalised momentum for matrices, Adam for the rest."""

    kind: Literal["muon"] = "muon"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \eta\, U V^\top \text{ of the momentum } m = U \Sigma V^\top"
    page: ClassVar[str] = "optimizers"
    momentum: float = parameter(0.95, "Decay of the mean of gradients", ge=0, lt=1)

    def transformation(self) -> optax.GradientTransformation:
        return optax.contrib.muon(1.0, beta=self.momentum)


class Lbfgs(Optimizer):
    """Liu & Nocedal, L-BFGS, 1989, with a zoom line search; best with the whole set as one batch."""

    kind: Literal["lbfgs"] = "lbfgs"
    formula: ClassVar[str] = r"\theta \leftarrow \theta - \alpha\, H^{-1} g"
    page: ClassVar[str] = "optimizers"
    usual_learning_rate: ClassVar[float] = 1.0
    searches: ClassVar[bool] = True
    memory: int = parameter(10, "Past steps that shape the curvature", ge=1, le=100)

    def transformation(self) -> optax.GradientTransformation:
        return optax.lbfgs(memory_size=self.memory)


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adam": Adam,
    "adamw": AdamW,
    "nadam": NAdam,
    "adadelta": Adadelta,
    "rmsprop": RmsProp,
    "sgd": Sgd,
    "muon": Muon,
    "lbfgs": Lbfgs,
}

AnyOptimizer = Annotated[Optimizer, OneOf(OPTIMIZERS)]
