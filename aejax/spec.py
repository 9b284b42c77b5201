"""The two records that say everything about a run: what the model is, and how it is trained."""

from math import prod
from typing import Annotated, Any, Self

from pydantic import Field as Bounded
from pydantic import model_validator

from aejax.optimizers import OPTIMIZERS, Adam, AnyOptimizer
from aejax.parts.bottlenecks import AnyBottleneck, Point
from aejax.parts.corruptions import AnyCorruption, Clean
from aejax.parts.likelihoods import AnyLikelihood, Bernoulli, Mixed
from aejax.parts.networks import AnyNetwork, Dense, Network
from aejax.parts.penalties import AnyPenalty
from aejax.parts.penalty import Penalty
from aejax.parts.pretrainings import AnyPretraining
from aejax.schedules import Schedule
from aejax.settings import OneOf, Settings, SpecError, parameter
from aejax.types import Shape

MAXIMUM_LATENT = 16384


class ModelSpec(Settings):
    """One autoencoder as a sentence: corruption, encoder, bottleneck, decoder, likelihood, and penalties."""

    latent: int | None = parameter(
        32,
        "Size of the code; none where the encoder's own map is the code (convolutions only)",
        ge=1,
        le=MAXIMUM_LATENT,
    )
    corruption: AnyCorruption = parameter(Clean(), "What is done to an input before it is encoded")
    encoder: AnyNetwork = parameter(Dense(), "The body that reads examples")
    bottleneck: AnyBottleneck = parameter(Point(), "How the encoder's output becomes a code")
    decoder: AnyNetwork | None = parameter(None, "The body that writes examples; none for the encoder's mirror")
    likelihood: AnyLikelihood = parameter(Bernoulli(), "How the output is read and what an error costs")
    penalties: Annotated[tuple[AnyPenalty, ...], Bounded(max_length=16)] = parameter(
        (), "What else the model is asked for"
    )
    classes: int = parameter(
        0, "Classes of which encoder and decoder are told each example's; 0 where they are told none", ge=0, le=10_000
    )
    ragged: bool = parameter(
        False, "Whether sequences end before the negative zeros behind them, so that nothing is learnt from those"
    )

    def latent_size(self, shape: Shape) -> int:
        """Size of the code for examples of `shape`.

        Raises:
            SpecError: If the parts do not fit examples of that shape, or the code would be larger than an example.
        """
        for body in (self.encoder, self.writer):
            body.check_shape(shape)
        self.corruption.check_shape(shape)
        self.likelihood.check_shape(shape)
        if isinstance(self.likelihood, Mixed) and self.writer.takes_lengths:
            raise SpecError("likelihood 'mixed' needs a decoder that writes all columns at once; got 'recurrent'")
        self._check_selection()
        size = self.encoder.own_latent(shape) if self.latent is None else self.latent
        if size is None:
            raise SpecError(f"latent must be a number with encoder {self.encoder.kind!r}; got None")
        if size > prod(shape):
            raise SpecError(f"latent must be at most {prod(shape)}, the size of one example; got {size}")
        self.bottleneck.check_latent(size)
        for penalty in self.penalties:
            penalty.check(self.bottleneck)
            penalty.check_shape(shape)
            if self.classes and type(penalty).companions is not Penalty.companions:
                raise SpecError(f"penalties: {penalty.kind} compares examples of any class: classes must be 0")
        return size

    def _check_selection(self) -> None:
        """Refuse parts that a code of chosen features leaves nothing to do, and such a code behind an encoder."""
        encoder, bottleneck = self.encoder, self.bottleneck
        if bottleneck.of_features and not encoder.passes_features:
            raise SpecError(
                f"bottleneck {bottleneck.kind!r} chooses among the features themselves, so it needs encoder "
                f"'identity'; got {encoder.kind!r}"
            )
        if encoder.passes_features and not bottleneck.of_features:
            raise SpecError(
                f"encoder {encoder.kind!r} makes no code of the features, so it needs bottleneck 'select'; "
                f"got {bottleneck.kind!r}"
            )
        if self.decoder is not None and self.decoder.passes_features:
            raise SpecError(
                f"decoder must not be {self.decoder.kind!r}, which cannot write an example from a code; leave it out "
                "for one linear layer"
            )
        if bottleneck.of_features and self.classes:
            raise SpecError(
                f"classes must be 0 with bottleneck {bottleneck.kind!r}, whose code is features as they are; "
                f"got {self.classes}"
            )
        if bottleneck.of_features and self.penalties:
            raise SpecError(
                f"penalties must be none with bottleneck {bottleneck.kind!r}, whose code is features as they are; "
                f"got {self.penalties[0].kind!r}"
            )

    @property
    def writer(self) -> Network:
        """The body that writes examples."""
        return self.decoder or self.encoder

    def check_lengths(self) -> None:
        """Refuse to be told how long sequences are where a part cannot heed it.

        Raises:
            SpecError: With the part.
        """
        for slot, body in (("encoder", self.encoder), ("decoder", self.writer)):
            if not body.takes_lengths:
                raise SpecError(f"lengths need {slot} 'recurrent', which reads step by step; got {body.kind!r}")
        for penalty in self.penalties:
            if type(penalty).companions is not Penalty.companions:
                raise SpecError(f"penalties: {penalty.kind} compares whole examples: lengths must not be given")

    def for_sequences(self, ragged: bool) -> Self:
        """The model that heeds where sequences end, if any of them ends early and its parts can heed that."""
        try:
            self.check_lengths()
        except SpecError:
            ragged = False
        return self if ragged == self.ragged else self.replace(ragged=ragged)

    def told(self, labels: Any) -> Any:
        """The labels where the model is told the class of each example, else None."""
        return labels if self.classes else None

    @property
    def loss_unit(self) -> str:
        """Unit of the loss and of each of its terms."""
        return f"{self.likelihood.unit} per example"

    @property
    def named_penalties(self) -> dict[str, Penalty]:
        """Each penalty by the name of its term in the loss: its kind, numbered from the second of a kind on."""
        kinds = [penalty.kind for penalty in self.penalties]
        counts = [kinds[: index + 1].count(kind) for index, kind in enumerate(kinds)]
        names = [kind if count == 1 else f"{kind}_{count}" for kind, count in zip(kinds, counts, strict=True)]
        return dict(zip(names, self.penalties, strict=True))

    def __str__(self) -> str:
        size = "own map" if self.latent is None else str(self.latent)
        parts = [str(self.corruption), str(self.encoder), f"{size} {self.bottleneck}"]
        parts += [str(self.decoder or "mirror"), str(self.likelihood)]
        told = [f"{self.classes} classes"] if self.classes else []
        others = "".join(f" + {part}" for part in (*self.penalties, *told))
        return " > ".join(parts[isinstance(self.corruption, Clean) :]) + others


class TrainSpec(Settings):
    """How a model is trained; the learning rate is by default the optimizer's usual one."""

    epochs: int = parameter(10, "Passes over the training examples", ge=1, le=100_000)
    batch_size: int = parameter(64, "Examples in each step", ge=1, le=1_000_000)
    optimizer: AnyOptimizer = parameter(Adam(), "The rule that turns gradients into steps")
    learning_rate: float = parameter(1e-3, "Length of the steps", ge=0, le=1e12, live=True, log=True)
    schedule: Schedule = parameter("constant", "Course of the learning rate over training")
    warm_up: float = parameter(
        0.0, "Share of training over which the learning rate rises from 0", ge=0, le=1, live=True
    )
    gradient_clip: float = parameter(0.0, "Greatest norm of the whole gradient, in nats; 0 for no limit", ge=0, le=1e12)
    pretraining: AnyPretraining | None = parameter(
        None, "What each layer learns before all are trained together; none for fresh weights"
    )
    seed: int = parameter(0, "Seed of the initial weights, the order of examples and the noise", ge=0, lt=2**32)
    device_megabytes: float = parameter(
        1000.0,
        "Megabytes of training examples that may be on the device; more than that are streamed, in shuffled shards",
        gt=0,
        le=1e9,
    )

    @model_validator(mode="before")
    @classmethod
    def _usual_learning_rate(cls, settings: Any) -> Any:
        """Fill in the learning rate that suits the optimizer, where none is given."""
        if not isinstance(settings, dict) or "optimizer" not in settings or "learning_rate" in settings:
            return settings
        try:
            optimizer = OneOf(OPTIMIZERS)(settings["optimizer"])
        except SpecError:
            return settings  # the field's own validation will say it with the field's name
        return settings | {"optimizer": optimizer, "learning_rate": optimizer.usual_learning_rate}

    def replace(self, /, **changes: Any) -> Self:
        """A validated copy with some settings changed; another optimizer brings its usual learning rate.

        Raises:
            SpecError: If a name is unknown or a value is out of bounds.
        """
        changed = super().replace(**changes)
        if changed.optimizer.kind == self.optimizer.kind or "learning_rate" in changes:
            return changed
        return changed.model_copy(update={"learning_rate": changed.optimizer.usual_learning_rate})
