"""Named autoencoders whose codes are laid out by a penalty: maps of two numbers, and features for other uses."""

from aejax.parts.geometry import Isometry
from aejax.parts.neighbours import Neighbours
from aejax.parts.networks import Dense
from aejax.parts.topology import Topology
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo_entry import ZooEntry

MAPS: dict[str, ZooEntry] = {
    "umap-autoencoder": ZooEntry(
        ModelSpec(
            latent=2,
            encoder=Dense(widths=(512, 256, 128), activation="silu"),
            penalties=(Neighbours(weight=60.0, objective="infonce"),),
        ),
        TrainSpec(epochs=60, batch_size=500, learning_rate=5e-3, schedule="cosine", warm_up=0.05),
        "UMAP autoencoder",
        "A map on which images near each other stay near, and from which each can be drawn again",
        "after Sainburg et al., Parametric UMAP Embeddings, 2021; Damrich et al., 2023 (the objective)",
    ),
    "neighbour-features": ZooEntry(
        ModelSpec(
            latent=64,
            encoder=Dense(widths=(512, 256, 128), activation="silu"),
            penalties=(Neighbours(weight=250.0, objective="infonce"),),
        ),
        TrainSpec(epochs=30, batch_size=500, learning_rate=3e-3, schedule="cosine", warm_up=0.05),
        "Neighbour features",
        "Sixty-four numbers, learnt without labels, from which a straight line tells the digit",
        "after Sainburg et al., Parametric UMAP Embeddings, 2021; Damrich et al., 2023 (the objective)",
    ),
    "topological": ZooEntry(
        ModelSpec(latent=2, encoder=Dense(widths=(256, 128, 64), activation="silu"), penalties=(Topology(),)),
        TrainSpec(epochs=30, batch_size=128, learning_rate=2e-3, schedule="cosine"),
        "Topological",
        "A map whose gaps between groups are as wide as those in the data",
        "Moor et al., Topological Autoencoders, 2020",
    ),
    "isometric": ZooEntry(
        ModelSpec(latent=2, encoder=Dense(widths=(256, 128, 64), activation="silu"), penalties=(Isometry(),)),
        TrainSpec(epochs=30, batch_size=128, learning_rate=2e-3, schedule="cosine"),
        "Isometric",
        "A map with one scale: a step of the code changes the image as much everywhere",
        "Lee et al., Regularized Autoencoders for Isometric Representation Learning, 2022",
    ),
}
"""How the codes lie to one another."""
