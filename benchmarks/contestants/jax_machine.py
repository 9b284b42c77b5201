"""What contestants on JAX have in common: the precision of products, the device, and the machine's own limits."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from benchmarks.cases import Case
from benchmarks.contestants.post import Ready

_NAMES = {"float32": "float32", "tf32": "tensorfloat32"}


def set_precision(environment: Mapping[str, str]) -> None:
    """Have products of float32 computed as the race says, by all contestants alike."""
    if (precision := environment.get("RACE_PRECISION")) is not None:
        jax.config.update("jax_default_matmul_precision", _NAMES[precision])


def about() -> dict[str, Any]:
    """Versions, and the device that is computed on."""
    import flax
    import optax

    device = jax.devices()[0]
    versions = {"jax": jax.__version__, "flax": flax.__version__, "optax": optax.__version__}
    return {"versions": versions, "device": f"{device.platform}: {device.device_kind}"}


def build(case: Case) -> Ready:
    """The greatest rate of matrix products, or of copying, that JAX reaches here."""
    if case.task == "products":
        one = jax.random.normal(jax.random.key(0), (case.size, case.size))
        multiply = jax.jit(lambda left, right: left @ right)
        return _repeated(case, lambda: multiply(one, one))
    numbers = jnp.arange(case.size, dtype=jnp.float32)
    copy = jax.jit(lambda values: values + 1.0)
    return _repeated(case, lambda: copy(numbers))


def _repeated(case: Case, call: Any) -> Ready:
    jax.block_until_ready(call())

    def calls() -> None:
        for _ in range(case.epochs):
            jax.block_until_ready(call())

    return Ready(calls)
