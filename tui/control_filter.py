"""The net below `sanitize`: no line leaves the app with a control character, whichever widget drew it."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from pentimento.tui.sanitize import sanitize_for_terminal


class ControlFilter(LineFilter):
    """Drops what a terminal would act on, and keeps each line as wide as it was measured."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the base class's
        return [segment if _clean(segment) else _without_controls(segment) for segment in segments]


def _clean(segment: Segment) -> bool:
    return bool(segment.control) or segment.text == sanitize_for_terminal(segment.text)


def _without_controls(segment: Segment) -> Segment:
    text = "".join(_kept(character) for character in segment.text)
    return Segment(text, segment.style)


def _kept(character: str) -> str:
    if sanitize_for_terminal(character) == character:
        return character
    return "�" * cell_len(character)
