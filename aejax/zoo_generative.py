"""The named autoencoders whose codes follow a distribution or are finitely many."""

from aejax.parts.bottlenecks import Categorical, Codebook, GaussianPosterior, Quantise
from aejax.parts.divergences import Adversary, Mmd, TotalCorrelation
from aejax.parts.networks import Dense
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo_entry import ZooEntry

_HIDDEN_400 = Dense(widths=(400,), activation="silu")

GENERATIVE: dict[str, ZooEntry] = {
    "variational": ZooEntry(
        ModelSpec(latent=2, encoder=Dense(widths=(400,)), bottleneck=GaussianPosterior()),
        TrainSpec(epochs=20, batch_size=128),
        "Variational",
        "Codes follow a normal distribution, so that any point decodes to something likely",
        "Kingma & Welling, Auto-Encoding Variational Bayes, 2014",
    ),
    "variational-20": ZooEntry(
        ModelSpec(latent=20, encoder=_HIDDEN_400, bottleneck=GaussianPosterior()),
        TrainSpec(epochs=10, batch_size=128, learning_rate=2e-3, schedule="cosine"),
        "Variational, 20",
        "The variational autoencoder at the size that its tutorials quote: 105 nats for a test image",
        "Kingma & Welling, Auto-Encoding Variational Bayes, 2014",
    ),
    "beta-vae": ZooEntry(
        ModelSpec(latent=10, encoder=_HIDDEN_400, bottleneck=GaussianPosterior(beta=4.0)),
        TrainSpec(epochs=20, batch_size=128),
        "Beta-VAE",
        "The divergence counts four times: fewer coordinates are used, each for something of its own",
        "Higgins et al., beta-VAE, ICLR 2017",
    ),
    "capacity": ZooEntry(
        ModelSpec(
            latent=10,
            encoder=_HIDDEN_400,
            bottleneck=GaussianPosterior(beta=100.0, capacity=25.0, warm_up=0.8),
        ),
        TrainSpec(epochs=20, batch_size=128),
        "Capacity",
        "The code may hold a little more with every step, up to 25 nats: coordinates come into use one by one",
        "Burgess et al., Understanding Disentangling in beta-VAE, 2018",
    ),
    "iwae": ZooEntry(
        ModelSpec(latent=20, encoder=_HIDDEN_400, bottleneck=GaussianPosterior(samples=5)),
        TrainSpec(epochs=10, batch_size=128, learning_rate=2e-3, schedule="cosine"),
        "Importance weighted",
        "Five codes are drawn for each image and the best count most, for a tighter bound",
        "Burda et al., Importance Weighted Autoencoders, ICLR 2016",
    ),
    "conditional": ZooEntry(
        ModelSpec(latent=2, encoder=_HIDDEN_400, bottleneck=GaussianPosterior(), classes=10),
        TrainSpec(epochs=20, batch_size=128),
        "Conditional",
        "Told which digit it sees, it keeps the code for how the digit is written",
        "Kingma et al., Semi-Supervised Learning with Deep Generative Models, NeurIPS 2014",
    ),
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
    "quantised": ZooEntry(
        ModelSpec(latent=16, encoder=Dense(widths=(256,), activation="silu"), bottleneck=Quantise()),
        TrainSpec(epochs=20, batch_size=128),
        "Quantised",
        "Sixteen numbers of eight levels each: an image in 48 bits",
        "Mentzer et al., Finite Scalar Quantization, 2024",
    ),
    "vq": ZooEntry(
        ModelSpec(latent=32, encoder=Dense(widths=(256,), activation="silu"), bottleneck=Codebook()),
        TrainSpec(epochs=20, batch_size=128),
        "Vector quantised",
        "Eight vectors, each one of the 256 of a learned book: an image in 64 bits",
        "van den Oord et al., Neural Discrete Representation Learning, NeurIPS 2017",
    ),
    "categorical": ZooEntry(
        ModelSpec(latent=200, encoder=Dense(widths=(256,), activation="silu"), bottleneck=Categorical(values=10)),
        TrainSpec(epochs=20, batch_size=128),
        "Categorical",
        "Twenty choices among ten: an image as a number of twenty digits",
        "Jang et al., Categorical Reparameterization with Gumbel-Softmax, ICLR 2017",
    ),
}
