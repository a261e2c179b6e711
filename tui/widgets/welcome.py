"""What is shown before anything was said."""

from textual.content import Content
from textual.widgets import Static

EXAMPLES = ("a squirrel eating a nut in a forest", "make the squirrel red", "undo")

WORLD = """
The small models that come with it know a picture book: animals, fruit, a house, a car, a boat, a balloon …
in a forest, on a beach, in a city, in the snow, at night, at sunset."""


class Welcome(Static):
    """What this is, and three sentences to try."""

    DEFAULT_CSS = """
    Welcome { padding: 0 1; height: auto; }
    """

    def __init__(self) -> None:
        examples = [Content.assemble(("› ", "$primary"), (f"{words}\n", "$foreground")) for words in EXAMPLES]
        super().__init__(
            Content.assemble(
                ("Say what you would like to see.\n", "bold $primary"),
                ("Then say what to change. Every version is kept, nothing is lost.\n\n", "$foreground 80%"),
                ("Try, one after the other:\n\n", "$foreground 60%"),
                *examples,
                (WORLD, "$foreground 60%"),
            )
        )
