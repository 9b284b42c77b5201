"""Numbers made fit to learn from: gaps filled, features scaled, all of it by the training examples and told."""

import numpy as np

from aejax.data.upload.limits import UploadError
from aejax.data.upload.plan import Found, Plan
from aejax.data.upload.series import ended, interpolated, is_within
from aejax.data.upload.words import listed

_LARGEST = 1e30
_SCALED = {
    "standard": "Each {what}{but} is scaled to mean 0 and standard deviation 1 over the training examples, "
    "so a squared error with a linear output suits them",
    "unit": "Each {what} is scaled to lie between 0 and 1",
    "none": "The {what}s are left as they are",
}
_FILLED = {"median": "their column's median over the training examples", "zero": "0"}
_FILLED["mean"] = _FILLED["median"].replace("median", "mean")

ValueRange = tuple[float, float]


def without_gaps(found: Found) -> None:
    """Leave out the rows of a table in which a number is missing or infinite; nothing where the plan fills them."""
    whole = np.isfinite(found.x).all(axis=1)
    if not whole.all():
        found.warnings.append(f"{(~whole).sum():,} rows with missing or infinite values were left out")
        found.keep(whole)


def filled(found: Found, train: np.ndarray, plan: Plan) -> int:
    """Fill what is missing of features as the plan says, and tell how many numbers; features without any go.

    Raises:
        UploadError: If no feature has a number, or one is beyond measure.
    """
    x = np.where(np.isfinite(found.x), found.x, np.nan)
    _check_size(x, found.features)
    is_empty = np.asarray(np.isnan(x).all(axis=0))
    if is_empty.any():
        left = [name for name, empty in zip(found.features, is_empty, strict=True) if empty]
        found.warnings.append(f"{len(left):,} columns hold no number and were left out: {listed(left)}")
        x = x[:, ~is_empty]
        for name in ("features", "kinds"):
            kept = [value for value, empty in zip(getattr(found, name), is_empty, strict=True) if not empty]
            setattr(found, name, kept)
    if not x.shape[1]:
        raise UploadError("at least one column must hold numbers; all are empty")
    gaps = np.isnan(x)
    missing = int(gaps.sum())
    for column in np.flatnonzero(gaps.any(axis=0)):
        known = x[train, column][~gaps[train, column]]
        x[gaps[:, column], column] = _filling(known if len(known) else x[~gaps[:, column], column], plan)
    if missing:
        columns = int(gaps.any(axis=0).sum())
        where = "one column" if columns == 1 else f"{columns:,} columns"
        what = "one missing or infinite value" if missing == 1 else f"{missing:,} missing or infinite values"
        verb = "is" if missing == 1 else "are"
        found.warnings.append(f"{what} in {where} {verb} filled with {_FILLED[plan.missing]}, and count in no loss")
    found.x = x
    return missing


def _filling(known: np.ndarray, plan: Plan) -> float:
    return 0.0 if plan.missing == "zero" else float(known.mean() if plan.missing == "mean" else np.median(known))


def _check_size(x: np.ndarray, features: list[str]) -> None:
    """Refuse numbers whose squares have no place among the numbers."""
    sizes = np.abs(np.nan_to_num(x))
    row, *_, column = np.unravel_index(sizes.argmax(), sizes.shape)
    if (largest := sizes.max()) > _LARGEST:
        raise UploadError(
            f"column {features[column]} must hold numbers up to {_LARGEST:g}; got {largest:g} in row {row + 1}"
        )


def scaled(found: Found, train: np.ndarray, plan: Plan) -> tuple[np.ndarray, ValueRange]:
    """The features scaled as the plan says, and the range that they then have."""
    x = found.x
    least, greatest = x.min(axis=0), x.max(axis=0)
    is_constant = least == greatest
    if is_constant.any():
        constant = [name for name, is_so in zip(found.features, is_constant, strict=True) if is_so]
        found.warnings.append(f"{len(constant):,} columns never vary, and teach nothing: {listed(constant)}")
    x = _brought(x, x[train], x, plan)
    if plan.scaling != "none":
        x = np.where(is_constant, 0, x)
    found.notes.append(_SCALED[plan.scaling].format(what="feature", but=" but those of 0 and 1"))
    x = x.astype(np.float32)
    return x, _range(x)


def _brought(x: np.ndarray, train: np.ndarray, known: np.ndarray, plan: Plan) -> np.ndarray:
    """Numbers, a column a feature, with the middle and spread of the training rows or the ends of all known rows."""
    if plan.scaling == "standard":
        spread = train.std(axis=0)
        return np.asarray((x - train.mean(axis=0)) / np.where(spread > 0, spread, 1))
    if plan.scaling == "unit":
        width = known.max(axis=0) - known.min(axis=0)
        return np.asarray((x - known.min(axis=0)) / np.where(width > 0, width, 1))
    return x


def _range(x: np.ndarray) -> ValueRange:
    low, high = float(np.floor(x.min())), float(np.ceil(x.max()))
    return (low, high) if low < high else (low - 1, high + 1)


def sequences(found: Found, lengths: np.ndarray, train: np.ndarray, plan: Plan) -> tuple[np.ndarray, ValueRange, int]:
    """Sequences without gaps, scaled and marked where they end; the range they have, and how many numbers were missing.

    Raises:
        UploadError: If a channel has no number, or one is beyond measure.
    """
    within = is_within(lengths, found.x.shape[1])
    _check_size(np.where(within[..., None], found.x, 0), found.features)
    x, missing = interpolated(np.where(np.isfinite(found.x), found.x, np.nan), lengths)
    known = np.where(within[..., None], x, np.nan)
    if np.isnan(known).all(axis=(0, 1)).any():
        raise UploadError("every channel must hold numbers; one is empty")
    if missing:
        found.warnings.append(f"{missing:,} missing or infinite steps are drawn between their neighbours")
    flat, middle = known[within], np.nanmedian(known[train][within[train]], axis=0)
    flat = np.where(np.isnan(flat), np.nan_to_num(middle), flat)
    brought = np.zeros(x.shape)
    rows = np.repeat(np.arange(len(x)), lengths)
    brought[within] = _brought(flat, flat[np.isin(rows, train)], flat, plan)
    found.notes.append(_SCALED[plan.scaling].format(what="channel", but=""))
    marked = ended(brought, lengths)
    low, high = _range(marked)
    return marked, (min(low, 0.0), max(high, 0.0)), missing
