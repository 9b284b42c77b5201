"""Data sets of the Hugging Face hub by name, as the library `datasets` streams them; no scripts of theirs run."""

import os
import re
import tempfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from aejax.data.upload.limits import Limits, UploadError
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.tables import columns_found
from aejax.data.upload.words import cleaned, listed

INSTALL = 'pip install "aejax[hub]"'
_NAME = re.compile(r"(?P<path>[\w.-]{1,96}(/[\w.-]{1,96})?)(:(?P<config>[\w.+-]{1,96}))?")
_BUILDERS = ("parquet", "csv", "json", "arrow", "imagefolder")
_ROWS = 500
_TRAINING, _HELD_OUT = "train", ("test", "validation")


def hub_found(name: str, plan: Plan, limits: Limits, report: Report) -> Found:
    """A data set of the hub, named `owner/set`, or `owner/set:config` where it has several.

    Raises:
        UploadError: If there is none of this name, it cannot be had or read, or `datasets` is not installed.
    """
    given = _NAME.fullmatch(name.strip())
    if given is None:
        raise UploadError(f"name must be one of the hub, such as owner/set or owner/set:config; got {cleaned(name)}")
    with tempfile.TemporaryDirectory() as folder:
        # Read when the library is imported. Nothing of this server's own account is used, and nothing is kept.
        os.environ |= {"HF_HOME": folder, "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
        try:
            import datasets
            from huggingface_hub import HfApi
        except ImportError as error:
            raise UploadError(
                f"the hub needs the library datasets, which is not installed here: {INSTALL}, or bring the set's "
                "Parquet file"
            ) from error
        datasets.disable_progress_bars()
        try:
            builder = datasets.load_dataset_builder(given["path"], given["config"], cache_dir=folder, token=False)
            table, is_test, warning = _rows(builder, limits, report)
            card = HfApi(token=False).dataset_info(given["path"]).card_data
        except (UploadError, MemoryError):
            raise
        except Exception as error:
            raise UploadError(_why(given[0], error)) from error
    found = columns_found("Hugging Face", table, plan, limits, report)
    if is_test is not None and len(is_test) == len(found.x):
        found.test = is_test
    found.warnings += warning
    found.source = f"Hugging Face hub: {given[0]}"
    found.licence = cleaned(getattr(card, "license", None) or "none stated on its page of the hub", 100)
    return found


def _rows(builder: Any, limits: Limits, report: Report) -> tuple[pa.Table, np.ndarray | None, list[str]]:
    """The rows of the training part, or of the first one, with those of the held-out part behind them."""
    if builder.name not in _BUILDERS:
        raise UploadError(f"the set must be one of {listed(list(_BUILDERS))} files; got {cleaned(builder.name)}")
    parts = builder.as_streaming_dataset()
    names = [_TRAINING] if _TRAINING in parts else list(parts)[:1]
    names += [name for name in _HELD_OUT if name in parts and name not in names][:1]
    tables: list[pa.Table] = []
    counts: list[int] = []
    is_whole, room = True, limits.rows
    for name in names:
        schema = parts[name].features and parts[name].features.arrow_schema
        batches = list(_within(parts[name].with_format("arrow").iter(_ROWS), room, limits, report))
        counts.append(sum(len(batch) for batch in batches))
        room -= counts[-1]
        is_whole &= room > 0
        tables += [batch.replace_schema_metadata(schema.metadata if schema else None) for batch in batches]
    if not tables:
        raise UploadError("the set has no rows")
    warning = [] if is_whole else [f"Only the first {limits.rows:,} rows are read"]
    is_test = np.arange(sum(counts)) >= counts[0] if len(counts) > 1 and counts[1] else None
    return pa.concat_tables(tables, promote_options="default"), is_test, warning


def _within(batches: Iterator[pa.Table], rows: int, limits: Limits, report: Report) -> Iterator[pa.Table]:
    """The batches up to so many rows, and to the bytes that are allowed."""
    done = size = 0
    for batch in batches:
        batch = batch.slice(0, rows - done)
        done, size = done + len(batch), size + batch.nbytes
        if size > limits.decompressed_bytes or not len(batch):
            return
        report(min(size, limits.decompressed_bytes), limits.decompressed_bytes)
        yield batch


def _why(name: str, error: Exception) -> str:
    kind = type(error).__name__
    if "Connect" in kind or "Offline" in kind or "Timeout" in kind:
        return f"the hub cannot be reached from this server: bring a Parquet file of {cleaned(name)} instead"
    if "NotFound" in kind:
        return f"the hub has no open data set {cleaned(name)}"
    return f"the set {cleaned(name)} of the hub cannot be read ({cleaned(error, 160)})"
