"""This terminal: how it shows pictures, which is asked once, before the app reads the keyboard, and what happens when it is closed."""

import logging
import os
import select
import signal
import sys
import threading
from dataclasses import dataclass

from textual.widget import Widget


@dataclass(frozen=True)
class Display:
    """What pictures are shown with."""

    image_class: type[Widget]
    """A widget of textual-image: it takes no arguments and has the attribute `image`."""
    cell: tuple[int, int]
    """Width and height of a character cell, in pixels."""


def find_display() -> Display:
    """The best that the terminal can do: its own graphics where it answers, else two pixels per character cell."""
    # It warns on the screen of a terminal that does not answer, which is no news to the person.
    logging.getLogger("textual_image").setLevel(logging.ERROR)
    from textual_image._terminal import CellSize, get_cell_size

    if not _has_size():
        # textual-image divides by the number of columns while it is imported.
        setattr(get_cell_size, "_result", CellSize(10, 20))  # noqa: B010 - the function's own cache
    from textual_image.widget import Image

    width, height = get_cell_size()
    return Display(Image, (width, height))


def half_cells() -> Display:
    """Two pixels per character cell: what every terminal with colours can show."""
    from textual_image.widget import HalfcellImage

    return Display(HalfcellImage, (10, 20))


def end_with_terminal() -> None:
    """From now on the program ends at once when its terminal is closed; what is kept is safe at every moment.

    The kernel tells only those whose controlling terminal it is, and nohup lets nobody hear it; Textual would wait for ever
    for what it wrote to be read.
    """
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    threading.Thread(target=_wait_for_end, args=(sys.stdin.fileno(),), daemon=True).start()


def _wait_for_end(terminal: int) -> None:
    watch = select.poll()
    watch.register(terminal, 0)  # Of an end it tells without being asked.
    if any(event & select.POLLHUP for _, event in watch.poll()):
        os.kill(os.getpid(), signal.SIGHUP)


def _has_size() -> bool:
    try:
        size = os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1)
    except OSError:
        return False
    return size.columns > 0 and size.lines > 0
