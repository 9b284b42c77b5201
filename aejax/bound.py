"""The importance weighted bound on the log-likelihood of examples, some codes at a time."""

from functools import partial

import jax
import jax.numpy as jnp

from aejax.model import Model, pixels
from aejax.parts.batch import Batch
from aejax.parts.posteriors import drawn
from aejax.settings import with_numbers
from aejax.types import Count, Key, Numbers, Params, PerExample


@partial(jax.jit, static_argnames=("model", "samples", "chunk"))
def importance_bound(
    model: Model, params: Params, numbers: Numbers, key: Key, batch: Batch, number: Count, samples: int, chunk: int
) -> PerExample:
    """The bound of each example, in nats, with `samples` codes from its posterior, `chunk` of them decoded at a time.

    References:
        Burda et al., Importance Weighted Autoencoders, 2016, equation 8.
    """
    spec, network = with_numbers(model.spec, numbers), model.network(params)
    clean, key = pixels(batch.x), jax.random.fold_in(key, number)
    outputs = network.read(clean, batch.labels)

    def log_weight(key: Key) -> PerExample:
        latents, ratio = drawn(key, outputs)
        return -spec.likelihood.cost(clean, network.write(latents, batch.labels), network.likelihood) - ratio

    def add(at: Count, total: PerExample) -> PerExample:
        rows = at * chunk + jnp.arange(chunk)
        weights = jax.vmap(log_weight)(jax.vmap(partial(jax.random.fold_in, key))(rows))
        weights = jnp.where((rows < samples)[:, None], weights, -jnp.inf)
        return jnp.logaddexp(total, jax.nn.logsumexp(weights, axis=0))

    total = jax.lax.fori_loop(0, -(-samples // chunk), add, jnp.full(len(clean), -jnp.inf))
    return total - jnp.log(float(samples))
