"""A profile: which model plays which role, with which defaults. Read from `models/NAME.toml`."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, JsonValue, ValidationError

from pentimento.tools.compute import Device, Dtype
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.types import Tool, ToolError


class ImageModel(BaseModel, extra="forbid"):
    family: str
    """Which adapter loads it, by its name in `tools.families`."""
    path: str
    """Folder of a diffusers pipeline, relative to the profile."""
    size: int
    """Side of the square at which it works best, pixels."""
    generate: str | None = None
    """Folder of another pipeline for new pictures; none: path does that, or nothing does."""
    edit: str | None = None
    inpaint: str | None = None
    device: Device | None = None
    """None: the graphics card where there is one, else the processor."""
    dtype: Dtype | None = None
    """None: float32 on the processor, bfloat16 on a card that has it, else float16."""


class SegmentModel(BaseModel, extra="forbid"):
    path: str
    """Folder of a CLIPSeg model, relative to the profile."""


class PlannerModel(BaseModel, extra="forbid"):
    path: str
    """A GGUF file, relative to the profile."""
    context: int
    """Tokens of context."""
    max_tokens: int
    """Tokens of a plan at most."""
    system: bool
    """Whether it needs the system prompt that explains the tools; the starter was trained without."""


class Vocabulary(BaseModel, extra="forbid"):
    things: tuple[str, ...] = ()
    """Nouns that the models know; empty: no such list can be given."""


class ProfileFile(BaseModel, extra="forbid"):
    name: str
    limits: str = ""
    """What a person should know before using it on a picture of their own; said once."""
    image: ImageModel
    segment: SegmentModel
    planner: PlannerModel
    defaults: dict[str, dict[str, int | float | str]] = {}
    """Tool → argument → value, written into every call of the tool."""
    vocabulary: Vocabulary = Vocabulary()


@dataclass(frozen=True)
class Profile:
    """A profile and the folder that its paths start from."""

    file: ProfileFile
    folder: Path
    _fingerprints: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    def path(self, role: str) -> Path:
        """Where the model of a role ("image", "segment", "planner") lies; `ToolError` when it is missing."""
        return self._there(role, getattr(self.file, role).path)

    def image_folders(self) -> Folders:
        """Where the pipelines of the picture model lie; `ToolError` when one is missing."""
        image = self.file.image
        generate, edit, inpaint = (
            self._there("image", name) if name else None for name in (image.generate, image.edit, image.inpaint)
        )
        return Folders(self.path("image"), generate, edit, inpaint)

    def _there(self, role: str, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            raise ToolError(f"The {role} model of profile {self.file.name} is missing ({path}); reinstall Pentimento.")
        return path

    def fingerprint(self, tool: Tool[Any], arguments: Mapping[str, JsonValue] | None = None) -> str:
        """sha256 over the files of the models that a call's pixels depend on; empty for an exact one."""
        roles = tool.models_of(arguments or {})
        if not roles:
            return ""
        digest = hashlib.sha256()
        for role in roles:
            digest.update(self._role_fingerprint(role).encode())
        return digest.hexdigest()

    def _role_fingerprint(self, role: str) -> str:
        if role not in self._fingerprints:
            others = self.image_folders().others() if role == "image" else {}
            beside = "".join(f"{name} {hash_folder(path)}" for name, path in others.items())
            self._fingerprints[role] = hash_folder(self.path(role)) + beside
        return self._fingerprints[role]

    def complete(self, tool: Tool[Any], arguments: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """All arguments of a call: the given ones over the profile's defaults over the tool's own.

        What says how often a step calls the tool is none of them.
        """
        merged = {**self.file.defaults.get(tool.name, {}), **arguments}
        try:
            validated = tool.args_model.model_validate(merged)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or tool.name
            raise ToolError(f"{tool.name}: {where}: {first['msg']}.") from error
        complete: dict[str, JsonValue] = validated.model_dump(mode="json", exclude=_of_the_step(tool.args_model))
        return complete

    @cached_property
    def things(self) -> frozenset[str]:
        return frozenset(self.file.vocabulary.things)


def _of_the_step(model: type[BaseModel]) -> set[str]:
    """Arguments that a step has and its calls have not."""
    extras = {name: field.json_schema_extra for name, field in model.model_fields.items()}
    return {name for name, extra in extras.items() if isinstance(extra, dict) and extra.get("of_call") is False}


def hash_folder(path: Path) -> str:
    """sha256 over the names and contents of a file, or of all weights and configurations in a folder."""
    digest = hashlib.sha256()
    for part in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if part.is_file() and part.suffix != ".md":
            digest.update(f"{part.relative_to(path.parent)}\0".encode())
            with part.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def load_profile(name: str) -> Profile:
    """The profile of that name that ships with Pentimento, or the file at that path; `ToolError` when there is none."""
    shipped = Path(str(files("pentimento.models")))
    path = Path(name) if name.endswith(".toml") else shipped / f"{name}.toml"
    try:
        content = ProfileFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        known = ", ".join(sorted(found.stem for found in shipped.glob("*.toml")))
        raise ToolError(f"There is no profile {name}; there are: {known}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise ToolError(f"The profile {path} is damaged: {str(error).splitlines()[0]}.") from error
    return Profile(content, path.parent)
