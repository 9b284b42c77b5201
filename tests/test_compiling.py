import jax
import jax.numpy as jnp
import pytest

from aejax.compiling import Program


def options_of(monkeypatch) -> list:
    """What the compiler is told from now on."""
    told, made = [], jax.jit
    monkeypatch.setattr(jax, "jit", lambda f, **k: told.append(k.get("compiler_options")) or made(f, **k))
    return told


def test_a_program_is_made_when_it_is_first_wanted_and_once(monkeypatch):
    told = options_of(monkeypatch)
    program = Program(lambda x, power: x**power, static_argnames="power")
    assert told == []
    assert program(jnp.float32(3), power=2) == 9
    assert program(jnp.float32(2), power=2) == 4
    assert len(told) == 1


def test_a_program_that_runs_seldom_is_compiled_with_less_effort(monkeypatch):
    told = options_of(monkeypatch)
    assert Program(lambda x: x + 1, soon=True)(jnp.float32(1)) == 2
    assert Program(lambda x: x + 1)(jnp.float32(1)) == 2
    assert told[0] != told[1]
    assert told[0]["xla_backend_optimization_level"] == 0


def test_without_an_option_that_the_compiler_does_not_know_it_does_as_well(monkeypatch):
    monkeypatch.setattr("aejax.compiling._OFTEN", {"xla_cpu_of_another_time": ""})
    told = options_of(monkeypatch)
    program = Program(lambda x: x + 1, donate_argnums=0)
    assert program(jnp.float32(1)) == 2
    assert program(jnp.float32(2)) == 3
    assert told == [{"xla_cpu_of_another_time": ""}, None]


def test_other_errors_of_the_compiler_are_not_hidden(monkeypatch):
    monkeypatch.setattr("aejax.compiling._OFTEN", {"xla_backend_optimization_level": "high"})
    with pytest.raises(jax.errors.JaxRuntimeError):
        Program(lambda x: x + 1)(jnp.float32(1))
