"""In what settings runs differ: each setting by its dotted name, and nothing that all of them share."""

from collections.abc import Mapping, Sequence
from typing import Any

ABSENT = "–"


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Each setting by its dotted name, as text."""
    found: dict[str, str] = {}
    for name, value in settings.items():
        where = f"{prefix}{name}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{where}.")
        elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            found |= flat({str(index): entry for index, entry in enumerate(value)}, f"{where}.")
        else:
            found[where] = "none" if value in (None, [], ()) else _written(value)
    return found


def differences(runs: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The settings that are not the same in all runs, by name: the value in each, or a dash where it has none."""
    told = [flat(settings) for settings in runs]
    names = dict.fromkeys(name for settings in told for name in settings)
    rows = {name: [settings.get(name, ABSENT) for settings in told] for name in names}
    return {name: values for name, values in rows.items() if len(set(values)) > 1}


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
