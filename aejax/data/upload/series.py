"""Sequences in time: a table with a row a step, or a row a sequence, or an array; of one length or of many."""

import numpy as np

from aejax.data.ends import BEYOND, last_steps
from aejax.data.upload.limits import Limits, UploadError, check_limit
from aejax.data.upload.plan import Found


def long_series(found: Found, rows: np.ndarray, order: np.ndarray | None, values: np.ndarray, limits: Limits) -> None:
    """Make rows that are steps into sequences.

    Args:
        found: What is known of the table; what it says of each row will be said of each sequence, by its first row.
        rows: The sequence of each row, from 0; below 0 where it belongs to none.
        order: Time of each row, or None where they stand in their order.
        values: A column a channel, a row a step.
        limits: What the file may ask for.

    Raises:
        UploadError: If no row belongs to a sequence, or a limit is broken.
    """
    stray = rows < 0
    if order is not None:
        stray |= ~np.isfinite(order)
    if stray.any():
        found.warnings.append(f"{stray.sum():,} rows name no sequence or no time and were left out")
    kept = np.flatnonzero(~stray)
    if not len(kept):
        raise UploadError("rows must name a sequence and a time; none does")
    keys = (rows[kept],) if order is None else (order[kept], rows[kept])
    kept = kept[np.lexsort(keys)]
    ids, firsts, counts = np.unique(rows[kept], return_index=True, return_counts=True)
    steps, channels = int(counts.max()), values.shape[1]
    _check(len(ids), steps, channels, limits)
    x = np.full((len(ids), steps, channels), np.nan)
    at = np.arange(len(kept)) - np.repeat(firsts, counts)
    x[np.repeat(np.arange(len(ids)), counts), at] = values[kept]
    found.keep(kept[firsts])
    found.notes.append(f"{len(kept):,} rows become {len(ids):,} sequences; their steps count as equally far apart")
    if order is not None and ((np.diff(rows[kept]) == 0) & (np.diff(order[kept]) == 0)).any():
        found.warnings.append("Some sequences have several rows of one time, which are taken one after another")
    _finish(found, x, counts)


def wide_series(found: Found, values: np.ndarray, limits: Limits) -> None:
    """Make rows that are sequences, a number a step, or steps with channels, into what they are.

    Args:
        found: What is known of the rows.
        values: (sequences, steps) or (sequences, steps, channels); NaN at the end where one is shorter.
        limits: What the file may ask for.

    Raises:
        UploadError: If it has another shape, or a limit is broken.
    """
    if values.ndim not in (2, 3):
        raise UploadError(f"sequences must have 2 or 3 dimensions, one of them steps; got shape {values.shape}")
    x = values[..., None] if values.ndim == 2 else values
    _check(x.shape[0], x.shape[1], x.shape[2], limits)
    lengths = last_steps(np.isfinite(x).any(axis=2))
    if values.ndim == 2:
        found.features = ["value"]
    elif not found.features:
        found.features = [f"channel {number + 1}" for number in range(x.shape[2])]
    _finish(found, x.astype(np.float64), lengths)


def _check(sequences: int, steps: int, channels: int, limits: Limits) -> None:
    check_limit("sequences", sequences, limits.rows)
    check_limit("steps and channels of a sequence", steps * channels, limits.features)
    check_limit("bytes of all sequences", 8 * sequences * steps * channels, limits.decompressed_bytes)


def _finish(found: Found, x: np.ndarray, lengths: np.ndarray) -> None:
    found.kind, found.kinds = "sequence", ["number"] * x.shape[2]
    found.x, found.lengths = x, lengths
    lengths = lengths[lengths > 0]
    if len(lengths) and lengths.min() < lengths.max():
        found.notes.append(
            f"Sequences have {lengths.min():,} to {lengths.max():,} steps: a recurrent model stops where each "
            "ends, any other reads zeros there"
        )


def interpolated(x: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, int]:
    """The sequences with what is missing within them drawn between its neighbours, and how many numbers that are.

    A channel that has no number in a sequence stays missing.
    """
    gaps = ~np.isfinite(x) & is_within(lengths, x.shape[1])[..., None]
    filled = np.array(x)
    for row, channel in np.argwhere(gaps.any(axis=1)):
        line = filled[row, : lengths[row], channel]
        known = np.flatnonzero(np.isfinite(line))
        if len(known):
            line[:] = np.interp(np.arange(len(line)), known, line[known])
    return filled, int(gaps.sum())


def is_within(lengths: np.ndarray, steps: int) -> np.ndarray:
    """Whether each step of each sequence comes before its end."""
    return np.asarray(np.arange(steps)[None] < lengths[:, None])


def ended(x: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The sequences as float32, each marked where it ends; of a single channel, without that axis."""
    # Adding zero leaves no negative zero but those that mark an end.
    marked = np.where(is_within(lengths, x.shape[1])[..., None], x.astype(np.float32) + np.float32(0), BEYOND)
    return marked[..., 0] if marked.shape[2] == 1 else marked
