"""The Latent Canvas: codes as a live map, any place of which is decoded under the pointer."""

from aejax.frames import quantised
from aejax.ui.canvas.answer import Answer
from aejax.ui.canvas.component import EXPLORING, TOOLS, keep, latent_canvas
from aejax.ui.canvas.decoder import Decoder
from aejax.ui.canvas.replies import Replies
from aejax.ui.canvas.scene import Scene
from aejax.ui.canvas.sprites import Thumbnails
from aejax.ui.canvas.survey import Survey

__all__ = [
    "EXPLORING",
    "TOOLS",
    "Answer",
    "Decoder",
    "Replies",
    "Scene",
    "Survey",
    "Thumbnails",
    "keep",
    "latent_canvas",
    "quantised",
]
