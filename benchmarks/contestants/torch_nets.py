"""The networks of the table as modules of PyTorch, with Glorot's initialisation, of gain 4 before sigmoids."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.cases import PIXELS, RANK, SIDE, TEMPERATURES, Net
from benchmarks.contestants.settling import assigned

ACTIVATIONS = {"linear": nn.Identity, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "silu": nn.SiLU}


def layer(ins: int, outs: int, before: str = "linear") -> nn.Linear:
    """A linear layer whose output feeds that activation."""
    return drawn(nn.Linear(ins, outs), before)


def drawn(module: nn.Module, before: str) -> nn.Module:
    """A layer with fresh weights and no bias."""
    if before == "silu":
        nn.init.kaiming_uniform_(module.weight, nonlinearity="relu")
    else:
        nn.init.xavier_uniform_(module.weight, gain=4.0 if before == "sigmoid" else 1.0)
    nn.init.zeros_(module.bias)
    return module


def layers(sizes: list[int], activation: str, last: str) -> nn.Sequential:
    """Linear layers with the activation between them; what follows the last one is not among them."""
    found: list[nn.Module] = []
    for number, (ins, outs) in enumerate(zip(sizes, sizes[1:], strict=False), 2):
        final = number == len(sizes)
        found += [layer(ins, outs, last if final else activation)]
        found += [] if final else [ACTIVATIONS[activation]()]
    return nn.Sequential(*found)


class Dense(nn.Module):
    """Fully connected layers down to the code and up again, the code a point or a draw from a posterior."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        self.is_posterior = net.code == "gaussian"
        heads = 2 if self.is_posterior else 1
        self.encoder = layers([PIXELS, *net.widths, heads * net.latent], net.activation, net.code_activation)
        self.code = ACTIVATIONS[net.code_activation]()
        self.decoder = layers([net.latent, *reversed(net.widths), PIXELS], net.activation, "linear")

    def encode(self, x: Tensor) -> Tensor:
        """The code, or the posterior's mean."""
        outputs = self.encoder(x)
        return outputs.chunk(2, dim=1)[0] if self.is_posterior else self.code(outputs)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The logits, and what the code costs beside."""
        outputs = self.encoder(x)
        if not self.is_posterior:
            return self.decoder(self.code(outputs)), x.new_zeros(())
        mean, log_var = outputs.chunk(2, dim=1)
        log_var = log_var.clamp(-10.0, 10.0)
        divergence = 0.5 * (mean.square() + log_var.exp() - 1.0 - log_var).sum(1).mean()
        return self.decoder(mean + (0.5 * log_var).exp() * torch.randn_like(mean)), divergence


class Conv(nn.Module):
    """Convolutions with pooling, and their mirror."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        channels, sides = [1, *net.widths], [SIDE]
        for _ in net.widths:
            sides.append(-(-sides[-1] // 2))
        code = net.code_activation if net.latent is None else net.activation
        following = [*[net.activation] * (len(net.widths) - 1), code]
        self.down = nn.ModuleList(
            drawn(nn.Conv2d(ins, outs, 3, padding=1), name)
            for ins, outs, name in zip(channels, channels[1:], following, strict=False)
        )
        back = [*[net.activation] * (len(net.widths) - 1), "linear"]
        self.up = nn.ModuleList(
            drawn(nn.Conv2d(ins, outs, 3, padding=1), name)
            for ins, outs, name in zip(channels[:0:-1], channels[-2::-1], back, strict=False)
        )
        size = sides[-1] ** 2 * channels[-1]
        self.head = None if net.latent is None else layer(size, net.latent)
        self.back = None if net.latent is None else layer(net.latent, size, net.activation)
        self.activation, self.sides, self.first = (
            ACTIVATIONS[net.activation](),
            sides[-2::-1],
            (channels[-1], sides[-1], sides[-1]),
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = x.view(-1, 1, SIDE, SIDE)
        for number, convolution in enumerate(self.down, 1):
            x = functional.max_pool2d(convolution(x), 2, ceil_mode=True)
            x = x if number == len(self.down) and self.head is None else self.activation(x)
        if self.head is not None:
            x = self.activation(self.back(self.head(x.flatten(1)))).view(-1, *self.first)
        for number, (convolution, side) in enumerate(zip(self.up, self.sides, strict=True), 1):
            x = convolution(functional.interpolate(x, scale_factor=2)[:, :, :side, :side])
            x = x if number == len(self.up) else self.activation(x)
        return x.flatten(1), x.new_zeros(())


class Recurrent(nn.Module):
    """A gated recurrent unit that reads rows, and one that writes them, the last row first."""

    def __init__(self, net: Net) -> None:
        super().__init__()
        hidden = net.widths[0]
        self.reader, self.head = nn.GRU(SIDE, hidden, batch_first=True), layer(hidden, net.latent)
        self.start, self.writer = layer(net.latent, hidden, "tanh"), nn.GRU(net.latent, hidden, batch_first=True)
        self.output = layer(hidden, SIDE)
        for unit in (self.reader, self.writer):
            nn.init.xavier_uniform_(unit.weight_ih_l0)
            for gate in unit.weight_hh_l0.data.chunk(3):
                nn.init.orthogonal_(gate)
            nn.init.zeros_(unit.bias_ih_l0)
            nn.init.zeros_(unit.bias_hh_l0)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        code = self.head(self.reader(x.view(-1, SIDE, SIDE))[1][0])
        told = code[:, None].expand(-1, SIDE, -1)
        states, _ = self.writer(told, torch.tanh(self.start(code))[None])
        return self.output(states).flip(1).flatten(1), x.new_zeros(())


class Select(nn.Module):
    """A code of pixels, each a mixture that a falling temperature narrows to one, and a linear layer back.

    The temperature is a tensor, so that a compiled step is not compiled anew when it falls.
    """

    def __init__(self, net: Net, steps: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(torch.randn(net.latent, RANK))
        self.kernel = nn.Parameter(torch.randn(RANK, PIXELS) / RANK**0.5)
        self.bias = nn.Parameter(torch.zeros(net.latent, PIXELS))
        self.output = layer(net.latent, PIXELS)
        self.register_buffer("step", torch.zeros(()))
        self.register_buffer("features", torch.zeros(net.latent, dtype=torch.long))
        self.steps, self.ratio = steps, TEMPERATURES[1] / TEMPERATURES[0]

    def logits(self) -> Tensor:
        """Logarithm of each choice's probability, up to a constant."""
        return self.embedding @ self.kernel + self.bias

    def settle(self) -> None:
        """Give each coordinate a pixel of its own."""
        self.features.copy_(torch.from_numpy(assigned(self.logits().detach().cpu().numpy())))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if not self.training:
            return self.output(x[:, self.features]), x.new_zeros(())
        logits = self.logits()
        temperature = TEMPERATURES[0] * self.ratio ** (self.step / self.steps)
        noise = -torch.empty_like(logits).exponential_().log()
        weights = ((logits + noise) / temperature).softmax(1)
        return self.output(x @ weights.T), x.new_zeros(())


def module(net: Net, steps: int) -> nn.Module:
    """The network with fresh weights, for a training of so many steps."""
    if net.body == "select":
        return Select(net, steps)
    return {"dense": Dense, "conv": Conv, "recurrent": Recurrent}[net.body](net)
