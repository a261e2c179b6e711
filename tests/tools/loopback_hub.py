"""A hub of models on this machine that speaks what `tools/hub.py` asks for, and misbehaves when it is told to."""

import hashlib
import json
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

LARGE = (".safetensors", ".gguf", ".bin")
"""Files whose sha256 the hub tells."""
Json = dict[str, object]


@dataclass
class LoopbackHub:
    """Repositories by name, each with its files; what is set below is how it misbehaves."""

    repos: dict[str, dict[str, bytes]]
    endpoint: str = ""
    licences: dict[str, str] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    """Instead of those that follow from the files."""
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Beginning of a path → status and the hub's own code of the error."""
    instead: dict[str, bytes] = field(default_factory=dict)
    """Name of a file → other bytes than those that were announced."""
    breaks: list[int] = field(default_factory=list)
    """After so many bytes the next answers with a file break off."""
    skips: bool = True
    """Whether it sends the rest of a file alone when that is asked for."""
    before_file: Callable[[], None] = lambda: None
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and range of each request."""
    agents: set[str] = field(default_factory=set)
    """What those who asked said of themselves."""

    def commit(self, repo: str) -> str:
        content = repr(sorted(self.repos[repo].items())).encode()
        return self.commits.get(repo) or hashlib.sha1(content, usedforsecurity=False).hexdigest()

    def files_asked(self) -> list[tuple[str, str]]:
        """Names and ranges of the files that were asked for."""
        return [
            (path.split("/resolve/")[1].split("/", 1)[1], range_) for path, range_ in self.asked if "/api/" not in path
        ]

    def info(self, repo: str) -> Json:
        licence = self.licences.get(repo)
        return {
            "id": repo,
            "sha": self.commit(repo),
            "cardData": {"license": licence} if licence else None,
            "siblings": [sibling(name, content) for name, content in self.repos[repo].items()],
        }


def sibling(name: str, content: bytes) -> Json:
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    told: Json = {"rfilename": name, "size": len(content), "blobId": blob}
    if PurePosixPath(name).suffix in LARGE:
        told["lfs"] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 130}
    return told


def weights(numbers: int, first: float = 0.0) -> bytes:
    """A safetensors file."""
    header = json.dumps({"a": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}).encode()
    return struct.pack("<Q", len(header)) + header + struct.pack(f"<{numbers}f", *[first] * numbers)


def language_model() -> bytes:
    """A GGUF file without anything in it."""
    return b"GGUF" + struct.pack("<IQQ", 3, 0, 0)


@contextmanager
def serving(hub: LoopbackHub) -> Iterator[LoopbackHub]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append((path, self.headers.get("Range", "")))
            hub.agents.add(self.headers["User-Agent"])
            for beginning, (status, code) in hub.refused.items():
                if path.startswith(beginning):
                    return self._refuse(status, code)
            if path.startswith("/api/models/"):
                return self._tell(path.removeprefix("/api/models/").split("/revision/")[0])
            repo, _, place = path[1:].partition("/resolve/")
            return self._send(place.split("/", 1)[1], hub.repos[repo])

        def _refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            if code:
                self.send_header("X-Error-Code", code)
            self.end_headers()
            self.wfile.write(b"no")

        def _tell(self, repo: str) -> None:
            if repo not in hub.repos:
                return self._refuse(404, "RepoNotFound")
            content = json.dumps(hub.info(repo)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            return None

        def _send(self, name: str, files: dict[str, bytes]) -> None:
            hub.before_file()
            content = hub.instead.get(name, files[name])
            begin = int(self.headers["Range"].removeprefix("bytes=")[:-1]) if "Range" in self.headers else 0
            if begin and hub.skips:
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
                content = content[begin:]
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: hub.breaks.pop(0)] if hub.breaks else content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the library's name
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
