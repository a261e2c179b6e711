"""A program in a pseudo terminal, and what its screen shows."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "pentimento.tui.main"]


class TerminalSession:
    """Starts the program at once; ends it, whatever it does, on leaving the context."""

    def __init__(
        self, command: list[str], *, columns: int = 100, rows: int = 32, env: Mapping[str, str] | None = None
    ) -> None:
        self.started = time.monotonic()
        self.output = b""
        self._screen = pyte.Screen(columns or 80, rows or 24)
        self._stream = pyte.ByteStream(self._screen)
        self._fd, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        paths = os.pathsep.join([str(ROOT), str(ROOT / ".typing")])
        full = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": paths, **(env or {})}
        for name in ("COLUMNS", "LINES"):
            full.pop(name, None)
        self.process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, env=full, start_new_session=True, close_fds=True
        )
        os.close(other)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._fd)

    def text(self) -> str:
        return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # The kernel tells only those whose controlling terminal it is.
        self.process.send_signal(signal.SIGWINCH)
        self._screen.resize(rows, columns)

    def hang_up(self) -> None:
        """Close the terminal, of which the program is not told: it is not its controlling one."""
        os.close(self._fd)
        self._fd = os.open(os.devnull, os.O_RDONLY)

    def until(self, met: Callable[[], object], seconds: float = 60) -> float:
        """Read until `met`; returns the seconds since the start. Fails when the time is over."""
        deadline = time.monotonic() + seconds
        while not met():
            assert time.monotonic() < deadline, f"it did not happen in time:\n{self.text()}"
            self._read()
        return time.monotonic() - self.started

    def end(self, seconds: float = 60) -> int:
        """Read to the end; returns the exit code."""
        self.until(lambda: self.process.poll() is not None, seconds)
        self._read()
        return self.process.returncode

    def _read(self) -> None:
        ready, _, _ = select.select([self._fd], [], [], 0.05)
        if not ready:
            return
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return  # the program has closed its end
        self.output += data
        self._stream.feed(data)
