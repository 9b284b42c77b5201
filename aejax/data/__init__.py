"""Data sets: one record, one table, one file per source."""

from aejax.data.column import Column
from aejax.data.record import Data
from aejax.data.refusals import DownloadError
from aejax.data.remote import data_folder
from aejax.data.source import Source
from aejax.data.table import DATASETS, load_data, sources

__all__ = ["DATASETS", "Column", "Data", "DownloadError", "Source", "data_folder", "load_data", "sources"]
