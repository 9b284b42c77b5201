"""What an autoencoder is to be compared with: principal component analysis, and the linear model's kinship to it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples
from aejax.batches import over_chunks
from aejax.errors import mean_errors
from aejax.model import pixels
from aejax.parts.bottlenecks import GaussianPosterior, Point
from aejax.parts.likelihoods import Mse
from aejax.run import Run
from aejax.settings import SpecError
from aejax.spec import ModelSpec
from aejax.types import Examples, Shape

_EXACT_UP_TO = 2048
_FLOAT64_UP_TO = 64_000_000


class PCA:
    """Principal component analysis with the interface of a `Run`: the best linear code under squared error.

    References:
        Hotelling, Analysis of a Complex of Statistical Variables into Principal Components, 1933.
    """

    def __init__(self, d: int) -> None:
        if isinstance(d, bool) or not isinstance(d, (int, np.integer)) or d < 1:
            raise SpecError(f"d must be a whole number of at least 1; got {d!r}")
        self.d = int(d)
        self._fitted: Any = None
        self._shape: Shape = ()

    def fit(self, x: object) -> "PCA":
        """Find the components of `x`; bytes are read as intensities, 255 being 1.

        Raises:
            DataError: If `x` does not hold finite examples, or they are all the same.
            SpecError: If there are fewer examples or features than components asked for.
        """
        from sklearn import decomposition

        examples = as_examples(x)
        flat = _flat(examples)
        if self.d > min(flat.shape):
            raise SpecError(
                f"d must be between 1 and {min(flat.shape)}, the lesser of {flat.shape[0]} examples and "
                f"{flat.shape[1]} features; got {self.d}"
            )
        if (flat == flat[0]).all():
            raise DataError(f"x must vary to have components; got {len(flat)} equal examples")
        # In float32 the covariance of many features loses its lesser components.
        table = flat.astype(np.float64 if flat.size <= _FLOAT64_UP_TO else np.float32)
        if flat.dtype == np.uint8:
            table = np.divide(table, 255.0, out=table)
        self._fitted = decomposition.PCA(self.d, svd_solver=_solver(*table.shape), random_state=0).fit(table)
        self._shape = examples.shape[1:]
        return self

    @property
    def shape(self) -> Shape:
        """Shape of one example."""
        return self._shape if self._components() is not None else ()

    @property
    def latent(self) -> int:
        """Number of components."""
        return self.d

    @property
    def components(self) -> Float[np.ndarray, "d *shape"]:
        """Orthonormal directions, the one of greatest variance first."""
        return self._components().components_.reshape(self.d, *self._shape)

    @property
    def mean(self) -> Float[np.ndarray, "*shape"]:
        """Mean of the examples."""
        return self._components().mean_.reshape(self._shape)

    @property
    def explained_variance_ratio(self) -> Float[np.ndarray, " d"]:
        """Share of the examples' variance along each component."""
        return np.asarray(self._components().explained_variance_ratio_)

    def encode(self, x: object) -> Float[np.ndarray, "batch latent"]:
        """The coordinates of each example along the components.

        Raises:
            DataError: If `x` does not hold finite examples of the fitted shape.
        """
        fitted, examples = self._components(), as_examples(x, "x", self.shape)
        encoded: np.ndarray = over_chunks(
            lambda chunk, _: (_floats(chunk) - fitted.mean_) @ fitted.components_.T, examples
        )
        return encoded.astype(np.float32)

    def decode(self, z: object) -> Float[np.ndarray, "batch *shape"]:
        """The example at each point of the subspace, in the data's own units; not clipped to any range.

        Raises:
            DataError: If `z` is not of shape (n, d), or not finite.
        """
        fitted = self._components()
        latents = as_examples(z, "z", (self.d,)).astype(np.float32)
        decoded = latents @ fitted.components_.astype(np.float32) + fitted.mean_.astype(np.float32)
        return decoded.reshape(len(latents), *self._shape)

    def reconstruct(self, x: object) -> Float[np.ndarray, "batch *shape"]:
        """The point of the subspace nearest to each example."""
        return self.decode(self.encode(x))

    def evaluate(self, x: object) -> dict[str, float]:
        """`bce` and `excess_bce` in nats per feature, `mse` per feature, `sse` summed; means over examples."""
        return mean_errors(as_examples(x, "x", self.shape), self.reconstruct(x))

    def _components(self) -> Any:
        if self._fitted is None:
            raise DataError("PCA is not fitted yet: call fit(x) first")
        return self._fitted


def pca_errors(x: object, held_out: object, sizes: Sequence[int]) -> dict[int, float]:
    """The squared error per feature of held-out examples rebuilt by PCA, by the number of components.

    One decomposition serves for all sizes, for components are orthogonal: each takes away its own share of the error.

    Args:
        x: Examples whose components are found.
        held_out: Examples that are rebuilt.
        sizes: Numbers of components; those that cannot be found are left out.

    Raises:
        DataError: If the examples are all the same, or cannot be used.
    """
    examples = as_examples(x)
    most = min(len(examples), examples[0].size)
    wanted = sorted({size for size in sizes if 1 <= size <= most})
    if not wanted:
        return {}
    fitted = PCA(wanted[-1]).fit(examples)
    rows = _floats(as_examples(held_out, "held_out", fitted.shape)).astype(np.float64)
    apart = rows - fitted.mean.reshape(1, -1)
    shares = np.square(apart @ fitted.components.reshape(wanted[-1], -1).T).mean(axis=0)
    left = np.square(apart).sum(axis=1).mean() - np.cumsum(shares)
    return {size: float(left[size - 1]) / rows.shape[1] for size in wanted}


def principal_angles(basis: object, components: object) -> Float[np.ndarray, " angles"]:
    """The angles between the spans of two sets of directions, in degrees, the greatest first.

    Args:
        basis: Directions, (d, *shape), such as the first of what `linear_decoder` gives.
        components: Directions of the same shape, such as `PCA.components`.

    Raises:
        DataError: If the directions are not of one shape.

    References:
        Bjorck & Golub, Numerical Methods for Computing Angles between Linear Subspaces, 1973.
    """
    from scipy.linalg import subspace_angles

    first, second = as_examples(basis, "basis"), as_examples(components, "components")
    if first.shape[1:] != second.shape[1:]:
        raise DataError(f"basis and components must be of one shape; got {first.shape[1:]} and {second.shape[1:]}")
    radians = subspace_angles(_flat(first).T.astype(np.float64), _flat(second).T.astype(np.float64))
    return np.rad2deg(radians)


def is_linear(spec: ModelSpec) -> bool:
    """Whether encoder and decoder are linear maps, so that the model learns a subspace as PCA does."""
    code_is_linear = isinstance(spec.bottleneck, (Point, GaussianPosterior)) and (
        spec.bottleneck.activation_name == "linear"
    )
    output_is_linear = isinstance(spec.likelihood, Mse) and spec.likelihood.output == "linear"
    bodies = (spec.encoder, spec.decoder or spec.encoder)
    return not spec.classes and code_is_linear and output_is_linear and all(body.is_linear for body in bodies)


def linear_decoder(run: Run) -> tuple[Float[np.ndarray, "latent *shape"], Float[np.ndarray, "*shape"]]:
    """The affine map of a linear model's decoder: what each latent coordinate adds, and the offset.

    Raises:
        SpecError: If the model is not linear.
    """
    if not is_linear(run.spec):
        raise SpecError(
            "spec must be linear: encoder 'linear' or 'dense' without widths, a linear code, and likelihood 'mse' "
            f"with a linear output; got {run.spec}"
        )
    offset, *ends = run.decode(np.concatenate([np.zeros((1, run.latent)), np.eye(run.latent)]))
    return np.stack(ends) - offset, offset


def recovered_components(run: Run) -> Float[np.ndarray, "latent *shape"]:
    """The principal components that a linear model has learnt: orthonormal, the one of greatest variance first.

    The decoder D spans the principal subspace, but along no axis in particular. The left singular vectors of
    D C^(1/2), with C the covariance of the codes, are the axes of the reconstructions' own covariance D C D'.
    Signs are as `PCA` has them: the entry of greatest size is positive.

    Raises:
        SpecError: If the model is not linear.
        DataError: If the run has not finished an epoch.

    References:
        Plaut, From Principal Subspaces to Principal Components with Linear Autoencoders, 2018.
    """
    directions, _ = linear_decoder(run)
    if run.codes is None:
        raise DataError("run must have finished an epoch: no codes are known yet")
    values, vectors = np.linalg.eigh(run.codes.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
    _, _, axes = np.linalg.svd(root @ _flat(directions).astype(np.float64), full_matrices=False)
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])
    return (axes * signs[:, None]).reshape(directions.shape)


def _solver(examples: int, features: int) -> str:
    """The quickest exact method, where there is one that is quick."""
    if features <= _EXACT_UP_TO and examples >= features:
        return "covariance_eigh"
    return "full" if min(examples, features) <= _EXACT_UP_TO else "randomized"


def _flat(examples: Examples) -> np.ndarray:
    return np.asarray(examples).reshape(len(examples), -1)


def _floats(chunk: Examples) -> np.ndarray:
    return _flat(np.asarray(pixels(chunk)))
