"""One reproduced number: ours beside the bound that its source sets, and the table of many."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One number of ours beside the bound it must keep, if there is one; `holds` says whether it does."""

    name: str
    measure: str
    ours: float
    bound: float | None
    source: str
    conditions: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        if self.bound is None:
            return True
        return self.ours >= self.bound if self.at_least else self.ours <= self.bound


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    lines = ["| model | measure | ours | bound | holds | source | conditions |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        bound = "" if row.bound is None else f"{'≥' if row.at_least else '≤'} {row.bound:g}"
        holds = "" if row.bound is None else "yes" if row.holds else "**no**"
        cells = [row.name, row.measure, f"{row.ours:.5g}", bound, holds, row.source]
        lines.append(f"| {' | '.join([*cells, row.conditions])} |")
    return "\n".join(lines) + "\n"
