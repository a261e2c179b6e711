"""What a training leaves on the disk: its checkpoint, and the model in its place. Each is written whole or not at all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError


class CheckpointError(Exception):
    """A checkpoint or a model can't be read or written; the message says what to do."""


def save_checkpoint(path: Path, content: dict[str, Any]) -> None:
    """Write beside the old checkpoint, then replace it: a kill or a full disk leaves the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    try:
        torch.save(content, draft)
    except (OSError, RuntimeError) as error:
        draft.unlink(missing_ok=True)
        raise CheckpointError(f"{path} could not be written ({error}). Free some space and run again.") from error
    draft.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = torch.load(path, weights_only=True, mmap=True, map_location="cpu")
    except (OSError, RuntimeError, EOFError, ValueError, UnpicklingError) as error:
        raise CheckpointError(f"{path} can't be read ({error}). Delete it to begin a new round.") from error
    return content


@contextmanager
def of_this_model(path: Path) -> Iterator[None]:
    """Around what puts a checkpoint's content into a model, which may have another shape than the one it was saved of."""
    try:
        yield
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path} is of another model. Delete it or move it away.") from error


def check_code(path: Path, code: float) -> None:
    """Refuses a checkpoint, if there is one, of what has learned another picture code than the one with this scaling factor.

    Checkpoints did not always say it; those go on.
    """
    if path.exists() and load_checkpoint(path).get("code", code) != code:
        raise CheckpointError(
            f"{path} has learned another picture code than the one that is there now; delete it or move it away to begin "
            "a new round from the weights that the recipe starts with."
        )


def used_up(path: Path, minutes: float) -> str:
    """What to say of a checkpoint that leaves nothing to train."""
    return (
        f"{path} has used up its {minutes:g} minutes, so nothing is trained and its weights are written again: "
        "give it more with --minutes, or delete it to begin a new round from the weights that the recipe starts with."
    )


@contextmanager
def drafted(folder: Path) -> Iterator[Path]:
    """A folder to write a model's files into; they take their places in `folder` when all are there, so that a full disk
    leaves those that it has whole."""
    draft = folder.with_name(f"{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        yield draft
        for file in [file for file in draft.rglob("*") if file.is_file()]:
            place = folder / file.relative_to(draft)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{folder} could not be written ({error}). Free some space and run again.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
