"""The Latent Canvas: codes as a live map, any place of which is decoded under the pointer."""

from aejax.ui.canvas.answer import Answer
from aejax.ui.canvas.component import TOOLS, latent_canvas
from aejax.ui.canvas.decoder import Decoder
from aejax.ui.canvas.scene import Scene, quantised
from aejax.ui.canvas.sprites import Thumbnails

__all__ = ["TOOLS", "Answer", "Decoder", "Scene", "Thumbnails", "latent_canvas", "quantised"]
