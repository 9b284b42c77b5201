"""Examples that a model was not made for: how strange each is to it, how well that tells them, and labels in doubt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from types import MappingProxyType
from typing import Any

import numpy as np
from jaxtyping import Float, Integer, Num

from aejax.arrays import DataError, as_values
from aejax.embedder import Embedder
from aejax.parts.likelihoods import Bernoulli, ContinuousBernoulli
from aejax.rebuilding import Rebuilt, rebuild
from aejax.run import Run
from aejax.threads import one_thread
from aejax.types import Shape

NEIGHBOURS = 10
"""Nearest training codes that are asked, of a code's density and of a label."""

_LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class Known:
    """Codes of training examples: what the code of an example of the same kind is like."""

    codes: Float[np.ndarray, "known latent"]

    @cached_property
    def neighbours(self) -> Any:
        """scikit-learn's index of the codes."""
        from sklearn.neighbors import NearestNeighbors

        return NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(self.codes))).fit(self.codes)

    @cached_property
    def whitening(self) -> Float[np.ndarray, "latent latent"]:
        """A matrix that turns differences of codes into ones of unit variance, along directions that vary."""
        size = self.codes.shape[1]
        covariance = np.cov(self.codes.astype(np.float64), rowvar=False).reshape(size, size)
        values, vectors = np.linalg.eigh(covariance)
        varies = values > _LEAST + 1e-6 * values.max()
        return vectors / np.sqrt(np.where(varies, values, np.inf))


@dataclass(frozen=True)
class Score:
    """A measure of strangeness, greater for stranger examples.

    Attributes:
        title: Name for people.
        unit: What it is counted in.
        meaning: One sentence.
        measure: Its value for each rebuilt example.
        of_pixels: Whether it needs values in [0, 1].
    """

    title: str
    unit: str
    meaning: str
    measure: Callable[[Rebuilt, Known], Float[np.ndarray, " batch"]]
    of_pixels: bool = False


def _error(name: str, rebuilt: Rebuilt, known: Known) -> np.ndarray:
    return rebuilt.errors[name]


def _relative(rebuilt: Rebuilt, known: Known) -> np.ndarray:
    energy = np.square(rebuilt.x.reshape(len(rebuilt.x), -1)).mean(axis=1)
    return rebuilt.errors["mse"] / np.maximum(energy, _LEAST)


def _mahalanobis(rebuilt: Rebuilt, known: Known) -> np.ndarray:
    offsets = rebuilt.codes.astype(np.float64) - known.codes.mean(axis=0, dtype=np.float64)
    return np.linalg.norm(offsets @ known.whitening, axis=1)


def _neighbour(rebuilt: Rebuilt, known: Known) -> np.ndarray:
    with one_thread():
        return np.asarray(known.neighbours.kneighbors(rebuilt.codes)[0][:, -1])


SCORES: Mapping[str, Score] = MappingProxyType(
    {
        "excess_bce": Score(
            "Excess cross-entropy",
            "nats per feature",
            "What the reconstruction leaves unexplained: cross-entropy less its floor, so that grey values as such "
            "do not count (the divergence of the reconstruction from the example).",
            partial(_error, "excess_bce"),
            of_pixels=True,
        ),
        "bce": Score(
            "Cross-entropy",
            "nats per feature",
            "The cost of the example to a Bernoulli likelihood; examples with many grey values have a high one "
            "however well they are rebuilt.",
            partial(_error, "bce"),
            of_pixels=True,
        ),
        "mse": Score(
            "Squared error", "squared error per feature", "The mean squared difference.", partial(_error, "mse")
        ),
        "relative": Score(
            "Relative error",
            "share of the example's energy",
            "Squared error by the example's own mean square, so that bright examples are not strange as such.",
            _relative,
        ),
        "neighbour": Score(
            "Distance to the codes",
            "units of the code",
            f"From the example's code to the {NEIGHBOURS}th nearest training code; blind to what the code drops.",
            _neighbour,
        ),
        "mahalanobis": Score(
            "Mahalanobis distance",
            "standard deviations",
            "From the mean of the training codes, by their covariance; blind to what the code drops.",
            _mahalanobis,
        ),
    }
)
"""Every score; one added here is measured, tabulated and tested."""


def usual_score(run: Run, unit_range: bool) -> str:
    """The score that suits the likelihood: the cost above the least that any model could have.

    Args:
        run: A trained run.
        unit_range: Whether all examples lie in [0, 1].
    """
    return "excess_bce" if unit_range and isinstance(run.spec.likelihood, Bernoulli | ContinuousBernoulli) else "mse"


def unit_range(*groups: Rebuilt) -> bool:
    """Whether all examples lie in [0, 1], as a cross-entropy needs."""
    return all(group.x.min() >= 0 and group.x.max() <= 1 for group in groups)


def measured(score: str, rebuilt: Rebuilt, known: Known) -> Float[np.ndarray, " batch"]:
    """The score of each example.

    Raises:
        DataError: If the score needs values in [0, 1] and there are others.
    """
    if SCORES[score].of_pixels and not unit_range(rebuilt):
        title = SCORES[score].title
        raise DataError(
            f"x must lie in [0, 1] for {title}; its values go beyond",
            f"{title} needs values from 0 to 1; these data go beyond",
        )
    return np.asarray(SCORES[score].measure(rebuilt, known), np.float64)


def auroc(own: Float[np.ndarray, " n"], foreign: Float[np.ndarray, " m"]) -> float:
    """Probability that a foreign example scores above one of the set's own, a tie counting half: 0.5 is guessing."""
    from sklearn.metrics import roc_auc_score

    strange = np.repeat([0, 1], [len(own), len(foreign)])
    return float(roc_auc_score(strange, np.concatenate([own, foreign])))


def rates(own: Float[np.ndarray, " n"], foreign: Float[np.ndarray, " m"], threshold: float) -> tuple[float, float]:
    """Share of own examples above the threshold (false alarms), and of foreign ones (detections)."""
    return float((own > threshold).mean()), float((foreign > threshold).mean())


def _noisy(values: np.ndarray, limits: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    low, high = limits
    noise = random.normal(0.0, 0.3 * (high - low), values.shape)
    return np.clip(values + noise, low, high)


def _shuffled(values: np.ndarray, limits: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    flat = values.reshape(len(values), -1)
    return flat[:, random.permutation(flat.shape[1])].reshape(values.shape)


def _inverted(values: np.ndarray, limits: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    return limits[0] + limits[1] - values


def _blank(values: np.ndarray, limits: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    return np.full_like(values, limits[0])


PERTURBATIONS: Mapping[str, Callable[..., np.ndarray]] = MappingProxyType(
    {"noise": _noisy, "shuffled": _shuffled, "inverted": _inverted, "blank": _blank}
)
"""What is done to own examples to make foreign ones of them: normal noise of 0.3 of the range, features in another
order (the same for all), values reflected in the middle of the range, or all at its lower end."""


def perturbed(
    x: Num[np.ndarray, "batch *shape"], kind: str, limits: tuple[float, float], seed: int = 0
) -> Float[np.ndarray, "batch *shape"]:
    """The examples, in the units of a reconstruction, changed past recognition.

    Args:
        x: Examples of the model's own data.
        kind: One of `PERTURBATIONS`.
        limits: Least and greatest value in those units.
        seed: Of the chance in it.

    Raises:
        DataError: If there is no such kind.
    """
    if kind not in PERTURBATIONS:
        raise DataError(f"kind must be one of {', '.join(PERTURBATIONS)}; got {kind!r}")
    changed = PERTURBATIONS[kind](as_values(x), limits, np.random.default_rng(seed))
    return np.asarray(changed, np.float32)


def foreign(embedder: Embedder, x: Num[np.ndarray, "batch *shape"]) -> Rebuilt:
    """Examples of another data set, rebuilt by a model that was not made for them.

    Raises:
        DataError: If they are of another shape than the model's, or beyond its range.
    """
    if x.shape[1:] != embedder.shape:
        raise DataError(
            f"x must hold examples of shape {embedder.shape}, as the model's; got {x.shape[1:]}",
            f"it reads {_size(embedder.shape)} numbers an example, and these have {_size(x.shape[1:])}",
        )
    return rebuild(embedder, x)


def _size(shape: Shape) -> str:
    return " x ".join(map(str, shape))


@dataclass(frozen=True, eq=False)
class Scored:
    """Examples in the units of a reconstruction, what a model makes of them, and their scores by name."""

    x: Float[np.ndarray, "batch *shape"]
    reconstruction: Float[np.ndarray, "batch *shape"]
    scores: Mapping[str, Float[np.ndarray, " batch"]]


def scored(run: Run, x: Num[np.ndarray, "batch *shape"], known: Known) -> Scored:
    """The examples, own or foreign, measured by every score that suits their values.

    A model that is told classes is told none of theirs: an example has the least score that any class gives it, and
    the reconstruction of least squared error. What is told the truth of own examples alone would tell them by that.

    Raises:
        DataError: If they are of another shape than the model's, or beyond its range.
    """
    tellings = [run.given(label) for label in range(run.classes)] or [run]
    return reduce(_better, (_scored(foreign(telling, x), known) for telling in tellings))


def every_score(rebuilt: Rebuilt, known: Known) -> dict[str, Float[np.ndarray, " batch"]]:
    """All scores that suit the examples' values, by name."""
    names = [name for name, score in SCORES.items() if unit_range(rebuilt) or not score.of_pixels]
    return {name: measured(name, rebuilt, known) for name in names}


def _scored(rebuilt: Rebuilt, known: Known) -> Scored:
    return Scored(rebuilt.x, rebuilt.reconstruction, every_score(rebuilt, known))


def _better(one: Scored, other: Scored) -> Scored:
    nearer = (other.scores["mse"] < one.scores["mse"]).reshape(-1, *(1,) * (one.x.ndim - 1))
    rebuilt = np.where(nearer, other.reconstruction, one.reconstruction)
    return Scored(one.x, rebuilt, {name: np.minimum(values, other.scores[name]) for name, values in one.scores.items()})


@dataclass(frozen=True, eq=False)
class Suspects:
    """Training examples whose neighbours in the code mostly carry another label, the surest first.

    Attributes:
        rows: Their positions among the examples.
        given: The label of each.
        others: The label that most of its neighbours carry.
        shares: Share of its neighbours that carry it.
        neighbours: How many neighbours were asked.
    """

    rows: Integer[np.ndarray, " suspects"]
    given: Integer[np.ndarray, " suspects"]
    others: Integer[np.ndarray, " suspects"]
    shares: Float[np.ndarray, " suspects"]
    neighbours: int


def suspects(
    codes: Float[np.ndarray, "n latent"], labels: Integer[np.ndarray, " n"] | None, k: int = NEIGHBOURS
) -> Suspects:
    """The examples of whose `k` nearest others more than half carry one label that is not theirs.

    Raises:
        DataError: If there are no labels, one class alone, or fewer than two examples.

    References:
        Wilson, Asymptotic Properties of Nearest Neighbor Rules Using Edited Data, 1972.
    """
    from sklearn.neighbors import NearestNeighbors

    if labels is None:
        raise DataError("labels are missing: this data set has none, so none can be wrong", "this data set has none")
    if len(codes) < 2 or (labels == labels[0]).all():
        raise DataError(
            "labels must be of at least 2 classes for one to be mistaken for another",
            "all examples are of one class, and none can be mistaken for another",
        )
    k = min(k, len(codes) - 1)
    with one_thread():
        nearest = NearestNeighbors(n_neighbors=k).fit(codes).kneighbors(return_distance=False)  # without itself
    votes = np.zeros((len(codes), int(labels.max()) + 1), np.int64)
    np.add.at(votes, (np.arange(len(codes))[:, None], labels[nearest]), 1)
    others, shares = votes.argmax(axis=1), votes.max(axis=1) / k
    doubtful = np.flatnonzero((others != labels) & (shares > 0.5))
    rows = doubtful[np.argsort(-shares[doubtful], kind="stable")]
    return Suspects(rows, labels[rows], others[rows], shares[rows], k)
