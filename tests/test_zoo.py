import numpy as np
import pytest

import aejax
from aejax.errors import mean_errors

DATA = aejax.load_data("mnist-sample")
X, Y = DATA.x_train[:1000], DATA.y_train[:1000]
HELD_OUT, HELD_OUT_LABELS = DATA.x_test[:500], DATA.y_test[:500]
MEAN_IMAGE = np.broadcast_to((X / 255).mean(axis=0), HELD_OUT.shape).astype(np.float32)

LARGE = {"hinton-2006", "hinton-2006-map", "hinton-modern", "compressing", "wide-map"}
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else []) for name in aejax.zoo]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_beats_the_mean_image_after_two_epochs_and_is_kept_to_the_bit(name, tmp_path):
    entry = aejax.zoo[name]
    assert entry.title
    assert entry.source
    assert aejax.ModelSpec.model_validate_json(entry.spec.model_dump_json()) == entry.spec
    assert aejax.TrainSpec.model_validate_json(entry.train.model_dump_json()) == entry.train
    recipe = entry.train.replace(epochs=2, batch_size=10)
    runs = [aejax.train(entry.spec, recipe, X, labels=entry.spec.told(Y)) for _ in range(2)]
    told = {"labels": HELD_OUT_LABELS} if entry.spec.classes else {}
    found, plain = runs[0].evaluate(HELD_OUT, **told), mean_errors(HELD_OUT, MEAN_IMAGE)
    # Where outputs may leave [0, 1], a cross-entropy says little about them.
    error = "bce" if entry.spec.likelihood.needs_unit_range else "mse"
    assert found[error] < plain[error]
    codes = runs[0].encode(HELD_OUT, **told)
    np.testing.assert_array_equal(runs[1].decode(codes, **told), runs[0].decode(codes, **told))
    runs[0].save(tmp_path / "run")
    loaded = aejax.load_run(tmp_path / "run")
    np.testing.assert_array_equal(loaded.decode(codes, **told), runs[0].decode(codes, **told))


def test_the_zoo_has_the_promised_entries_and_cannot_be_changed():
    promised = {"simple", "linear", "deep", "deep-sigmoid", "convolutional", "denoising", "variational"}
    assert promised <= aejax.zoo.keys()
    with pytest.raises(TypeError):
        aejax.zoo["deep"] = None  # type: ignore[index]


def test_an_unknown_name_is_told_with_the_known_ones():
    with pytest.raises(KeyError) as caught:
        aejax.zoo["dep"]
    assert str(caught.value).startswith("name must be one of map, ")
    assert str(caught.value).endswith("got 'dep' (did you mean deep?)")
    assert "dep" not in aejax.zoo
    assert aejax.zoo.get("dep") is None
