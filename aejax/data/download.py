"""One file from the first mirror that gives it whole: bounded, checksum verified, never half in place."""

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import pooch
import requests
import urllib3

from aejax.data.refusals import MirrorError, SizeError

CONNECT_SECONDS = 10
READ_SECONDS = 30
CHUNK_BYTES = 2**16


def fetch_from_mirrors(
    path: Path, mirrors: tuple[str, ...], size: int, sha256: str, report: Callable[[int], None]
) -> tuple[str, ...]:
    """Download the file that `path` names into its place; give the mirrors back, the one that worked first.

    It is written beside its place under another name and moved there once its checksum is right, so that
    other processes see a whole file or none.

    Args:
        path: Where it goes; its name is also its name at the mirrors.
        mirrors: Addresses to try in turn, each ending in a slash.
        size: Bytes that the file has; a mirror that offers another number is refused.
        sha256: Digest that the file must have.
        report: Called with the bytes done so far.

    Raises:
        MirrorError: If none gave it, or the folder cannot be written to.
    """
    pooch.get_logger().setLevel("WARNING")
    failures: dict[str, None] = {}
    for index, mirror in enumerate(mirrors):
        try:
            pooch.retrieve(
                mirror + path.name,
                known_hash=f"sha256:{sha256}",
                fname=path.name,
                path=path.parent,
                downloader=BoundedDownload(size, report),
            )
            return mirrors[index:] + mirrors[:index]
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            failures[f"{urlsplit(mirror).hostname}: {plain_reason(error)}"] = None
        except OSError as error:
            raise MirrorError(f"{path.parent} cannot be written to: {error.strerror}") from error
    raise MirrorError("; ".join(failures))


class BoundedDownload:
    """A downloader for pooch that takes exactly as many bytes as expected and reports on the way."""

    def __init__(self, size: int, report: Callable[[int], None]) -> None:
        self.size = size
        self.report = report

    def __call__(self, url: str, output_file: str | IO[bytes], pooch: Any, check_only: bool = False) -> None:
        """Download `url` to the path `output_file`."""
        # Identity, and no decoding: the checksum is that of the .gz, whatever encoding the server declares.
        headers = {"Accept-Encoding": "identity"}
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        with (
            requests.get(url, headers=headers, timeout=timeout, stream=True) as response,
            open(str(output_file), "wb") as file,
        ):
            response.raise_for_status()
            self.check(int(response.headers.get("Content-Length", self.size)))
            done = 0
            for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
                done += len(chunk)
                if done > self.size:
                    self.check(done)
                file.write(chunk)
                self.report(done)
            self.check(done)

    def check(self, size: int) -> None:
        """Refuse another size than that expected."""
        if size != self.size:
            raise SizeError(f"gave {size} bytes for a file of {self.size}")


def plain_reason(error: Exception) -> str:
    """Why a mirror failed, in a few words."""
    if isinstance(error, SizeError):
        return str(error)
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code}"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "timed out"
    if isinstance(error, urllib3.exceptions.HTTPError | requests.exceptions.ChunkedEncodingError):
        return "broke off"
    if isinstance(error, requests.RequestException):
        return "no connection"
    return "wrong checksum"
