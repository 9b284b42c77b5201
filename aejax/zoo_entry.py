"""What the zoo says of each named autoencoder."""

from dataclasses import dataclass

from aejax.spec import ModelSpec, TrainSpec


@dataclass(frozen=True)
class ZooEntry:
    """A model's sentence with the recipe of its source; `about` says in one line what it shows."""

    spec: ModelSpec
    train: TrainSpec
    title: str
    about: str
    source: str
