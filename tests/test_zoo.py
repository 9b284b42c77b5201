import numpy as np
import pytest
from sklearn.datasets import load_digits

import aejax

LABELS = load_digits().target[:400]
X = np.kron(load_digits().images[:400] / 16, np.ones((3, 3))).astype(np.float32)[:, :, :]


LARGE = {"hinton-2006", "hinton-2006-map", "hinton-modern"}
NAMES = [pytest.param(name, marks=[pytest.mark.slow] if name in LARGE else []) for name in aejax.zoo]


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_trains_saves_loads_and_beats_the_mean_image(name, tmp_path):
    entry = aejax.zoo[name]
    assert entry.title
    assert entry.source
    x = X[:, 2:22, 2:22]
    labels = {"labels": LABELS[:300]} if entry.spec.classes else {}
    told = {"labels": LABELS[300:]} if entry.spec.classes else {}
    run = aejax.train(entry.spec, entry.train.replace(epochs=8, batch_size=20), x[:300], **labels)
    found = run.evaluate(x[300:], corrupted=False, **told)
    mean_image = np.broadcast_to(x[:300].mean(axis=0), x[300:].shape)
    assert found["mse"] < np.mean((x[300:] - mean_image) ** 2)
    run.save(tmp_path / "run")
    loaded = aejax.load_run(tmp_path / "run")
    codes = run.encode(x[300:], **told)
    np.testing.assert_array_equal(loaded.decode(codes, **told), run.decode(codes, **told))


def test_the_zoo_has_the_promised_entries_and_cannot_be_changed():
    promised = {"simple", "linear", "deep", "deep-sigmoid", "convolutional", "denoising", "variational"}
    assert promised <= aejax.zoo.keys()
    with pytest.raises(TypeError):
        aejax.zoo["deep"] = None  # type: ignore[index]


def test_an_unknown_name_is_told_with_the_known_ones():
    with pytest.raises(KeyError) as caught:
        aejax.zoo["dep"]
    assert str(caught.value).startswith("name must be one of map, simple")
    assert str(caught.value).endswith("got 'dep' (did you mean deep?)")
    assert "dep" not in aejax.zoo
    assert aejax.zoo.get("dep") is None
