"""Servers on this machine that answer as OpenML and as the Hugging Face hub do, with one small data set each."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pyarrow as pa
import pyarrow.parquet

REVISION = "0" * 40
Pages = dict[str, tuple[str, bytes]]


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    """The address of a server that has these pages, each with its type, and answers 404 to all else."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.wfile.write(self.answer())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.wfile.write(self.answer())

        def answer(self) -> bytes:
            kind, content = pages.get(self.path.split("?")[0], ("", b""))
            whole = len(content)
            asked = self.headers.get("Range", "")
            if kind and asked.startswith("bytes="):
                first, _, last = asked.removeprefix("bytes=").partition("-")
                content = content[int(first) : int(last or whole) + 1]
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {first}-{int(first) + len(content) - 1}/{whole}")
            else:
                self.send_response(200 if kind else 404)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", '"0"')
            self.send_header("X-Repo-Commit", REVISION)
            self.end_headers()
            return content

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def document(value: object) -> tuple[str, bytes]:
    return "application/json", json.dumps(value).encode()


def hub(name: str, tables: dict[str, pa.Table]) -> Pages:
    """A hub with one data set of Parquet files."""
    files: dict[str, bytes] = {}
    for part, table in tables.items():
        file = io.BytesIO()
        pyarrow.parquet.write_table(table, file)
        files[f"data/{part}-00000-of-00001.parquet"] = file.getvalue()
    files["README.md"] = b"---\nlicense: cc0-1.0\n---\n# A set\n"
    about = {
        "id": name,
        "sha": REVISION,
        "private": False,
        "gated": False,
        "disabled": False,
        "tags": [],
        "cardData": {"license": "cc0-1.0"},
        "siblings": [{"rfilename": path} for path in files],
    }
    root = f"/api/datasets/{name}"
    listed = [{"type": "file", "path": path, "size": len(content), "oid": REVISION} for path, content in files.items()]
    pages = {
        root: document(about),
        f"{root}/revision/main": document(about),
        f"{root}/revision/{REVISION}": document(about),
        f"{root}/tree/{REVISION}": document([{"type": "directory", "path": "data", "oid": REVISION}, listed[-1]]),
        f"{root}/tree/{REVISION}/data": document(listed[:-1]),
        f"{root}/paths-info/{REVISION}": document(listed),
    }
    for path, content in files.items():
        for revision in (REVISION, "main"):
            pages[f"/datasets/{name}/resolve/{revision}/{path}"] = ("application/octet-stream", content)
    return pages


def openml(name: str, number: int, rows: list[tuple[float, float, str]], address: str) -> Pages:
    """An OpenML with one data set of two numbers and a class."""
    classes = sorted({row[2] for row in rows})
    lines = [f"@RELATION {name}", "@ATTRIBUTE height REAL", "@ATTRIBUTE width REAL"]
    lines += [f"@ATTRIBUTE kind {{{','.join(classes)}}}", "@DATA", *(",".join(map(str, row)) for row in rows)]
    content = "\n".join(lines).encode()
    about = {"id": str(number), "name": name, "version": "1", "format": "ARFF", "licence": "Public", "file_id": "7"}
    about |= {"default_target_attribute": "kind", "status": "active", "md5_checksum": md5(content).hexdigest()}
    about |= {"url": f"{address}/data/v1/download/7/{name}.arff", "description": "flowers"}
    usual = {"is_ignore": "false", "is_row_identifier": "false", "number_of_missing_values": "0"}
    features = [
        usual | {"index": str(at), "name": column, "data_type": kind, "is_target": str(column == "kind").lower()}
        for at, (column, kind) in enumerate({"height": "numeric", "width": "numeric", "kind": "nominal"}.items())
    ]
    root = "/api/v1/json/data"
    listed = {"data": {"dataset": [{"did": number, "name": name, "version": 1, "status": "active"}]}}
    return {
        f"{root}/list/data_name/{name}/limit/2/status/active/": document(listed),
        f"{root}/{number}": document({"data_set_description": about}),
        f"{root}/features/{number}": document({"data_features": {"feature": features}}),
        f"{root}/qualities/{number}": document(
            {"data_qualities": {"quality": [{"name": "NumberOfInstances", "value": str(len(rows))}]}}
        ),
        f"/data/v1/download/7/{name}.arff": ("text/plain", content),
    }
