import pytest

from pentimento.tui.sanitize import one_line, sanitize_for_terminal
from tests.tui.hostile_texts import FORBIDDEN, hostile_texts


def test_the_corpus_is_large_enough_and_every_text_in_it_is_hostile() -> None:
    texts = hostile_texts()
    assert len(set(texts)) >= 200
    assert all(FORBIDDEN & set(text) for text in texts)


def test_no_control_or_invisible_character_survives() -> None:
    for text in hostile_texts():
        assert not FORBIDDEN & set(sanitize_for_terminal(text)), ascii(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("a\tb", "a    b"),
        ("line\nline", "line\nline"),
        ("\x7f\x00\r", "␡␀␍"),
        ("\udc9b", "\\udc9b"),
        ("ünï 松鼠 🐿 – ×", "ünï 松鼠 🐿 – ×"),
    ],
)
def test_what_a_terminal_would_act_on_is_made_visible(text: str, shown: str) -> None:
    assert sanitize_for_terminal(text) == shown


def test_one_line_is_one_line_and_no_longer_than_asked() -> None:
    assert one_line("a\nb\x1b  c", 80) == "a b␛ c"
    assert one_line("abcdef", 4) == "abc…"
