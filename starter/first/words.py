"""The words of the picture-book world: its kinds of things, colours and places, and how people call them."""

from pentimento.tools.color import NAMED

KINDS: dict[str, tuple[str, ...]] = {
    "squirrel": ("squirrel",),
    "nut": ("nut", "chestnut", "acorn"),
    "fox": ("fox",),
    "cat": ("cat", "kitty"),
    "dog": ("dog", "puppy"),
    "rabbit": ("rabbit", "bunny"),
    "owl": ("owl",),
    "duck": ("duck",),
    "apple": ("apple",),
    "mushroom": ("mushroom", "toadstool"),
    "flower": ("flower", "tulip"),
    "tree": ("tree",),
    "house": ("house", "cottage"),
    "car": ("car",),
    "boat": ("boat", "sailboat"),
    "balloon": ("balloon",),
}
"""Kind → the nouns for it, the usual one first."""

ANIMALS = ("squirrel", "fox", "cat", "dog", "rabbit", "owl", "duck")
FOOD = ("nut", "apple", "mushroom")

COLORS = {name: NAMED[name] for name in ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")}
"""Colour name → its sRGB value, 0..255. A thing without a colour word has its natural colours."""

PLACES: dict[str, tuple[str, ...]] = {
    "forest": ("in a forest", "in the forest", "in the woods"),
    "beach": ("on a beach", "on the beach", "at the seaside"),
    "city": ("in a city", "in the city", "in town"),
    "snow": ("in the snow", "in winter", "on a snowy day"),
    "night": ("at night", "under the stars", "in the moonlight"),
    "sunset": ("at sunset", "in the evening sun", "at dusk"),
}
"""Place or time → the phrases for it, the usual one first."""
