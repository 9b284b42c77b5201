"""What a teacher's link says: which controls and pages are hidden or locked, and how the page looks from afar."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        "data": "Data",
        "model": "Model",
        "numbers": "Latent size, epochs, learning rate",
        "parts": "Every part of the model",
        "training": "Training",
        "reset": "Reset to the recipe",
        "share": "Share",
        "transport": "Play, pause, stop, and what changes while it trains",
    }
)
"""The groups of controls that can be hidden or locked, by their names in the address."""

PAGES: Mapping[str, str] = MappingProxyType(
    {
        "walk-through": "Walk through",
        "embeddings": "Embedding",
        "comparison": "Compare",
        "latent-space": "Latent",
        "reconstructions": "Reconstruct",
        "out-of-domain": "Out of domain",
        "use-the-code": "Use the code",
        "your-data": "Data",
        "sweeps": "Sweep",
        "trainings": "Runs",
        "stories": "Stories",
    }
)
"""The pages that can be hidden, by their places in the address; the first page always stays."""

_HIDE, _LOCK, _LARGE, _CONTRAST = "hide-", "lock-", "large", "contrast"
LONGEST = 1000
"""Characters of a text that are looked at."""


@dataclass(frozen=True)
class Lesson:
    """What is hidden, what is locked, and the looks.

    Attributes:
        hidden: Names in `GROUPS` and `PAGES` of what is not shown.
        locked: Names in `GROUPS` of what is shown and cannot be used.
        large: Whether type is larger.
        contrast: Whether contrast is stronger.
        unknown: What the text names beside that, which means nothing here.
    """

    hidden: frozenset[str] = frozenset()
    locked: frozenset[str] = frozenset()
    large: bool = False
    contrast: bool = False
    unknown: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What stands in the address; empty for a lesson that changes nothing."""
        hidden = [_HIDE + name for name in (*GROUPS, *PAGES) if name in self.hidden]
        locked = [_LOCK + name for name in GROUPS if name in self.locked - self.hidden]
        looks = [name for name, on in ((_LARGE, self.large), (_CONTRAST, self.contrast)) if on]
        return ",".join([*hidden, *locked, *looks])


def lesson(text: str) -> Lesson:
    """The lesson that a text from an address names; what is not known is kept apart, and nothing in it is trusted."""
    words = [word for word in text[:LONGEST].split(",") if word]
    hidden = {word.removeprefix(_HIDE) for word in words if word.startswith(_HIDE)} & {*GROUPS, *PAGES}
    locked = {word.removeprefix(_LOCK) for word in words if word.startswith(_LOCK)} & {*GROUPS}
    known = {_HIDE + name for name in hidden} | {_LOCK + name for name in locked} | {_LARGE, _CONTRAST}
    unknown = tuple(word for word in words if word not in known)
    return Lesson(frozenset(hidden), frozenset(locked), _LARGE in words, _CONTRAST in words, unknown)
