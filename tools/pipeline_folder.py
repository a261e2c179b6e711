"""A diffusers pipeline read from its folder: offline, safetensors only, and no program that lies in it is ever run."""

import filecmp
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pentimento.tools.broken import BrokenFile
from pentimento.tools.compute import Compute
from pentimento.tools.model_files import check_folder
from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


@dataclass(frozen=True)
class Folders:
    """Where the pipelines of one picture model lie."""

    main: Path
    generate: Path | None = None
    """Another pipeline's folder for new pictures; None: there is no other."""
    edit: Path | None = None
    inpaint: Path | None = None

    def others(self) -> dict[str, Path]:
        """Those beside the first, by what they are for."""
        named = {"generate": self.generate, "edit": self.edit, "inpaint": self.inpaint}
        return {name: path for name, path in named.items() if path is not None}


def expect(folders: Folders, *beside: str) -> None:
    """`ToolError` where a profile names a folder that a family has no use for."""
    for name in folders.others():
        if name not in beside:
            used = f"path and {' and '.join(beside)}" if beside else "path"
            raise ToolError(f"This family of picture models reads {used} alone; leave out {name} under [image].")


def class_name(path: Path) -> str:
    """Which pipeline a folder holds; empty where that can't be read."""
    try:
        name = json.loads((path / "model_index.json").read_text(encoding="utf-8"))["_class_name"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) else ""


def load_pipeline(
    path: Path,
    kinds: Collection[str],
    compute: Compute,
    given: Mapping[str, object] | None = None,
    advice: str = "put a whole copy of it there",
    what: str = "picture model",
) -> "DiffusionPipeline":
    """The pipeline, on the CPU. Parts that are given are taken as they are. `ToolError` for one of another kind or damaged."""
    import torch
    from diffusers import DiffusionPipeline
    from safetensors import SafetensorError

    _be_quiet()
    damaged = ToolError(f"The {what} in {path} can't be loaded; {advice}.")
    if not (name := class_name(path)):
        raise damaged
    if name not in kinds:
        raise ToolError(f"The folder {path} holds a {name}; here belongs a {' or a '.join(sorted(kinds))}.")
    if any(path.rglob("*.py")):
        raise ToolError(f"The {what} in {path} comes with a program, which is never run; take one without.")
    try:
        check_folder(path)
        pipe = DiffusionPipeline.from_pretrained(
            path, local_files_only=True, use_safetensors=True, dtype=getattr(torch, compute.dtype), **(given or {})
        )
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        RuntimeError,
        AttributeError,
        ImportError,
        SafetensorError,
        BrokenFile,
    ) as error:
        raise damaged from error
    if not all(_has_words(pipe, suffix) for suffix in ("", "_2")):
        raise ToolError(f"The {what} in {path} can't be loaded, it lacks its words; {advice}.")
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _be_quiet() -> None:
    from diffusers.utils import logging
    from transformers.utils import logging as words_logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    words_logging.disable_progress_bar()


def _has_words(pipe: "DiffusionPipeline", suffix: str) -> bool:
    """Where the vocabulary's files are missing, an empty tokenizer is made without a word."""
    tokenizer, encoder = (getattr(pipe, part + suffix, None) for part in ("tokenizer", "text_encoder"))
    if tokenizer is None or encoder is None:
        return True
    room: int = encoder.config.get_text_config().vocab_size
    # Encoders are made a little larger than their vocabulary, for speed.
    return room / 2 < len(tokenizer) <= room


def alike(parts: Mapping[str, object], first: Path, second: Path) -> dict[str, object]:
    """Of the parts loaded from the first folder those whose weights lie in the second folder, too."""
    import torch

    return {
        name: part
        for name, part in parts.items()
        if isinstance(part, torch.nn.Module) and _same_weights(first / name, second / name)
    }


def _same_weights(first: Path, second: Path) -> bool:
    names = {path.name for path in first.glob("*.safetensors")}
    if not names or names != {path.name for path in second.glob("*.safetensors")}:
        return False
    if _config(first) != _config(second):
        return False
    return all(filecmp.cmp(first / name, second / name, shallow=False) for name in names)


def _config(path: Path) -> object:
    """What its configuration says of the shape; versions, paths and the arithmetic it was saved in are left out."""
    try:
        content = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return path  # like no other: it is loaded on its own, and loading tells what is wrong
    beside = ("transformers_version", "dtype", "torch_dtype")
    return {key: value for key, value in content.items() if not key.startswith("_") and key not in beside}
