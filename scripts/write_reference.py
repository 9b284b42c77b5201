"""Write docs/reference.md from the tables of aejax: parts, optimizers, named autoencoders, data sets and metrics.

python scripts/write_reference.py
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from annotated_types import Ge, Gt, Le, Lt

from aejax.axes import Range
from aejax.data import DATASETS
from aejax.data.upload.limits import Limits
from aejax.metrics import METRICS
from aejax.optimizers import OPTIMIZERS
from aejax.parts.bottlenecks import BOTTLENECKS
from aejax.parts.corruptions import CORRUPTIONS
from aejax.parts.likelihoods import LIKELIHOODS
from aejax.parts.networks import NETWORKS
from aejax.parts.penalties import PENALTIES
from aejax.parts.pretrainings import PRETRAININGS
from aejax.projections import PROJECTIONS
from aejax.settings import Settings, is_live
from aejax.spec import ModelSpec, TrainSpec
from aejax.sweep.plan import Plan
from aejax.zoo import ZOO

PAGE = Path(__file__).parent.parent / "docs" / "reference.md"

VOCABULARIES: dict[str, Mapping[str, type[Settings]]] = {
    "Corruptions (`spec.corruption`)": CORRUPTIONS,
    "Networks (`spec.encoder`, `spec.decoder`)": NETWORKS,
    "Bottlenecks (`spec.bottleneck`)": BOTTLENECKS,
    "Likelihoods (`spec.likelihood`)": LIKELIHOODS,
    "Penalties (`spec.penalties`)": PENALTIES,
    "Optimizers (`train.optimizer`)": OPTIMIZERS,
    "Pretrainings (`train.pretraining`)": PRETRAININGS,
    "Baselines (`aejax.projections.projection(kind)`)": PROJECTIONS,
}

HEAD = """# Reference

Written by `python scripts/write_reference.py` from the declarations in the code; a test compares the two. A setting
marked *live* may change while a model trains, and never leads to a new compilation.

"""

METRICS_HEAD = """
## Metrics (`aejax.metrics`)

Definitions, sources and defaults are in [the mathematics of metrics](mathematics/metrics.md). The cost is in n examples
measured, m training examples, d features, l coordinates of a code and c classes.

"""


def reference() -> str:
    """The whole page."""
    sections = [HEAD, "## Models (`ModelSpec`)\n", _settings(ModelSpec), "\n## Training (`TrainSpec`)\n"]
    sections.append(_settings(TrainSpec))
    for title, parts in VOCABULARIES.items():
        sections.append(f"\n## {title}\n")
        for kind, part in parts.items():
            first, *_ = (part.__doc__ or "").strip().splitlines()
            sections.append(f"\n**`{kind}`** {first}\n")
            sections.append(_settings(part))
    sections.append("\n## Named autoencoders (`aejax.zoo`)\n\n")
    zoo = ((f"`{name}`", entry.about, f"`{entry.spec}`", entry.source) for name, entry in ZOO.items())
    sections.append(_table(("name", "what it shows", "sentence", "source"), zoo))
    sections.append("\n## Data sets (`aejax.load_data`)\n\n")
    data = (
        (f"`{name}`", source.description, f"{source.train:,} + {source.test:,}", str(source.shape), source.licence)
        for name, source in DATASETS.items()
    )
    sections.append(_table(("name", "what it holds", "training + test", "shape", "licence"), data))
    sections.append("\n## Sweeps (`aejax sweep`)\n")
    sections += [_settings(Plan), "\nAn axis is a list of values, or:\n", _settings(Range)]
    sections.append("\n## Limits of uploads (`AEJAX_LIMIT_...`)\n")
    sections.append(_settings(Limits))
    sections.append(METRICS_HEAD)
    metrics = ((f"`{n}`", m.title, m.unit, f"{m.direction} is better", m.meaning, m.cost) for n, m in METRICS.items())
    sections.append(_table(("name", "title", "unit", "direction", "meaning", "cost"), metrics))
    return "".join(sections)


def _settings(record: type[Settings]) -> str:
    rows = [
        (
            f"`{name}`",
            "" if field.is_required() else f"`{_plain(field.default)}`",
            _bounds(field.metadata),
            _help(record, name, field.description),
        )
        for name, field in record.model_fields.items()
        if name != "kind"
    ]
    return "\n" + _table(("setting", "default", "bounds", "meaning"), rows) if rows else ""


def _help(record: type[Settings], name: str, description: str | None) -> str:
    return f"{description}{' (*live*)' if is_live(record, name) else ''}"


def _bounds(metadata: Iterable[object]) -> str:
    signs = {Ge: ("≥", "ge"), Gt: (">", "gt"), Le: ("≤", "le"), Lt: ("<", "lt")}
    found = [(signs[type(mark)], mark) for mark in metadata if type(mark) in signs]
    return ", ".join(f"{sign} {getattr(mark, name):,}" for (sign, name), mark in found)


def _plain(value: object) -> str:
    return ",".join(map(str, value)) or "()" if isinstance(value, tuple) else str(value)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in cells)


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(reference(), encoding="utf-8")
