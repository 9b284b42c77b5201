"""A trained autoencoder: what it is, how it came about, and what one does with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Integer
from pydantic import ValidationError

from aejax.activity import Activity, activity, words_used
from aejax.arrays import DataError, as_examples, as_known, as_labels, as_lengths, as_rows, as_values, check_range
from aejax.batches import CHUNK, Chunks, over_chunks
from aejax.bound import importance_bound
from aejax.errors import ERRORS, reconstruction_errors
from aejax.history import LAYER_EPOCHS, Epoch, LayerEpoch, epochs_of
from aejax.imputing import settled
from aejax.model import Model, pixels, weighted_steps
from aejax.parts.batch import Batch
from aejax.parts.chance import Chance, seeded
from aejax.parts.discrete import Codebook
from aejax.parts.posteriors import GaussianPosterior, posterior_kl
from aejax.settings import Settings, SpecError, live_numbers
from aejax.spec import ModelSpec, TrainSpec
from aejax.store import HISTORY, StoreError, check_arrays, read_folder, read_records, write_folder
from aejax.types import Count, Examples, Key, Latents, Numbers, Params, Pixels, Shape, Terms

_EXAMPLES_FOR_CODE_STATISTICS = 2048


@dataclass(frozen=True, eq=False)
class CodeStatistics:
    """Mean and covariance of the codes of training examples."""

    mean: Float[np.ndarray, " latent"]
    covariance: Float[np.ndarray, "latent latent"]


@dataclass(frozen=True, eq=False)
class Run:
    """A trained autoencoder; nothing in it changes.

    Where the model is told the class of each example (`spec.classes`), every method takes `labels`: a class for each
    example or code, or one for all. A run made by `given` needs none. Where sequences differ in length, `lengths` says
    how many steps of each count, from the first on; what stands in the others changes nothing.
    """

    spec: ModelSpec
    train: TrainSpec
    shape: Shape
    params: Params
    history: tuple[Epoch, ...] = ()
    codes: CodeStatistics | None = None
    pretraining: tuple[LayerEpoch, ...] = ()
    label: int | None = None
    """The class told where no labels are given."""

    @property
    def model(self) -> Model:
        """The network's structure."""
        return Model.of(self.spec, self.shape)

    @property
    def classes(self) -> int:
        """Classes that the model is told; 0 for none."""
        return self.spec.classes

    @property
    def latent(self) -> int:
        """Size of the code."""
        return self.model.latent

    def given(self, label: int) -> "Run":
        """This run with that class told wherever no labels are given, so that it stands in for a plain autoencoder.

        Raises:
            DataError: If the model is not told classes, or has no such one.
        """
        as_labels(self.spec, label, 1, "label")
        return replace(self, label=label)

    def encode(
        self, x: object, labels: object | None = None, lengths: object | None = None
    ) -> Float[np.ndarray, "batch latent"]:
        """The code of each example, without chance: the posterior's mean where there is a posterior.

        Args:
            x: Examples of this run's shape, or what `chunks` made of them and of their labels.
            labels: Class of each example, where the model is told it.
            lengths: Steps of each sequence that count, where they differ.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range, or labels do not fit.
        """
        batch = x if isinstance(x, Chunks) else self.batch(x, labels, lengths)
        encoded: np.ndarray = over_chunks(partial(_encode, self.model, self.params), batch)
        return encoded

    def chunks(self, x: object, labels: object | None = None) -> Chunks:
        """Examples to encode again and again while a model like this one trains: checked and put on the device once.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range, or labels do not fit.
        """
        return Chunks(self.batch(x, labels))

    def deviation(self, x: object, labels: object | None = None) -> Float[np.ndarray, "batch latent"]:
        """Standard deviation of each example's posterior, around its code; zero where a code is one point.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range, or labels do not fit.
        """
        spread: np.ndarray = over_chunks(partial(_deviation, self.model, self.params), self.batch(x, labels))
        return spread

    def decode(self, z: object, labels: object | None = None) -> Float[np.ndarray, "batch *shape"]:
        """The expected example of each code, in the data's own units (pixels in [0, 1]).

        Raises:
            DataError: If `z` is not of shape (n, latent), or not finite, or labels do not fit.
        """
        latents = as_examples(z, "z", (self.latent,)).astype(np.float32)
        codes = latents, self._labels(labels, len(latents))
        decoded: np.ndarray = over_chunks(partial(_decode, self.model, self.params), codes)
        return decoded

    def reconstruct(
        self, x: object, labels: object | None = None, lengths: object | None = None
    ) -> Float[np.ndarray, "batch *shape"]:
        """Each example encoded and decoded, without chance; in the data's own units, and zero beyond a length."""
        batch = self.batch(x, labels, lengths)
        rebuilt: np.ndarray = over_chunks(partial(_reconstruct, self.model, self.params), batch)
        return rebuilt

    def impute(
        self, x: object, known: object, rounds: int = 100, tolerance: float = 1e-4, labels: object | None = None
    ) -> Float[np.ndarray, "batch *shape"]:
        """The examples with what is not known filled in by the model, in the data's own units.

        What is not known begins as what the mean code decodes to; then the whole is encoded and decoded, and what is
        not known replaced by what comes out, again and again. It is the Markov chain of the source with the posterior's
        mean in place of a draw. Since without chance it need not settle, an example is left where what is known of it
        comes out best: each step must rebuild that better than the one before.

        Args:
            x: Examples of this run's shape; what stands where they are not known is not looked at.
            known: True for each feature of each example that is known.
            rounds: Times that they are encoded and decoded, at most.
            tolerance: Change of a feature below which it stays, in the data's units.
            labels: Class of each example, where the model is told it.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range, or `known` no truth for each.

        References:
            Rezende, Mohamed & Wierstra, Stochastic Backpropagation, 2014, appendix F.
        """
        rows = as_rows(x, "x", self.shape)
        there = as_known(known, rows)
        if there is None:
            raise DataError("known must be given: True for each feature of each example that is known")
        mean = np.zeros((1, self.latent), np.float32) if self.codes is None else self.codes.mean[None]
        told = self._labels(labels, len(rows))
        start = self.decode(np.repeat(mean, len(rows), axis=0), told)
        filled = np.where(there, as_values(rows), start).astype(np.float32)
        check_range(self.spec, filled)
        return settled(self, filled, there, rounds, tolerance, labels=told)

    def corrupt(self, x: object, seed: int = 0) -> Float[np.ndarray, "batch *shape"]:
        """The examples as the encoder sees them in training, with one draw of noise."""
        noisy: np.ndarray = over_chunks(self._seeded(_corrupt, seed), self._examples(x))
        return noisy

    def evaluate(
        self,
        x: object,
        *,
        seed: int = 0,
        corrupted: bool = True,
        labels: object | None = None,
        lengths: object | None = None,
    ) -> dict[str, float]:
        """How well the examples are rebuilt, as means over examples.

        Args:
            x: Examples of this run's shape.
            seed: Seed of the noise and of the posterior's samples, so that one seed gives one result; noise that
                each example keeps is with the seed of training what the model was trained on.
            corrupted: Whether a denoising model is given noisy input, as in training; errors are to the
                clean example, or to the moved one where a `shift` has the target follow.
            labels: Class of each example, where the model is told it.
            lengths: Steps of each sequence that count, where they differ.

        Returns:
            `bce` and `excess_bce` in nats per feature, `mse` per feature, `sse` summed over features, all of the
            reconstruction without sampling; then each term of the loss in nats per example, and their sum, `loss`.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range.
        """
        examples = self.batch(x, labels, lengths)
        spec = self.spec if corrupted else self.spec.replace(corruption="clean")
        run = Run(spec, self.train, self.shape, self.params)
        found: dict[str, np.ndarray] = over_chunks(run._seeded(_evaluate, seed), examples)
        means = {name: float(np.mean(values, dtype=np.float64)) for name, values in found.items()}
        return means | {"loss": sum(means[name] for name in means if name not in ERRORS)}

    def log_likelihood(
        self, x: object, samples: int = 1000, chunk: int = 10, *, seed: int = 0, labels: object | None = None
    ) -> Float[np.ndarray, " batch"]:
        """The importance weighted bound on the log-likelihood of each example, in nats: never above it on average.

        The bound is the tighter the more codes are drawn from the posterior of the clean example; with one it is the
        evidence bound. Grey values under a Bernoulli likelihood count as probabilities, so that it is a bound on
        minus their mean cross-entropy and not on a density.

        Args:
            x: Examples of this run's shape.
            samples: Codes drawn for each example.
            chunk: Codes of each example that are decoded at a time.
            seed: Seed of the codes.
            labels: Class of each example, where the model is told it.

        Raises:
            SpecError: If the model has no posterior, or its cost is no density of an example.
            DataError: If `x` does not hold finite examples of this run's shape and range, or a number is below 1.

        References:
            Burda et al., Importance Weighted Autoencoders, 2016, equation 8.
        """
        if not isinstance(self.spec.bottleneck, GaussianPosterior):
            raise SpecError(f"log_likelihood needs bottleneck 'gaussian', a posterior; got {self.spec.bottleneck}")
        if not self.spec.likelihood.is_density:
            raise SpecError(
                "log_likelihood needs a likelihood that is a density of each example by itself, such as normal with "
                f"variance 'one'; got {self.spec.likelihood}"
            )
        for name, value in (("samples", samples), ("chunk", chunk)):
            _check_whole(name, value, 1)
        bound = self._seeded(partial(importance_bound, samples=int(samples), chunk=int(chunk)), seed)
        found: np.ndarray = over_chunks(bound, self.batch(x, labels))
        return found

    def divergence(self, x: object, labels: object | None = None) -> Float[np.ndarray, " latent"]:
        """Divergence of the posterior from the prior, in nats, a coordinate: means over the examples.

        Raises:
            SpecError: If the model has no normal posterior.
            DataError: If `x` does not hold finite examples of this run's shape and range, or labels do not fit.
        """
        if not isinstance(self.spec.bottleneck, GaussianPosterior):
            raise SpecError(f"divergence needs bottleneck 'gaussian', a posterior; got {self.spec.bottleneck}")
        found = over_chunks(partial(_divergence, self.model, self.params), self.batch(x, labels))
        return np.asarray(found.mean(axis=0, dtype=np.float64))

    def activity(self, x: object, labels: object | None = None) -> Activity:
        """What the coordinates of the examples' codes do: which are in use, how sparse they are, what they cost.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range, or labels do not fit.
        """
        codes, bottleneck = self.encode(x, labels), self.spec.bottleneck
        divergence = self.divergence(x, labels) if isinstance(bottleneck, GaussianPosterior) else None
        words = words_used(codes, bottleneck.width) if isinstance(bottleneck, Codebook) else None
        return activity(codes, divergence, words)

    def sample(self, n: int, seed: int = 0, labels: object | None = None) -> Float[np.ndarray, "n *shape"]:
        """New examples: codes drawn from the prior, or where there is none from a normal fitted to training codes.

        Raises:
            DataError: If `n` or `seed` is no whole number or too small, or no codes are known to fit.
        """
        for name, value, least in (("n", n, 1), ("seed", seed, 0)):
            _check_whole(name, value, least)
        return self.decode(self.sample_codes(n, seed), labels)

    def sample_codes(self, n: int, seed: int = 0) -> Float[np.ndarray, "n latent"]:
        """Codes drawn from the prior, or where there is none from a normal fitted to training codes.

        Of a discrete bottleneck they are the codes nearest to what is drawn.
        """
        random = np.random.default_rng(seed)
        prior = self.spec.bottleneck.prior(random, n, self.latent)
        if prior is not None:
            return prior
        if self.codes is None:
            raise DataError("sample needs a run that has finished an epoch: no codes are known yet")
        drawn = random.multivariate_normal(self.codes.mean, self.codes.covariance, n, method="eigh")
        clipped = np.clip(drawn, *self.spec.bottleneck.bounds).astype(np.float32)
        nearest: np.ndarray = over_chunks(partial(_nearest, self.model, self.params), clipped)
        return nearest

    def save(self, folder: str | Path) -> None:
        """Write the run into a new or empty `folder`: settings and history as JSON, weights as safetensors.

        Raises:
            StoreError: If the folder holds something already or cannot be written.
        """
        arrays = {f"params.{name}": np.asarray(value) for name, value in self.params.items()}
        if self.codes is not None:
            arrays |= {"codes.mean": self.codes.mean, "codes.covariance": self.codes.covariance}
        history, pretraining = ([asdict(epoch) for epoch in epochs] for epochs in (self.history, self.pretraining))
        about = {"shape": list(self.shape), "history": history, "pretraining": pretraining}
        settings = {"spec": self.spec.model_dump(mode="json"), "train": self.train.model_dump(mode="json")}
        write_folder(Path(folder), settings | about, arrays)

    def _examples(self, x: object) -> Examples:
        examples = as_examples(x, "x", self.shape)
        check_range(self.spec, examples)
        return examples

    def _labels(self, labels: object | None, count: int) -> Integer[np.ndarray, " batch"] | None:
        return as_labels(self.spec, self.label if labels is None else labels, count)

    def batch(self, x: object, labels: object | None = None, lengths: object | None = None) -> Batch:
        """Examples of this run's shape with their classes and lengths, checked.

        Raises:
            DataError: If `x` does not hold finite examples of this run's shape and range, or the others do not fit.
        """
        examples = self._examples(x)
        return Batch(examples, self._labels(labels, len(examples)), as_lengths(self.spec, lengths, examples))

    def _seeded(self, function: Callable[..., Any], seed: int) -> Callable[[Any, int], Any]:
        return partial(function, self.model, self.params, device_numbers(self.spec), seeded(seed))


def load_run(folder: str | Path) -> Run:
    """The run that `Run.save` wrote into `folder`, with outputs equal bit for bit on the same machine.

    Raises:
        StoreError: If the folder holds no run, a damaged one, or one of a later version.
    """
    return read_run(Path(folder))[2]


def read_run(folder: Path) -> tuple[dict[str, Any], dict[str, np.ndarray], Run]:
    """The document and the arrays in a folder, and the run that they make.

    Raises:
        StoreError: As `load_run`.
    """
    document, arrays = read_folder(folder)
    history = document["history"] or read_records(folder / HISTORY)
    return document, arrays, run_of(document, arrays, str(folder), history)


def run_of(document: Mapping[str, Any], arrays: Mapping[str, np.ndarray], told: str, records: Sequence[Any]) -> Run:
    """The run of a document, its arrays and its history, whoever wrote them; `told` is where they are from.

    Raises:
        StoreError: If it does not; in one sentence.
    """
    shape = tuple(document["shape"])
    try:
        spec, train = ModelSpec(**document["spec"]), TrainSpec(**document["train"])
        latent = spec.latent_size(shape)
        history = epochs_of(records)
        pretraining = LAYER_EPOCHS.validate_python(document.get("pretraining", ()))
        expected = jax.eval_shape(Model.of(spec, shape).init, seeded(0))
    except (SpecError, TypeError, ValidationError, OverflowError) as error:
        raise StoreError(f"the settings in {told} cannot be: {' '.join(str(error).split())[:500]}") from error
    known = {n.removeprefix("params."): value for n, value in arrays.items() if n.startswith("params.")}
    check_arrays(known, expected, told)
    shapes = {"codes.mean": (latent,), "codes.covariance": (latent, latent)}
    kept = {name: arrays[name] for name in shapes if name in arrays}
    if kept:
        check_arrays(kept, {n: jax.ShapeDtypeStruct(shape, np.float64) for n, shape in shapes.items()}, told)
    params = {name: jnp.asarray(value) for name, value in known.items()}
    codes = CodeStatistics(*kept.values()) if kept else None
    return Run(spec, train, shape, params, history, codes, pretraining)


def device_numbers(settings: Settings) -> Numbers:
    """The live numbers of `settings` as arrays, ready to be traced."""
    return {name: jax.device_put(np.float32(value)) for name, value in live_numbers(settings).items()}


def mean_terms(model: Model, params: Params, numbers: Numbers, batch: Batch) -> dict[str, float]:
    """The terms of the loss as means over examples, in nats per example, with one fixed draw of all noise."""
    function = partial(_terms, model, params, numbers, seeded(0))
    found: dict[str, np.ndarray] = over_chunks(function, batch)
    return {name: float(np.mean(values, dtype=np.float64)) for name, values in found.items()}


def code_statistics(model: Model, params: Params, batch: Batch) -> CodeStatistics:
    """Mean and covariance of the codes of a batch: of some thousands evenly out of it, where it is larger."""
    codes = over_chunks(partial(_encode, model, params), jax.tree.map(some_rows, batch)).astype(np.float64)
    covariance = np.cov(codes, rowvar=False).reshape(model.latent, model.latent) if len(codes) > 1 else None
    return CodeStatistics(codes.mean(axis=0), np.zeros((model.latent,) * 2) if covariance is None else covariance)


def some_rows(rows: Any) -> Any:
    """All rows of an array, or about two thousand evenly out of it where there are more; None of None."""
    if rows is None:
        return None
    return rows[:: max(1, len(rows) // _EXAMPLES_FOR_CODE_STATISTICS)][:_EXAMPLES_FOR_CODE_STATISTICS]


def _check_whole(name: str, value: object, least: int) -> None:
    if not isinstance(value, int | np.integer) or value < least:
        raise DataError(f"{name} must be a whole number of at least {least}; got {value!r}")


@partial(jax.jit, static_argnames="model")
def _encode(model: Model, params: Params, batch: Batch, number: Count) -> Latents:
    return model.encode(params, batch.x, batch.labels, batch.lengths)


@partial(jax.jit, static_argnames="model")
def _deviation(model: Model, params: Params, batch: Batch, number: Count) -> Latents:
    return model.deviation(params, batch.x, batch.labels)


@partial(jax.jit, static_argnames="model")
def _decode(model: Model, params: Params, codes: tuple[jax.Array, jax.Array | None], number: Count) -> Pixels:
    return model.decode(params, *codes)


@partial(jax.jit, static_argnames="model")
def _nearest(model: Model, params: Params, latents: jax.Array, number: Count) -> Latents:
    return model.nearest(params, latents)


@partial(jax.jit, static_argnames="model")
def _reconstruct(model: Model, params: Params, batch: Batch, number: Count) -> Pixels:
    return model.reconstruct(params, batch.x, batch.labels, batch.lengths)


@partial(jax.jit, static_argnames="model")
def _divergence(model: Model, params: Params, batch: Batch, number: Count) -> Latents:
    return posterior_kl(model.network(params).read(pixels(batch.x), batch.labels))


@partial(jax.jit, static_argnames="model")
def _corrupt(model: Model, params: Params, numbers: Numbers, key: Key, x: jax.Array, number: Count) -> Pixels:
    return model.corrupt(numbers, _chance(key, x, number), x)


@partial(jax.jit, static_argnames="model")
def _terms(model: Model, params: Params, numbers: Numbers, key: Key, batch: Batch, number: Count) -> Terms:
    return model.terms(params, numbers, _chance(key, batch.x, number), batch, jnp.float32(1.0))


@partial(jax.jit, static_argnames="model")
def _evaluate(model: Model, params: Params, numbers: Numbers, key: Key, batch: Batch, number: Count) -> Terms:
    chance = _chance(key, batch.x, number)
    seen, target = model.posed(numbers, chance, batch.x)
    rebuilt = model.reconstruct(params, seen, batch.labels, batch.lengths)
    errors = reconstruction_errors(target, rebuilt, weighted_steps(batch.lengths, target))
    return errors | model.terms(params, numbers, chance, batch, jnp.float32(1.0))


def _chance(key: Key, x: Examples, number: Count) -> Chance:
    return Chance(jax.random.fold_in(key, number), key, number * CHUNK + jnp.arange(len(x)))
