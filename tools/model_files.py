"""Model files looked at before they are loaded, and which kinds of files there may be at all: weights and text, no programs.

Nothing here runs what it finds. `.jinja` is the template of a chat, text that transformers renders in a sandbox.
"""

import json
from pathlib import Path, PurePosixPath

from pydantic import JsonValue

from pentimento.tools import gguf_file, safetensors_file
from pentimento.tools.broken import BrokenFile
from pentimento.tools.types import ToolError

WEIGHTS = {".safetensors": safetensors_file.check, ".gguf": gguf_file.check}
TEXTS = frozenset({".json", ".txt", ".jinja"})
UNSAFE = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".h5", ".msgpack", ".joblib", ".npy", ".npz"})
"""Weights in formats that may hold a program, or that nothing here reads."""
PROGRAMS = frozenset({".py", ".pyc", ".so", ".sh"})
INDEX, SHARDS = "model_index.json", ".safetensors.index.json"
LIBRARIES = frozenset({"diffusers", "transformers", "stable_diffusion"})
"""From which the parts of a pipeline may come; the last one holds an old checker of pictures, which is never loaded."""


def check(path: Path) -> None:
    """A folder or one file; raises as these do."""
    (check_folder if path.is_dir() else check_file)(path)


def check_folder(folder: Path) -> None:
    """Raises `BrokenFile`, `ToolError` where it names a program, and OSError."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in WEIGHTS or path.suffix == ".json":
            check_file(path)
        if path.name.endswith(SHARDS):
            _check_shards(path)


def check_file(path: Path) -> None:
    """Raises `BrokenFile` for weights that lie about themselves, `ToolError` for a configuration that names a program."""
    if path.suffix in WEIGHTS:
        WEIGHTS[path.suffix](path)
    elif path.name == INDEX:
        check_index(path.read_bytes(), str(path))
    elif path.name == "config.json" and isinstance(config := _read(path), dict) and "auto_map" in config:
        raise ToolError(f"{path} names a program, which is never run; take a model without.")


def check_index(content: bytes, where: str) -> None:
    """Raises `ToolError` for the index of a pipeline that asks for a program of its own, `BrokenFile` for no index."""
    try:
        index = json.loads(content)
        names = {name: value for name, value in index.items() if not name.startswith("_")}
        whole = isinstance(index["_class_name"], str) and index["_class_name"].isidentifier()
    except (ValueError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenFile(where, "JSON", "it can't be read") from error
    libraries = [value[0] for value in names.values() if isinstance(value, list) and len(value) == 2]
    known = all(library is None or library in LIBRARIES for library in libraries if isinstance(library, str | None))
    if "custom_pipeline" in index or not whole or not known:
        raise ToolError(f"{where} names a program of its own, which is never run; take a model without.")


def _check_shards(path: Path) -> None:
    """Parts of weights lie beside their list, nowhere else."""
    content = _read(path)
    parts = content.get("weight_map") if isinstance(content, dict) else None
    if not isinstance(parts, dict) or not all(isinstance(part, str) for part in parts.values()):
        raise BrokenFile(path, "JSON", "it lists no parts")
    for part in sorted({str(part) for part in parts.values()}):
        if PurePosixPath(part).name != part or not (path.parent / part).is_file():
            raise BrokenFile(path, "JSON", f"it names {part!r:.80}, which is not there")


def _read(path: Path) -> JsonValue:
    try:
        content: JsonValue = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise BrokenFile(path, "JSON", "it can't be read") from error
    return content
