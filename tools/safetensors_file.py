"""A safetensors file looked at before it is mapped into memory: its header has to describe exactly the bytes that follow."""

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, NonNegativeInt, ValidationError

from pentimento.tools.broken import Broken, BrokenFile

LONGEST = 100_000_000
"""Bytes of a header at most, as the format has it."""
BITS = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 16),
    **dict.fromkeys(("U32", "I32", "F32"), 32),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 64),
}
"""Of one number, by its type."""


class Tensor(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    dtype: str
    shape: list[NonNegativeInt]
    data_offsets: list[NonNegativeInt]


def check(path: Path) -> None:
    """Raises `BrokenFile` for what should not be opened, and OSError."""
    try:
        _check_extents(*_header(path))
    except Broken as error:
        raise BrokenFile(path, "safetensors", str(error)) from error


def _header(path: Path) -> tuple[dict[str, JsonValue], int]:
    """What the header says, and how many bytes follow it."""
    with path.open("rb") as file:
        size = path.stat().st_size
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, LONGEST):
            raise Broken("its header would be longer than the file" if length > size - 8 else "its header is too long")
        text = file.read(length)
    if not text.startswith(b"{"):
        raise Broken("it does not begin as one")
    try:
        header = json.loads(text, object_pairs_hook=_distinct)
    except (ValueError, RecursionError) as error:
        raise Broken("its header can't be read") from error
    return header, size - 8 - length


def _distinct(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Broken("its header has a name twice")
    return found


def _check_extents(header: dict[str, JsonValue], size: int) -> None:
    """One tensor after the other, from the first byte to the last."""
    reached = 0
    for begin, end in sorted(_extents(header)):
        if begin != reached:
            raise Broken("its tensors overlap, or leave a hole")
        reached = end
    if reached != size:
        raise Broken("it ends before its tensors do" if reached > size else "something else follows its tensors")


def _extents(header: dict[str, JsonValue]) -> Iterator[tuple[int, int]]:
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            tensor = Tensor.model_validate(entry)
            begin, end = tensor.data_offsets
            bits = BITS[tensor.dtype] * prod(tensor.shape)
        except (ValidationError, ValueError, KeyError) as error:
            raise Broken(f"what it says of {name!r:.60} can't be") from error
        if bits != 8 * (end - begin):
            raise Broken(f"it says a wrong size of {name!r:.60}")
        yield begin, end
