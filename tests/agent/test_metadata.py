import io
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from pentimento.agent import metadata, pictures
from pentimento.agent.types import AgentError

TEXT = metadata.as_text({"said": "a <b>squirrel</b> & 'nut' \u202e\x1b[2J 🐿", "pentimento": 1})
FORMS = [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP")]


def noise(width: int = 24, height: int = 16) -> Image.Image:
    random = np.random.default_rng(width * height)
    return Image.fromarray(random.integers(0, 256, (height, width, 3), dtype=np.uint8))


def talkative_png() -> bytes:
    """A stored picture that says things of itself."""
    remarks = PngImagePlugin.PngInfo()
    remarks.add_text("Comment", "a secret place")
    remarks.add_itxt("XML:com.adobe.xmp", "<x>a secret place</x>")
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    buffer = io.BytesIO()
    noise().save(buffer, "PNG", pnginfo=remarks, exif=exif, icc_profile=b"a secret place", dpi=(72, 72))
    return buffer.getvalue() + b"a secret place"


@pytest.mark.parametrize(("suffix", "form"), FORMS)
def test_a_text_comes_back_from_every_format(tmp_path: Path, suffix: str, form: str) -> None:
    path = pictures.write_picture(pictures.to_png(noise()), tmp_path / f"a.{suffix}", force=False, text=TEXT)
    opened = pictures.read_picture(path)
    assert (opened.form, opened.embedded) == (form, TEXT)
    assert TEXT.isascii()


@pytest.mark.parametrize(("suffix", "form"), FORMS)
def test_without_a_text_a_file_holds_its_pixels_alone(tmp_path: Path, suffix: str, form: str) -> None:
    path = pictures.write_picture(talkative_png(), tmp_path / f"a.{suffix}", force=False)
    assert b"secret" not in path.read_bytes()
    remarks = (b"iTXt", b"tEXt", b"zTXt", b"iCCP", b"eXIf", b"Exif", b"EXIF", b"XMP ", b"xpacket")
    assert [remark for remark in remarks if remark in path.read_bytes()] == []
    with Image.open(path) as written:
        assert (written.format, written.size) == (form, noise().size)
    assert pictures.read_picture(path).embedded == ""


@pytest.mark.parametrize("text", ["", TEXT])
def test_the_pixels_of_a_png_stay_as_they_are_compressed(text: str) -> None:
    png = pictures.to_png(noise())
    again = metadata.in_png(png, text)
    assert pictures.from_png(again).tobytes() == noise().tobytes()
    compressed = png[png.index(b"IDAT") :]
    assert again.endswith(compressed)
    assert (again == png) == (not text)


def test_a_palette_keeps_its_colours_and_its_transparency() -> None:
    drawn = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    drawn.putpixel((1, 1), (10, 20, 30, 255))
    buffer = io.BytesIO()
    drawn.quantize(4).save(buffer, "PNG")
    bare = pictures.from_png(metadata.in_png(buffer.getvalue(), "")).convert("RGBA")
    assert bare.getpixel((1, 1)) == (10, 20, 30, 255)
    assert bare.getpixel((0, 0)) == (0, 0, 0, 0)


def test_more_than_is_ever_written_counts_as_nothing(tmp_path: Path) -> None:
    png = pictures.to_png(noise())
    for name, content in (("long.png", "x" * 1_000_001), ("fine.png", "x" * 1_000_000)):
        (tmp_path / name).write_bytes(metadata.in_png(png, content))
    assert pictures.read_picture(tmp_path / "long.png").embedded == ""
    assert len(pictures.read_picture(tmp_path / "fine.png").embedded) == 1_000_000
    noise().save(tmp_path / "long.webp", xmp=metadata.as_xmp("x" * 3_000_000))
    assert pictures.read_picture(tmp_path / "long.webp").embedded == ""


def test_a_text_that_unpacks_to_a_flood_is_no_text(tmp_path: Path) -> None:
    flood = b"pentimento\0\1\0\0\0" + zlib.compress(bytes(3_000_000))
    png = pictures.to_png(noise())
    (tmp_path / "flood.png").write_bytes(png[:33] + metadata._chunk(b"iTXt", flood) + png[33:])
    with pytest.raises(AgentError, match="can't be read as a picture"):
        pictures.read_picture(tmp_path / "flood.png")


def test_pixels_have_one_hash_however_they_are_compressed(tmp_path: Path) -> None:
    hashes, files = set(), set()
    for level in (0, 1, 9):
        Image.effect_mandelbrot((60, 40), (-2, -1, 1, 1), 40).save(tmp_path / "a.png", compress_level=level)
        opened = pictures.read_picture(tmp_path / "a.png")
        hashes.add(pictures.pixel_hash(opened.image))
        files.add(opened.sha256)
    assert (len(hashes), len(files)) == (1, 3)


def test_other_pixels_another_size_or_another_mode_have_another_hash() -> None:
    other = noise()
    other.putpixel((0, 0), (1, 2, 3))
    flat = [Image.new("L", (2, 8)), Image.new("L", (8, 2)), Image.new("1", (2, 8)), Image.new("P", (2, 8))]
    hashes = {pictures.pixel_hash(image) for image in (noise(), other, *flat)}
    assert len(hashes) == 6


def test_the_form_of_the_hash_never_changes() -> None:
    """It is stored with every picture."""
    image = Image.frombytes("RGB", (2, 1), bytes(range(6)))
    assert pictures.pixel_hash(image) == "3128dd62fcb94b29473bbb853d9926a889a1d3cf4c62cb895e81361131951a55"


def test_the_packet_is_xml_that_others_can_read(tmp_path: Path) -> None:
    path = pictures.write_picture(pictures.to_png(noise()), tmp_path / "a.jpg", force=False, text=TEXT)
    with Image.open(path) as written:
        packet = written.info["xmp"].decode()
    root = ET.fromstring(packet[packet.index("<x:") : packet.index("<?xpacket end")])
    assert [element.text for element in root.iter("{pentimento}recipe")] == [TEXT]
