"""One deep autoencoder from three starts: what made it learn in 2006, and what makes it learn today."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from aejax.optimizers import Sgd
from aejax.parts.pretrainings import Boltzmann
from aejax.trainer import Trainer
from aejax.zoo import ZOO
from aejax.zoo_entry import ZooEntry


@dataclass(frozen=True)
class Point:
    """After so many epochs of the whole network: the seconds spent, and the squared error per held-out example."""

    epoch: int
    seconds: float
    error: float


@dataclass(frozen=True)
class Curve:
    """How one start learns; its first point, of epoch 0, is the start itself, after pretraining if there is one."""

    name: str
    title: str
    points: tuple[Point, ...]


# The machines' own fresh weights, for nothing is learnt at a rate of zero.
_NOTHING_LEARNT = Boltzmann(epochs=1, learning_rate=0.0, linear_learning_rate=0.0)

STARTS: Mapping[str, ZooEntry] = MappingProxyType(
    {
        "random": ZooEntry(
            ZOO["hinton-2006"].spec,
            ZOO["hinton-2006"].train.replace(
                optimizer=Sgd(momentum=0.0), learning_rate=1e-2, warm_up=0.0, pretraining=_NOTHING_LEARNT
            ),
            "Random start, steepest descent",
            "Small random weights, logistic units and the optimizer of the time",
            ZOO["hinton-2006"].source,
        ),
        "pretrained": replace(ZOO["hinton-2006"], title="Start by Boltzmann machines"),
        "modern": replace(ZOO["hinton-modern"], title="Random start, as today"),
    }
)
"""The three starts, each with its recipe."""


def learning_curves(
    x: object,
    validation: object,
    *,
    epochs: int | None = None,
    seed: int = 0,
    starts: Mapping[str, ZooEntry] = STARTS,
) -> Iterator[Curve]:
    """The curve of each start in turn, longer by a point at each yield.

    Args:
        x: Training examples.
        validation: Held-out examples, whose squared error is measured after each epoch.
        epochs: Passes over the examples by the whole network; those of each recipe if not given.
        seed: Seed of weights, order and chance.
        starts: What to compare.

    Raises:
        SpecError: If the models do not fit the data.
        DataError: If the data cannot be used.
        DivergedError: If a loss is no longer finite.
    """
    for name, entry in starts.items():
        train = entry.train.replace(seed=seed, **({} if epochs is None else {"epochs": epochs}))
        trainer = Trainer(entry.spec, train, x)
        for _ in trainer.pretrain():
            pass
        points = [_point(trainer, validation)]
        yield Curve(name, entry.title, tuple(points))
        while trainer.step < trainer.steps:
            trainer.advance(trainer.per_epoch)
            trainer.check_finite(trainer.terms(), f"within {trainer.step} steps")
            points.append(_point(trainer, validation))
            yield Curve(name, entry.title, tuple(points))


def _point(trainer: Trainer, validation: object) -> Point:
    return Point(trainer.epoch, trainer.seconds, trainer.run().evaluate(validation)["sse"])
