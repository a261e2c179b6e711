"""How a picture is shown to a language model that sees: small, beside the words of its message."""

import io
from base64 import b64encode
from collections.abc import Mapping

from PIL import Image
from pydantic import JsonValue

SIDE = 512
"""Pixels of its longer side at most."""
PICTURE = "picture"
"""What a message has it under, beside its role and its content."""


def as_url(picture: Image.Image) -> str:
    """A JPEG within a data URL, which leads nowhere; nothing of the file but its pixels."""
    small, buffer = picture.convert("RGB"), io.BytesIO()
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    small.info = {}
    small.save(buffer, "JPEG", quality=90)
    return f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"


def shows(messages: list[dict[str, str]]) -> bool:
    return any(PICTURE in message for message in messages)


def in_parts(message: Mapping[str, str]) -> dict[str, JsonValue]:
    """A message as OpenAI's chat completions have it: words alone as they are, beside a picture as a part of their own."""
    if PICTURE not in message:
        return {**message}
    words: JsonValue = {"type": "text", "text": message["content"]}
    picture: JsonValue = {"type": "image_url", "image_url": {"url": message[PICTURE]}}
    return {"role": message["role"], "content": [words, picture]}
