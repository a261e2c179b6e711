from collections.abc import Callable
from pathlib import Path

import pytest

from pentimento.tui import commands

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command on the data folder `home`, or another one; gives (exit code, stdout, stderr)."""

    def run(*arguments: str | Path, home: str = "home") -> tuple[int, str, str]:
        code = commands.run([str(argument) for argument in arguments], tmp_path / home)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
