"""Programs compiled for themselves, the compiler told where its own choice is the slower one."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Generic, ParamSpec, TypeVar

import jax
import jax.numpy as jnp

_OPTIONS = {"xla_cpu_experimental_ynn_fusion_type": ""}
_SOON = {"xla_backend_optimization_level": 0}

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Program(Generic[Given, Made]):
    """A function as `jax.jit` makes it, with `compiler_options`; within another program use its `function`."""

    def __init__(self, function: Callable[Given, Made], soon: bool = False, **told: Any) -> None:
        """A program not yet made.

        Args:
            function: What it computes.
            soon: Whether it runs so seldom that it is to be compiled in half the time and run in several times its own.
            told: For `jax.jit`.
        """
        self.function, self._soon, self._told = function, soon, told

    @cached_property
    def jitted(self) -> Any:
        """What `jax.jit` gives; made when it is first wanted, for it asks for the device."""
        return jax.jit(self.function, compiler_options=compiler_options(self._soon), **self._told)

    def __call__(self, *given: Given.args, **named: Given.kwargs) -> Made:
        """What the function gives."""
        made: Made = self.jitted(*given, **named)
        return made


@cache
def compiler_options(soon: bool = False) -> dict[str, Any] | None:
    """What XLA is told when a program is compiled for this kind of device; None where there is nothing to tell.

    Of the two libraries that it has for products on a processor, the one that fuses them is the slower one for small
    networks, by 3 to 20 % of a step. A version that does not know the option goes without it.
    """
    if jax.default_backend() != "cpu":
        return None
    options = _SOON if soon else _OPTIONS
    try:
        jax.block_until_ready(jax.jit(lambda: jnp.zeros(()), compiler_options=options)())
    except jax.errors.JaxRuntimeError:
        return None
    return options
