"""The baselines: what an autoencoder's map and its reconstructions are to be compared with."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np

from aejax.baselines import PCA
from aejax.embedder import Embedder
from aejax.projection import Fitted, Projection, as_table
from aejax.settings import SpecError, not_among, parameter
from aejax.types import Examples


class Principal(Projection):
    """Principal component analysis: the straight plane that loses least."""

    kind: Literal["pca"] = "pca"
    title: ClassVar[str] = "PCA"

    def embedder(self, examples: Examples, latent: int, seed: int) -> Embedder:
        return PCA(latent).fit(examples)


class KernelPrincipal(Projection):
    """Kernel PCA: principal components of similarities, here those of a Gaussian bell; rebuilt by ridge regression.

    References:
        Schoelkopf, Smola & Mueller, Nonlinear Component Analysis as a Kernel Eigenvalue Problem, 1998.
    """

    kind: Literal["kernel-pca"] = "kernel-pca"
    title: ClassVar[str] = "Kernel PCA"
    examples: int = parameter(2_000, "Training examples that it is fitted to, at most, drawn by the seed", ge=4)
    width: float = parameter(1.0, "Width of the bell, in mean distances between examples", gt=0, le=100, log=True)
    ridge: float = parameter(0.1, "Penalty on the weights that rebuild examples", gt=0, le=1e3, log=True)

    def embedder(self, examples: Examples, latent: int, seed: int) -> Embedder:
        from sklearn.decomposition import KernelPCA

        table = as_table(examples)
        squared = 2 * np.var(table, axis=0, dtype=np.float64).sum()
        fitted = KernelPCA(
            latent,
            kernel="rbf",
            gamma=1 / (2 * self.width**2 * squared),
            alpha=self.ridge,
            fit_inverse_transform=True,
            eigen_solver="arpack" if latent < len(table) - 1 else "dense",
            random_state=seed,
        )
        return Fitted(examples, fitted.fit_transform(table), fitted.transform, fitted.inverse_transform)


class RandomProjection(Projection):
    """A random plane: what any clever choice of a plane has to beat; rebuilt by its pseudoinverse.

    References:
        Johnson & Lindenstrauss, Extensions of Lipschitz Mappings into a Hilbert Space, 1984.
    """

    kind: Literal["random-projection"] = "random-projection"
    title: ClassVar[str] = "Random projection"

    def embedder(self, examples: Examples, latent: int, seed: int) -> Embedder:
        from sklearn.random_projection import GaussianRandomProjection

        fitted = GaussianRandomProjection(latent, compute_inverse_components=True, random_state=seed)
        table = as_table(examples)
        mean = table.mean(axis=0)
        codes = fitted.fit_transform(table - mean)
        return Fitted(
            examples,
            codes,
            lambda rows: fitted.transform(rows - mean),
            lambda latents: fitted.inverse_transform(latents) + mean,
        )


class TSNE(Projection):
    """t-SNE: whoever was near stays near, and the rest is pushed away; there is no way back to examples.

    Other examples than those fitted go to the median place of their 10 nearest.

    References:
        van der Maaten & Hinton, Visualizing Data using t-SNE, 2008; Linderman et al., Fast Interpolation-based t-SNE,
        2019; Kobak & Berens, The Art of Using t-SNE for Single-Cell Transcriptomics, 2019 (the median);
        Policar, Strazar & Zupan, openTSNE, 2024.
    """

    kind: Literal["t-sne"] = "t-sne"
    title: ClassVar[str] = "t-SNE"
    module: ClassVar[str] = "openTSNE"
    heavy: ClassVar[bool] = True
    greatest_latent: ClassVar[int | None] = 2
    examples: int = parameter(5_000, "Training examples that it is fitted to, at most, drawn by the seed", ge=4)
    perplexity: float = parameter(30.0, "How many neighbours each example is drawn to, about", ge=1, le=1000)

    def check(self, n: int, features: int, latent: int) -> None:
        super().check(n, features, latent)
        if 3 * self.perplexity > n - 1:
            raise SpecError(f"perplexity must be at most {(n - 1) / 3:g} for {n} examples; got {self.perplexity:g}")

    def embedder(self, examples: Examples, latent: int, seed: int) -> Embedder:
        import openTSNE

        found = openTSNE.TSNE(latent, perplexity=self.perplexity, n_jobs=-1, random_state=seed).fit(as_table(examples))

        def placed(rows: np.ndarray) -> np.ndarray:
            # Steps of gradient descent from there throw some examples far away, and more of them the fewer were fitted.
            return np.asarray(found.prepare_partial(rows, initialization="median", k=min(10, len(examples))))

        return Fitted(examples, np.asarray(found), placed)


class UMAP(Projection):
    """UMAP: a fuzzy graph of neighbours laid out by attraction and repulsion; its way back takes seconds an example.

    References:
        McInnes, Healy & Melville, UMAP: Uniform Manifold Approximation and Projection, 2018.
    """

    kind: Literal["umap"] = "umap"
    title: ClassVar[str] = "UMAP"
    module: ClassVar[str] = "umap"
    heavy: ClassVar[bool] = True
    examples: int = parameter(5_000, "Training examples that it is fitted to, at most, drawn by the seed", ge=4)
    neighbours: int = parameter(15, "Neighbours of each example in the graph", ge=2, le=500)
    least_distance: float = parameter(0.1, "How near to one another points may come", ge=0, le=0.99)

    def check(self, n: int, features: int, latent: int) -> None:
        super().check(n, features, latent)
        if self.neighbours >= n or latent > n - 2:
            raise SpecError(f"neighbours must be below {n}, the number of examples; got {self.neighbours}")

    def embedder(self, examples: Examples, latent: int, seed: int) -> Embedder:
        import umap

        fitted = umap.UMAP(
            self.neighbours, latent, min_dist=self.least_distance, random_state=seed, n_jobs=1, low_memory=True
        ).fit(as_table(examples))
        return Fitted(examples, fitted.embedding_, fitted.transform, fitted.inverse_transform)


class PaCMAP(Projection):
    """PaCMAP: near, middling and far pairs in turn, for a map that keeps the whole as well as the parts.

    References:
        Wang, Huang, Rudin & Shaposhnik, Understanding How Dimension Reduction Tools Work, 2021.
    """

    kind: Literal["pacmap"] = "pacmap"
    title: ClassVar[str] = "PaCMAP"
    module: ClassVar[str] = "pacmap"
    heavy: ClassVar[bool] = True
    examples: int = parameter(5_000, "Training examples that it is fitted to, at most, drawn by the seed", ge=4)
    neighbours: int = parameter(10, "Near pairs of each example", ge=2, le=500)

    def check(self, n: int, features: int, latent: int) -> None:
        super().check(n, features, latent)
        if n <= 3 * self.neighbours:
            raise SpecError(f"neighbours must be below {n / 3:g}, a third of the examples; got {self.neighbours}")

    def embedder(self, examples: Examples, latent: int, seed: int) -> Embedder:
        import pacmap

        fitted = pacmap.PaCMAP(n_components=latent, n_neighbors=self.neighbours, random_state=seed)
        table = as_table(examples)
        codes = fitted.fit_transform(table, init="pca")
        return Fitted(examples, codes, lambda rows: fitted.transform(rows, basis=table))


PROJECTIONS: Mapping[str, type[Projection]] = MappingProxyType(
    {
        "pca": Principal,
        "kernel-pca": KernelPrincipal,
        "random-projection": RandomProjection,
        "t-sne": TSNE,
        "umap": UMAP,
        "pacmap": PaCMAP,
    }
)
"""Every baseline; one added here is offered, compared and tested."""


def projection(kind: str, **settings: Any) -> Projection:
    """The baseline of a kind.

    Raises:
        SpecError: If there is no such kind, or a setting is out of bounds.
    """
    if kind not in PROJECTIONS:
        raise SpecError(f"kind {not_among(kind, PROJECTIONS)}")
    return PROJECTIONS[kind](**settings)
