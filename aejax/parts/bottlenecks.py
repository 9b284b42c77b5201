"""Bottlenecks: how the encoder's output becomes a code; the table of them all."""

from typing import Annotated

from aejax.parts.bottleneck import Bottleneck, Code
from aejax.parts.discrete import Categorical, Codebook, Quantise
from aejax.parts.points import Point, TopK
from aejax.parts.posteriors import GaussianPosterior, gaussian_kl
from aejax.parts.selector import Select
from aejax.settings import OneOf

__all__ = [
    "BOTTLENECKS",
    "AnyBottleneck",
    "Bottleneck",
    "Categorical",
    "Code",
    "Codebook",
    "GaussianPosterior",
    "Point",
    "Quantise",
    "Select",
    "TopK",
    "gaussian_kl",
]

BOTTLENECKS: dict[str, type[Bottleneck]] = {
    "point": Point,
    "gaussian": GaussianPosterior,
    "top_k": TopK,
    "quantise": Quantise,
    "codebook": Codebook,
    "categorical": Categorical,
    "select": Select,
}

AnyBottleneck = Annotated[Bottleneck, OneOf(BOTTLENECKS)]
