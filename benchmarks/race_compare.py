"""A race beside the one that was kept: `python -m benchmarks.race_compare [KEPT] [NEW]`.

Its status is 1 where aejax fell back, and 2 where there is nothing to compare.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.race import RESULTS
from benchmarks.ratios import ratios

ALLOWED = 0.2
"""By which share a ratio may fall: two runs on one quiet machine differ by about half as much."""

KEPT, NEW = RESULTS / "kept.json", RESULTS / "latest.json"


@dataclass(frozen=True)
class Change:
    """How a ratio went from one race to another."""

    case: str
    family: str
    before: float
    after: float

    @property
    def fell(self) -> bool:
        """Whether it fell by more than is allowed."""
        return self.after < (1.0 - ALLOWED) * self.before


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The ratios that both races have, in the order of the later."""
    known = {(row.case, row.family): row.least for row in ratios(before)}
    return [
        Change(row.case, row.family, known[row.case, row.family], row.least)
        for row in ratios(after)
        if (row.case, row.family) in known
    ]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Why the two races are not of one kind, if they are not."""
    told = ("machine", "platform", "precision")
    return [f"{name}: {before[name]} before, {after[name]} now" for name in told if before[name] != after[name]]


def main(kept: Path = KEPT, new: Path = NEW) -> int:
    """Print how each ratio went; 1 where one fell too far, 2 where there is nothing to compare, else 0."""
    missing = [path for path in (kept, new) if not path.is_file()]
    if missing:
        print(f"no race is kept in {missing[0]}: run `make bench` first, and keep one as {kept}", file=sys.stderr)
        return 2
    before, after = (json.loads(path.read_text("utf-8")) for path in (kept, new))
    for difference in differences(before, after):
        print(f"not the same race: {difference}")
    found = changes(before, after)
    for change in found:
        mark = "  FELL" if change.fell else ""
        print(f"{change.case:16} {change.family:14} {change.before:6.2f} -> {change.after:6.2f}{mark}")
    fallen = sum(change.fell for change in found)
    print(f"{len(found)} ratios compared, {fallen} fell by more than {100 * ALLOWED:.0f} %")
    return 1 if fallen else 0 if found else 2


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
