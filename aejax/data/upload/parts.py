"""Which examples are held out: those that the file sets apart, or a draw, in proportion to a stratum or plain."""

import numpy as np

from aejax.data.upload.limits import UploadError
from aejax.data.upload.plan import Found, Plan
from aejax.data.upload.words import cleaned, listed


def parts(found: Found, labels: np.ndarray | None, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """The rows of the training and of the held-out examples; where they are drawn, each in random order.

    Raises:
        UploadError: If the plan names a stratum that the file does not have.
    """
    if found.test is not None and plan.parts == "file":
        train, test = np.flatnonzero(~found.test), np.flatnonzero(found.test)
        if len(train) and len(test):
            found.notes.append(
                f"{len(test):,} of {len(found.x):,} examples are held out, those that the file sets apart"
            )
            return train, test
    groups, told = _groups(found, labels, plan)
    generator = np.random.default_rng(plan.seed)
    examples = len(found.x)
    drawn = [generator.permutation(group)[: round(len(group) * plan.held_out)] for group in groups]
    test = generator.permutation(np.concatenate(drawn))
    if not len(test):
        test = generator.permutation(examples)[: max(1, round(examples * plan.held_out))]
    train = generator.permutation(np.setdiff1d(np.arange(examples), test))
    found.notes.append(f"{len(test):,} of {examples:,} examples are held out, drawn with seed {plan.seed}{told}")
    return train, test


def _groups(found: Found, labels: np.ndarray | None, plan: Plan) -> tuple[list[np.ndarray], str]:
    """The rows among which a share is drawn each, and what is said of that."""
    if plan.stratum:
        if plan.stratum not in found.strata:
            known = listed(found.columns) if found.columns else "no column"
            raise UploadError(f"stratum must be one of {known}; got {cleaned(plan.stratum)}")
        values, told = found.strata[plan.stratum], f", {plan.stratum} in proportion"
    elif labels is not None and plan.stratum is None:
        values, told = labels, ", classes in proportion"
    else:
        return [np.arange(len(found.x))], ""
    return [np.flatnonzero(values == value) for value in range(int(values.max()) + 1)], told
