"""Pictures from outside and to outside: opened with care, written without overwriting."""

import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from pentimento.agent.types import AgentError

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 64_000_000
"""A larger picture is refused before it is decoded."""
MAX_BYTES = 200_000_000
_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def read_picture(path: Path) -> Image.Image:
    """A person's picture file as RGB, turned upright. Raises `AgentError` when it is missing, damaged or too large."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise AgentError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB; make it smaller first.")
        with warnings.catch_warnings():
            # The size is checked against our own, lower limit before anything is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                _check_size(image, path.name)
                return ImageOps.exif_transpose(image).convert("RGB")
    except FileNotFoundError as error:
        raise AgentError(f"There is no file {path}.") from error
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise AgentError(f"{path.name} is no picture that can be opened; use PNG, JPEG or WebP.") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise AgentError(f"{path.name} can't be read as a picture; it may be damaged or cut short.") from error


def _check_size(image: Image.Image, name: str) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise AgentError(
            f"{name} has {image.width} × {image.height} pixels; at most {MAX_PIXELS // 1_000_000} million can be opened."
        )


def to_png(image: Image.Image) -> bytes:
    """PNG bytes, level 1: eight times faster than the default and hardly larger."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def from_png(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=("PNG",))
    image.load()
    return image


def write_picture(png: bytes, path: Path, *, force: bool) -> Path:
    """Write a stored picture as PNG, JPEG or WebP, by the file's suffix. Raises `AgentError`."""
    form = _SUFFIXES.get(path.suffix.lower())
    if form is None:
        raise AgentError(f"{path.name} should end in .png, .jpg or .webp.")
    if path.exists() and not force:
        raise AgentError(f"{path} exists already; choose another name or add --force.")
    try:
        if form == "PNG":
            path.write_bytes(png)
        else:
            from_png(png).save(path, form, quality=95)
    except OSError as error:
        raise AgentError(f"{path} can't be written: {error.strerror or error}.") from error
    return path
