"""One reproduced number: ours beside the bound that its source sets, and the table of many."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One number of ours beside the bound it must keep; `holds` says whether it does."""

    name: str
    measure: str
    ours: float
    bound: float
    source: str
    conditions: str
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.ours >= self.bound if self.at_least else self.ours <= self.bound


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    lines = ["| model | measure | ours | bound | holds | source | conditions |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        bound = f"{'≥' if row.at_least else '≤'} {row.bound:g}"
        cells = [row.name, row.measure, f"{row.ours:.5g}", bound, "yes" if row.holds else "**no**", row.source]
        lines.append(f"| {' | '.join([*cells, row.conditions])} |")
    return "\n".join(lines) + "\n"
