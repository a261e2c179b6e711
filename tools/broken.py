"""What is wrong with a model file: found in Python, before a library reads it that believes what the file says of itself."""

from pathlib import Path

from pentimento.tools.types import ToolError


class BrokenFile(ToolError):
    """A file that is cut short, lies about its sizes, or is something else; nothing of it was loaded."""

    def __init__(self, where: Path | str, kind: str, reason: str) -> None:
        super().__init__(f"{where} is no whole {kind} file: {reason}; get the model again.")


class Broken(Exception):
    """The reason alone, within one file's reader."""
