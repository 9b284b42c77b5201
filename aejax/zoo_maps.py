"""Named autoencoders whose codes are laid out by a penalty: maps of two numbers, and features for other uses."""

from aejax.optimizers import AdamW
from aejax.parts.corruptions import Shift
from aejax.parts.geometry import Isometry
from aejax.parts.neighbours import Neighbours
from aejax.parts.networks import Dense
from aejax.parts.topology import Topology
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo_entry import ZooEntry

MAPS: dict[str, ZooEntry] = {
    "wide-map": ZooEntry(
        ModelSpec(latent=2, encoder=Dense(widths=(1000, 500, 250), activation="silu")),
        TrainSpec(
            optimizer=AdamW(weight_decay=0.1),
            epochs=40,
            batch_size=250,
            learning_rate=3e-3,
            schedule="cosine",
            warm_up=0.05,
        ),
        "Map, wide",
        "The map of a wider network whose weights decay: nothing but reconstruction, and yet the classes come apart",
        "after Hinton & Salakhutdinov, Science 313, 2006; Loshchilov & Hutter 2019",
    ),
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
    "umap-images": ZooEntry(
        ModelSpec(
            corruption=Shift(pixels=1.0),
            latent=2,
            encoder=Dense(widths=(512, 256, 128), activation="silu"),
            penalties=(Neighbours(weight=60.0, objective="infonce", blur=1.0, union=0.25),),
        ),
        TrainSpec(epochs=100, batch_size=500, learning_rate=5e-3, schedule="cosine", warm_up=0.05),
        "UMAP autoencoder, images",
        "A map of images to which it is all the same where in its frame each lies",
        "after Sainburg et al., Parametric UMAP Embeddings, 2021; Damrich et al., 2023; Simard et al., 2003 (shift)",
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
