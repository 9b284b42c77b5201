"""The table of runs: a row each, filtered by words, states and tags."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from aejax.data import sources
from aejax.jobs import ACTIVE, Standing
from aejax.remarks import Remarks, read_remarks
from aejax.settings import SpecError
from aejax.spec import ModelSpec
from aejax.zoo import ZOO

STATES = (*ACTIVE, "stopped", "done", "interrupted", "diverged", "failed")
"""All that a run can be, in the order in which filters offer it."""


@dataclass(frozen=True, eq=False)
class Row:
    """One run as the table shows it; `words` is all that a filter looks through."""

    standing: Standing
    remarks: Remarks
    title: str
    sentence: str
    data: str
    words: str

    @property
    def id(self) -> str:
        """The run's identifier."""
        return self.standing.id


def rows(standings: Sequence[Standing]) -> list[Row]:
    """A row for each run, those that are pinned first."""
    titles = {name: source.title for name, source in sources().items()}
    found = [_row(standing, titles) for standing in standings]
    return sorted(found, key=lambda row: not row.remarks.pinned)


def _row(standing: Standing, titles: Mapping[str, str]) -> Row:
    document, remarks = standing.document, read_remarks(standing.folder.path)
    model, sentence = _told(json.dumps(document["spec"]))
    name = str(document["data"]["name"])
    title = remarks.name or model
    words = (title, model, sentence, titles.get(name, name), name, standing.status, standing.id, *remarks.tags)
    return Row(standing, remarks, title, sentence, titles.get(name, name), " ".join((*words, remarks.notes)).lower())


@lru_cache(maxsize=4096)
def _told(spec: str) -> tuple[str, str]:
    """The model's name in the zoo, or else its sentence; and its sentence."""
    try:
        model = ModelSpec(**json.loads(spec))
    except SpecError:
        return "Unknown model", "Of an aejax that knows other parts"
    return _titles().get(_unsized(model), str(model)), str(model)


@cache
def _titles() -> dict[ModelSpec, str]:
    """Names of the zoo's models, whatever the size of their codes."""
    return {_unsized(entry.spec): entry.title for entry in reversed(list(ZOO.values()))}


def _unsized(model: ModelSpec) -> ModelSpec:
    return model.model_copy(update={"latent": None})


def filtered(found: Sequence[Row], text: str = "", states: Sequence[str] = (), tags: Sequence[str] = ()) -> list[Row]:
    """The rows that hold every word of the text, in one of the states and with all of the tags, where any are asked."""
    words = text.lower().split()
    return [
        row
        for row in found
        if all(word in row.words for word in words)
        and (not states or row.standing.status in states)
        and set(tags) <= set(row.remarks.tags)
    ]


def columns(found: Sequence[Row]) -> dict[str, list[Any]]:
    """The table, column by column."""
    told = [_cells(row) for row in found]
    return {name: [cells[name] for cells in told] for name in (told[0] if told else {})}


def _cells(row: Row) -> dict[str, Any]:
    document, train = row.standing.document, row.standing.document["train"]
    last = document.get("last") or {}
    return {
        "Pinned": row.remarks.pinned,
        "Name": row.title,
        "State": row.standing.status,
        "Data": row.data,
        "Loss": _loss(last.get("terms")),
        "Held out": _loss(last.get("validation")),
        "Epochs": f"{document['epoch']} of {train['epochs']}",
        "Code": document["spec"].get("latent"),
        "Seed": train["seed"],
        "Seconds": float(document["seconds"]),
        "Begun": datetime.fromisoformat(document["created"]),
        "Tags": list(row.remarks.tags),
        "Sentence": row.sentence,
        "Run": row.id,
    }


def plain(text: str) -> str:
    """Text as it is, for where Markdown is read."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$&])", r"\\\1", text)


def _loss(terms: Mapping[str, float] | None) -> float | None:
    return sum(terms.values()) if terms else None
