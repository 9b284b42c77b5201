"""Data sets by their names: those that come with scikit-learn, and those of OpenML."""

import re
import tempfile
import warnings
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError

import pyarrow as pa

from aejax.data.tabular import ORIGINS
from aejax.data.upload.columns import table_found
from aejax.data.upload.limits import Limits, UploadError
from aejax.data.upload.plan import Found, Plan, Report
from aejax.data.upload.words import cleaned, listed

_OPENML = re.compile(r"(?P<id>\d{1,9})|(?P<name>[\w.()+-]{1,128})(@(?P<version>\d{1,6}))?")


@dataclass(frozen=True)
class _Bundled:
    """A data set in scikit-learn: the function that loads it, and what its users must know."""

    load: str
    source: str
    licence: str


BUNDLED = {
    "iris": _Bundled("load_iris", "R. A. Fisher, 1936; UCI, doi:10.24432/C56C76", "CC BY 4.0"),
    "wine": _Bundled("load_wine", *ORIGINS["wine"]),
    "breast-cancer": _Bundled("load_breast_cancer", *ORIGINS["breast-cancer"]),
    "diabetes": _Bundled("load_diabetes", *ORIGINS["diabetes"]),
    "linnerud": _Bundled("load_linnerud", "A. C. Linnerud; M. Tenenhaus, 1998", "none stated"),
}


def bundled_found(name: str, plan: Plan, limits: Limits, report: Report) -> Found:
    """A data set that comes with scikit-learn.

    Raises:
        UploadError: If there is none of this name.
    """
    key = name.strip().lower().replace("_", "-").removeprefix("load-")
    if key not in BUNDLED:
        raise UploadError(f"name must be one of {', '.join(BUNDLED)}; got {cleaned(name)}")
    from sklearn import datasets

    known = BUNDLED[key]
    bunch = getattr(datasets, known.load)(as_frame=True)
    frame = bunch.frame
    if "target" in frame and frame["target"].nunique() == len(bunch.get("target_names", ())):
        frame = frame.assign(target=[str(bunch.target_names[value]) for value in frame["target"]])
    found = table_found("scikit-learn", _table(frame), plan, limits)
    found.source, found.licence = f"scikit-learn: {known.source}", known.licence
    return found


def openml_found(name: str, plan: Plan, limits: Limits, report: Report) -> Found:
    """A data set of OpenML, by its name, its name and version as in `iris@1`, or its number.

    Raises:
        UploadError: If there is none of this name, it cannot be had, or it breaks a limit.
    """
    given = _OPENML.fullmatch(name.strip())
    if given is None:
        raise UploadError(f"name must be one of OpenML, such as iris, iris@1 or 61; got {cleaned(name)}")
    bunch = _fetched(given)
    details: dict[str, Any] = bunch.details
    target = bunch.target_names[0] if bunch.target_names else ""
    found = table_found("OpenML", _table(bunch.frame), plan, limits, usual=target)
    number, version = details.get("id", "?"), details.get("version", "?")
    found.source = cleaned(f"OpenML {details.get('name', name)}, version {version}, number {number}", 160)
    found.licence = cleaned(details.get("licence") or "none stated", 100)
    return found


def _fetched(given: "re.Match[str]") -> Any:
    from sklearn.datasets import fetch_openml

    which: dict[str, Any] = {"name": given["name"], "version": int(given["version"] or 0) or "active"}
    if given["id"]:
        which = {"data_id": int(given["id"])}
    try:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            # That a name has many versions, of which the oldest active one is taken.
            warnings.simplefilter("ignore")
            return fetch_openml(**which, as_frame=True, data_home=folder, parser="pandas", n_retries=1, delay=0.5)
    except HTTPError as error:
        raise UploadError(
            f"OpenML has no data set {cleaned(given[0])} that is active (it answered {error.code})"
        ) from error
    except (URLError, TimeoutError, ConnectionError) as error:
        raise UploadError(
            f"OpenML cannot be reached from this server: download {cleaned(given[0])} elsewhere and bring it as a file"
        ) from error
    except MemoryError:
        raise
    except Exception as error:
        raise UploadError(f"the set {cleaned(given[0])} of OpenML cannot be read ({cleaned(error, 160)})") from error


def _table(frame: Any) -> pa.Table:
    """A data frame as a table; what pandas holds as anything else becomes words."""
    frame.columns = [str(name) for name in frame.columns]
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowException, ValueError) as error:
        raise UploadError(f"the table holds columns of no single kind: {listed([*frame.columns])}") from error
