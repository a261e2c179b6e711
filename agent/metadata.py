"""Text inside a picture file: written as iTXt into PNG and as XMP into JPEG and WebP, and read from there.

It is written as ASCII without &, < and >, so that it stands in XML as it is; it is read without an XML parser.
"""

import html
import json
import re
import struct
import zlib
from collections.abc import Iterator

from PIL import Image
from pydantic import JsonValue

KEY = "pentimento"
LIMITS = {"PNG": 1_000_000, "WEBP": 1_000_000, "JPEG": 64_000}
"""Characters by format; a JPEG has its XMP in one segment of 64 KB."""
_HEADER = 33
"""Bytes of a PNG before its second chunk."""
_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
    ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:pentimento="pentimento">'
    '<pentimento:recipe>{}</pentimento:recipe></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
_IN_XMP = re.compile(rb"<pentimento:recipe>([^<]*)</pentimento:recipe>")


def as_text(content: JsonValue) -> str:
    """Compact JSON that can stand in any of the formats."""
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def in_png(png: bytes, text: str) -> bytes:
    """The PNG with a text, or with an empty one without any; its compressed pixels stay as they are."""
    kept = b"".join(chunk for name, chunk in _chunks(png) if name[:1].isupper() or name == b"tRNS")
    if not text:
        return png[:8] + kept
    content = KEY.encode() + b"\0\0\0\0\0" + text.encode()
    return png[:8] + kept[: _HEADER - 8] + _chunk(b"iTXt", content) + kept[_HEADER - 8 :]


def as_xmp(text: str) -> bytes:
    """The packet that JPEG and WebP take; an empty one for no text."""
    return _XMP.format(text).encode() if text else b""


def embedded(image: Image.Image) -> str:
    """What an opened file holds of this; empty when it holds nothing, or more than Pentimento writes."""
    text = _in_png(image) if image.format == "PNG" else _in_xmp(image)
    return text if len(text) <= LIMITS["PNG"] else ""


def _in_png(image: Image.Image) -> str:
    text = image.info.get(KEY)
    return text if isinstance(text, str) else ""


def _in_xmp(image: Image.Image) -> str:
    packet = image.info.get("xmp")
    found = _IN_XMP.search(packet) if isinstance(packet, bytes) else None
    return html.unescape(found[1].decode("utf-8", "replace")) if found else ""


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, whole chunk) of each up to the end of the picture."""
    place, name = 8, b""
    while name != b"IEND" and place + 12 <= len(png):
        length, name = struct.unpack_from(">I4s", png, place)
        yield name, png[place : place + length + 12]
        place += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
