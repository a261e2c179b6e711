"""A GGUF file looked at before llama.cpp does, which believes its header: every count, type and extent has to fit the file."""

import mmap
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, prod
from pathlib import Path
from typing import TypeVar

from pentimento.tools.broken import Broken, BrokenFile

MAGIC, VERSIONS = b"GGUF", (2, 3)
UINT32, STRING, ARRAY = 4, 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", UINT32: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Types of values → how they are packed."""
BLOCKS = {
    0: (1, 4),
    1: (1, 2),
    2: (32, 18),
    3: (32, 20),
    6: (32, 22),
    7: (32, 24),
    8: (32, 34),
    10: (256, 84),
    11: (256, 110),
    12: (256, 144),
    13: (256, 176),
    14: (256, 210),
    16: (256, 66),
    17: (256, 74),
    18: (256, 98),
    19: (256, 50),
    20: (32, 18),
    21: (256, 110),
    22: (256, 82),
    23: (256, 136),
    24: (1, 1),
    25: (1, 2),
    26: (1, 4),
    27: (1, 8),
    28: (1, 8),
    29: (256, 56),
    30: (1, 2),
    34: (256, 54),
    35: (256, 66),
    39: (32, 17),
    40: (64, 36),
    41: (128, 18),
}
"""Types of weights → numbers and bytes of a block."""
ALIGNMENT, TOKENS = "general.alignment", "tokenizer.ggml.tokens"
DIMENSIONS, NAME, KEY = 4, 63, 65_535
"""Of a tensor, and bytes of the names of tensors and of values, at most."""
MOST = 2**63 - 1
LAYERS = 512
"""That llama.cpp has room for."""

Value = int | float | bool | bytes | list[bytes] | tuple[int | float | bool, ...]
Content = TypeVar("Content")


@dataclass(frozen=True)
class Header:
    values: dict[str, Value]
    tensors: dict[str, tuple[int, ...]]
    """Name → sides, the fastest one first."""
    size: int
    """Bytes of it, without the tensors."""


def check(path: Path) -> None:
    """Raises `BrokenFile` for what llama.cpp should not be given, and OSError."""
    read_header(path)


def read_header(path: Path) -> Header:
    with path.open("rb") as file:
        size = path.stat().st_size
        if not size:
            raise BrokenFile(path, "GGUF", "it is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            try:
                return _Reader(content).header()
            except Broken as error:
                raise BrokenFile(path, "GGUF", str(error)) from error


class _Reader:
    """Reads from the front; whatever reaches beyond the end of the file is refused before memory is taken for it."""

    def __init__(self, content: mmap.mmap) -> None:
        self._content = content
        self._size = len(content)
        self._at = 0

    def header(self) -> Header:
        if self._content[:4] != MAGIC:
            raise Broken("it does not begin as one")
        self._at = 4
        version, tensors, values = self._unpack("IQQ")
        if version not in VERSIONS:
            raise Broken(f"its version is {version}")
        found = _distinct((self._value() for _ in range(self._count(values, 13))), "value")
        alignment = found.get(ALIGNMENT, 32)
        if not isinstance(alignment, int) or alignment not in (2**power for power in range(3, 17)):
            raise Broken(f"its alignment is {alignment!r:.40}")
        infos = [self._tensor() for _ in range(self._count(tensors, 24))]
        self._check_extents([(offset, size) for _, _, offset, size in infos], alignment)
        _check_sense(found)
        shapes = _distinct(((name, sides) for name, sides, _, _ in infos), "tensor")
        return Header(found, shapes, self._at)

    def _check_extents(self, extents: list[tuple[int, int]], alignment: int) -> None:
        """One tensor after the other, none beyond the end, and nothing behind them."""
        begin, expected = _padded(self._at, alignment), 0
        for offset, size in extents:
            if offset != expected:
                raise Broken("a tensor does not follow the one before it")
            if begin + offset + size > self._size:
                raise Broken("it ends before its tensors do")
            expected += _padded(size, alignment)
        if self._size > begin + expected:
            raise Broken("something else follows its tensors")

    def _tensor(self) -> tuple[str, tuple[int, ...], int, int]:
        """Name, sides, offset and bytes."""
        name = self._text(NAME)
        (dimensions,) = self._unpack("I")
        if not 1 <= dimensions <= DIMENSIONS:
            raise Broken(f"a tensor has {dimensions} dimensions")
        sides = self._unpack(f"{dimensions}Q")
        kind, offset = self._unpack("IQ")
        if kind not in BLOCKS:
            raise Broken(f"a tensor is of an unknown type {kind}")
        numbers, size = BLOCKS[kind]
        if prod(sides) > MOST or 0 in sides or sides[0] % numbers:
            raise Broken("the sides of a tensor are impossible")
        return name, sides, offset, prod(sides) // numbers * size

    def _value(self) -> tuple[str, Value]:
        key = self._text(KEY)
        (kind,) = self._unpack("I")
        if kind != ARRAY:
            return key, self._bytes() if kind == STRING else self._scalars(kind, 1)[0]
        kind, count = self._unpack("IQ")
        if kind == STRING:
            return key, [self._bytes() for _ in range(self._count(count, 8))]
        return key, self._scalars(kind, count)

    def _scalars(self, kind: int, count: int) -> tuple[int | float | bool, ...]:
        if kind not in SCALARS:
            raise Broken(f"a value is of an unknown type {kind}")
        code = SCALARS[kind]
        return self._unpack(f"{self._count(count, struct.calcsize(code))}{code}")

    def _text(self, longest: int) -> str:
        text = self._bytes()
        if not 0 < len(text) <= longest:
            raise Broken("a name is empty or too long")
        try:
            return text.decode()
        except UnicodeDecodeError as error:
            raise Broken("a name is no text") from error

    def _bytes(self) -> bytes:
        (length,) = self._unpack("Q")
        return self._take(length)

    def _unpack(self, code: str) -> tuple[int, ...]:
        return struct.unpack(f"<{code}", self._take(struct.calcsize(f"<{code}")))

    def _take(self, length: int) -> bytes:
        begin = self._at
        if length > self._size - begin:
            raise Broken("it ends in the middle of its header")
        self._at += length
        return self._content[begin : self._at]

    def _count(self, count: int, least: int) -> int:
        """A count of things that take so many bytes each at least."""
        if count > (self._size - self._at) // least:
            raise Broken("it says that it holds more than there is room for")
        return count


def _check_sense(values: dict[str, Value]) -> None:
    """What llama.cpp ends the whole process for, instead of refusing the file."""
    if any(isinstance(value, float) and not isfinite(value) for value in values.values()):
        raise Broken("a value is no number")
    tokens = values.get(TOKENS)
    if isinstance(tokens, list) and len(set(tokens)) != len(tokens):
        raise Broken("two of its tokens are the same")
    for name, value in values.items():
        if isinstance(value, int | float) and not _possible(name, value, values):
            raise Broken(f"{name} can't be {value}")


def _possible(name: str, value: float, values: dict[str, Value]) -> bool:
    match name.partition(".")[2]:
        case "block_count":
            return 1 <= value <= LAYERS
        case "rope.freq_base":
            return value > 0
        case "attention.head_count":
            keys = values.get(f"{name}_kv", value)
            return value >= 1 and (not isinstance(keys, int) or (1 <= keys <= value and value % keys == 0))
        case _:
            return True


def _distinct(named: Iterable[tuple[str, Content]], what: str) -> dict[str, Content]:
    found: dict[str, Content] = {}
    for name, content in named:
        if name in found:
            raise Broken(f"it has the {what} {name!r:.60} twice")
        found[name] = content
    return found


def _padded(size: int, alignment: int) -> int:
    return -(-size // alignment) * alignment
