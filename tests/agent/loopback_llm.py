"""A server of language models on this machine, which answers what it was told to and misbehaves when it is told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[["Handler"], None]


@dataclass
class LoopbackLLM:
    """What it does with one request after the other; the last one is done again and again."""

    behaviours: list[Behaviour]
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    """The bodies of the requests."""
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    """Set when whoever asked is gone before the answer is whole."""
    over: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    server_version = "test"
    llm: LoopbackLLM

    def do_POST(self) -> None:
        self.llm.paths.append(self.path)
        self.llm.keys.append(self.headers["Authorization"])
        self.llm.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        behaviours = self.llm.behaviours
        (behaviours.pop(0) if len(behaviours) > 1 else behaviours[0])(self)

    def send(self, status: int, content: bytes, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, the library's name
        """Nobody reads it."""


def says(text: object, finish: str = "stop", usage: object = None, **more: object) -> Behaviour:
    choice = {"index": 0, "message": {"role": "assistant", "content": text, **more}, "finish_reason": finish}
    return tells(200, {"object": "chat.completion", "choices": [choice], "usage": usage})


def tells(status: int, content: object, server: str = "") -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.server_version, handler.sys_version = server, ""
        handler.send(status, content if isinstance(content, bytes) else json.dumps(content).encode())

    return behave


def refuses(status: int, words: str, server: str = "") -> Behaviour:
    return tells(status, {"error": {"message": words}}, server)


def waits(handler: Handler) -> None:
    """For ever, or until the other side has hung up."""
    handler.connection.settimeout(0.05)
    while not handler.llm.over.is_set():
        try:
            if handler.connection.recv(1) == b"":
                handler.llm.hung_up.set()
                return
        except TimeoutError:
            continue


def never_ends(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while not handler.llm.over.is_set():
            handler.wfile.write(b"data: {}\n\n" * 1000)
    except OSError:
        handler.llm.hung_up.set()


def breaks_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[LoopbackLLM]:
    llm = LoopbackLLM([*behaviours])
    answering = type("Answering", (Handler,), {"llm": llm})
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    llm.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield llm
    finally:
        llm.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
