"""Programs compiled for themselves, the compiler told where its own choice is the slower one."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, ParamSpec, TypeVar

import jax

_OFTEN = {"xla_cpu_experimental_ynn_fusion_type": "", "xla_cpu_prefer_vector_width": 512}
_SOON = {"xla_backend_optimization_level": 0}
_UNKNOWN = "No such compile option"

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Program(Generic[Given, Made]):
    """A function as `jax.jit` makes it, with options for the compiler; within another program use its `function`.

    Of the two libraries that XLA has for products on a processor, the one that fuses them is the slower one for small
    networks, by 3 to 20 % of a step, and is turned off. Vectors may be as wide as the processor has them, twice XLA's
    own choice: 2 to 4 % of a small step.
    """

    def __init__(self, function: Callable[Given, Made], soon: bool = False, **told: Any) -> None:
        """A program not yet made.

        Args:
            function: What it computes.
            soon: Whether it runs so seldom that it is to be compiled in half the time and run in several times its own.
            told: For `jax.jit`.
        """
        self.function, self._options, self._told = function, _SOON if soon else _OFTEN, told

    @cached_property
    def jitted(self) -> Any:
        """What `jax.jit` gives; made when it is first wanted, for it asks for the device."""
        options = self._options if jax.default_backend() == "cpu" else None
        return jax.jit(self.function, compiler_options=options, **self._told)

    def __call__(self, *given: Given.args, **named: Given.kwargs) -> Made:
        """What the function gives."""
        try:
            made: Made = self.jitted(*given, **named)
        except jax.errors.JaxRuntimeError as error:
            if _UNKNOWN not in str(error):
                raise
            # The options are those of one version of XLA; another one does without.
            self.jitted = jax.jit(self.function, **self._told)
            made = self.jitted(*given, **named)
        return made
