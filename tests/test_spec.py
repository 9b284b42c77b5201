import pytest

from aejax.settings import SpecError
from aejax.spec import ModelSpec


def test_a_code_larger_than_an_example_is_refused():
    assert ModelSpec(latent=64).latent_size((8, 8)) == 64
    with pytest.raises(SpecError, match="latent must be at most 64, the size of one example; got 65"):
        ModelSpec(latent=65).latent_size((8, 8))


def test_only_a_convolution_forms_a_code_by_itself():
    assert ModelSpec(latent=None, encoder="conv").latent_size((28, 28)) == 49
    with pytest.raises(SpecError, match="latent must be a number with encoder 'dense'; got None"):
        ModelSpec(latent=None).latent_size((28, 28))


@pytest.mark.parametrize("shape", [(10,), (4, 4, 4, 4)])
def test_a_convolution_needs_images(shape):
    with pytest.raises(SpecError, match="needs images, of shape \\(height, width\\)"):
        ModelSpec(latent=2, encoder="conv").latent_size(shape)
    with pytest.raises(SpecError, match="needs images"):
        ModelSpec(latent=2, decoder="conv").latent_size(shape)


def test_the_sentence_names_every_part_that_is_not_plain():
    spec = ModelSpec(latent=2, corruption="gaussian", bottleneck="gaussian", decoder="linear", penalties=("l1",))
    assert str(spec) == "gaussian > dense > 2 gaussian > linear > bernoulli + l1"
    assert str(ModelSpec(latent=None, encoder="conv")) == "conv > own map point > mirror > bernoulli"
