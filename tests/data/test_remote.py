"""Downloads against a real server: whole and verified, or one sentence and nothing left behind."""

import dataclasses
import functools
import gzip
import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from aejax.data import DATASETS, DownloadError, download, load_data
from aejax.data.idx import write_idx
from aejax.data.remote import RemoteFile, RemoteSet, data_folder, load_arrays

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
NOISE = np.random.default_rng(0)
ARRAYS = (
    NOISE.integers(0, 256, (300, 28, 28)).astype(np.uint8),
    np.arange(300, dtype=np.uint8) % 10,
    NOISE.integers(0, 256, (20, 28, 28)).astype(np.uint8),
    np.arange(20, dtype=np.uint8) % 10,
)
PLAIN = {name: write_idx(array) for name, array in zip(NAMES, ARRAYS, strict=True)}
PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in PLAIN.items()}


class Mirrors(BaseHTTPRequestHandler):
    """One mirror a folder: /whole/ is good, and each of the others fails in its own way."""

    def do_GET(self):
        _, mirror, name = self.path.split("/")
        self.server.asked.append((mirror, name))
        getattr(self, mirror)(PACKED[name])

    def send(self, body, length):
        self.send_response(200)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def whole(self, body):
        self.send(body, len(body))

    def labelled(self, body):
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(body)

    def missing(self, body):
        self.send_error(404)

    def wrong(self, body):
        self.send(body[:-1] + bytes([body[-1] ^ 1]), len(body))

    def portal(self, body):
        self.send(b"<html>Please log in</html>", 26)

    def broken(self, body):
        self.send(body[: len(body) // 2], len(body))

    def short(self, body):
        self.send(body[: len(body) // 2], None)

    def endless(self, body):
        self.send(body + bytes(2**20), None)

    def silent(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.flush()
        self.server.finished.wait(10)

    def log_message(self, *_):
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirrors) as listening:
        listening.asked = []
        listening.finished = threading.Event()
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield listening
        listening.finished.set()
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """The data folder, empty; and no proxy between the tests and their own machine."""
    monkeypatch.setenv("AEJAX_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NO_PROXY", "*")
    return tmp_path / "data"


@pytest.fixture
def offline() -> str:
    """The address of a mirror that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture
def remote(server):
    """Builds a set of four small files, held by the mirrors named."""

    def build(*mirrors: str, known: bool = True) -> RemoteSet:
        files = tuple(
            RemoteFile(
                name,
                len(PACKED[f"{name}.gz"]),
                hashlib.sha256(PACKED[f"{name}.gz"]).hexdigest(),
                hashlib.sha256(PLAIN[name]).hexdigest() if known else None,
            )
            for name in NAMES
        )
        address = f"http://127.0.0.1:{server.server_port}/"
        urls = tuple(mirror if "://" in mirror else f"{address}{mirror}/" for mirror in mirrors)
        return RemoteSet("tiny", "Tiny", urls, files)

    return build


def fill(folder: Path, contents: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def assert_right(arrays: tuple[np.ndarray, ...]) -> None:
    for array, right in zip(arrays, ARRAYS, strict=True):
        np.testing.assert_array_equal(array, right)


def assert_one_sentence(error: Exception) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.endswith(".")
    assert ". " not in text
    assert "Traceback" not in text


def test_a_download_gives_the_arrays_and_fills_the_cache(remote, server, folder):
    assert_right(load_arrays(remote("whole")))
    assert listing(folder / "tiny") == sorted(PACKED)
    server.asked.clear()
    assert_right(load_arrays(remote("whole")))
    assert server.asked == []


def test_progress_runs_over_all_files_to_the_end(remote):
    seen = []
    load_arrays(remote("whole"), lambda *report: seen.append(report))
    done = [bytes_done for bytes_done, _, _ in seen]
    total = sum(map(len, PACKED.values()))
    assert done == sorted(done)
    assert done[-1] == total
    assert {bytes_total for _, bytes_total, _ in seen} == {total}
    assert list(dict.fromkeys(name for _, _, name in seen)) == list(NAMES)
    assert len(seen) > len(NAMES)


def test_progress_counts_only_what_is_missing(remote, folder):
    fill(folder / "tiny", {name: PACKED[name] for name in list(PACKED)[:3]})
    seen = []
    load_arrays(remote("whole"), lambda *report: seen.append(report))
    size = len(PACKED[f"{NAMES[3]}.gz"])
    assert seen == [(size, size, NAMES[3])]


@pytest.mark.parametrize("bad", ["missing", "wrong", "portal", "broken", "short", "endless"])
def test_the_next_mirror_is_used_where_one_fails_and_is_asked_first_from_then_on(remote, server, bad):
    assert_right(load_arrays(remote(bad, "whole")))
    first, *others = PACKED
    assert server.asked == [(bad, first), ("whole", first), *[("whole", name) for name in others]]


def test_the_next_mirror_is_used_where_one_is_out_of_reach(remote, offline):
    assert_right(load_arrays(remote(offline, "whole")))


def test_a_mirror_that_declares_the_file_an_encoding_is_good(remote):
    assert_right(load_arrays(remote("labelled")))


@pytest.mark.parametrize(
    "bad, reason",
    [
        ("missing", "answered 404"),
        ("wrong", "wrong checksum"),
        ("portal", "gave 26 bytes for a file of"),
        ("broken", "broke off"),
        ("short", "bytes for a file of"),
        ("endless", "bytes for a file of"),
    ],
)
def test_a_failed_download_says_why_and_the_way_out_and_leaves_nothing(remote, folder, bad, reason):
    with pytest.raises(DownloadError, match=reason) as failure:
        load_arrays(remote(bad))
    assert_one_sentence(failure.value)
    text = str(failure.value)
    assert text.startswith("Tiny could not be downloaded (127.0.0.1: ")
    assert all(name in text for name in PACKED)
    assert str(folder / "tiny") in text
    assert "mnist-sample" in text
    assert listing(folder) == []


def test_offline_is_one_sentence(remote, folder, offline):
    with pytest.raises(DownloadError, match=r"\(127.0.0.1: no connection\)") as failure:
        load_arrays(remote(offline, offline))
    assert_one_sentence(failure.value)
    assert listing(folder) == []


def test_a_server_that_falls_silent_is_left(remote, folder, monkeypatch):
    monkeypatch.setattr(download, "READ_SECONDS", 0.1)
    with pytest.raises(DownloadError, match="127.0.0.1: timed out"):
        load_arrays(remote("silent"))
    assert listing(folder) == []


def test_each_mirror_is_asked_once(remote, server):
    with pytest.raises(DownloadError):
        load_arrays(remote("wrong", "missing"))
    assert len(server.asked) == 2


def test_a_download_can_be_stopped_from_its_progress_and_leaves_nothing(remote, folder):
    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_arrays(remote("whole"), stop)
    assert listing(folder) == []


def test_a_folder_that_cannot_be_written_to_is_named(remote, folder):
    folder.write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match="tiny cannot be written to") as failure:
        load_arrays(remote("whole"))
    assert_one_sentence(failure.value)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("damage", [lambda c: c[:-20], lambda c: c[:-1] + b"?", lambda c: b"", lambda c: c * 2])
def test_a_corrupt_cached_file_is_fetched_again_once(remote, server, folder, damage, known):
    name = f"{NAMES[0]}.gz"
    fill(folder / "tiny", PACKED | {name: damage(PACKED[name])})
    assert_right(load_arrays(remote("whole", known=known)))
    assert server.asked == [("whole", name)]
    assert (folder / "tiny" / name).read_bytes() == PACKED[name]
    assert_right(load_arrays(remote("whole", known=known)))
    assert len(server.asked) == 1


def test_a_corrupt_cached_file_is_set_aside_where_no_other_is_to_be_had(remote, folder, offline):
    name = f"{NAMES[0]}.gz"
    fill(folder / "tiny", PACKED | {name: b"rubbish"})
    with pytest.raises(DownloadError, match=f"{name} there was refused") as failure:
        load_arrays(remote(offline))
    assert_one_sentence(failure.value)
    assert name not in listing(folder)
    assert (folder / "tiny" / f"{name}.rejected").read_bytes() == b"rubbish"


@pytest.mark.parametrize("own_folder", [True, False])
@pytest.mark.parametrize("contents", [PACKED, PLAIN], ids=["gzipped", "plain"])
def test_files_found_here_are_used_without_a_network(remote, folder, offline, contents, own_folder):
    fill(folder / "tiny" if own_folder else folder, contents)
    assert_right(load_arrays(remote(offline)))


def test_files_packed_anew_are_verified_by_their_content(remote, folder, offline):
    fill(folder / "tiny", {f"{name}.gz": gzip.compress(PLAIN[name], 1, mtime=7) for name in NAMES})
    assert_right(load_arrays(remote(offline)))


def test_another_sets_files_of_the_same_names_are_passed_over_in_silence(remote, folder, offline):
    other = {name: write_idx(255 - array) for name, array in zip(NAMES, ARRAYS, strict=True)}
    fill(folder, other)
    with pytest.raises(DownloadError) as failure:
        load_arrays(remote(offline))
    assert "refused" not in str(failure.value)
    assert_right(load_arrays(remote("whole")))
    assert {name: (folder / name).read_bytes() for name in other} == other


def test_unpacked_files_of_unknown_content_are_refused_for_the_original(remote, folder, offline):
    fill(folder / "tiny", PLAIN)
    with pytest.raises(DownloadError, match="only the original .gz can be verified") as failure:
        load_arrays(remote(offline, known=False))
    assert_one_sentence(failure.value)
    assert listing(folder) == sorted(PLAIN)
    assert_right(load_arrays(remote("whole", known=False)))


def test_a_file_that_cannot_be_read_is_named(remote, folder, offline, monkeypatch):
    def locked(path, _):
        raise PermissionError(13, "Permission denied", path)

    fill(folder / "tiny", PACKED)
    monkeypatch.setattr("aejax.data.remote.read_content", locked)
    with pytest.raises(DownloadError, match=r"could not be read \(Permission denied\)") as failure:
        load_arrays(remote(offline))
    assert_one_sentence(failure.value)
    assert listing(folder) == sorted(PACKED)


def test_original_files_of_unknown_content_are_used(remote, folder, offline):
    fill(folder / "tiny", PACKED)
    assert_right(load_arrays(remote(offline, known=False)))


def test_processes_that_download_at_once_all_end_with_whole_files(remote, folder):
    tiny, results = remote("whole"), []
    threads = [threading.Thread(target=lambda: results.append(load_arrays(tiny))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for arrays in results:
        assert_right(arrays)
    assert listing(folder) == sorted(PACKED)


def test_the_data_folder_is_the_users_cache_unless_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("AEJAX_DATA", "~/mine")
    assert data_folder() == Path.home() / "mine"
    monkeypatch.setenv("AEJAX_DATA", "")
    assert data_folder().name == "aejax"


@pytest.fixture
def entry(remote, monkeypatch):
    """Puts a small set from the mirrors named into the table, as "mnist"."""

    def put(*mirrors: str) -> None:
        origin = remote(*mirrors)
        source = dataclasses.replace(
            DATASETS["mnist"],
            origin=origin,
            load=functools.partial(load_arrays, origin),
            train=300,
            test=20,
        )
        monkeypatch.setitem(DATASETS, "mnist", source)

    return put


def test_load_data_downloads_once_and_is_ready_from_then_on(entry, server):
    entry("whole")
    assert not DATASETS["mnist"].ready
    seen = []
    data = load_data("mnist", lambda *report: seen.append(report))
    assert seen[-1][0] == seen[-1][1] == DATASETS["mnist"].download_bytes
    np.testing.assert_array_equal(data.x_train, ARRAYS[0])
    assert (data.name, data.shape, data.kind, data.y_test.dtype) == ("mnist", (28, 28), "image", np.int32)
    assert not data.x_train.flags.writeable
    assert DATASETS["mnist"].ready
    assert load_data("mnist") is data
    assert len(server.asked) == 4


def test_visitors_who_ask_at_once_cause_one_download(entry, server):
    entry("whole")
    results = []
    threads = [threading.Thread(target=lambda: results.append(load_data("mnist"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(data) for data in results}) == 1
    assert len(server.asked) == 4


def test_a_failed_load_can_be_tried_again(entry, offline):
    entry(offline)
    with pytest.raises(DownloadError):
        load_data("mnist")
    entry("whole")
    assert len(load_data("mnist").x_train) == 300
