"""Penalties by name: what else a model is asked for, in nats per example."""

from typing import Annotated

from aejax.parts.divergences import Adversary, Mmd, TotalCorrelation
from aejax.parts.geometry import Contractive, Decorrelate, Isometry
from aejax.parts.neighbours import Neighbours
from aejax.parts.penalty import Penalty
from aejax.parts.sparsity import L1, KLSparsity
from aejax.parts.topology import Topology
from aejax.settings import OneOf

PENALTIES: dict[str, type[Penalty]] = {
    "l1": L1,
    "kl_sparsity": KLSparsity,
    "contractive": Contractive,
    "mmd": Mmd,
    "total_correlation": TotalCorrelation,
    "adversary": Adversary,
    "decorrelate": Decorrelate,
    "isometry": Isometry,
    "neighbours": Neighbours,
    "topology": Topology,
}

AnyPenalty = Annotated[Penalty, OneOf(PENALTIES)]
