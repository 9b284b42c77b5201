"""PyTorch as who knows it writes it: all images on the device, no data loader, a fused optimizer, compiled or not."""

import os
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.cases import Case
from benchmarks.contestants import torch_nets
from benchmarks.contestants.post import WARM_STEPS, NotWrittenError, Ready, serve

DEVICE = "cuda" if os.environ.get("RACE_PLATFORM") == "gpu" else "cpu"
IS_COMPILED = os.environ.get("RACE_MODE") == "compiled"
# With graphs of kernels a GPU does not wait for Python; the processor has no such thing.
HOW = {"mode": "reduce-overhead"} if DEVICE == "cuda" else {}


def settle() -> None:
    """Wait until the device has done all it was asked for."""
    if DEVICE == "cuda":
        torch.cuda.synchronize()


class Training:
    """A network in training, its optimizer and its images."""

    def __init__(self, case: Case, x: Tensor, rounds: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.case, self.x = case, x
        steps = rounds * case.epochs * len(x) // case.batch
        self.module = torch_nets.module(case.net, steps).to(DEVICE)
        fused = torch.optim.Adam(self.module.parameters(), lr=case.learning_rate, eps=1e-8, fused=True)
        self.optimizer = fused
        self.cost = torch.compile(self._cost, **HOW) if IS_COMPILED else self._cost

    def _cost(self, x: Tensor) -> Tensor:
        logits, beside = self.module(x)
        if self.case.net.loss == "mse":
            return functional.mse_loss(logits, x, reduction="sum") / len(x) + beside
        return functional.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x) + beside

    def epoch(self) -> float:
        """One pass over the images in a new order; the mean loss."""
        total = torch.zeros((), device=DEVICE)
        order = torch.randperm(len(self.x), device=DEVICE)
        for rows in order.split(self.case.batch):
            loss = self.cost(self.x.index_select(0, rows))
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
            if isinstance(self.module, torch_nets.Select):
                self.module.step += 1
        return float(total) * self.case.batch / len(self.x)

    def epochs(self) -> None:
        """One timed round."""
        for _ in range(self.case.epochs):
            self.epoch()
        settle()

    @torch.no_grad()
    def loss(self) -> float:
        """Over all images, by the module that has learnt."""
        self.module.eval()
        if isinstance(self.module, torch_nets.Select):
            self.module.settle()
        parts = [float(self._cost(chunk)) * len(chunk) for chunk in self.x.split(1000)]
        return sum(parts) / len(self.x)


def images(x: np.ndarray) -> Tensor:
    """The images as intensities, on the device."""
    return torch.from_numpy(x.reshape(len(x), -1)).to(DEVICE).float().div_(255.0)


def _train(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    data = images(x)
    training = Training(case, data, rounds, seed)
    # What is compiled belongs to this module: learn from a few batches, then begin anew.
    fresh = {name: value.clone() for name, value in training.module.state_dict().items()}
    for rows in torch.arange(min(len(data), WARM_STEPS * case.batch), device=DEVICE).split(case.batch):
        training.cost(data.index_select(0, rows)).backward()
        training.optimizer.step()
        training.optimizer.zero_grad(set_to_none=True)
    training.module.load_state_dict(fresh)
    training.optimizer.state.clear()
    settle()
    return Ready(training.epochs, training.loss)


def _call(case: Case, x: np.ndarray) -> Ready:
    module, data = torch_nets.module(case.net, 1).to(DEVICE).eval(), images(x)

    def decode(codes: Tensor) -> Tensor:
        return torch.sigmoid(module.decoder(codes))

    function = module.encode if case.task == "encode" else decode
    function = torch.compile(function, **HOW) if IS_COMPILED else function
    with torch.inference_mode():
        given = data if case.task == "encode" else module.encode(data)

    @torch.inference_mode()
    def call() -> np.ndarray:
        # A copy at once, for graphs of kernels write each answer where the last one was.
        return np.concatenate([function(chunk).cpu().numpy() for chunk in given.split(case.batch)])

    call()
    return Ready(call)


def _machine(case: Case) -> Ready:
    if case.task == "products":
        one = torch.randn(case.size, case.size, device=DEVICE)
        target = torch.empty_like(one)
        return _repeated(case, lambda: torch.mm(one, one, out=target))
    numbers = torch.arange(case.size, dtype=torch.float32, device=DEVICE)
    copied = torch.empty_like(numbers)
    return _repeated(case, lambda: copied.copy_(numbers))


def _repeated(case: Case, call: Any) -> Ready:
    call()
    settle()

    def calls() -> None:
        for _ in range(case.epochs):
            call()
        settle()

    return Ready(calls)


def build(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    """A case, compiled if this contestant compiles."""
    torch.compiler.reset()
    if case.task == "train":
        return _train(case, x, rounds, seed)
    if case.task in ("encode", "decode"):
        return _call(case, x)
    if case.task in ("products", "copy"):
        return _machine(case)
    raise NotWrittenError(f"PyTorch has no {case.task}")


def about() -> dict[str, Any]:
    """Versions, and the device that is computed on."""
    device = torch.cuda.get_device_name() if DEVICE == "cuda" else f"cpu, {torch.get_num_threads()} threads"
    return {"versions": {"torch": torch.__version__}, "device": device}


def set_up() -> None:
    """Threads and precision as the race says."""
    if (threads := os.environ.get("RACE_THREADS")) is not None:
        torch.set_num_threads(int(threads))
    is_short = os.environ.get("RACE_PRECISION") == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = is_short
    if DEVICE == "cuda" and not torch.cuda.is_available():
        raise SystemExit("this PyTorch finds no CUDA device")


if __name__ == "__main__":
    set_up()
    serve(build, about)
