"""Texts that would make a terminal do something: more than 200, from the control characters and what they start."""

import unicodedata

FORBIDDEN = frozenset(
    character for character in map(chr, range(0x3000)) if character != "\n" and unicodedata.category(character) == "Cc"
) | frozenset(
    "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2028\u2029\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
)

_STRINGS = ("]0;title", "]52;c;ZXZpbA==", "]8;;http://example.org", "P1;1|x", "_Ga=d", "^private", "X")
_ENDS = ("\x07", "\x1b\\", "\x9c", "")
_SEQUENCES = (
    "[2J",
    "[H",
    "[31m",
    "[?1049l",
    "[?25l",
    "[6n",
    "[c",
    "[5i",
    "[1;1r",
    "[3J",
    "c",
    "7",
    "8",
    "M",
    "#8",
    "(0",
)


def hostile_texts() -> list[str]:
    """Every text once, in a fixed order."""
    texts = [f"a{character}b" for character in sorted(FORBIDDEN)]
    texts += [f"\x1b{string}{end}" for string in _STRINGS for end in _ENDS]
    texts += [f"\x1b{sequence}" for sequence in _SEQUENCES]
    texts += [
        f"{c1}{string[1:]}{end}"
        for c1, string in zip("\x9d\x9d\x9d\x90\x9f\x9e\x98", _STRINGS, strict=True)
        for end in _ENDS
    ]
    texts += [f"\x9b{sequence[1:]}" for sequence in _SEQUENCES if sequence.startswith("[")]
    texts += [f"make it {text} red, please\r" for text in texts if text.startswith("\x1b")]
    texts += [f"line one\r\x1b[A{word}\u202e" for word in ("done", "n3", "0 of 3,102")]
    texts += ["\x1b" * 40, "\x1b[" + "9" * 200 + "A", "\x00" * 20, "a\u202e" * 10 + "\x1b[0m"]
    return list(dict.fromkeys(texts))
