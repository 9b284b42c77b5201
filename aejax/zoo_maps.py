"""Named autoencoders whose codes are laid out by a penalty: maps, and codes that as a whole follow a prior."""

from aejax.parts.bottlenecks import GaussianPosterior
from aejax.parts.divergences import Adversary, Mmd, TotalCorrelation
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
        TrainSpec(epochs=30, batch_size=250, learning_rate=2e-3, schedule="cosine", warm_up=0.05),
        "UMAP autoencoder",
        "A map on which images near each other stay near, and from which each can be drawn again",
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
"""Two numbers an example, and how the sheet is laid out."""

AGGREGATES: dict[str, ZooEntry] = {
    "wasserstein": ZooEntry(
        ModelSpec(latent=8, encoder=Dense(widths=(256, 128), activation="silu"), penalties=(Mmd(weight=1000.0),)),
        TrainSpec(epochs=20, batch_size=128),
        "Wasserstein",
        "Codes without noise that as a whole follow a normal distribution",
        "Tolstikhin et al., Wasserstein Auto-Encoders, 2018",
    ),
    "info-vae": ZooEntry(
        ModelSpec(
            latent=8,
            encoder=Dense(widths=(256, 128), activation="silu"),
            bottleneck=GaussianPosterior(beta=0.5),
            penalties=(Mmd(weight=100.0),),
        ),
        TrainSpec(epochs=20, batch_size=128),
        "InfoVAE",
        "Codes follow the prior as a whole, and each still tells much about its image",
        "Zhao et al., InfoVAE, 2019 (alpha 0.5, lambda 100.5)",
    ),
    "beta-tc": ZooEntry(
        ModelSpec(
            latent=8,
            encoder=Dense(widths=(256, 128), activation="silu"),
            bottleneck=GaussianPosterior(),
            penalties=(TotalCorrelation(),),
        ),
        TrainSpec(epochs=20, batch_size=128),
        "beta-TC",
        "Codes whose coordinates tell of different things, as far as images allow",
        "Chen et al., Isolating Sources of Disentanglement, 2018",
    ),
    "adversarial": ZooEntry(
        ModelSpec(
            latent=8,
            encoder=Dense(widths=(256, 128), activation="silu"),
            penalties=(Adversary(),),
        ),
        TrainSpec(epochs=20, batch_size=128),
        "Adversarial",
        "A second network tells codes from draws of a normal distribution, until it cannot",
        "Makhzani et al., Adversarial Autoencoders, 2015",
    ),
}
"""Codes of which the whole follows a normal distribution."""
