import contextlib
import io
import os
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pentimento.agent import pictures
from pentimento.agent.types import AgentError


def noise(width: int = 12, height: int = 9) -> Image.Image:
    random = np.random.default_rng(width * height)
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def refusal(path: Path) -> str:
    with pytest.raises(AgentError) as caught:
        pictures.read_picture(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_read_as_rgb(tmp_path: Path, form: str) -> None:
    path = tmp_path / "picture"
    noise().save(path, form, quality=95)
    read = pictures.read_picture(path).image
    assert (read.size, read.mode) == ((12, 9), "RGB")
    if form == "PNG":
        assert np.array_equal(np.asarray(read), np.asarray(noise()))


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((65_000, 65_000), "bomb.png has too many pixels; at most 64 million can be opened."),
        ((10_000, 10_000), "bomb.png has 10000 × 10000 pixels; at most 64 million can be opened."),
        ((8001, 8001), "bomb.png has 8001 × 8001 pixels; at most 64 million can be opened."),
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, size: tuple[int, int], sentence: str) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb(*size))
    start = time.process_time()
    assert refusal(path) == sentence
    assert time.process_time() - start < 0.1


def test_a_file_without_end_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "long.png"
    noise().save(path)
    os.truncate(path, pictures.MAX_BYTES + 1)
    assert refusal(path) == "long.png is larger than 200 MB; make it smaller first."


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.95])
def test_a_picture_cut_short_is_said_to_be_so(tmp_path: Path, form: str, share: float) -> None:
    buffer = io.BytesIO()
    noise(60, 60).save(buffer, form)
    path = tmp_path / "cut.png"
    path.write_bytes(buffer.getvalue()[: int(len(buffer.getvalue()) * share)])
    assert refusal(path) in (
        "cut.png can't be read as a picture; it may be damaged or cut short.",
        "cut.png is no picture that can be opened; use PNG, JPEG or WebP.",
    )


def test_damaged_pictures_never_raise_anything_else(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "damaged"
    for form in ("PNG", "JPEG", "WEBP"):
        buffer = io.BytesIO()
        noise(20, 20).save(buffer, form, exif=exif)
        for _ in range(60):
            content = bytearray(buffer.getvalue())
            for place in random.integers(0, len(content), 4):
                content[place] = random.integers(0, 256)
            path.write_bytes(content)
            with contextlib.suppress(AgentError):
                assert pictures.read_picture(path).image.mode == "RGB"


@pytest.mark.parametrize("content", [b"", b"not a picture at all", b"%PDF-1.7", b"GIF89a\x01\x00\x01\x00"])
def test_what_is_no_picture_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "letter.png"
    path.write_bytes(content)
    assert refusal(path) == "letter.png is no picture that can be opened; use PNG, JPEG or WebP."


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "EPS"])
def test_other_formats_are_not_opened_under_a_known_name(tmp_path: Path, form: str) -> None:
    path = tmp_path / "other.png"
    noise().save(path, form)
    assert refusal(path) == "other.png is no picture that can be opened; use PNG, JPEG or WebP."


def test_what_is_no_file_is_said_to_be_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("missing.png", "pipe.png"):
        assert refusal(tmp_path / name) == f"There is no file {tmp_path / name}."
    assert refusal(Path("nul\0.png")).startswith("There is no file ")
    assert refusal(tmp_path) == f"{tmp_path} is a folder; name a picture file."


def test_a_photograph_stands_upright_and_keeps_its_remarks_to_itself(tmp_path: Path) -> None:
    lying = Image.new("RGB", (40, 20), "white")
    lying.paste("black", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "a secret place"
    path = tmp_path / "phone.jpg"
    lying.save(path, exif=exif, comment=b"a secret place", quality=95)
    read = pictures.read_picture(path).image
    assert read.size == (20, 40)
    top, bottom = read.getpixel((10, 5)), read.getpixel((10, 35))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] < 50
    assert bottom[0] > 200
    assert read.info == {}
    assert b"secret" not in pictures.to_png(read)


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    drawn = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    drawn.putpixel((1, 1), (10, 20, 30, 255))
    drawn.save(tmp_path / "sticker.png")
    drawn.quantize(4).save(tmp_path / "palette.png")
    for name in ("sticker.png", "palette.png"):
        read = pictures.read_picture(tmp_path / name).image
        assert read.getpixel((0, 0)) == (255, 255, 255)
        assert read.getpixel((1, 1)) == (10, 20, 30)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    levels = np.arange(0, 65536, 256, dtype=np.uint16).reshape(16, 16)
    Image.fromarray(levels).save(tmp_path / "deep.png")
    read = np.asarray(pictures.read_picture(tmp_path / "deep.png").image)
    assert np.array_equal(read[..., 0].ravel(), np.arange(256))


def test_a_stored_picture_comes_back_to_the_pixel() -> None:
    for image in (noise(), noise().convert("L")):
        again = pictures.from_png(pictures.to_png(image))
        assert again.mode == image.mode
        assert np.array_equal(np.asarray(again), np.asarray(image))


@pytest.mark.parametrize(
    ("name", "form"), [("a.png", "PNG"), ("a.PNG", "PNG"), ("a.jpg", "JPEG"), ("a.jpeg", "JPEG"), ("a.webp", "WEBP")]
)
def test_a_picture_is_written_by_its_suffix(tmp_path: Path, name: str, form: str) -> None:
    png = pictures.to_png(noise())
    path = pictures.write_picture(png, tmp_path / name, force=False)
    with Image.open(path) as written:
        assert (written.format, written.size) == (form, (12, 9))
    if form == "PNG":
        assert path.read_bytes() == png


def test_an_existing_file_is_replaced_only_when_forced(tmp_path: Path) -> None:
    png, path = pictures.to_png(noise()), tmp_path / "mine.png"
    path.write_text("mine")
    with pytest.raises(AgentError) as caught:
        pictures.write_picture(png, path, force=False)
    assert str(caught.value) == f"{path} exists already; choose another name or add --force."
    assert path.read_text() == "mine"
    pictures.write_picture(png, path, force=True)
    assert path.read_bytes() == png


@pytest.mark.parametrize("name", ["a.gif", "a", "a.png.exe"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AgentError, match=r"should end in \.png, \.jpg or \.webp\.$"):
        pictures.write_picture(pictures.to_png(noise()), tmp_path / name, force=False)


def test_what_can_not_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "wide.webp"
    path.write_text("mine")
    with pytest.raises(AgentError, match=r"wide\.webp can't be written: "):
        pictures.write_picture(pictures.to_png(Image.new("RGB", (16_400, 1))), path, force=True)
    assert path.read_text() == "mine"
    with pytest.raises(AgentError, match=r"a\.png can't be written: No such file or directory\.$"):
        pictures.write_picture(pictures.to_png(noise()), tmp_path / "nowhere" / "a.png", force=False)
