"""The one place where text from outside becomes text that a terminal only shows.

A model's reply, a label, a file name or an error may carry control characters that move the cursor, write the
clipboard or turn the reading direction round. They are made visible here; the originals stay in the store.
"""

import unicodedata

_PICTURES = 0x2400
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")


class _Shown(dict[int, str]):
    """Code point → what is shown for it, found on first use."""

    def __missing__(self, code: int) -> str:
        self[code] = _visible(code)
        return self[code]


def _visible(code: int) -> str:
    character = chr(code)
    if character == "\n":
        return character
    if character == "\t":
        return "    "
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    if unicodedata.category(character) in _INVISIBLE:
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
    return character


_SHOWN = _Shown()


def sanitize_for_terminal(text: str) -> str:
    """`text` with every control, bidirectional and invisible character made visible; only line feeds stay."""
    return text.translate(_SHOWN)


def one_line(text: str, width: int = 80) -> str:
    """`text` made safe, on one line, of at most `width` characters."""
    line = sanitize_for_terminal(" ".join(text.split()))
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"
