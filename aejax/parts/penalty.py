"""What a penalty is: a term of the loss, and what it may look at."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, TypeAlias

import jax
import numpy as np
from flax import nnx
from jaxtyping import Int

from aejax.parts.bottleneck import Bottleneck
from aejax.settings import Settings, parameter
from aejax.types import Examples, Heads, Key, Latents, Logits, PerExample, Pixels, Scalar, Shape

Memory: TypeAlias = dict[str, jax.Array]


class Context(NamedTuple):
    """What a penalty may look at while the model trains."""

    x: Pixels
    corrupted: Pixels
    outputs: Heads
    latents: Latents
    logits: Logits
    encode: Callable[[Pixels], Latents]
    decode: Callable[[Latents], Pixels]
    key: Key
    progress: Scalar
    kernel: jax.Array | None
    """The encoder's one matrix, (features, latent), where a single layer leads to a plain code."""
    readout: jax.Array | None
    """The matrix through which the decoder reads the code, (latent, units), where there is one."""
    slope: Callable[[Heads], Latents]
    """Derivative of each coordinate of a plain code by the encoder's output before it."""
    memory: Memory | None
    """What this penalty remembers of earlier batches; None outside of training."""
    companions: Any = None
    """What `Penalty.companions` has drawn for this batch; None outside of training."""
    module: nnx.Module | None = None
    """What this penalty itself learns."""


class Penalty(Settings, ABC):
    """A term added to the loss, its weight included."""

    kind: str
    of_all_examples: ClassVar[bool] = False
    """Whether a batch is seen with others of the training examples, which must then all be on the device."""
    weight: float = parameter(1.0, "Weight in the loss", ge=0, le=1e6, live=True, log=True)

    @abstractmethod
    def cost(self, context: Context) -> PerExample:
        """Nats per example, or one number for the batch repeated for each."""

    def module(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module | None:
        """What the kind itself learns, for examples of `shape`; None where it learns nothing."""
        return None

    def prepare(self, x: Examples) -> dict[str, np.ndarray]:
        """What must be known of all training examples before the first step; it is kept on the device."""
        return {}

    def companions(self, prepared: dict[str, jax.Array], key: Key, rows: Int[jax.Array, " batch"], x: Examples) -> Any:
        """Other training examples that `cost` must see with the batch, of all those in `x`."""
        return None

    def memory(self, latent: int) -> Memory:
        """What there is to remember before the first batch, for codes of that size."""
        return {}

    def remember(self, context: Context) -> Memory:
        """What there is to remember after this batch."""
        return context.memory or {}

    def remark(self, latent: int, kernel: bool) -> str:
        """How the kind goes about it for codes of that size, where there is a choice; empty where there is none.

        Args:
            latent: Size of the code.
            kernel: Whether a single layer leads to a plain code.
        """
        return ""

    def check(self, bottleneck: Bottleneck) -> None:
        """Refuse codes that the kind cannot work on.

        Raises:
            SpecError: With those it can.
        """

    def check_shape(self, shape: Shape) -> None:
        """Refuse examples of a shape that the kind cannot work on.

        Raises:
            SpecError: With those it can.
        """
