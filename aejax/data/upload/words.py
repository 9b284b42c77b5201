"""Words that users bring, made harmless once, where they come in: they are shown in many places."""

import re
import unicodedata

LONGEST = 60

# Pages, charts and legends read these as markup; their look-alikes are only letters to them.
_LOOKALIKES = str.maketrans(
    {
        "<": "‹",
        ">": "›",
        "&": "＆",
        "[": "(",
        "]": ")",
        "*": "∗",
        "`": "'",
        "$": "＄",
        "\\": "∖",
        "~": "∼",
        ":": "∶",
        "|": "∣",
        "#": "＃",
        '"': "”",
    }
)
_ADDRESS = re.compile(r"(?i)www\.")
_NOT_SHOWN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def cleaned(text: object, longest: int = LONGEST) -> str:
    """The text without control and direction marks, its markup replaced by look-alikes, cut to `longest` characters."""
    # What is cut off need not be looked at; what is dropped may make room for it.
    given = unicodedata.normalize("NFC", str(text)[: 20 * longest])
    shown = "".join(
        " " if c.isspace() else c for c in given if c.isspace() or unicodedata.category(c) not in _NOT_SHOWN
    )
    plain = _ADDRESS.sub("www․", " ".join(shown.translate(_LOOKALIKES).split())).strip("_")
    return (plain if len(plain) <= longest else f"{plain[: longest - 1]}…") or "(no name)"


def distinct(names: list[str]) -> list[str]:
    """The names cleaned, with a number behind those that come again."""
    seen: set[str] = set()
    told: list[str] = []
    for name in map(cleaned, names):
        number, unique = 1, name
        while unique in seen:
            number += 1
            unique = f"{name} ({number})"
        seen.add(unique)
        told.append(unique)
    return told


def listed(names: list[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    first = ", ".join(cleaned(name, 40) for name in names[:most])
    return first if len(names) <= most else f"{first} and {len(names) - most:,} more"
