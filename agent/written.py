"""The JSON object that a language model wrote, read such that all of it can be kept, or refused."""

import json
from collections.abc import Iterable

from pydantic import JsonValue


def object_in(text: str) -> dict[str, JsonValue]:
    """The object that a JSON text holds.

    Raises `JSONDecodeError` where it holds none, and another `ValueError` where there is half a character in it or a number
    of thousands of digits.
    """
    try:
        content: JsonValue = json.loads(text)
        # Half of a surrogate pair reads well; the database and the next message would fail of it.
        json.dumps(content, ensure_ascii=False).encode()
    except RecursionError as error:
        raise json.JSONDecodeError("Nested too deep", text, 0) from error
    if not isinstance(content, dict):
        raise json.JSONDecodeError("No object", text, 0)
    return content


def once(answers: Iterable[JsonValue]) -> list[JsonValue]:
    """Each answer to a question once, whatever its capitals and spaces; the first of them stays as it is written."""
    first: dict[str, JsonValue] = {}
    for answer in answers:
        first.setdefault(" ".join(str(answer).split()).casefold(), answer)
    return [*first.values()]
