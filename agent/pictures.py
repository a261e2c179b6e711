"""Pictures from outside and to outside: opened with care, written without overwriting."""

import hashlib
import io
import os
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from pentimento.agent import metadata
from pentimento.agent.types import AgentError

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 64_000_000
"""A larger picture is refused before it is decoded."""
MAX_BYTES = 200_000_000
_MILLIONS = MAX_PIXELS // 1_000_000
_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_ROUNDED = 4
"""Levels by which another decoder may read the same file."""


@dataclass(frozen=True)
class Opened:
    """A picture file as it was found."""

    image: Image.Image
    """RGB, upright, nothing but pixels."""
    form: str
    """One of FORMATS."""
    sha256: str
    """Of the file, hex."""
    embedded: str
    """What `agent.metadata` finds in it; a stranger's words, not to be believed."""


def read_picture(path: Path) -> Opened:
    """A person's picture file, turned upright. Raises `AgentError` when it is missing, damaged or too large."""
    try:
        if path.is_dir():
            raise AgentError(f"{path} is a folder; name a picture file.")
        if not path.is_file():
            raise AgentError(f"There is no file {path}.")
        if path.stat().st_size > MAX_BYTES:
            raise AgentError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB; make it smaller first.")
        with warnings.catch_warnings():
            # The size is checked against our own, lower limit; remarks on odd metadata would land on the screen.
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                _check_size(image, path.name)
                plain = _plain(ImageOps.exif_transpose(image))
                return Opened(plain, str(image.format), _sha256(path), metadata.embedded(image))
    except UnidentifiedImageError as error:
        raise AgentError(f"{path.name} is no picture that can be opened; use PNG, JPEG or WebP.") from error
    except Image.DecompressionBombError as error:
        raise AgentError(f"{path.name} has too many pixels; at most {_MILLIONS} million can be opened.") from error
    except PermissionError as error:
        raise AgentError(f"{path} may not be read; change its permissions or choose another file.") from error
    except (OSError, ValueError, SyntaxError, struct.error) as error:
        raise AgentError(f"{path.name} can't be read as a picture; it may be damaged or cut short.") from error


def _plain(image: Image.Image) -> Image.Image:
    """RGB, and nothing but pixels: what is transparent becomes white, 16 bits become 8, no remarks are kept."""
    if image.mode.startswith("I;16"):
        image = image.point(lambda level: level / 256).convert("L")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    plain = image.convert("RGB")
    plain.info = {}
    return plain


def _check_size(image: Image.Image, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise AgentError(
            f"{name} has {image.width} × {image.height} pixels; at most {_MILLIONS} million can be opened."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pixel_hash(image: Image.Image) -> str:
    """sha256 (hex) of mode, size and raw pixels: the same however the file is compressed. Stored, so never to be changed."""
    digest = hashlib.sha256(f"{image.mode} {image.width} {image.height}\n".encode())
    digest.update(image.tobytes())
    return digest.hexdigest()


def to_png(image: Image.Image) -> bytes:
    """PNG bytes, level 1: eight times faster than the default and hardly larger."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def from_png(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("PNG",))
    image.load()
    return image


def write_picture(png: bytes, path: Path, *, force: bool, text: str = "") -> Path:
    """Write a stored picture as PNG, JPEG or WebP, by the file's suffix: its pixels, and `text` if there is any.

    Raises `AgentError`.
    """
    form = form_of(path)
    try:
        # Made before the file is touched, so that a failure leaves what was there.
        content = _encoded(png, form, text)
        with path.open("wb" if force else "xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise AgentError(f"{path} exists already; choose another name or add --force.") from error
    except (OSError, ValueError) as error:
        raise AgentError(f"{path} can't be written: {getattr(error, 'strerror', None) or error}.") from error
    return path


def form_of(path: Path) -> str:
    """The format that a file's suffix asks for. Raises `AgentError`."""
    form = _SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise AgentError(f"{path.name} should end in .png, .jpg or .webp.")
    return form


def written_from(opened: Opened, png: bytes) -> bool:
    """Whether a file shows a stored picture as an export of that format would, and nothing was changed in it since."""
    exported = Image.open(io.BytesIO(_encoded(png, opened.form, ""))).convert("RGB")
    if exported.size != opened.image.size:
        return False
    levels = ImageChops.difference(exported, opened.image).getextrema()
    allowed = 0 if opened.form == "PNG" else _ROUNDED
    return all(isinstance(level, tuple) and level[1] <= allowed for level in levels)


def _encoded(png: bytes, form: str, text: str) -> bytes:
    if form == "PNG":
        return metadata.in_png(png, text)
    image, buffer = from_png(png), io.BytesIO()
    # What the stored file says of itself would be written too.
    image.info = {}
    image.save(buffer, form, quality=95, xmp=metadata.as_xmp(text))
    return buffer.getvalue()


def printable(name: str) -> str:
    """A file's name, or its path, as text: bytes that are no UTF-8 become �."""
    return os.fsencode(name).decode("utf-8", "replace")
