"""MNIST, its sample, and the two sets made to take its place: 28 by 28 grey pixels, ten classes."""

import functools
from importlib import resources

from aejax.data.idx import read_idx
from aejax.data.remote import Progress, RemoteFile, RemoteSet, load_arrays
from aejax.data.source import Arrays, Source

DIGIT_NAMES = tuple("0123456789")
GARMENT_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
HIRAGANA_NAMES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")

TRAIN_IMAGES = "train-images-idx3-ubyte"
TRAIN_LABELS = "train-labels-idx1-ubyte"
TEST_IMAGES = "t10k-images-idx3-ubyte"
TEST_LABELS = "t10k-labels-idx1-ubyte"

MNIST_FILES = RemoteSet(
    folder="mnist",
    title="MNIST",
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=(
        RemoteFile(
            TRAIN_IMAGES,
            9912422,
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        RemoteFile(
            TRAIN_LABELS,
            28881,
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        RemoteFile(
            TEST_IMAGES,
            1648877,
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        RemoteFile(
            TEST_LABELS,
            4542,
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
)

FASHION_FILES = RemoteSet(
    folder="fashion-mnist",
    title="Fashion-MNIST",
    mirrors=(
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    files=(
        RemoteFile(
            TRAIN_IMAGES,
            26421880,
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        RemoteFile(
            TRAIN_LABELS,
            29515,
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        RemoteFile(
            TEST_IMAGES,
            4422102,
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        RemoteFile(
            TEST_LABELS,
            5148,
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
)

# The publisher's host has been out of reach for long spells; the third mirror was set up for that reason, by
# Swift for TensorFlow (tensorflow/swift-models, pull request 450).
KMNIST_FILES = RemoteSet(
    folder="kmnist",
    title="Kuzushiji-MNIST",
    mirrors=(
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/KMNIST/",
    ),
    files=(
        RemoteFile(TRAIN_IMAGES, 18165135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        RemoteFile(TRAIN_LABELS, 29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        RemoteFile(TEST_IMAGES, 3041136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        RemoteFile(TEST_LABELS, 5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
    ),
)


def load_sample(name: str, progress: Progress | None = None) -> Arrays:
    """A sample in this package, as many of each class: training images and labels, test images and labels."""
    folder = resources.files("aejax.data") / "assets" / name
    files = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
    x_train, y_train, x_test, y_test = (read_idx((folder / f"{file}.gz").read_bytes()) for file in files)
    return x_train, y_train, x_test, y_test


grey_images = functools.partial(Source, kind="image", shape=(28, 28), value_range=(0, 255))
full_set = functools.partial(grey_images, train=60_000, test=10_000)

MNIST_SAMPLE = grey_images(
    title="MNIST sample",
    description="12,000 handwritten digits out of MNIST, as many of each class; part of the package.",
    train=10_000,
    test=2_000,
    label_names=DIGIT_NAMES,
    source="Y. LeCun, C. Cortes & C. J. C. Burges, The MNIST database of handwritten digits",
    licence="CC BY-SA 3.0",
    load=functools.partial(load_sample, "mnist-sample"),
)

MNIST = full_set(
    title="MNIST",
    description="70,000 handwritten digits: the set on which most autoencoders were first shown.",
    label_names=DIGIT_NAMES,
    source="Y. LeCun, C. Cortes & C. J. C. Burges, The MNIST database of handwritten digits",
    licence="CC BY-SA 3.0",
    load=functools.partial(load_arrays, MNIST_FILES),
    origin=MNIST_FILES,
)

FASHION_SAMPLE = grey_images(
    title="Fashion-MNIST sample",
    description="2,000 pictures of clothes out of Fashion-MNIST, as many of each class; part of the package.",
    train=1_000,
    test=1_000,
    label_names=GARMENT_NAMES,
    source="H. Xiao, K. Rasul & R. Vollgraf, arXiv:1708.07747; github.com/zalandoresearch/fashion-mnist",
    licence="MIT",
    load=functools.partial(load_sample, "fashion-sample"),
)

FASHION_MNIST = full_set(
    title="Fashion-MNIST",
    description="70,000 pictures of clothes from a shop's catalogue: as MNIST, with more texture.",
    label_names=GARMENT_NAMES,
    source="H. Xiao, K. Rasul & R. Vollgraf, arXiv:1708.07747; github.com/zalandoresearch/fashion-mnist",
    licence="MIT",
    load=functools.partial(load_arrays, FASHION_FILES),
    origin=FASHION_FILES,
)

KMNIST = full_set(
    title="Kuzushiji-MNIST",
    description="70,000 cursive hiragana from old Japanese books: as MNIST, with several forms to a class.",
    label_names=HIRAGANA_NAMES,
    source=(
        "KMNIST Dataset (created by CODH), adapted from Kuzushiji Dataset (created by NIJL and others), "
        "doi:10.20676/00000341; T. Clanuwat et al., arXiv:1812.01718"
    ),
    licence="CC BY-SA 4.0",
    load=functools.partial(load_arrays, KMNIST_FILES),
    origin=KMNIST_FILES,
)
