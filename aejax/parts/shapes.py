"""What parts ask of an example's shape."""

from aejax.settings import SpecError
from aejax.types import Shape


def check_images(part: str, shape: Shape) -> None:
    """Refuse examples that are no images.

    Args:
        part: Whose need it is, as a message names it.
        shape: Of one example.

    Raises:
        SpecError: With the shapes that are images.
    """
    if len(shape) not in (2, 3):
        raise SpecError(
            f"{part} needs images, of shape (height, width) or (height, width, channels); got {tuple(shape)}"
        )
