"""Pictures from outside and to outside: opened with care, written without overwriting."""

import io
import struct
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from pentimento.agent.types import AgentError

FORMATS = ("PNG", "JPEG", "WEBP")
MAX_PIXELS = 64_000_000
"""A larger picture is refused before it is decoded."""
MAX_BYTES = 200_000_000
_MILLIONS = MAX_PIXELS // 1_000_000
_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def read_picture(path: Path) -> Image.Image:
    """A person's picture file as RGB, turned upright. Raises `AgentError` when it is missing, damaged or too large."""
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
                return _plain(ImageOps.exif_transpose(image))
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
    try:
        # Made before the file is touched, so that a failure leaves what was there.
        content = png if form == "PNG" else _encoded(from_png(png), form)
        with path.open("wb" if force else "xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise AgentError(f"{path} exists already; choose another name or add --force.") from error
    except (OSError, ValueError) as error:
        raise AgentError(f"{path} can't be written: {getattr(error, 'strerror', None) or error}.") from error
    return path


def _encoded(image: Image.Image, form: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, quality=95)
    return buffer.getvalue()
