"""The table of what is raced: networks, sizes, recipes, aims, and the arithmetic that each takes.

It needs the standard library alone, for contestants read it in environments of their own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

SIDE = 28
PIXELS = SIDE * SIDE
IMAGES = 10_000

Body = Literal["dense", "conv", "recurrent", "select"]
Code = Literal["point", "gaussian"]
Loss = Literal["bernoulli", "mse"]
Task = Literal["train", "encode", "decode", "pca", "metrics", "products", "copy"]


@dataclass(frozen=True)
class Net:
    """An autoencoder of images of 28 by 28 pixels, as every contestant builds it.

    Attributes:
        body: Dense layers, convolutions with pooling, a gated recurrent unit over rows, or a choice of pixels.
        widths: Of the hidden layers, of the maps, or of the recurrent state, from the input to the code.
        latent: Size of the code; None where the last map is the code.
        activation: Of the hidden layers.
        code: What the code is: the encoder's output, or a normal posterior with a draw from it.
        code_activation: Of the code, where it is a point.
        loss: Summed over pixels, averaged over the batch.
    """

    body: Body = "dense"
    widths: tuple[int, ...] = ()
    latent: int | None = 32
    activation: str = "relu"
    code: Code = "point"
    code_activation: str = "linear"
    loss: Loss = "bernoulli"

    @property
    def products(self) -> tuple[int, ...]:
        """Multiplications of each layer for one image, in the order of the layers; the first reads the image itself."""
        return _PRODUCTS[self.body](self)

    @property
    def training_flops(self) -> int:
        """Floating-point operations of the matrix products of one image's forward and backward pass.

        A product forward, one for the gradient of the weights and one for that of the input; the image needs none.
        """
        first = 0 if self.body == "select" else self.products[0]
        return 2 * (3 * sum(self.products) - first)


def _dense(net: Net) -> tuple[int, ...]:
    heads = 2 if net.code == "gaussian" else 1
    latent = net.latent or 0
    down, up = [PIXELS, *net.widths, heads * latent], [latent, *reversed(net.widths), PIXELS]
    return tuple(ins * outs for sizes in (down, up) for ins, outs in zip(sizes, sizes[1:], strict=False))


def _conv(net: Net) -> tuple[int, ...]:
    sides = [SIDE]
    for _ in net.widths:
        sides.append(-(-sides[-1] // 2))
    channels = [1, *net.widths]
    layers = list(zip(channels, channels[1:], sides, strict=False))
    down = [side**2 * 9 * ins * outs for ins, outs, side in layers]
    # The mirror convolves maps that have been doubled to the same sides.
    up = [side**2 * 9 * outs * ins for ins, outs, side in reversed(layers)]
    head = [] if net.latent is None else [sides[-1] ** 2 * channels[-1] * net.latent]
    return (*down, *head, *head, *up)


def _recurrent(net: Net) -> tuple[int, ...]:
    hidden, latent = net.widths[0], net.latent or 0
    read, state = SIDE * 3 * SIDE * hidden, SIDE * 3 * hidden * hidden
    return (read, state, hidden * latent, latent * hidden, 3 * latent * hidden, state, SIDE * SIDE * hidden)


def _select(net: Net) -> tuple[int, ...]:
    latent = net.latent or 0
    return (PIXELS * latent, latent * PIXELS)


_PRODUCTS = {"dense": _dense, "conv": _conv, "recurrent": _recurrent, "select": _select}


@dataclass(frozen=True)
class Case:
    """One race.

    Attributes:
        name: Its name.
        task: What is timed: epochs of training, a call on all images, or the machine itself.
        net: The network, where there is one.
        batch: Images in a step.
        epochs: Epochs, or calls, in one timed round.
        images: How many images there are.
        learning_rate: Adam's, constant.
        aims: How many times faster aejax is to be than the best of each family of peers.
        least_share: What share of the machine's greatest matrix-product rate aejax is to reach; 0 for no aim.
        short: Whether the short set has it.
        size: Side of the matrices, or numbers copied, where the machine itself is timed.
    """

    name: str
    task: Task = "train"
    net: Net = field(default_factory=Net)
    batch: int = 64
    epochs: int = 1
    images: int = IMAGES
    learning_rate: float = 1e-3
    aims: Mapping[str, float] = field(default_factory=dict)
    least_share: float = 0.0
    short: bool = False
    size: int = 0

    @property
    def used(self) -> int:
        """Images in whole batches: all contestants take the same steps."""
        return self.images // self.batch * self.batch if self.task == "train" else self.images

    @property
    def flops(self) -> int:
        """Floating-point operations of the matrix products of one round; 0 where they are not counted."""
        if self.task == "train":
            return self.epochs * self.used * self.net.training_flops
        if self.task in ("encode", "decode"):
            half = len(self.net.products) // 2
            part = self.net.products[:half] if self.task == "encode" else self.net.products[half:]
            return 2 * self.epochs * self.images * sum(part)
        return 2 * self.epochs * self.size**3 if self.task == "products" else 0

    @property
    def bytes(self) -> int:
        """Bytes read and written in one round of a copy."""
        return 2 * 4 * self.epochs * self.size if self.task == "copy" else 0

    def lasting(self, factor: int, width: int) -> "Case":
        """The case with rounds so many times as long, for a faster device, and matrices so many times as wide."""
        return replace(self, epochs=self.epochs * factor, size=self.size * width)

    def told(self) -> dict[str, Any]:
        """The case as JSON can hold it; `case_of` reads it."""
        return asdict(self)


def case_of(told: Mapping[str, Any]) -> Case:
    """The case that `Case.told` gave."""
    net = Net(**{**told["net"], "widths": tuple(told["net"]["widths"])})
    return Case(**{**told, "net": net})


DENSE_AIMS = {"keras": 5.0, "torch": 3.0, "flax": 2.0}
OTHER_AIMS = {"keras": 1.5, "torch": 1.5}

_SIMPLE = Net(latent=64, code_activation="relu")
_DEEP = Net(widths=(128, 64), code_activation="relu")

_CASES = (
    Case("products", "products", size=2048, epochs=4, short=True),
    Case("copy", "copy", size=1 << 25, epochs=4, short=True),
    Case("simple-64", net=_SIMPLE, batch=64, epochs=2, aims=DENSE_AIMS, short=True),
    Case("simple-256", net=_SIMPLE, batch=256, epochs=4, aims=DENSE_AIMS),
    Case("deep-64", net=_DEEP, batch=64, epochs=2, aims=DENSE_AIMS),
    Case("deep-256", net=_DEEP, batch=256, epochs=2, aims=DENSE_AIMS, least_share=0.5, short=True),
    Case(
        "vae-20",
        net=Net(widths=(400,), latent=20, activation="silu", code="gaussian"),
        batch=128,
        aims=DENSE_AIMS,
    ),
    Case(
        "hinton-2006",
        net=Net(widths=(1000, 500, 250), latent=30, activation="sigmoid"),
        batch=100,
        images=5000,
        aims=DENSE_AIMS,
        least_share=0.7,
        short=True,
    ),
    Case("conv-16-1", net=Net("conv", (16, 1), latent=None), batch=128, images=5000, aims=OTHER_AIMS, short=True),
    Case("conv-32-64-128", net=Net("conv", (32, 64, 128), latent=32), batch=128, images=512, aims=OTHER_AIMS),
    Case("gru", net=Net("recurrent", (64,), latent=2, loss="mse"), batch=64, images=5000, aims=OTHER_AIMS, short=True),
    Case("concrete", net=Net("select", (), latent=50, loss="mse"), batch=128, aims=DENSE_AIMS),
    Case("encode", "encode", net=_DEEP, images=60_000, batch=4096),
    Case("decode", "decode", net=_DEEP, images=60_000, batch=4096),
    Case("pca", "pca", net=Net(latent=32), images=60_000),
    Case("metrics", "metrics", images=3000),
)

CASES: dict[str, Case] = {case.name: case for case in _CASES}

SHORT = tuple(name for name, case in CASES.items() if case.short)

RANK = 256
"""Factors of a concrete choice's logits; Nilsson et al., Indirectly Parameterized Concrete Autoencoders, 2024."""

TEMPERATURES = (10.0, 0.01)
"""Of a concrete choice, at the first and the last step; Balin, Abid & Zou, Concrete Autoencoders, 2019."""
