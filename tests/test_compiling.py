import jax
import jax.numpy as jnp
import pytest

from aejax import compiling


@pytest.fixture
def asked_anew():
    compiling.compiler_options.cache_clear()
    yield
    compiling.compiler_options.cache_clear()


def test_a_program_is_made_when_it_is_first_wanted_with_what_the_compiler_is_told(monkeypatch, asked_anew):
    told = []
    made = jax.jit
    monkeypatch.setattr(jax, "jit", lambda f, **k: told.append(k.get("compiler_options")) or made(f, **k))
    program = compiling.Program(lambda x, power: x**power, static_argnames="power")
    assert told == []
    assert program(jnp.float32(3), power=2) == 9
    assert told[-1] == compiling.compiler_options()
    count = len(told)
    assert program(jnp.float32(2), power=2) == 4
    assert len(told) == count


def test_an_option_that_the_compiler_does_not_know_is_left_out(monkeypatch, asked_anew):
    monkeypatch.setattr(compiling, "_OPTIONS", {"xla_cpu_of_another_time": ""})
    assert compiling.compiler_options() is None
    assert compiling.Program(lambda x: x + 1)(jnp.float32(1)) == 2
