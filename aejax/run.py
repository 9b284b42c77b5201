"""A trained autoencoder: what it is, how it came about, and what one does with it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from aejax.arrays import DataError, as_examples, check_range
from aejax.batches import CHUNK, over_chunks
from aejax.model import Model, pixels
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance
from aejax.quality import ERRORS, reconstruction_errors
from aejax.settings import Settings, SpecError, live_numbers
from aejax.spec import ModelSpec, TrainSpec
from aejax.store import HISTORY, StoreError, check_arrays, read_folder, read_records, write_folder
from aejax.types import Count, Examples, Key, Latents, Numbers, Params, Pixels, Shape, Terms


@dataclass(frozen=True)
class Epoch:
    """One pass over the training examples: terms are means over it, in nats per example."""

    epoch: int
    step: int
    seconds: float
    terms: dict[str, float]
    validation: dict[str, float] | None = None


@dataclass(frozen=True, eq=False)
class CodeStatistics:
    """Mean and covariance of the codes of training examples."""

    mean: Float[np.ndarray, " latent"]
    covariance: Float[np.ndarray, "latent latent"]


@dataclass(frozen=True, eq=False)
class Run:
    """A trained autoencoder; nothing in it changes."""

    spec: ModelSpec
    train: TrainSpec
    shape: Shape
    params: Params
    history: tuple[Epoch, ...] = ()
    codes: CodeStatistics | None = None

    @property
    def model(self) -> Model:
        """The network's structure."""
        return Model.of(self.spec, self.shape)

    @property
    def latent(self) -> int:
        """Size of the code."""
        return self.model.latent

    def encode(self, x: object) -> Float[np.ndarray, "batch latent"]:
        """The code of each example, without chance: the posterior's mean where there is a posterior.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range.
        """
        encoded: np.ndarray = over_chunks(partial(_encode, self.model, self.params), self._examples(x))
        return encoded

    def deviation(self, x: object) -> Float[np.ndarray, "batch latent"]:
        """Standard deviation of each example's posterior, around its code; zero where a code is one point.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range.
        """
        spread: np.ndarray = over_chunks(partial(_deviation, self.model, self.params), self._examples(x))
        return spread

    def decode(self, z: object) -> Float[np.ndarray, "batch *shape"]:
        """The expected example of each code, in the data's own units (pixels in [0, 1]).

        Raises:
            DataError: If `z` is not of shape (n, latent), or not finite.
        """
        latents = as_examples(z, "z", (self.latent,)).astype(np.float32)
        decoded: np.ndarray = over_chunks(partial(_decode, self.model, self.params), latents)
        return decoded

    def reconstruct(self, x: object) -> Float[np.ndarray, "batch *shape"]:
        """Each example encoded and decoded, without chance; in the data's own units."""
        rebuilt: np.ndarray = over_chunks(partial(_reconstruct, self.model, self.params), self._examples(x))
        return rebuilt

    def corrupt(self, x: object, seed: int = 0) -> Float[np.ndarray, "batch *shape"]:
        """The examples as the encoder sees them in training, with one draw of noise."""
        noisy: np.ndarray = over_chunks(self._seeded(_corrupt, seed), self._examples(x))
        return noisy

    def evaluate(self, x: object, *, seed: int = 0, corrupted: bool = True) -> dict[str, float]:
        """How well the examples are rebuilt, as means over examples.

        Args:
            x: Examples of this run's shape.
            seed: Seed of the noise and of the posterior's samples, so that one seed gives one result; noise that
                each example keeps is with the seed of training what the model was trained on.
            corrupted: Whether a denoising model is given noisy input, as in training; errors are always to the
                clean example.

        Returns:
            `bce` and `excess_bce` in nats per feature, `mse` per feature, `sse` summed over features, all of the
            reconstruction without sampling; then each term of the loss in nats per example, and their sum, `loss`.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range.
        """
        examples = self._examples(x)
        spec = self.spec if corrupted else self.spec.replace(corruption="clean")
        run = Run(spec, self.train, self.shape, self.params)
        found: dict[str, np.ndarray] = over_chunks(run._seeded(_evaluate, seed), examples)
        means = {name: float(np.mean(values, dtype=np.float64)) for name, values in found.items()}
        return means | {"loss": sum(means[name] for name in means if name not in ERRORS)}

    def sample(self, n: int, seed: int = 0) -> Float[np.ndarray, "n *shape"]:
        """New examples: codes drawn from the prior, or where there is none from a normal fitted to training codes.

        Raises:
            DataError: If `n` or `seed` is no whole number or too small, or no codes are known to fit.
        """
        for name, value, least in (("n", n, 1), ("seed", seed, 0)):
            if not isinstance(value, int | np.integer) or value < least:
                raise DataError(f"{name} must be a whole number of at least {least}; got {value!r}")
        return self.decode(self.sample_codes(n, seed))

    def sample_codes(self, n: int, seed: int = 0) -> Float[np.ndarray, "n latent"]:
        """Codes drawn from the prior, or where there is none from a normal fitted to training codes."""
        random = np.random.default_rng(seed)
        if self.spec.bottleneck.has_prior:
            return random.standard_normal((n, self.latent)).astype(np.float32)
        if self.codes is None:
            raise DataError("sample needs a run that has finished an epoch: no codes are known yet")
        drawn = random.multivariate_normal(self.codes.mean, self.codes.covariance, n, method="eigh")
        return np.clip(drawn, *self.spec.bottleneck.bounds).astype(np.float32)

    def save(self, folder: str | Path) -> None:
        """Write the run into a new or empty `folder`: settings and history as JSON, weights as safetensors.

        Raises:
            StoreError: If the folder holds something already or cannot be written.
        """
        arrays = {f"params.{name}": np.asarray(value) for name, value in self.params.items()}
        if self.codes is not None:
            arrays |= {"codes.mean": self.codes.mean, "codes.covariance": self.codes.covariance}
        history = [asdict(epoch) for epoch in self.history]
        about = {"shape": list(self.shape), "history": history}
        settings = {"spec": self.spec.model_dump(mode="json"), "train": self.train.model_dump(mode="json")}
        write_folder(Path(folder), settings | about, arrays)

    def _examples(self, x: object) -> Examples:
        examples = as_examples(x, "x", self.shape)
        check_range(self.spec, examples)
        return examples

    def _seeded(self, function: Callable[..., Any], seed: int) -> Callable[[jax.Array, int], Any]:
        return partial(function, self.model, self.params, device_numbers(self.spec), jax.random.key(seed))


def load_run(folder: str | Path) -> Run:
    """The run that `Run.save` wrote into `folder`, with outputs equal bit for bit on the same machine.

    Raises:
        StoreError: If the folder holds no run, a damaged one, or one of a later version.
    """
    document, arrays = read_folder(Path(folder))
    shape = tuple(document["shape"])
    try:
        spec, train = ModelSpec(**document["spec"]), TrainSpec(**document["train"])
        spec.latent_size(shape)
        records = document["history"] or read_records(Path(folder) / HISTORY)
        history = tuple(Epoch(**epoch) for epoch in records)
    except (SpecError, TypeError) as error:
        raise StoreError(f"the settings in {folder} cannot be: {error}") from error
    params = {
        name.removeprefix("params."): jnp.asarray(value) for name, value in arrays.items() if name.startswith("params.")
    }
    expected = jax.eval_shape(Model.of(spec, shape).init, jax.random.key(0))
    check_arrays(params, expected, Path(folder))
    codes = CodeStatistics(arrays["codes.mean"], arrays["codes.covariance"]) if "codes.mean" in arrays else None
    return Run(spec, train, shape, params, history, codes)


def device_numbers(settings: Settings) -> Numbers:
    """The live numbers of `settings` as arrays, ready to be traced."""
    return {name: jnp.float32(value) for name, value in live_numbers(settings).items()}


def mean_terms(model: Model, params: Params, numbers: Numbers, x: Examples) -> dict[str, float]:
    """The terms of the loss as means over examples, in nats per example, with one fixed draw of all noise."""
    function = partial(_terms, model, params, numbers, jax.random.key(0))
    found: dict[str, np.ndarray] = over_chunks(function, x)
    return {name: float(np.mean(values, dtype=np.float64)) for name, values in found.items()}


def code_statistics(model: Model, params: Params, x: Examples) -> CodeStatistics:
    """Mean and covariance of the codes of `x`."""
    codes = over_chunks(partial(_encode, model, params), x).astype(np.float64)
    covariance = np.cov(codes, rowvar=False).reshape(model.latent, model.latent) if len(codes) > 1 else None
    return CodeStatistics(codes.mean(axis=0), np.zeros((model.latent,) * 2) if covariance is None else covariance)


@partial(jax.jit, static_argnames="model")
def _encode(model: Model, params: Params, x: jax.Array, number: Count) -> Latents:
    return model.encode(params, x)


@partial(jax.jit, static_argnames="model")
def _deviation(model: Model, params: Params, x: jax.Array, number: Count) -> Latents:
    return model.deviation(params, x)


@partial(jax.jit, static_argnames="model")
def _decode(model: Model, params: Params, latents: jax.Array, number: Count) -> Pixels:
    return model.decode(params, latents)


@partial(jax.jit, static_argnames="model")
def _reconstruct(model: Model, params: Params, x: jax.Array, number: Count) -> Pixels:
    return model.reconstruct(params, x)


@partial(jax.jit, static_argnames="model")
def _corrupt(model: Model, params: Params, numbers: Numbers, key: Key, x: jax.Array, number: Count) -> Pixels:
    return model.corrupt(numbers, _chance(key, x, number), x)


@partial(jax.jit, static_argnames="model")
def _terms(model: Model, params: Params, numbers: Numbers, key: Key, x: jax.Array, number: Count) -> Terms:
    return model.terms(params, numbers, _chance(key, x, number), Batch(x), jnp.float32(1.0))


@partial(jax.jit, static_argnames="model")
def _evaluate(model: Model, params: Params, numbers: Numbers, key: Key, x: jax.Array, number: Count) -> Terms:
    chance = _chance(key, x, number)
    seen = model.corrupt(numbers, chance, x)
    errors = reconstruction_errors(pixels(x), model.reconstruct(params, seen))
    return errors | model.terms(params, numbers, chance, Batch(x), jnp.float32(1.0))


def _chance(key: Key, x: jax.Array, number: Count) -> Chance:
    return Chance(jax.random.fold_in(key, number), key, number * CHUNK + jnp.arange(len(x)))
