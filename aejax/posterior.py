"""The posteriors of a variational model's codes."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from aejax.arrays import as_examples, as_labels, check_range
from aejax.batches import over_chunks
from aejax.model import Model, pixels
from aejax.parts.batch import Batch
from aejax.parts.posteriors import GaussianPosterior, bounded_log_var
from aejax.run import Run
from aejax.settings import SpecError
from aejax.types import Count, Latents, Params


def deviations(run: Run, x: object, labels: object | None = None) -> Float[np.ndarray, "batch latent"]:
    """Standard deviation of each example's posterior around its code.

    Args:
        run: A variational model.
        x: Examples of its shape.
        labels: Class of each example, where the model is told it.

    Raises:
        SpecError: If the model has no normal posterior.
        DataError: If `x` does not hold finite examples of its shape and range, or labels do not fit.
    """
    if not isinstance(run.spec.bottleneck, GaussianPosterior):
        raise SpecError(f"deviations need bottleneck 'gaussian', a posterior; got {run.spec.bottleneck}")
    examples = as_examples(x, "x", run.shape)
    check_range(run.spec, examples)
    told = as_labels(run.spec, run.label if labels is None else labels, len(examples))
    found: np.ndarray = over_chunks(partial(_deviations, run.model, run.params), Batch(examples, told))
    return found


@partial(jax.jit, static_argnames="model")
def _deviations(model: Model, params: Params, batch: Batch, number: Count) -> Latents:
    outputs = model.network(params).read(pixels(batch.x), batch.labels)
    return jnp.exp(0.5 * bounded_log_var(outputs[:, 1]))
