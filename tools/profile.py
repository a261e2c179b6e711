"""A profile: which model plays which role, with which defaults. Read from `models/NAME.toml`, the home's own or a shipped one."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field, JsonValue, ValidationError

from pentimento.tools import lock
from pentimento.tools.compute import Device, Dtype
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.planner_model import PlannerModel
from pentimento.tools.source import Source
from pentimento.tools.types import Tool, ToolError

Side: TypeAlias = Annotated[int, Field(ge=8, le=8192)]
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")
"""Of a profile."""
_ELSEWHERE = {*Source.model_fields, "generate", "edit", "inpaint", "device", "dtype"}
"""Settings of a model that are not part of its fingerprint by themselves."""
OPTIONAL = ("upscale", "describe", "scorer")
"""Roles that a profile may leave without a model."""


class ImageModel(Source, extra="forbid", frozen=True):
    """`path` is the folder of a diffusers pipeline."""

    family: str
    """Which adapter loads it, by its name in `tools.families`."""
    size: int
    """Side of the square at which it works best, pixels."""
    wide: tuple[Side, Side] | None = None
    """Width and height of new pictures that are wider than high, pixels; None: it draws none."""
    tall: tuple[Side, Side] | None = None
    generate: str | Source | None = None
    """Folder of another pipeline for new pictures; none: path does that, or nothing does."""
    edit: str | Source | None = None
    inpaint: str | Source | None = None
    device: Device | None = None
    """None: the graphics card where there is one, else the processor."""
    dtype: Dtype | None = None
    """None: float32 on the processor, bfloat16 on a card that has it, else float16."""

    def beside(self) -> dict[str, Source]:
        """The other folders, by what they are for."""
        named = {"generate": self.generate, "edit": self.edit, "inpaint": self.inpaint}
        return {name: Source(path=given) if isinstance(given, str) else given for name, given in named.items() if given}


class SegmentModel(Source, extra="forbid", frozen=True):
    """`path` is the folder of a CLIPSeg model."""


class UpscaleModel(Source, extra="forbid", frozen=True):
    """`path` is the folder of a StableDiffusionUpscalePipeline."""

    steps: int = Field(default=4, ge=1, le=150)
    guidance: float = Field(default=1.0, ge=1, le=30)
    noise_level: int = Field(default=0, ge=0, le=1000)
    """How much noise it takes the small picture to have."""
    tile: int = Field(default=128, ge=32, le=1024, multiple_of=8)
    """Side of the parts that are enlarged one after the other, pixels of the small picture."""
    device: Device | None = None
    dtype: Dtype | None = None


class DescribeModel(Source, extra="forbid", frozen=True):
    """`path` is the folder of a BLIP model that writes captions."""


class ScorerModel(Source, extra="forbid", frozen=True):
    """`path` is the folder of a CLIP model, which tells how well pictures and words agree."""


class Vocabulary(BaseModel, extra="forbid"):
    things: tuple[str, ...] = ()
    """Nouns that the models know; empty: no such list can be given."""
    words: tuple[str, ...] = ()
    """Other words that they know or need not know; where there are some, it is told which ones they do not know."""

    @cached_property
    def learned(self) -> frozenset[str]:
        """Every word that is listed, those of things' compound names one by one."""
        return frozenset(word for one in self.things for word in one.split()) | frozenset(self.words)


class Drift(BaseModel, extra="forbid", frozen=True):
    """What is done where a picture is drawn over as a whole again and again, which wears it out."""

    fold_after: int | None = Field(default=None, ge=1, le=50)
    """Upon so many drawings the next is done together with them, from the picture before the first; None: that is never done."""


class Rewrite(BaseModel, extra="forbid", frozen=True):
    """How the words of a step are put for the picture model."""

    contract: Literal["", "flux2", "qwen", "tags"] = ""
    """Empty: as they were planned."""


class ProfileFile(BaseModel, extra="forbid"):
    name: str
    limits: str = ""
    """What a person should know before using it on a picture of their own; said once."""
    image: ImageModel
    segment: SegmentModel
    planner: PlannerModel
    upscale: UpscaleModel | None = None
    describe: DescribeModel | None = None
    scorer: ScorerModel | None = None
    defaults: dict[str, dict[str, int | float | str]] = {}
    """Tool → argument → value, written into every call of the tool."""
    vocabulary: Vocabulary = Vocabulary()
    drift: Drift = Drift()
    rewrite: Rewrite = Rewrite()

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Where each model comes from, by its role; "image generate" is another folder of the picture model."""
        yield "image", self.image
        yield from ((f"image {name}", source) for name, source in self.image.beside().items())
        yield "segment", self.segment
        yield from ((role, source) for role in OPTIONAL if (source := getattr(self, role)) is not None)
        if not self.planner.served:
            yield "planner", self.planner
        if self.planner.mmproj:
            yield "planner mmproj", self.planner.eyes()


@dataclass(frozen=True)
class Profile:
    """A profile and the folder that its paths start from."""

    file: ProfileFile
    folder: Path
    models: Path | None = None
    """The home's folder of models, where those lie that were pulled; None: there is no home."""
    _fingerprints: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def shipped(self) -> bool:
        """Whether it came with the program, and its models beside it; else it is somebody's own."""
        return self.folder == shipped_folder()

    def path(self, role: str) -> Path:
        """Where the model of a role ("image", "segment", "upscale", "planner") lies; `ToolError` when it is missing or was changed."""
        return self._there(role, dict(self.file.sources())[role])

    def image_folders(self) -> Folders:
        """Where the pipelines of the picture model lie; `ToolError` when one is missing or was changed."""
        beside = {name: self._there("image", source) for name, source in self.file.image.beside().items()}
        return Folders(self.path("image"), **beside)

    def _there(self, role: str, source: Source) -> Path:
        if source.repo:
            return self._pulled(role, source)
        path = self.folder / source.path
        if not path.exists():
            advice = (
                "reinstall Pentimento" if self.shipped else f"put it there, or correct path in {self.file.name}.toml"
            )
            raise ToolError(f"The {role} model of profile {self.file.name} is missing ({path}); {advice}.")
        return path

    def _pulled(self, role: str, source: Source) -> Path:
        entry = self._entry(role, source)
        models = self.models or Path()
        if fault := next(lock.quick_faults(models, lock.read(models), entry), None):
            raise ToolError(
                f"The {role} model of profile {self.file.name} is not what was pulled ({fault}); say: pentimento models"
                f" verify {self.file.name}."
            )
        return lock.folder(models, entry) / source.path

    def _entry(self, role: str, source: Source) -> lock.Locked:
        entry = None if self.models is None else lock.read(self.models).of(source)
        if self.models is None or entry is None or lock.missing(self.models, entry):
            raise ToolError(
                f"The {role} model of profile {self.file.name} is not on this machine; get it with: pentimento models"
                f" pull {self.file.name}."
            )
        return entry

    def fingerprint(self, tool: Tool[Any], arguments: Mapping[str, JsonValue] | None = None) -> str:
        """sha256 over the models that a call's pixels depend on, their files and settings; empty for an exact one."""
        there = dict(self.file.sources())
        roles = [role for role in tool.models_of(arguments or {}) if role in there]
        if not roles:
            return ""
        digest = hashlib.sha256()
        for role in roles:
            digest.update(self._role_fingerprint(role).encode())
        return digest.hexdigest()

    def _role_fingerprint(self, role: str) -> str:
        if role not in self._fingerprints:
            sources = dict(self.file.sources())
            others = self.file.image.beside() if role == "image" else {}
            beside = "".join(f"{name} {self._hash(role, source)}" for name, source in others.items())
            self._fingerprints[role] = self._hash(role, sources[role]) + beside + self._settings(role)
        return self._fingerprints[role]

    def _settings(self, role: str) -> str:
        """What the profile says of a model that decides pixels: all but where it lies and where it runs, which is kept apart."""
        given = self.file.model_dump(mode="json")[role]
        settings = {name: value for name, value in given.items() if name not in _ELSEWHERE}
        # Which things are known decides what is looked for, and so which drawing is kept.
        return json.dumps({**settings, "things": self.file.vocabulary.things if role == "segment" else ()})

    def _hash(self, role: str, source: Source) -> str:
        """Of what was pulled, the hashes are known."""
        if source.repo:
            return lock.fingerprint(self._entry(role, source), source.path)
        return hash_folder(self._there(role, source))

    def complete(self, tool: Tool[Any], arguments: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """All arguments of a call: the given ones over the profile's defaults over the tool's own.

        What says how often a step calls the tool is none of them.
        """
        alike = self.file.defaults.get(tool.like, {}).items()
        taken = {name: value for name, value in alike if name in tool.args_model.model_fields}
        merged = {**taken, **self.file.defaults.get(tool.name, {}), **arguments}
        try:
            validated = tool.args_model.model_validate(merged)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or tool.name
            raise ToolError(f"{tool.name}: {where}: {first['msg']}.") from error
        if tool.pinned is not None:
            validated = tool.pinned(validated)
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


def load_profile(name: str, models: Path | None = None) -> Profile:
    """The profile of that name, from the home's folder of models or else one that ships, or the file at that path.

    Raises `ToolError`, for none or a damaged one.
    """
    path = Path(name) if name.endswith(".toml") else profile_files(models).get(name)
    try:
        if path is None:
            raise FileNotFoundError(name)
        content = ProfileFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        known = ", ".join(sorted(profile_files(models)))
        raise ToolError(f"There is no profile {name}; there are: {known}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, ValidationError) as error:
        raise ToolError(f"The profile {path} is damaged: {_described(error)}.") from error
    if content.name != name and not name.endswith(".toml"):
        # Every sentence that says what to do with it says its name.
        raise ToolError(f'The profile {path} calls itself {content.name!r:.80}; write name = "{name}" into it.')
    return Profile(content, path.parent, models)


def _described(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error).splitlines()[0]
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}".removeprefix(": ")


def shipped_folder() -> Path:
    return Path(str(files("pentimento.models")))


def profile_files(models: Path | None) -> dict[str, Path]:
    """Where each profile is written down, by its name; one's own takes the place of a shipped one of the same name."""
    folders = [shipped_folder(), *([models] if models is not None else [])]
    found = (path for folder in folders for path in sorted(folder.glob("*.toml")))
    return {path.stem: path for path in found if _NAME.fullmatch(path.stem)}
