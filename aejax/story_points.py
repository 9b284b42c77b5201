"""The numbers that stories come to: each is taken of a data set and trained runs, with those that stand beside it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from aejax import downstream
from aejax.arrays import as_values
from aejax.baselines import PCA, principal_angles, recovered_components
from aejax.coverage import places_within
from aejax.data.record import Data
from aejax.data.table import load_data
from aejax.domain import Known, auroc, scored, usual_score
from aejax.embedder import Embedder
from aejax.errors import errors_of_each, mean, variance_explained
from aejax.parts.corruptions import GaussianNoise
from aejax.quality import evidence, measure
from aejax.rebuilding import denoise, psnr
from aejax.run import Run
from aejax.selection import selected
from aejax.story import Finding

NOISE = GaussianNoise(sd=0.4)
"""What stories about noise put onto pixels."""

NUDGE = GaussianNoise(sd=0.1)
"""Noise that hardly changes an image for the eye."""

STRANGERS = "fashion-sample"
"""The data set that a model of digits has never seen."""

_KNOWN = 5_000
_LEARNT_FROM, _ASKED = 4_000, 2_000
_DRAWS = 5
_MOST = 1_000
_DEVIATIONS, _USUAL = 2.0, 0.99


def variance_rebuilt(data: Data, runs: Sequence[Run]) -> Finding:
    """Share of the held-out examples' variance that the first run rebuilds, and that PCA of as many numbers does."""
    shares = [_explained(embedder, data) for embedder in (runs[0], PCA(runs[0].latent).fit(data.x_train))]
    return Finding(shares[0], {"Autoencoder": shares[0], "PCA": shares[1]})


def variance_of_few(data: Data, runs: Sequence[Run]) -> Finding:
    """Share of the held-out examples' variance that the first run rebuilds; that of PCA with more parameters beside it.

    One component and the mean are the least that PCA can have.
    """
    least = PCA(1).fit(data.x_train)
    few, more = runs[0].model.parameters, least.components.size + least.mean.size
    shares = [_explained(embedder, data) for embedder in (runs[0], least)]
    return Finding(shares[0], {f"Convolutional, {few:,}": shares[0], f"PCA, {more:,}": shares[1]})


def angle_to_pca(data: Data, runs: Sequence[Run]) -> Finding:
    """The largest angle, in degrees, between the subspace that a linear run has learnt and that of PCA."""
    angles = principal_angles(recovered_components(runs[0]), PCA(runs[0].latent).fit(data.x_train).components)
    names = ("Largest angle", "Smallest angle")
    return Finding(float(angles.max()), dict(zip(names, (float(angles.max()), float(angles.min())), strict=True)))


def told_apart(data: Data, runs: Sequence[Run]) -> Finding:
    """Share of held-out examples whose 5 nearest training codes mostly have their class, above that for PCA."""
    shares = [_told_by_neighbours(way, data) for way in (runs[0], PCA(runs[0].latent).fit(data.x_train))]
    return Finding(shares[0] - shares[1], {"Autoencoder": shares[0], "PCA": shares[1]})


def gain_by_then(data: Data, runs: Sequence[Run]) -> Finding:
    """Of the squared error that the last run saves beside the first, the share that the second one saves already."""
    errors = [_error(run, data) for run in runs]
    share = (errors[0] - errors[1]) / (errors[0] - errors[2])
    shares = [(errors[0] - error) / (errors[0] - errors[2]) for error in errors]
    return Finding(share, {f"{run.latent} numbers": each for run, each in zip(runs, shares, strict=True)})


def decibels_won(data: Data, runs: Sequence[Run]) -> Finding:
    """Decibels by which the first run rebuilds noisy images better than the second, which never saw noise."""
    found = [denoise(run, data.x_test, NOISE) for run in runs]
    ratios = [psnr(each.after) for each in found]
    names = ("Trained with noise", "Trained without")
    return Finding(
        ratios[0] - ratios[1],
        dict(zip(names, ratios, strict=True)) | {"The noisy images": psnr(found[0].before)},
    )


def units_in_use(data: Data, runs: Sequence[Run]) -> Finding:
    """Units that are not zero in a code of the first run, on average; of the second beside it."""
    counts = [run.activity(data.x_test).nonzero for run in runs]
    return Finding(counts[0], {"With the price": counts[0], "Without": counts[1]})


def error_beside_chance(data: Data, runs: Sequence[Run]) -> Finding:
    """The squared error of examples told from chosen features, by that of as many drawn at random, straight lines each.

    Those that are drawn are given their ridge regression; their error is the mean of several draws.
    """
    chosen, drawn = _error(runs[0], data), _error_of_drawn(data, len(selected(runs[0]).features))
    return Finding(chosen / drawn, {"Chosen": 1000 * chosen, "Drawn at random": 1000 * drawn})


def unrest(data: Data, runs: Sequence[Run]) -> Finding:
    """How far codes of the first run move when a little noise is put on images, by the same of the second run.

    Each is in shares of the mean distance between codes of two images, so that a code that is small as a whole is not
    taken for a quiet one.
    """
    moves = [_moved(run, data) for run in runs]
    return Finding(moves[0] / moves[1], {"Contractive": moves[0], "Plain": moves[1]})


def holes_between(data: Data, runs: Sequence[Run]) -> Finding:
    """Share of the places between the codes that are in a hole: of the second run, by that of the first.

    A place is in a hole if the nearest place at which the decoder has practised is farther off than for 99 in 100
    held-out examples. It has practised at the codes of training examples, with the noise that the model itself puts on
    them. The places are those of a grid within the hull of the codes that are within two standard deviations of their
    mean, so that a few that lie far out do not count.
    """
    shares = [_in_holes(run, data) for run in runs]
    return Finding(shares[1] / shares[0], {"Plain": shares[0], "Variational": shares[1]})


def idle_units(data: Data, runs: Sequence[Run]) -> Finding:
    """Coordinates of the second run's code that say nothing; of the first beside it."""
    idle = [float(found.latent - found.active) for found in (run.activity(data.x_test) for run in runs)]
    return Finding(idle[1], {"Low price": idle[0], "High price": idle[1]})


def strangers_told(data: Data, runs: Sequence[Run]) -> Finding:
    """Probability that a stranger is rebuilt worse than a held-out example; and that its code alone gives it away."""
    run, known = runs[0], Known(runs[0].encode(data.x_train[:_KNOWN]))
    own, strange = (scored(run, x, known).scores for x in (data.x_test, load_data(STRANGERS).x_test))
    by = {"By the error": usual_score(run, True), "By the code": "neighbour"}
    chances = {name: auroc(own[score], strange[score]) for name, score in by.items()}
    return Finding(chances["By the error"], chances)


def accuracy_kept(data: Data, runs: Sequence[Run]) -> Finding:
    """Accuracy of a logistic regression on codes less that on the features; that on as many components beside them."""
    examples = downstream.sample(data, _LEARNT_FROM, _ASKED)
    found = {
        table.name: downstream.probed(table, examples)["accuracy"] for table in downstream.tables(runs[0], examples)
    }
    return Finding(found[downstream.CODES] - found[downstream.FEATURES], found)


def error_beside_fresh(data: Data, runs: Sequence[Run]) -> Finding:
    """The squared error of the first run, by that of the second, which began with fresh weights."""
    errors = [_error(run, data) for run in runs]
    return Finding(errors[0] / errors[1], {"Pretrained": 1000 * errors[0], "Fresh weights": 1000 * errors[1]})


def _error(embedder: Embedder, data: Data) -> float:
    return mean(errors_of_each(data.x_test, embedder.reconstruct(data.x_test))["mse"])


def _explained(embedder: Embedder, data: Data) -> float:
    return variance_explained(data.x_test, embedder.reconstruct(data.x_test))


def _told_by_neighbours(embedder: Embedder, data: Data) -> float:
    found = measure(evidence(embedder, data), ["knn_5"])["knn_5"].value
    return float("nan") if found is None else found


def _error_of_drawn(data: Data, count: int) -> float:
    from sklearn.linear_model import Ridge

    known, asked = (as_values(x).reshape(len(x), -1).astype(np.float64) for x in (data.x_train, data.x_test))
    errors = []
    for seed in range(_DRAWS):
        rows = np.random.default_rng(seed).choice(known.shape[1], count, replace=False)
        # Without a penalty a pixel that is black but for a few training examples gets a weight out of all proportion.
        told = Ridge(alpha=1.0).fit(known[:, rows], known).predict(asked[:, rows])
        errors.append(np.square(told - asked).mean())
    return float(np.mean(errors))


def _moved(run: Run, data: Data) -> float:
    x = data.x_test[:_MOST]
    codes, others = run.encode(x), run.encode(denoise(run, x, NUDGE).noisy)
    return float(_distance(codes, others) / _distance(codes, codes[::-1]))


def _in_holes(run: Run, data: Data) -> float:
    from sklearn.neighbors import NearestNeighbors

    practised, held_out = (_practised(run, x) for x in (data.x_train, data.x_test))
    middle, spread = practised.mean(axis=0), np.linalg.inv(np.cov(practised, rowvar=False))
    distances = np.einsum("ni,ij,nj->n", practised - middle, spread, practised - middle)
    places, _ = places_within(practised[distances < _DEVIATIONS**2])
    known = NearestNeighbors(n_neighbors=1).fit(practised)
    usual, found = (known.kneighbors(codes)[0][:, 0] for codes in (held_out, places))
    return float((found > np.quantile(usual, _USUAL)).mean())


def _practised(run: Run, x: np.ndarray) -> Float[np.ndarray, "n latent"]:
    chance = np.random.default_rng(0).standard_normal((len(x), run.latent))
    return np.asarray(run.encode(x) + run.deviation(x) * chance)


def _distance(codes: Float[np.ndarray, "n latent"], others: Float[np.ndarray, "n latent"]) -> float:
    return float(np.linalg.norm(codes - others, axis=1).mean())
