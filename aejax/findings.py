"""What a run shows of itself: signs that something went wrong or was not needed, each with a way out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float

from aejax.activity import Activity
from aejax.errors import variance_explained
from aejax.parts.bottlenecks import Codebook, GaussianPosterior, Point, Select
from aejax.run import Run

ENOUGH = 4
"""Epochs from which on a course of the loss can be judged."""


@dataclass(frozen=True, eq=False)
class Symptoms:
    """What findings look at: a run, what its coordinates do, and its courses of the loss."""

    run: Run
    activity: Activity
    explained: float
    """Share of the examples' variance that is rebuilt."""
    loss: Float[np.ndarray, " epochs"]
    validation: Float[np.ndarray, " validated"]

    @property
    def fall(self) -> float:
        """How far the loss has come down from its first epoch to its least; the scale of all its courses."""
        return float(max(self.loss[0] - self.loss.min(), 1e-12)) if len(self.loss) else 0.0


@dataclass(frozen=True)
class Finding:
    """A sign to look for.

    Attributes:
        title: Name for people.
        meaning: What it is, in one line.
        formula: When it is there, in LaTeX.
        says: A sentence on the run with a way out, or nothing where the sign is not there.
        page: Name of the page of `docs/mathematics` that tells of it.
    """

    title: str
    meaning: str
    formula: str
    says: Callable[[Symptoms], str]
    page: str = "findings"


def findings(run: Run, x: object, labels: object | None = None) -> dict[str, str]:
    """What a run shows of itself on held-out examples: a sentence for each of `FINDINGS` that is there.

    Raises:
        DataError: If `x` does not hold finite examples of the run's shape and range, or labels do not fit.
    """
    symptoms = observed(run, x, labels)
    found = {name: finding.says(symptoms) for name, finding in FINDINGS.items()}
    return {name: said for name, said in found.items() if said}


def observed(run: Run, x: object, labels: object | None = None) -> Symptoms:
    """What findings look at, of held-out examples.

    Raises:
        DataError: As `findings`.
    """
    # While a weight of the loss still rises, so may the loss.
    history = run.history[int(np.ceil(getattr(run.spec.bottleneck, "warm_up", 0.0) * len(run.history))) :]
    loss = np.array([epoch.loss for epoch in history])
    validation = np.array([sum(epoch.validation.values()) for epoch in history if epoch.validation])
    explained = variance_explained(run.batch(x, labels).x, run.reconstruct(x, labels))
    return Symptoms(run, run.activity(x, labels), explained, loss, validation)


def _collapsed(seen: Symptoms) -> str:
    return seen.activity.remark


def _dead(seen: Symptoms) -> str:
    found, bottleneck = seen.activity, seen.run.spec.bottleneck
    if not found.dead or isinstance(bottleneck, GaussianPosterior | Codebook | Select):
        return ""
    return (
        f"{round(found.dead * found.latent)} of {found.latent} units of the code are dead: one value for every "
        "example. A lower learning rate, less sparsity, or an activation without a flat side, such as leaky_relu, "
        "keeps them alive."
    )


def _unused(seen: Symptoms) -> str:
    bottleneck = seen.run.spec.bottleneck
    if not isinstance(bottleneck, Codebook) or not seen.run.history:
        return ""
    used = seen.run.history[-1].codes_used
    if used is None or used >= bottleneck.codes / 2:
        return ""
    return (
        f"{bottleneck.codes - used} of {bottleneck.codes} codewords were not used in the last epoch. A smaller book "
        "does the same; a greater commitment or a smaller width may spread them."
    )


def _overfitting(seen: Symptoms) -> str:
    course = seen.validation
    if len(course) < ENOUGH or len(course) != len(seen.loss):
        return ""
    best = int(course.argmin())
    if course[-1] - course[best] < 0.05 * seen.fall or seen.loss[-1] >= seen.loss[best]:
        return ""
    return (
        f"The held-out loss was least {len(course) - 1 - best} epochs before the end and has risen since, while the "
        "training loss fell: the model learns its examples by heart. More data, noise on the input, a smaller model "
        "or fewer epochs help."
    )


def _underfitting(seen: Symptoms) -> str:
    if seen.explained >= 0.3 or len(seen.loss) < ENOUGH:
        return ""
    share = 100 * max(seen.explained, 0)
    return (
        f"Reconstructions hold only {share:.0f} % of the variance of held-out examples. A larger code, wider layers or "
        "more training would hold more."
    )


def _unfinished(seen: Symptoms) -> str:
    if _course(seen) != "falls" or not 0.03 < _late_share(seen) <= 0.5 * _LATE:
        return ""
    return "The loss was still falling at the end: train further, or with a schedule that ends in small steps."


def _too_low(seen: Symptoms) -> str:
    course, train = _course(seen), seen.run.train
    is_slow = course == "falls" and _late_share(seen) > 0.5 * _LATE
    if not is_slow and not (course == "flat" and train.learning_rate < train.optimizer.usual_learning_rate):
        return ""
    return (
        f"The loss falls as slowly at the end as at the beginning: the learning rate, {train.learning_rate:g}, is "
        "likely too low. Try ten times as much."
    )


def _too_high(seen: Symptoms) -> str:
    if _course(seen) != "zigzags":
        return ""
    return (
        f"The loss goes up as often as down: the learning rate, {seen.run.train.learning_rate:g}, is likely too high. "
        "Try a tenth of it, a warm-up, or a limit on the gradient."
    )


def _diverging(seen: Symptoms) -> str:
    if _course(seen) != "rises":
        return ""
    return (
        "The loss has risen far above its least: training diverges. A lower learning rate, a limit on the gradient or "
        "data scaled to about 1 helps."
    )


def _flat(seen: Symptoms) -> str:
    if _course(seen) != "flat":
        return ""
    return (
        f"The loss has hardly moved in {len(seen.loss)} epochs. Another learning rate, lower weights of penalties, or "
        "other activations may set it free."
    )


def _roomy(seen: Symptoms) -> str:
    codes, latent = seen.run.codes, seen.run.latent
    if codes is None or latent < 4 or not isinstance(seen.run.spec.bottleneck, Point):
        return ""
    spread = np.sort(np.clip(np.linalg.eigvalsh(codes.covariance), 0, None))[::-1]
    needed = int(np.searchsorted(np.cumsum(spread), 0.99 * spread.sum()) + 1)
    if spread.sum() <= 0 or needed > latent / 2:
        return ""
    return (
        f"The code has more room than it uses: {needed} of its {latent} directions hold 99 % of its variance. A latent "
        f"size of about {needed} should do."
    )


_LATE = 0.25
"""The last part of the epochs, by which the end of a course is judged."""


def _course(seen: Symptoms) -> str:
    """What the training loss does over the epochs: falls, is flat, zigzags or rises; empty for few epochs."""
    loss = seen.loss
    if len(loss) < ENOUGH:
        return ""
    if not np.isfinite(loss).all() or loss[-1] - loss.min() > 0.25 * abs(loss.min()):
        return "rises"
    late = loss[len(loss) // 2 :]
    steps = np.diff(late)
    if (
        np.median(np.abs(steps)) > 0.01 * abs(np.median(late))
        and steps[steps > 0].sum() > -0.5 * steps[steps < 0].sum()
    ):
        return "zigzags"
    return "flat" if seen.fall < 0.01 * max(abs(loss[0]), 1e-12) else "falls"


def _late_share(seen: Symptoms) -> float:
    """The share of the whole fall that came in the last quarter of the epochs."""
    late = max(1, round(_LATE * (len(seen.loss) - 1)))
    return float(seen.loss[-1 - late] - seen.loss[-1]) / seen.fall


FINDINGS: Mapping[str, Finding] = MappingProxyType(
    {
        "collapsed": Finding(
            "Collapsed coordinates",
            "Coordinates whose posterior is the prior's, whatever the example",
            r"\mathrm{Var}_x\, \mu_j(x) \le 0.01",
            _collapsed,
            "variational",
        ),
        "dead": Finding(
            "Dead units",
            "Units of the code that have one value for every example",
            r"\max_x z_j = \min_x z_j",
            _dead,
        ),
        "unused": Finding(
            "Unused codewords",
            "More than half of the book was not used in the last epoch",
            r"\lvert \text{used} \rvert < \tfrac12 \lvert \text{book} \rvert",
            _unused,
        ),
        "diverging": Finding(
            "Diverging loss",
            "The loss ends far above its least",
            r"L_T - \min_t L_t > \tfrac14 \lvert \min_t L_t \rvert",
            _diverging,
        ),
        "flat": Finding(
            "Flat loss",
            "The loss has fallen by less than a hundredth of itself",
            r"L_1 - \min_t L_t < 0.01\, \lvert L_1 \rvert",
            _flat,
        ),
        "rate_too_high": Finding(
            "Learning rate too high",
            "In the later half of the epochs the loss goes up by more than half of what it goes down",
            r"\textstyle\sum_{t > T/2} \max(\Delta L_t, 0) > \tfrac12 \sum_{t > T/2} \max(-\Delta L_t, 0)",
            _too_high,
        ),
        "rate_too_low": Finding(
            "Learning rate too low",
            "The loss falls at the end nearly as fast as it did on average",
            r"L_{3T/4} - L_T > \tfrac18 (L_1 - \min_t L_t)",
            _too_low,
        ),
        "unfinished": Finding(
            "Training not finished",
            "The loss is still falling at the end",
            r"0.03 < (L_{3T/4} - L_T) / (L_1 - \min_t L_t) \le \tfrac18",
            _unfinished,
        ),
        "overfitting": Finding(
            "Overfitting",
            "The held-out loss rises while the training loss falls",
            r"V_T - \min_t V_t > 0.05\, (L_1 - \min_t L_t)",
            _overfitting,
        ),
        "underfitting": Finding(
            "Underfitting",
            "Little of the variance of held-out examples is rebuilt",
            r"R^2 < 0.3",
            _underfitting,
        ),
        "roomy": Finding(
            "Code larger than needed",
            "At most half of the code's directions hold nearly all of its variance",
            r"\textstyle\sum_{j \le l/2} \lambda_j \ge 0.99 \sum_j \lambda_j",
            _roomy,
        ),
    }
)
"""Every finding; one added here is looked for, told and tested."""
