"""The named autoencoders: each a sentence, a training recipe and its source."""

from collections.abc import Iterator, Mapping

from aejax.optimizers import AdamW
from aejax.parts.bottlenecks import Point, Select, TopK
from aejax.parts.corruptions import GaussianNoise, Patches, Shift
from aejax.parts.geometry import Contractive
from aejax.parts.likelihoods import Mse
from aejax.parts.networks import Conv, Dense, Identity, Linear, Recurrent
from aejax.parts.pretrainings import Boltzmann
from aejax.parts.sparsity import L1, KLSparsity
from aejax.settings import SpecError, not_among
from aejax.spec import ModelSpec, TrainSpec
from aejax.zoo_entry import ZooEntry
from aejax.zoo_generative import GENERATIVE
from aejax.zoo_maps import MAPS

__all__ = ["ZOO", "UnknownEntryError", "Zoo", "ZooEntry"]


class UnknownEntryError(SpecError, KeyError):
    """A name that the zoo does not know."""

    def __str__(self) -> str:
        return str(self.args[0])


class Zoo(Mapping[str, ZooEntry]):
    """The entries by their names; a name that is not there is told with those that are."""

    def __init__(self, entries: Mapping[str, ZooEntry]) -> None:
        self._entries = dict(entries)

    def __getitem__(self, name: str) -> ZooEntry:
        if name not in self._entries:
            raise UnknownEntryError(f"name {not_among(name, self._entries)}")
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


_KERAS = "Chollet, Building Autoencoders in Keras, 2016"
_HINTON = "Hinton & Salakhutdinov, Science 313, 2006"
_HINTON_NET = Dense(widths=(1000, 500, 250), activation="sigmoid")
_RELU_CODE, _SIGMOID_CODE = Point(activation="relu"), Point(activation="sigmoid")

ZOO = Zoo(
    {
        "map": ZooEntry(
            ModelSpec(latent=2, encoder=Dense(widths=(256, 128, 64), activation="silu")),
            TrainSpec(epochs=30, batch_size=128, learning_rate=5e-3, schedule="cosine", warm_up=0.05),
            "Map",
            "Two numbers per image: the whole data set on one sheet",
            "after Hinton & Salakhutdinov, Science 313, 2006",
        ),
        **MAPS,
        "simple": ZooEntry(
            ModelSpec(latent=32, bottleneck=_RELU_CODE),
            TrainSpec(epochs=50, batch_size=256),
            "Simple, 32",
            "One layer down to 32 numbers, one layer back",
            _KERAS,
        ),
        "simple-64": ZooEntry(
            ModelSpec(latent=64, bottleneck=_RELU_CODE),
            TrainSpec(epochs=10, batch_size=64),
            "Simple, 64",
            "One layer down to 64 numbers, one layer back",
            _KERAS,
        ),
        "linear": ZooEntry(
            ModelSpec(latent=2, encoder=Linear(), likelihood=Mse()),
            TrainSpec(epochs=60, batch_size=50, learning_rate=0.01, schedule="cosine"),
            "Linear",
            "Without activations it finds the plane of principal component analysis",
            "Baldi & Hornik, Neural Networks 2, 1989",
        ),
        "table": ZooEntry(
            ModelSpec(
                latent=2,
                corruption=GaussianNoise(sd=0.2, clip=False),
                encoder=Dense(widths=(64,), activation="tanh"),
                likelihood=Mse(),
            ),
            TrainSpec(epochs=200, batch_size=32, learning_rate=3e-3, schedule="cosine"),
            "Table",
            "A curved sheet through the rows of a small table; a little noise keeps it from learning them by heart",
            "after Kramer, AIChE Journal 37, 1991; Vincent et al., ICML 2008 (the noise)",
        ),
        "deep": ZooEntry(
            ModelSpec(latent=32, encoder=Dense(widths=(128, 64)), bottleneck=_RELU_CODE),
            # At the tutorial's 0.001 the error of 30,000 images is 4 % higher after as many epochs.
            TrainSpec(epochs=10, batch_size=64, learning_rate=2e-3),
            "Deep",
            "Three layers down to 32 numbers, three layers back",
            _KERAS,
        ),
        "deep-sigmoid": ZooEntry(
            ModelSpec(
                latent=128,
                encoder=Dense(widths=(256,), activation="sigmoid"),
                bottleneck=Point(activation="sigmoid"),
                likelihood=Mse(output="sigmoid"),
            ),
            TrainSpec(epochs=30, batch_size=256, optimizer="rmsprop", learning_rate=0.01),
            "Deep sigmoid",
            "Sigmoid units throughout, squared error and RMSProp: the recipe of an earlier time",
            "Damien, TensorFlow Examples: Auto-Encoder, 2016",
        ),
        "hinton-2006": ZooEntry(
            ModelSpec(latent=30, encoder=_HINTON_NET),
            TrainSpec(
                epochs=30, batch_size=100, learning_rate=3e-3, schedule="cosine", warm_up=0.05, pretraining=Boltzmann()
            ),
            "Hinton 2006, 30",
            "Four layers down to 30 numbers, each learnt by itself before all are trained together",
            _HINTON,
        ),
        "hinton-2006-map": ZooEntry(
            ModelSpec(latent=2, encoder=_HINTON_NET),
            TrainSpec(
                epochs=30, batch_size=100, learning_rate=3e-3, schedule="cosine", warm_up=0.05, pretraining=Boltzmann()
            ),
            "Hinton 2006, 2",
            "The same down to 2 numbers: the picture beside principal component analysis",
            _HINTON,
        ),
        "hinton-modern": ZooEntry(
            ModelSpec(latent=30, encoder=Dense(widths=(1000, 500, 250), activation="silu")),
            TrainSpec(
                optimizer=AdamW(weight_decay=0.1),
                epochs=30,
                batch_size=100,
                learning_rate=2e-3,
                schedule="cosine",
                warm_up=0.1,
            ),
            "Hinton 2006, as today",
            "The same layers with smooth rectifiers, AdamW and fresh weights of the right size: no pretraining needed",
            f"after {_HINTON}",
        ),
        "compressing": ZooEntry(
            ModelSpec(
                corruption=Shift(pixels=1.0, follow=True),
                latent=64,
                encoder=Dense(widths=(2048, 1024), activation="silu"),
            ),
            TrainSpec(
                optimizer=AdamW(weight_decay=0.1),
                epochs=60,
                batch_size=100,
                learning_rate=2e-3,
                schedule="cosine",
                warm_up=0.1,
            ),
            "Compressing",
            "As little squared error as 64 numbers an image allow; images move about, so that none is learnt by heart",
            f"after {_HINTON}; Simard et al., 2003 (the shift)",
        ),
        "convolutional": ZooEntry(
            ModelSpec(latent=None, encoder=Conv(channels=(16, 1))),
            TrainSpec(epochs=10, batch_size=128),
            "Convolutional",
            "A small map as the code: 7 by 7 of 28 by 28 pixels, from only 610 parameters",
            "Masci et al., ICANN 2011",
        ),
        "denoising": ZooEntry(
            ModelSpec(latent=64, bottleneck=_RELU_CODE, corruption=GaussianNoise(sd=0.4)),
            TrainSpec(epochs=20, batch_size=64),
            "Denoising",
            "Sees a noisy image, must rebuild the clean one; new noise at every step",
            "Vincent et al., ICML 2008",
        ),
        "masked": ZooEntry(
            ModelSpec(
                latent=64,
                encoder=Dense(widths=(512,), activation="silu"),
                corruption=Patches(size=4, share=0.5, untouched_weight=0.25),
            ),
            TrainSpec(epochs=30, batch_size=128, schedule="cosine"),
            "Masked",
            "Sees half of an image's patches, must tell the other half",
            "He et al., CVPR 2022; Vincent et al., JMLR 11, 2010",
        ),
        "sequence": ZooEntry(
            ModelSpec(latent=2, encoder=Recurrent(hidden=64), likelihood=Mse()),
            TrainSpec(epochs=60, batch_size=64, learning_rate=5e-3, schedule="cosine", gradient_clip=1.0),
            "Sequence to sequence",
            "Reads a sequence, or an image row by row, into a code and writes it again",
            "Srivastava et al., ICML 2015",
        ),
        "sparse": ZooEntry(
            ModelSpec(latent=128, bottleneck=_SIGMOID_CODE, penalties=(KLSparsity(),)),
            TrainSpec(epochs=20, batch_size=128, learning_rate=2e-3),
            "Sparse",
            "Many units, each of them on for few images",
            "Ng, Sparse Autoencoder (CS294A), 2011",
        ),
        "sparse-l1": ZooEntry(
            ModelSpec(latent=128, bottleneck=_RELU_CODE, penalties=(L1(),)),
            TrainSpec(epochs=20, batch_size=128, learning_rate=2e-3),
            "Sparse, L1",
            "Activations cost by their size, so that few are left on",
            _KERAS,
        ),
        "k-sparse": ZooEntry(
            ModelSpec(latent=256, bottleneck=TopK(k=25)),
            TrainSpec(epochs=20, batch_size=128),
            "k-sparse",
            "Of 256 units only the 25 strongest speak for each image",
            "Makhzani & Frey, k-Sparse Autoencoders, 2013",
        ),
        "contractive": ZooEntry(
            ModelSpec(latent=64, bottleneck=_SIGMOID_CODE, penalties=(Contractive(),)),
            TrainSpec(epochs=20, batch_size=128, learning_rate=2e-3),
            "Contractive",
            "A code that hardly moves when the image changes a little",
            "Rifai et al., ICML 2011",
        ),
        "concrete": ZooEntry(
            ModelSpec(latent=50, encoder=Identity(), bottleneck=Select(), likelihood=Mse()),
            TrainSpec(epochs=60, batch_size=128, learning_rate=1e-3),
            "Concrete",
            "The fifty pixels from which the others can best be told",
            "Balin, Abid & Zou, ICML 2019; Nilsson et al., ICML 2024",
        ),
        **GENERATIVE,
    }
)
