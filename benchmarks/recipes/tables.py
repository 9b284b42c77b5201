"""Small tables by the named autoencoder for tables, beside PCA with a code of the same size."""

from collections.abc import Callable, Iterator

import numpy as np

import aejax
from benchmarks.rows import Row

_NAMES = ("wine", "breast-cancer", "diabetes")


def tables(data: aejax.Data) -> Iterator[Row]:
    """Squared error of held-out rows per standardised feature, less PCA's; the worst of three seeds."""
    entry = aejax.zoo["table"]
    for name in _NAMES:
        known = aejax.load_data(name)
        for latent in (2, 3):
            pca = aejax.PCA(latent).fit(known.x_train).evaluate(known.x_test)["mse"]
            spec = entry.spec.replace(latent=latent)
            runs = [aejax.train(spec, entry.train.replace(seed=seed), known.x_train) for seed in range(3)]
            errors = [run.evaluate(known.x_test, corrupted=False)["mse"] for run in runs]
            conditions = (
                f"PCA {pca:.4f}, ours {np.mean(errors):.4f} on average; {len(known.x_train)} rows, "
                f"{entry.train.epochs} epochs, {latent} numbers, worst of seeds 0 to 2"
            )
            yield Row(f"table, {name}", "held-out MSE less PCA's", max(errors) - pca, 0.0, "PCA", conditions)


ROWS: dict[str, Callable[[aejax.Data], Iterator[Row]]] = {"table": tables}
