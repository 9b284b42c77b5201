"""aejax, trained the way that its own `fit` goes: whole epochs by `Trainer.advance`."""

import os
from typing import Any

import jax
import numpy as np

import aejax
from aejax.parts.bottlenecks import Bottleneck, GaussianPosterior, Point, Select
from aejax.parts.likelihoods import Mse
from aejax.parts.networks import Conv, Dense, Identity, Network, Recurrent
from aejax.trainer import Trainer
from benchmarks.cases import RANK, TEMPERATURES, Case, Net
from benchmarks.contestants import jax_machine
from benchmarks.contestants.post import WARM_STEPS, NotWrittenError, Ready, serve


def spec_of(net: Net) -> aejax.ModelSpec:
    """The sentence that says the network."""
    bodies: dict[str, Network] = {
        "conv": Conv(channels=net.widths or (1,), activation=net.activation),
        "recurrent": Recurrent(hidden=(net.widths or (1,))[0]),
        "select": Identity(),
    }
    bottleneck: Bottleneck = Point(activation=net.code_activation)
    if net.code == "gaussian":
        bottleneck = GaussianPosterior()
    if net.body == "select":
        bottleneck = Select(rank=RANK, first_temperature=TEMPERATURES[0], last_temperature=TEMPERATURES[1])
    encoder = bodies.get(net.body, Dense(widths=net.widths, activation=net.activation))
    likelihood: dict[str, Any] = {"likelihood": Mse()} if net.loss == "mse" else {}
    return aejax.ModelSpec(latent=net.latent, encoder=encoder, bottleneck=bottleneck, **likelihood)


def trainer_of(case: Case, x: np.ndarray, rounds: int, seed: int = 0) -> Trainer:
    """A training of as many epochs as all rounds have."""
    told = {"batch_size": case.batch, "learning_rate": case.learning_rate, "seed": seed}
    train = aejax.TrainSpec(epochs=rounds * case.epochs, **told)
    return Trainer(spec_of(case.net), train, x)


def _train(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    # Another training compiles the loop, so that this one begins at its first step.
    warm = trainer_of(case, x, rounds)
    warm.advance(WARM_STEPS)
    warm.terms()
    trainer = trainer_of(case, x, rounds, seed)
    jax.block_until_ready(trainer.state)

    def epochs() -> None:
        for _ in range(case.epochs):
            trainer.advance(trainer.per_epoch)
            trainer.terms()

    return Ready(epochs, lambda: trainer.run().evaluate(x)["loss"])


def _call(case: Case, x: np.ndarray) -> Ready:
    run = trainer_of(case, x[: case.batch], 1).run()
    codes = run.encode(x)
    call = {"encode": lambda: run.encode(x), "decode": lambda: run.decode(codes)}[case.task]
    return Ready(lambda: call())


def _pca(case: Case, x: np.ndarray) -> Ready:
    return Ready(lambda: aejax.PCA(case.net.latent or 1).fit(x))


def _metrics(case: Case, x: np.ndarray) -> Ready:
    from aejax.coranking import trustworthiness

    codes, random = aejax.PCA(2).fit(x).encode(x), np.random.default_rng(0)

    def again() -> float:
        # In another order each time, for aejax keeps the ranks of what it has seen last.
        order = random.permutation(len(x))
        return trustworthiness(x[order], codes[order])

    again()
    return Ready(again)


def build(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    """A case, compiled."""
    if case.task == "train":
        return _train(case, x, rounds, seed)
    if case.task in ("encode", "decode"):
        return _call(case, x)
    if case.task in ("pca", "metrics"):
        return {"pca": _pca, "metrics": _metrics}[case.task](case, x)
    if case.task in ("products", "copy"):
        return jax_machine.build(case)
    raise NotWrittenError(case.task)


if __name__ == "__main__":
    jax_machine.set_precision(os.environ)
    serve(build, jax_machine.about)
