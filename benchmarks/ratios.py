"""What a record of a race says: ratios to the peers, shares of the machine's limit, and whether the aims hold."""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LOSS_TOLERANCE = 0.01
"""By which share a mean loss may be above a peer's and still count as equal, if seeds do not allow for more."""

OURS = "aejax"


@dataclass(frozen=True)
class Ratio:
    """One case against the best mode of one peer.

    Attributes:
        case: Name of the case.
        family: The peer.
        best: Its mode whose fastest round is the fastest.
        least: Its fastest round over aejax's fastest: how many times faster aejax is.
        median: Median over the rounds of its time over aejax's in the same round.
        aim: What the ratio is to reach; None where no aim is set.
        loss: aejax's loss, the mean over seeds, over the peer's, less 1; None where nothing is trained.
        spread: Twice the standard error of that difference over seeds, as a share of the peer's loss.
    """

    case: str
    family: str
    best: str
    least: float
    median: float
    aim: float | None
    loss: float | None
    spread: float = 0.0

    @property
    def holds(self) -> bool | None:
        """Whether the aim is reached, at equal or lower loss; None where there is none."""
        if self.aim is None:
            return None
        return self.least >= self.aim and self.learns_as_well

    @property
    def learns_as_well(self) -> bool:
        """Whether aejax's loss is lower or equal, as far as the seeds can tell."""
        return self.loss is None or self.loss <= max(LOSS_TOLERANCE, self.spread)


def ratios(record: Mapping[str, Any]) -> list[Ratio]:
    """A row for each case and each peer that took part in it."""
    return [row for name, case in record["cases"].items() for row in _of_case(name, case, record["contestants"])]


def _of_case(name: str, case: Mapping[str, Any], contestants: Mapping[str, Any]) -> Iterator[Ratio]:
    times: dict[str, list[float]] = case["times"]
    if OURS not in times or is_limit(case):
        return
    families: dict[str, list[str]] = {}
    for contestant in times:
        families.setdefault(contestants[contestant]["family"], []).append(contestant)
    for family, names in families.items():
        if family == OURS:
            continue
        best = min(names, key=lambda one: min(times[one]))
        rounds = zip(times[best], times[OURS], strict=False)
        aim = case["case"]["aims"].get(family)
        yield Ratio(
            name,
            family,
            best,
            min(times[best]) / min(times[OURS]),
            statistics.median(theirs / ours for theirs, ours in rounds),
            aim,
            *_excess(case["again"], family),
        )


def _excess(losses: Mapping[str, list[float]], family: str) -> tuple[float | None, float]:
    """By which share our mean loss is above a family's, and twice the standard error of that."""
    ours, theirs = losses.get(OURS), losses.get(family)
    if not ours or not theirs:
        return None, 0.0
    mean = statistics.mean(theirs)
    squares = sum(statistics.variance(some) / len(some) for some in (ours, theirs) if len(some) > 1)
    return statistics.mean(ours) / mean - 1.0, 2.0 * squares**0.5 / mean


def is_limit(case: Mapping[str, Any]) -> bool:
    """Whether a case times the machine itself."""
    return case["case"]["task"] in ("products", "copy")


@dataclass(frozen=True)
class Limit:
    """What the machine does at most: the best that any contestant reached."""

    name: str
    rate: float
    unit: str
    by: str


def limits(record: Mapping[str, Any]) -> dict[str, Limit]:
    """The greatest rates of matrix products and of copying, by their cases' names."""
    found = {}
    for name, case in record["cases"].items():
        if not is_limit(case) or not case["times"]:
            continue
        by = min(case["times"], key=lambda one: min(case["times"][one]))
        work, unit = (case["flops"], "GFLOP/s") if case["flops"] else (case["bytes"], "GB/s")
        found[name] = Limit(name, work / min(case["times"][by]) / 1e9, unit, by)
    return found


@dataclass(frozen=True)
class Share:
    """How much of the greatest rate of matrix products a contestant reached in a case, counting products alone."""

    case: str
    contestant: str
    rate: float
    share: float
    aim: float

    @property
    def holds(self) -> bool | None:
        """Whether the aim is reached; None where there is none."""
        return self.share >= self.aim if self.aim else None


def shares(record: Mapping[str, Any]) -> list[Share]:
    """aejax's and the best peer's share of the limit, for each case whose products are counted."""
    peak = limits(record).get("products")
    if peak is None:
        return []
    found = []
    for name, case in record["cases"].items():
        if is_limit(case) or not case["flops"] or OURS not in case["times"]:
            continue
        peers = [one for one in case["times"] if one != OURS]
        best = min(peers, key=lambda one: min(case["times"][one]), default=None)
        for one in (OURS, best) if best else (OURS,):
            rate = case["flops"] / min(case["times"][one]) / 1e9
            aim = case["case"]["least_share"] if one == OURS else 0.0
            found.append(Share(name, one, rate, rate / peak.rate, aim))
    return found


def verdict(holds: bool | None) -> str:
    """A word for a table."""
    return "" if holds is None else "yes" if holds else "**no**"


def report(record: Mapping[str, Any]) -> str:
    """The tables in Markdown: ratios, times, shares of the limit, what was measured alone, and who was absent."""
    parts = [_heading(record), _ratio_table(record), _time_table(record), _share_table(record)]
    return "\n\n".join(part for part in [*parts, _alone_table(record), _absent(record)] if part) + "\n"


def _heading(record: Mapping[str, Any]) -> str:
    machine, versions = record["machine"], {}
    for told in record["contestants"].values():
        versions |= told.get("versions", {})
    listed = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    device = record["contestants"].get(OURS, {}).get("device", "")
    return (
        f"{record['date']}: {machine['processor']}, {machine['cores']} cores, {device}; products in "
        f"{record['precision']}; {record['rounds']} rounds, interleaved; load {record['load']:g} before the race"
        f"{', each put before all other processes' if record['undisturbed'] else ''}. "
        f"Python {record['python']}, {listed}."
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if rows else ""


def _ratio_table(record: Mapping[str, Any]) -> str:
    head = ("case", "beside", "its best mode", "times faster (least)", "(median)", "aim", "loss, ours to its", "holds")
    rows = []
    for row in ratios(record):
        aim = "" if row.aim is None else f"{row.aim:g}"
        loss = "" if row.loss is None else f"{100 * row.loss:+.1f}{_spread(row)} %"
        speed = f"{row.least:.2f}", f"{row.median:.2f}"
        rows.append((row.case, row.family, row.best, *speed, aim, loss, verdict(row.holds)))
    return _table(head, rows)


def _spread(row: Ratio) -> str:
    """What the seeds allow for; nothing where there was one."""
    return f" ± {100 * row.spread:.1f}" if row.spread else ""


def _time_table(record: Mapping[str, Any]) -> str:
    head = ("case", "contestant", "ms an epoch or call (least)", "(median)", "loss", "s to build and compile")
    rows = []
    for name, case in record["cases"].items():
        for one, times in case["times"].items():
            each = [1e3 * seconds / case["case"]["epochs"] for seconds in times]
            loss = case["losses"].get(one)
            told = "" if loss is None else f"{loss:.2f}"
            numbers = f"{min(each):.4g}", f"{statistics.median(each):.4g}"
            rows.append((name, one, *numbers, told, f"{case['prepared'][one]:.1f}"))
    return _table(head, rows)


def _share_table(record: Mapping[str, Any]) -> str:
    rows = []
    for row in shares(record):
        aim = f"{row.aim:g}" if row.aim else ""
        rows.append((row.case, row.contestant, f"{row.rate:.1f}", f"{row.share:.2f}", aim, verdict(row.holds)))
    head = ("case", "contestant", "GFLOP/s of products", "share of the limit", "aim", "holds")
    told = "; ".join(f"{one.name}: {one.rate:.1f} {one.unit} (by {one.by})" for one in limits(record).values())
    return f"The machine's limits: {told}.\n\n{_table(head, rows)}" if told else ""


def _alone_table(record: Mapping[str, Any]) -> str:
    rows = []
    for name, one in record["alone"].items():
        if "absent" in one:
            rows.append((name, f"absent: {one['absent']}", "", ""))
            continue
        aim = "" if one.get("aim") is None else one["aim"]
        rows.append((name, one["told"], aim, verdict(one.get("holds"))))
    return _table(("alone", "measured", "aim", "holds"), rows)


def _absent(record: Mapping[str, Any]) -> str:
    told = {name: one["absent"] for name, one in record["contestants"].items() if "absent" in one}
    for name, case in record["cases"].items():
        told |= {f"{one} in {name}": why for one, why in case["absent"].items() if one not in told and _matters(why)}
    return "\n".join(["Absent:", "", *(f"- {name}: {why}" for name, why in told.items())]) if told else ""


def _matters(why: str) -> bool:
    """Whether a contestant was meant to take part."""
    return not why.startswith("NotWrittenError")
