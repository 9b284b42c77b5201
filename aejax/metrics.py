"""The table of metrics: of reconstructions and units here, of neighbours, labels and distances from their own file."""

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

import numpy as np

from aejax.activity import active_units, dead_units, hoyer_sparsity, nonzero_units
from aejax.arrays import DataError
from aejax.errors import mean, peak_ratio, structural_similarity, variance_explained
from aejax.evidence import Evidence
from aejax.metric import Metric
from aejax.metrics_embedding import DISTANCES, LABELS, RANKS
from aejax.subspaces import frechet_distance, principal_features


def _error(name: str, evidence: Evidence) -> float:
    return mean(evidence.errors_of_each[name])


def _unit_range_error(name: str, evidence: Evidence) -> float:
    if np.isnan(value := _error(name, evidence)):
        raise DataError("cross-entropy needs values from 0 to 1, and these data go beyond")
    return value


def _frechet(evidence: Evidence) -> float:
    rebuilt, principal = evidence.rebuilt, evidence.principal
    return frechet_distance(principal_features(evidence.test.x, principal), principal_features(rebuilt, principal))


def _divergence(evidence: Evidence) -> float:
    divergence = evidence.activity.divergence
    if divergence is None:
        raise DataError("a divergence from the prior needs a posterior, which a gaussian bottleneck has")
    return float(divergence.mean())


def _words(evidence: Evidence) -> float:
    words = evidence.activity.words
    if words is None:
        raise DataError("codewords need a book, which a codebook bottleneck has")
    return float(words)


RECONSTRUCTIONS: dict[str, Metric] = {
    "mse": Metric(
        "MSE",
        "squared error per feature",
        "lower",
        "Mean squared difference between a feature and its reconstruction",
        "n d",
        partial(_error, "mse"),
        formula=r"\tfrac{1}{n d} \textstyle\sum_i \lVert x_i - \hat x_i \rVert^2",
    ),
    "sse": Metric(
        "SSE",
        "squared error per example",
        "lower",
        "The same, summed over the features of an example",
        "n d",
        partial(_error, "sse"),
        formula=r"\tfrac1n \textstyle\sum_i \lVert x_i - \hat x_i \rVert^2",
    ),
    "bce": Metric(
        "BCE",
        "nats per feature",
        "lower",
        "Binary cross-entropy; for grey values its least value is their entropy, not zero",
        "n d",
        partial(_unit_range_error, "bce"),
        formula=r"-\tfrac{1}{n d} \textstyle\sum x \ln \hat x + (1 - x) \ln (1 - \hat x)",
    ),
    "excess_bce": Metric(
        "Excess BCE",
        "nats per feature",
        "lower",
        "Binary cross-entropy above the least that the data allow",
        "n d",
        partial(_unit_range_error, "excess_bce"),
        formula=r"\mathrm{BCE} + \tfrac{1}{n d} \textstyle\sum x \ln x + (1 - x) \ln (1 - x)",
    ),
    "psnr": Metric(
        "PSNR",
        "decibels",
        "higher",
        "Square of the data's value range by the MSE, as ten times its decimal logarithm",
        "n d",
        lambda evidence: peak_ratio(_error("mse", evidence), evidence.limits),
        formula=r"10 \log_{10} (R^2 / \mathrm{MSE})",
    ),
    "ssim": Metric(
        "SSIM",
        "1 for equal images",
        "higher",
        "Likeness of level, contrast and structure in a Gaussian window of 11 pixels, for images alone",
        "n d",
        lambda evidence: structural_similarity(*evidence.images, evidence.limits),
        formula=(
            r"\frac{(2 \mu_x \mu_y + c_1)(2 \sigma_{xy} + c_2)}{(\mu_x^2 + \mu_y^2 + c_1)(\sigma_x^2 + "
            r"\sigma_y^2 + c_2)}"
        ),
    ),
    "variance_explained": Metric(
        "R²",
        "share of variance",
        "higher",
        "1 less the squared error by the squared distance to the mean, both summed over all features",
        "n d",
        lambda evidence: variance_explained(evidence.test.x, evidence.rebuilt),
        formula=r"1 - \textstyle\sum_i \lVert x_i - \hat x_i \rVert^2 / \sum_i \lVert x_i - \bar x \rVert^2",
    ),
    "frechet": Metric(
        "Fréchet distance",
        "squared units of the data",
        "lower",
        "Between normal distributions of examples and of reconstructions, along at most 64 principal components",
        "m d² + n d",
        _frechet,
        formula=r"\lVert \mu - \hat\mu \rVert^2 + \mathrm{tr}\bigl(C + \hat C - 2 (C \hat C)^{1/2}\bigr)",
    ),
}

UNITS: dict[str, Metric] = {
    "active_units": Metric(
        "Active units",
        "coordinates",
        "higher",
        "Coordinates of the code whose variance over the examples is above 0.01",
        "n l",
        lambda evidence: active_units(evidence.test.codes),
        is_contest=False,
        formula=r"\lvert \{ j : \mathrm{Var}_x\, z_j > 0.01 \} \rvert",
    ),
    "dead_units": Metric(
        "Dead units",
        "share of coordinates",
        "lower",
        "Coordinates of the code that have the same value for every example",
        "n l",
        lambda evidence: dead_units(evidence.test.codes),
        is_contest=False,
        formula=r"\lvert \{ j : z_j \text{ constant} \} \rvert / l",
    ),
    "divergence": Metric(
        "KL per coordinate",
        "nats per coordinate",
        "higher",
        "Divergence of the posterior from the prior, which is what a coordinate tells of an example, at a price",
        "n d",
        _divergence,
        is_contest=False,
        formula=r"\tfrac1l \textstyle\sum_j \mathrm{KL}(q(z_j \mid x) \,\Vert\, p(z_j))",
    ),
    "words_used": Metric(
        "Codewords used",
        "codewords",
        "higher",
        "Codewords of the book that occur in the code of at least one example",
        "n l",
        _words,
        is_contest=False,
        formula=r"\lvert \{ e : e \text{ in the code of some } x \} \rvert",
    ),
    "hoyer": Metric(
        "Hoyer sparsity",
        "0 to 1",
        "higher",
        "From 0, all coordinates of a code alike in size, to 1, one of them alone",
        "n l",
        lambda evidence: hoyer_sparsity(evidence.test.codes),
        is_contest=False,
        formula=r"(\sqrt l - \lVert z \rVert_1 / \lVert z \rVert_2) / (\sqrt l - 1)",
    ),
    "nonzero_units": Metric(
        "Non-zero units",
        "coordinates",
        "lower",
        "Coordinates of a code that are not zero, on average",
        "n l",
        lambda evidence: nonzero_units(evidence.test.codes),
        is_contest=False,
        formula=r"\tfrac1n \textstyle\sum_i \lVert z_i \rVert_0",
    ),
}

GROUPS: Mapping[str, Mapping[str, Metric]] = MappingProxyType(
    {
        "Reconstruction": RECONSTRUCTIONS,
        "Neighbourhoods": RANKS,
        "Classes": LABELS,
        "Distances": DISTANCES,
        "Units of the code": UNITS,
    }
)
"""The metrics by what they look at."""

METRICS: Mapping[str, Metric] = MappingProxyType(
    {name: metric for group in GROUPS.values() for name, metric in group.items()}
)
"""Every metric; one added here is measured, tabulated and tested."""
