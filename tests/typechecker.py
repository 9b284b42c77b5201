"""The checker of annotations that pytest puts on every function of aejax."""

from typing import Any

from beartype import BeartypeConf, beartype
from beartype.roar import BeartypeDecorHintPep673Exception

# The tower lets 1 pass where a float is asked for.
CONFIGURATION = BeartypeConf(is_pep484_tower=True)


def checked(function: Any) -> Any:
    """The function with its annotations checked at each call; as it is where they speak of `Self`.

    beartype understands `Self` only on a class that it decorates whole, and jaxtyping hands it methods.
    """
    try:
        return beartype(function, conf=CONFIGURATION)
    except BeartypeDecorHintPep673Exception:
        return function
