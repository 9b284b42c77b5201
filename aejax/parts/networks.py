"""Networks: the bodies of encoder and decoder, the second the mirror of the first."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from math import prod
from typing import Annotated, Any, ClassVar, Literal

import jax
from flax import nnx
from pydantic import BeforeValidator
from pydantic import Field as Bounded

from aejax.parts.activations import ACTIVATIONS, Activation
from aejax.parts.convolutions import ConvDecoder, ConvEncoder, map_sizes
from aejax.parts.recurrence import READINGS, Lesson, SequenceDecoder, SequenceEncoder
from aejax.parts.shapes import check_images
from aejax.parts.stage import Stage, outcome, weighed
from aejax.settings import Named, OneOf, Settings, SpecError, parameter
from aejax.types import Key, Pixels, Scalar, Shape


def _listed(value: Any) -> Any:
    """Numbers written as `128,64`, as a tuple."""
    if isinstance(value, str):
        return tuple(part for part in value.replace("(", "").replace(")", "").split(",") if part.strip())
    return value


Width = Annotated[int, Bounded(ge=1, le=16384)]
Widths = Annotated[tuple[Width, ...], BeforeValidator(_listed), Bounded(max_length=64)]


class Network(Settings, ABC):
    """A body that reads examples (as encoder) or writes them (as decoder)."""

    kind: str
    passes_features: ClassVar[bool] = False
    """Whether, as encoder, it gives the features as they are."""
    takes_lengths: ClassVar[bool] = False
    """Whether it reads and writes sequences step by step, of which some may end before others."""

    @abstractmethod
    def encoder(self, shape: Shape, latent: int, heads: int, last: str, rngs: nnx.Rngs) -> nnx.Module:
        """A module from (batch, *shape) to (batch, heads, latent); the output feeds the activation named `last`."""

    @abstractmethod
    def decoder(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        """A module from (batch, latent) to logits (batch, *shape)."""

    def lesson(self, x: Pixels, key: Key, progress: Scalar) -> Lesson | None:
        """What the decoder is told of the examples that it is to write, when `progress` of training is done."""
        return None

    def own_latent(self, shape: Shape) -> int | None:
        """Size of the code that the body forms by itself for examples of `shape`; None if it forms none."""
        return None

    def code_shape(self, shape: Shape, latent: int) -> Shape:
        """Shape in which a code of that size is best shown: a map where the body's own map is the code."""
        return (latent,)

    @property
    def only_kernel(self) -> str | None:
        """Name of the encoder's one matrix, if a single layer leads to the code."""
        return None

    @property
    def is_linear(self) -> bool:
        """Whether, as decoder, it is one linear layer."""
        return False

    @property
    def first_kernel(self) -> str | None:
        """Name of the matrix through which the decoder reads the code, if it is one."""
        return None

    def check_shape(self, shape: Shape) -> None:
        """Refuse shapes that the body cannot read, and settings that contradict one another.

        Raises:
            SpecError: With those it can.
        """


class Dense(Network):
    """Fully connected layers; none of them makes a single layer from input to code."""

    kind: Literal["dense"] = "dense"
    formula: ClassVar[str] = r"h_l = f(W_l h_{l-1} + b_l)"
    page: ClassVar[str] = "networks"
    widths: Widths = parameter((), "Widths of the hidden layers, from the input to the code")
    activation: Activation = parameter("relu", "Activation of the hidden layers")

    def encoder(self, shape: Shape, latent: int, heads: int, last: str, rngs: nnx.Rngs) -> nnx.Module:
        layers = Layers((prod(shape), *self.widths, heads * latent), self.activation, last, rngs)
        return Reshaped(layers, (prod(shape),), (heads, latent))

    def decoder(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        layers = Layers((latent, *reversed(self.widths), prod(shape)), self.activation, "linear", rngs)
        return Reshaped(layers, (latent,), shape)

    @property
    def only_kernel(self) -> str | None:
        return None if self.widths else "encoder.body.layers.0.kernel"

    @property
    def is_linear(self) -> bool:
        return not self.widths

    @property
    def first_kernel(self) -> str | None:
        return "decoder.body.layers.0.kernel"


class Linear(Network):
    """One linear layer each way: with a linear code and squared error it learns the principal subspace.

    References:
        Baldi & Hornik, Neural Networks and Principal Component Analysis, 1989.
    """

    kind: Literal["linear"] = "linear"
    formula: ClassVar[str] = r"h = W x + b"
    page: ClassVar[str] = "networks"

    def encoder(self, shape: Shape, latent: int, heads: int, last: str, rngs: nnx.Rngs) -> nnx.Module:
        return Dense().encoder(shape, latent, heads, last, rngs)

    def decoder(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        return Dense().decoder(shape, latent, rngs)

    @property
    def only_kernel(self) -> str | None:
        return Dense().only_kernel

    @property
    def is_linear(self) -> bool:
        return True

    @property
    def first_kernel(self) -> str | None:
        return Dense().first_kernel


class Conv(Network):
    """Convolutions with pooling, mirrored by nearest-neighbour upsampling with convolutions.

    With no latent size given, the last map is itself the code.

    References:
        Masci et al., Stacked Convolutional Auto-Encoders, 2011; Odena et al., Deconvolution and Checkerboard
        Artifacts, 2016 (upsampling rather than transposed convolution).
    """

    kind: Literal["conv"] = "conv"
    formula: ClassVar[str] = r"h_l = f\bigl(\max_{2 \times 2}(W_l * h_{l-1} + b_l)\bigr)"
    page: ClassVar[str] = "networks"
    channels: Annotated[Widths, Bounded(min_length=1, max_length=8)] = parameter(
        (16, 1), "Channels of each convolution, from the input to the code; each halves the image"
    )
    kernel: int = parameter(3, "Side of the convolution's window, in pixels", ge=1, le=11)
    activation: Activation = parameter("relu", "Activation of the hidden layers")

    def encoder(self, shape: Shape, latent: int, heads: int, last: str, rngs: nnx.Rngs) -> nnx.Module:
        dense = None if latent == self.own_latent(shape) else latent
        return ConvEncoder(shape, self.channels, self.kernel, self.activation, dense, heads, last, rngs)

    def decoder(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        dense = None if latent == self.own_latent(shape) else latent
        return ConvDecoder(shape, self.channels, self.kernel, self.activation, dense, rngs)

    def own_latent(self, shape: Shape) -> int | None:
        return prod(map_sizes(shape, len(self.channels))[-1]) * self.channels[-1]

    def code_shape(self, shape: Shape, latent: int) -> Shape:
        own = (*map_sizes(shape, len(self.channels))[-1], self.channels[-1])
        return own if latent == prod(own) else (latent,)

    def check_shape(self, shape: Shape) -> None:
        check_images("encoder 'conv'", shape)


class Recurrent(Network):
    """A gated recurrent unit over the first axis: the steps of a sequence, or the rows of an image."""

    kind: Literal["recurrent"] = "recurrent"
    formula: ClassVar[str] = r"s_t = (1 - u_t)\, \tilde s_t + u_t\, s_{t-1}"
    page: ClassVar[str] = "sequences"
    takes_lengths: ClassVar[bool] = True
    hidden: int = parameter(64, "Numbers in the state that is carried from step to step", ge=1, le=4096)
    reading: Annotated[str, Named(READINGS)] = parameter(
        "last",
        "What the code is formed of: the last state, the mean of all states, or the last ones of both directions",
    )
    feedback: bool = parameter(False, "Whether the decoder reads each step that it has written before the next")
    forcing: float = parameter(
        0.0,
        "Probability at the start of training, falling to 0 at its end, that it reads the true step instead of its own",
        ge=0,
        le=1,
        live=True,
    )

    def encoder(self, shape: Shape, latent: int, heads: int, last: str, rngs: nnx.Rngs) -> nnx.Module:
        return SequenceEncoder(shape, self.hidden, latent, heads, last, self.reading, rngs)

    def decoder(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        return SequenceDecoder(shape, self.hidden, latent, self.feedback, rngs)

    def lesson(self, x: Pixels, key: Key, progress: Scalar) -> Lesson | None:
        """The examples themselves, told with a probability that falls linearly.

        References:
            Bengio et al., Scheduled Sampling for Sequence Prediction with Recurrent Neural Networks, 2015.
        """
        return Lesson(x, key, self.forcing * (1.0 - progress)) if self.feedback else None

    def check_shape(self, shape: Shape) -> None:
        if self.forcing > 0 and not self.feedback:
            raise SpecError(
                f"recurrent.forcing must be 0 without feedback, for the decoder reads no step; got {self.forcing:g}"
            )


class Identity(Network):
    """No encoder at all: the bottleneck reads the features themselves; the decoder is one linear layer."""

    kind: Literal["identity"] = "identity"
    formula: ClassVar[str] = r"h = x"
    page: ClassVar[str] = "concrete"
    passes_features: ClassVar[bool] = True

    def encoder(self, shape: Shape, latent: int, heads: int, last: str, rngs: nnx.Rngs) -> nnx.Module:
        return Flat()

    def decoder(self, shape: Shape, latent: int, rngs: nnx.Rngs) -> nnx.Module:
        return Dense().decoder(shape, latent, rngs)

    @property
    def is_linear(self) -> bool:
        return True


class Layers(nnx.Module):
    """Linear layers of the given sizes, with an activation between them."""

    def __init__(self, sizes: Sequence[int], activation: str, last: str, rngs: nnx.Rngs) -> None:
        following = [activation] * (len(sizes) - 2) + [last]
        self.layers = nnx.List(
            nnx.Linear(size, width, kernel_init=ACTIVATIONS[name].initialiser, rngs=rngs)
            for size, width, name in zip(sizes[:-1], sizes[1:], following, strict=True)
        )
        self.activation = activation

    def passage(self, x: jax.Array) -> Iterator[Stage]:
        """What each layer makes of the examples, in turn."""
        *hidden, last = self.layers
        for number, layer in enumerate(hidden):
            x = ACTIVATIONS[self.activation].function(layer(x))
            yield Stage(f"layers.{number}", weighed(number + 1, self.activation), x)
        yield Stage(f"layers.{len(hidden)}", weighed(len(hidden) + 1, "linear"), last(x))

    def __call__(self, x: jax.Array) -> jax.Array:
        return outcome(self.passage(x))


class Reshaped(nnx.Module):
    """A body between two shapes that are not its own."""

    def __init__(self, body: Layers, before: Shape, after: Shape) -> None:
        self.body, self.before, self.after = body, before, after

    def passage(self, x: jax.Array) -> Iterator[Stage]:
        """What each layer of the body makes of the examples, in turn."""
        for stage in self.body.passage(x.reshape(x.shape[0], *self.before)):
            yield stage._replace(layer=f"body.{stage.layer}")

    def __call__(self, x: jax.Array) -> jax.Array:
        return outcome(self.passage(x)).reshape(x.shape[0], *self.after)


class Flat(nnx.Module):
    """The features of each example in a row, as the one number for each that there is."""

    def passage(self, x: jax.Array) -> Iterator[Stage]:
        """Nothing: there are no layers."""
        return iter(())

    def __call__(self, x: jax.Array) -> jax.Array:
        return x.reshape(x.shape[0], 1, -1)


NETWORKS: dict[str, type[Network]] = {
    "dense": Dense,
    "linear": Linear,
    "conv": Conv,
    "recurrent": Recurrent,
    "identity": Identity,
}

AnyNetwork = Annotated[Network, OneOf(NETWORKS)]
