"""The stories by their names, in the order in which they are best told."""

from collections.abc import Mapping
from types import MappingProxyType

from aejax.settings import SpecError, not_among
from aejax.stories_codes import CODES
from aejax.stories_first import FIRST
from aejax.stories_limits import LIMITS
from aejax.stories_uses import USES
from aejax.story import Story

_ALL = FIRST | CODES | LIMITS | USES
_ORDER = (
    "autoencoder",
    "linear",
    "deep",
    "bottleneck",
    "convolution",
    "denoising",
    "sparse",
    "pixels",
    "contraction",
    "holes",
    "collapse",
    "strangers",
    "use",
    "pretraining",
    "sequences",
)

STORIES: Mapping[str, Story] = MappingProxyType({name: _ALL[name] for name in _ORDER})
"""Every story; one added here is on the shelf, in the address and in the tests."""


def story(name: str) -> Story:
    """The story of that name.

    Raises:
        SpecError: If there is none.
    """
    if name not in STORIES:
        raise SpecError(f"story {not_among(name, STORIES)}")
    return STORIES[name]
