"""pythae's variational autoencoder by its own trainer, an epoch at a time."""

import tempfile
from typing import Any

import numpy as np
import pythae
import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import Tensor

from benchmarks.cases import PIXELS, Case
from benchmarks.contestants import torch_
from benchmarks.contestants.post import NotWrittenError, Ready, serve
from benchmarks.contestants.torch_nets import Dense


class Encoder(BaseEncoder):
    """The encoder of the network, as pythae takes one."""

    def __init__(self, dense: Dense) -> None:
        super().__init__()
        self.layers = dense.encoder

    def forward(self, x: Tensor) -> ModelOutput:
        mean, log_var = self.layers(x).chunk(2, dim=1)
        return ModelOutput(embedding=mean, log_covariance=log_var)


class Decoder(BaseDecoder):
    """The decoder of the network, likewise: pythae wants probabilities, not logits."""

    def __init__(self, dense: Dense) -> None:
        super().__init__()
        self.layers = dense.decoder

    def forward(self, z: Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=torch.sigmoid(self.layers(z)))


def _train(case: Case, x: np.ndarray, seed: int) -> Ready:
    torch.manual_seed(seed)
    dense, data = Dense(case.net), torch_.images(x)
    config = VAEConfig(input_dim=(PIXELS,), latent_dim=case.net.latent, reconstruction_loss="bce")
    model = VAE(config, encoder=Encoder(dense), decoder=Decoder(dense))
    settings = BaseTrainerConfig(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=case.batch,
        learning_rate=case.learning_rate,
        optimizer_params={"eps": 1e-8},
        no_cuda=torch_.DEVICE == "cpu",
        seed=seed,
    )
    dataset = BaseDataset(data.cpu(), torch.zeros(len(data)))
    trainer = BaseTrainer(model, train_dataset=dataset, training_config=settings)
    trainer.prepare_training()
    trainer.callback_handler.callbacks = []

    def epochs() -> None:
        for number in range(case.epochs):
            trainer.train_step(number + 1)
        torch_.settle()

    @torch.no_grad()
    def loss() -> float:
        return float(model({"data": data}).loss)

    return Ready(epochs, loss)


def build(case: Case, x: np.ndarray, rounds: int, seed: int) -> Ready:
    """A case; nothing is compiled."""
    if case.task == "train" and case.net.code == "gaussian" and case.net.body == "dense":
        return _train(case, x, seed)
    raise NotWrittenError("written for the variational autoencoder alone, whose loss is the same in pythae")


def about() -> dict[str, Any]:
    """Versions, and the device that is computed on."""
    told = torch_.about()
    versions = told["versions"] | {"pythae": getattr(pythae, "__version__", "")}
    return told | {"versions": {name: version for name, version in versions.items() if version}}


if __name__ == "__main__":
    torch_.set_up()
    serve(build, about)
