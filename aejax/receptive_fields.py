"""What the units of a dense encoder look for in an example."""

import numpy as np
from jaxtyping import Float

from aejax.parts.networks import Dense, Linear
from aejax.run import Run
from aejax.settings import SpecError


def receptive_fields(run: Run, layer: int = 1) -> Float[np.ndarray, "units *shape"]:
    """The weights with which each unit of a layer looks at an example, without its bias.

    In the first layer they are the unit's own. Above it they are the sums of the fields below by the unit's weights:
    those of the network without its activations, so what a unit looks for but roughly.

    Args:
        run: A run with a dense encoder.
        layer: Number of the layer, from 1; the last one gives the code.

    References:
        Lee, Ekanadham & Ng, Sparse Deep Belief Net Model for Visual Area V2, 2008, section 5.2.

    Raises:
        SpecError: If the encoder is not dense, or has no such layer.
    """
    encoder = run.spec.encoder
    if not isinstance(encoder, Dense | Linear):
        raise SpecError(f"receptive fields are those of a dense encoder; got {encoder.kind!r}")
    layers = layer_count(run)
    if not 1 <= layer <= layers:
        raise SpecError(f"layer must be between 1 and {layers}, the layers of the encoder; got {layer}")
    kernels = [np.asarray(run.params[f"encoder.body.layers.{index}.kernel"]) for index in range(layer)]
    fields = kernels[0]
    for kernel in kernels[1:]:
        fields = fields @ kernel
    return np.ascontiguousarray(fields.T).reshape(-1, *run.shape)


def layer_count(run: Run) -> int:
    """Layers of a dense encoder, the one that gives the code included."""
    return len(run.spec.encoder.widths) + 1 if isinstance(run.spec.encoder, Dense) else 1
