"""Bundles: a session, or a picture and all that it was made from, as one zip file that another home can restore.

A bundle holds every word that was said. Nothing in one is believed: all of it is read and checked before anything is
stored, members are never written under the names that they have, and pictures get the name of their content.
"""

import hashlib
import io
import json
import re
import secrets
import struct
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from PIL import Image
from pydantic import BaseModel, Field, ValidationError

from pentimento.agent import pictures, rerun
from pentimento.agent.discreet import without_paths
from pentimento.agent.outside import KEPT
from pentimento.agent.types import AgentError, Node, NodeKind
from pentimento.memory import transfer
from pentimento.memory.arrival import History, Picture, Unfit, checked
from pentimento.memory.journal import Record
from pentimento.memory.store import Store
from pentimento.memory.types import Session

FORMAT = 1
MANIFEST, ROWS, SCRIPT = "manifest.json", "rows.jsonl", "session.yaml"
LARGEST = {MANIFEST: 50_000_000, ROWS: 500_000_000, SCRIPT: 50_000_000}
"""Bytes that a member may unpack to; a picture as many as one that is opened."""
MAX_BYTES = 100_000_000_000
"""All members together."""
MAX_LINE = 10_000_000
_BLOB = re.compile(r"blobs/([0-9a-f]{64})\.png")
_PIECE = 1 << 20
"""Bytes that are unpacked at once; a member never unpacks to more than it declares."""
_UNREADABLE = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error, zlib.error)
"""What is raised over zip files that are damaged or packed in ways that Python does not know."""
_NO_PICTURE = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)


class Manifest(BaseModel):
    """What a bundle says that it holds."""

    bundle: int = Field(ge=1)
    """The format."""
    session: str
    node: str | None
    """The picture whose story it is; None for a whole session."""
    counts: dict[str, int]
    """Rows by table."""
    sha256: dict[str, str]
    """Of every other member, by name."""


@dataclass(frozen=True)
class Restored:
    """What came of a bundle."""

    session: Session
    nodes: int
    turns: int


def is_bundle(path: Path) -> bool:
    """By its name, or by its first bytes."""
    if path.suffix.lower() == ".zip" or not path.is_file():
        return path.suffix.lower() == ".zip"
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\3\4"
    except OSError:
        return False


def write_bundle(store: Store, session: Session, node: Node | None, path: Path, *, force: bool) -> Path:
    """Writes a bundle of a session, or of one picture; in a folder under the session's name. Raises `AgentError`."""
    if node is not None and node.kind is not NodeKind.IMAGE:
        raise AgentError(f"{node.id} is a region, not a picture; choose the picture that was made with it.")
    target = path / f"{_file_name(session.name)}.zip" if path.is_dir() else path
    if target.suffix.lower() != ".zip":
        raise AgentError(f"{target.name} should end in .zip.")
    if target.exists() and not force:
        raise AgentError(f"{target} exists already; choose another name or add --force.")
    temporary = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with ZipFile(temporary, "x") as archive:
            _fill(archive, store, session, node)
        temporary.replace(target)
    except OSError as error:
        raise AgentError(f"{target} can't be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)
    return target


def restore_bundle(store: Store, path: Path, name: str = "") -> Restored:
    """Stores a bundle's session, under its own name or `name`, ids as they were. Raises `AgentError`, `StoreError`."""
    try:
        with _opened(path) as archive:
            history = _checked(archive)
            blobs = (_read(archive, archive.getinfo(_member(blob))) for blob in history.blobs)
            session = transfer.take_in(store, history, blobs, name)
    except Unfit as error:
        raise AgentError(f"{path.name} can't be restored: {error}; nothing was stored.") from error
    return Restored(session, len(history.rows["nodes"]), len(history.rows["turns"]))


def _file_name(session: str) -> str:
    return re.sub(r"[^\w.-]+", "-", session).strip("-.") or "session"


def _member(blob: str) -> str:
    return f"blobs/{blob}.png"


def _fill(archive: ZipFile, store: Store, session: Session, node: Node | None) -> None:
    part = None if node is None else node.id
    records = transfer.take_out(store, session.id, part)
    sums: dict[str, str] = {}
    for blob in dict.fromkeys(row["blob"] for row in records if row["table"] == "nodes" and row["gone"] is None):
        _put(archive, sums, _member(blob), store.blobs.read(blob))
    lines = [json.dumps(without_paths(row), ensure_ascii=False, separators=(",", ":")) for row in records]
    _put(archive, sums, ROWS, "".join(f"{line}\n" for line in lines).encode())
    if script := _script(store, session, records):
        _put(archive, sums, SCRIPT, script.encode())
    counts = Counter(row["table"] for row in records)
    manifest = Manifest(
        bundle=FORMAT,
        session=str(without_paths(session.name)),
        node=part,
        counts=dict(sorted(counts.items())),
        sha256=sums,
    )
    _put(archive, {}, MANIFEST, manifest.model_dump_json(indent=1).encode())


def _put(archive: ZipFile, sums: dict[str, str], name: str, content: bytes) -> None:
    """Adds a member that tells nothing of the machine and of the hour; pictures are packed already."""
    archive.writestr(ZipInfo(name), content, ZIP_STORED if _BLOB.fullmatch(name) else ZIP_DEFLATED)
    sums[name] = hashlib.sha256(content).hexdigest()


def _script(store: Store, session: Session, records: Sequence[Record]) -> str:
    numbers = {row["number"] for row in records if row["table"] == "nodes"}
    nodes = [node for node in store.nodes(session.id) if int(node.id[1:]) in numbers]
    return rerun.script_of(nodes, {row["number"]: row["said"] for row in records if row["table"] == "turns"})


def _opened(path: Path) -> ZipFile:
    if path.is_dir():
        raise AgentError(f"{path} is a folder; name a file.")
    if not path.is_file():
        raise AgentError(f"There is no file {path}.")
    try:
        return ZipFile(path)
    except PermissionError as error:
        raise AgentError(f"{path} may not be read; change its permissions or choose another file.") from error
    except _UNREADABLE as error:
        raise Unfit("it is no zip file, or a damaged one") from error


def _checked(archive: ZipFile) -> History:
    """What the bundle holds, when all of it is as it should be. Raises `Unfit`."""
    members = _members(archive)
    manifest = _manifest(_read(archive, members.pop(MANIFEST)))
    if manifest.sha256.keys() != members.keys():
        raise Unfit("a file is missing, or there is one too many")
    for name, info in members.items():
        blob = _BLOB.fullmatch(name)
        if not _sha256(archive, info) == manifest.sha256[name] == (blob[1] if blob else manifest.sha256[name]):
            raise Unfit(f"{name} is damaged")
    history = checked(_records(archive, members[ROWS]))
    if manifest.counts != {table: len(rows) for table, rows in history.rows.items() if rows}:
        raise Unfit("rows are missing, or there are some too many")
    if {_member(blob) for blob in history.blobs} != {name for name in members if _BLOB.fullmatch(name)}:
        raise Unfit("a picture is missing, or there is one too many")
    shown: dict[str, list[Picture]] = {}
    for picture in history.pictures:
        shown.setdefault(picture.blob, []).append(picture)
    for file, alike in shown.items():
        _check_picture(_read(archive, members[_member(file)]), alike)
    return history


def _members(archive: ZipFile) -> dict[str, ZipInfo]:
    """The members by name, when the names are those of a bundle and the sizes are bearable."""
    infos = archive.infolist()
    members = {info.filename: info for info in infos}
    if not {MANIFEST, ROWS} <= members.keys():
        raise Unfit("it is no bundle of Pentimento")
    if len(members) != len(infos) or any(name not in LARGEST and not _BLOB.fullmatch(name) for name in members):
        raise Unfit("it holds a file that is no part of a bundle")
    for info in infos:
        if info.flag_bits & 1:
            raise Unfit("it is locked with a password")
        if info.file_size > LARGEST.get(info.filename, pictures.MAX_BYTES):
            raise Unfit(f"{info.filename} would unpack to {info.file_size // 1_000_000:,} MB")
    if (total := sum(info.file_size for info in infos)) > MAX_BYTES:
        raise Unfit(f"it would unpack to {total // 1_000_000:,} MB")
    return members


def _manifest(content: bytes) -> Manifest:
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        raise Unfit(f"{MANIFEST} is damaged") from error
    if manifest.bundle > FORMAT:
        raise Unfit("it was made by a newer Pentimento; update this one")
    return manifest


def _records(archive: ZipFile, info: ZipInfo) -> Iterator[object]:
    with _unpacking(info), archive.open(info) as member:
        while line := member.readline(MAX_LINE):
            yield _without_offers(json.loads(line))


def _without_offers(record: object) -> object:
    """A record as it is, but that nobody here was asked what its turn asked."""
    if isinstance(record, dict) and isinstance(details := record.get("details"), dict):
        return {**record, "details": {name: fact for name, fact in details.items() if name != KEPT}}
    return record


def _check_picture(png: bytes, alike: Sequence[Picture]) -> None:
    """Whether a file is the picture that these nodes are said to show."""
    sizes = {(picture.width, picture.height) for picture in alike}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(png), formats=("PNG",))
            fits = sizes == {image.size} and image.width * image.height <= pictures.MAX_PIXELS
            if fits and {picture.pixels for picture in alike} <= {"", pictures.pixel_hash(image)}:
                return
    except _NO_PICTURE as error:
        raise Unfit(f"the file of {alike[0].node} is no picture") from error
    raise Unfit(f"the file of {alike[0].node} is another picture")


def _read(archive: ZipFile, info: ZipInfo) -> bytes:
    return b"".join(_pieces(archive, info))


def _sha256(archive: ZipFile, info: ZipInfo) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(archive, info):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(archive: ZipFile, info: ZipInfo) -> Iterator[bytes]:
    with _unpacking(info), archive.open(info) as member:
        while piece := member.read(_PIECE):
            yield piece


@contextmanager
def _unpacking(info: ZipInfo) -> Iterator[None]:
    try:
        yield
    except (*_UNREADABLE, RecursionError) as error:
        raise Unfit(f"{info.filename} is damaged") from error
