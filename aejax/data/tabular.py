"""Small tables that come with scikit-learn: columns of one's own kind, with names and units."""

import functools
from typing import Any

import numpy as np

from aejax.data.column import Column, scaled
from aejax.data.remote import Progress
from aejax.data.source import Arrays, Source

SEED, SHARE = 0, 0.2
_PROGRESS = ("slow", "medium", "fast")
_DIABETES = {
    "age": "years",
    "second sex": "",
    "body mass index": "kg/m²",
    "blood pressure": "mmHg",
    "cholesterol": "mg/dl",
    "LDL": "mg/dl",
    "HDL": "mg/dl",
    "cholesterol / HDL": "",
    "log triglycerides": "",
    "blood sugar": "mg/dl",
}
ORIGINS = {
    "wine": ("S. Aeberhard & M. Forina, Wine, UCI Machine Learning Repository, doi:10.24432/C5PC7J", "CC BY 4.0"),
    "breast-cancer": (
        "W. Wolberg et al., Breast Cancer Wisconsin (Diagnostic), UCI Machine Learning Repository, doi:10.24432/C5DW2B",
        "CC BY 4.0",
    ),
    "diabetes": ("B. Efron et al., Least Angle Regression, Annals of Statistics 32, 2004", "none stated"),
}
"""Source and licence of each table."""
_WINE_UNITS = {"alcohol": "% vol."}


def _bunch(name: str) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """Values, classes, names and units of a table's columns."""
    # Imported at use: scikit-learn takes longer to import than the data to load.
    from sklearn import datasets

    loaders: dict[str, Any] = {"wine": datasets.load_wine, "breast-cancer": datasets.load_breast_cancer}
    if name in loaders:
        found = loaders[name]()
        names = tuple(str(column).replace("_", " ") for column in found.feature_names)
        return found.data, found.target, names, tuple(_WINE_UNITS.get(column, "") for column in names)
    found = datasets.load_diabetes(scaled=False)
    table = found.data.copy()
    # The two sexes are 1 and 2 in the source, which does not say which is which.
    table[:, 1] -= 1
    thirds = np.digitize(found.target, np.quantile(found.target, (1 / 3, 2 / 3)))
    return table, thirds, tuple(_DIABETES), tuple(_DIABETES.values())


@functools.cache
def _table(name: str) -> tuple[Arrays, tuple[Column, ...]]:
    from sklearn.model_selection import train_test_split

    table, labels, names, units = _bunch(name)
    rows = np.arange(len(table))
    train, test = train_test_split(rows, test_size=SHARE, random_state=SEED, stratify=labels)
    x, columns = scaled(table, table[train], names, units)
    return (x[train], labels[train], x[test], labels[test]), columns


def _arrays(name: str, progress: Progress | None = None) -> Arrays:
    return _table(name)[0]


def _columns(name: str) -> tuple[Column, ...]:
    return _table(name)[1]


def _source(name: str, **about: Any) -> Source:
    source, licence = ORIGINS[name]
    return Source(
        kind="points",
        source=f"{source}; as in scikit-learn",
        licence=licence,
        load=functools.partial(_arrays, name),
        columns=functools.partial(_columns, name),
        **about,
    )


WINE = _source(
    "wine",
    title="Wine",
    description="178 wines of three growers by 13 measurements: a table that two numbers nearly tell.",
    shape=(13,),
    value_range=(-4, 5),
    train=142,
    test=36,
    label_names=("grower 1", "grower 2", "grower 3"),
)

BREAST_CANCER = _source(
    "breast-cancer",
    title="Breast cancer",
    description="569 tumours by 30 measurements of their cells' nuclei, many of them nearly alike.",
    shape=(30,),
    value_range=(-4, 15),
    train=455,
    test=114,
    label_names=("malignant", "benign"),
)

DIABETES = _source(
    "diabetes",
    title="Diabetes",
    description="442 patients by nine numbers and a truth, in thirds by how the disease went on.",
    shape=(10,),
    value_range=(-4, 5),
    train=353,
    test=89,
    label_names=_PROGRESS,
    truths=(1,),
)
