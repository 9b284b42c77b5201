"""An autoencoder as scikit-learn has its transformers: in pipelines, grid searches and data frames."""

from typing import Any

import numpy as np
from jaxtyping import Float
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils import Tags, check_array, check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from aejax.parts.likelihoods import Mse
from aejax.parts.networks import Dense
from aejax.selection import Selection, selected
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec
from aejax.training import train as train_run
from aejax.zoo import ZOO

SPEC = ModelSpec(latent=2, encoder=Dense(widths=(64,)), likelihood=Mse())
TRAIN = TrainSpec(epochs=50, batch_size=32, learning_rate=3e-3, schedule="cosine")


class Autoencoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """A transformer to codes and back: `transform` encodes, `inverse_transform` decodes.

    Each argument that is not None is set on `spec` or `train`; those two are by default a dense model with one
    hidden layer of 64 and two latent coordinates, trained with squared error on standardised features.

    Args:
        latent: Size of the code; at most the number of features.
        widths: Widths of the hidden layers, from the features to the code.
        activation: Activation of the hidden layers.
        likelihood: How the output is read: `mse` for any range, `bernoulli` for features in [0, 1].
        epochs: Passes over the training rows.
        batch_size: Rows in each step; all of them where there are fewer.
        optimizer: Name of the rule that turns gradients into steps, or its settings.
        learning_rate: Length of the steps; by default the optimizer's usual one where an optimizer is given.
        spec: A whole model: a `ModelSpec`, or a name from `aejax.zoo`, which brings its recipe along.
        train: A whole recipe: a `TrainSpec`.
        shape: Shape of the example in each row, such as (28, 28) for a convolutional model; by default flat.
        standardise: Whether to bring every feature to mean 0 and variance 1 before, and back after; by default
            where neither the likelihood nor the corruption needs features in [0, 1].
        random_state: Seed of the initial weights, the order of rows and the noise; None for another at every fit.
        verbose: Whether to show a progress bar.

    Attributes:
        run_: The trained `Run`, on standardised rows where they are standardised.
        scaler_: The fitted `StandardScaler`, or None.
        n_iter_: Epochs trained.
        n_features_in_: Number of features.
        feature_names_in_: Their names, where the data frame has names.
    """

    def __init__(
        self,
        latent: Any = None,
        *,
        widths: Any = None,
        activation: Any = None,
        likelihood: Any = None,
        epochs: Any = None,
        batch_size: Any = None,
        optimizer: Any = None,
        learning_rate: Any = None,
        spec: Any = None,
        train: Any = None,
        shape: Any = None,
        standardise: Any = None,
        random_state: Any = None,
        verbose: Any = False,
    ) -> None:
        self.latent = latent
        self.widths = widths
        self.activation = activation
        self.likelihood = likelihood
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.spec = spec
        self.train = train
        self.shape = shape
        self.standardise = standardise
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> "Autoencoder":
        """Train on the rows of `X`; `y` is not looked at.

        Raises:
            ValueError: If a parameter is out of bounds or does not fit `X`, in one sentence with its name.
            DivergedError: If a term of the loss is no longer finite.
        """
        X = validate_data(self, X, dtype=(np.float64, np.float32))
        spec, train = self._settings(len(X))
        shape = (X.shape[1],) if self.shape is None else tuple(self.shape)
        if np.prod(shape) != X.shape[1]:
            raise SpecError(f"shape must hold n_features={X.shape[1]} numbers; got {self.shape}")
        if spec.latent is not None and spec.latent > X.shape[1]:
            raise SpecError(
                f"latent must be at most {X.shape[1]}, for X has n_features={X.shape[1]}; got {spec.latent}"
            )
        if spec.classes:
            raise SpecError(f"spec.classes must be 0: a transformer is not told classes; got {spec.classes}")
        unit_range = spec.likelihood.needs_unit_range or spec.corruption.needs_unit_range
        standardise = not unit_range if self.standardise is None else self.standardise
        self.scaler_ = StandardScaler().fit(X.astype(np.float64)) if standardise else None
        self.run_ = train_run(spec, train, self._scaled(X).reshape(-1, *shape), progress=bool(self.verbose))
        self.n_iter_ = train.epochs
        return self

    def transform(self, X: Any) -> Float[np.ndarray, "rows latent"]:
        """The code of each row, as float32."""
        rows = self._rows(X)
        return self.run_.encode(rows)

    def inverse_transform(self, X: Any) -> Float[np.ndarray, "rows features"]:
        """The row that each code in `X` stands for, in the units of the training data."""
        check_is_fitted(self)
        codes = check_array(X, dtype=(np.float64, np.float32), input_name="X")
        rows = self.run_.decode(codes).reshape(len(codes), -1).astype(np.float64)
        return rows if self.scaler_ is None else np.asarray(self.scaler_.inverse_transform(rows))

    def score(self, X: Any, y: Any = None) -> float:
        """The mean squared error per feature of the reconstruction, negative, so that higher is better.

        Where features are standardised it is that of the standardised features: all of them weigh the same, and a
        model that knows only their means scores -1 on its training rows.
        """
        rows = self._rows(X)
        return -float(np.mean(np.square(self.run_.reconstruct(rows) - rows), dtype=np.float64))

    def selected(self) -> Selection:
        """The features that the code is made of, by their names where the data frame has names.

        Raises:
            SpecError: If the model chooses no features (`spec="concrete"` does).
        """
        check_is_fitted(self)
        return selected(self.run_, getattr(self, "feature_names_in_", None))

    @property
    def _n_features_out(self) -> int:
        return self.run_.latent

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _settings(self, rows: int) -> tuple[ModelSpec, TrainSpec]:
        """The whole model and the whole recipe, with a batch that is no larger than the data."""
        spec, train = SPEC, TRAIN
        if isinstance(self.spec, str):
            if self.spec not in ZOO:
                raise SpecError(f"spec must be a ModelSpec or one of {', '.join(ZOO)}; got {self.spec!r}")
            spec, train = ZOO[self.spec].spec, ZOO[self.spec].train
        elif self.spec is not None:
            spec = self.spec
        model = {"latent": self.latent, "likelihood": self.likelihood}
        body = {"encoder.widths": self.widths, "encoder.activation": self.activation}
        recipe = {"epochs": self.epochs, "batch_size": self.batch_size}
        steps = {"optimizer": self.optimizer, "learning_rate": self.learning_rate}
        spec = spec.replace(**_given(model | body))
        train = (train if self.train is None else self.train).replace(**_given(recipe | steps))
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        return spec, train.replace(seed=seed, batch_size=min(train.batch_size, rows))

    def _rows(self, X: Any) -> np.ndarray:
        """The rows of `X` as the model takes them."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=(np.float64, np.float32), reset=False)
        return self._scaled(X).reshape(-1, *self.run_.shape)

    def _scaled(self, X: np.ndarray) -> np.ndarray:
        rows = X if self.scaler_ is None else self.scaler_.transform(X.astype(np.float64))
        return np.asarray(rows, np.float32)


def _given(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not None}
