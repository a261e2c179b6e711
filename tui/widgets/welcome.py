"""What is shown before anything was said."""

from textual.content import Content
from textual.widgets import Static

EXAMPLES = ("a squirrel eating a nut in a forest", "make the squirrel red", "undo")
STEPS = (
    '/generate prompt="a squirrel eating a nut in a forest"',
    '/edit instruction="make the squirrel red" target=squirrel',
    "/undo",
    "/help",
)
"""The same, where no language model hears it."""

WORLD = """
The small models that come with it know a picture book: animals, fruit, a house, a car, a boat, a balloon …
in a forest, on a beach, in a city, in the snow, at night, at sunset."""


class Welcome(Static):
    """What this is, and three sentences to try."""

    DEFAULT_CSS = """
    Welcome { padding: 0 1; height: auto; }
    """

    def __init__(self, *, says: bool = True) -> None:
        """`says`: whether a person says what they want; else they write it out."""
        shown, verb = (EXAMPLES, "say") if says else (STEPS, "write")
        examples = [Content.assemble(("› ", "$primary"), (f"{words}\n", "$foreground")) for words in shown]
        super().__init__(
            Content.assemble(
                (f"{verb.capitalize()} what you would like to see.\n", "bold $primary"),
                (f"Then {verb} what to change. Every version is kept, nothing is lost.\n\n", "$foreground 80%"),
                ("Try, one after the other:\n\n", "$foreground 60%"),
                *examples,
                (WORLD, "$foreground 60%"),
            )
        )
