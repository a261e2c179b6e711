"""The words of the picture-book world: its kinds of things, colours, places, times, weather and styles, and how people call them."""

from pentimento.tools.color import NAMED

KINDS: dict[str, tuple[str, ...]] = {
    "squirrel": ("squirrel",),
    "fox": ("fox",),
    "cat": ("cat", "kitty"),
    "dog": ("dog", "puppy"),
    "rabbit": ("rabbit", "bunny"),
    "owl": ("owl",),
    "duck": ("duck",),
    "horse": ("horse", "pony"),
    "cow": ("cow",),
    "pig": ("pig", "piglet"),
    "elephant": ("elephant",),
    "penguin": ("penguin",),
    "turtle": ("turtle", "tortoise"),
    "frog": ("frog",),
    "mouse": ("mouse",),
    "hedgehog": ("hedgehog",),
    "flower": ("flower", "tulip"),
    "tree": ("tree",),
    "cactus": ("cactus",),
    "sunflower": ("sunflower",),
    "palm": ("palm", "palm tree"),
    "house": ("house", "cottage"),
    "castle": ("castle",),
    "church": ("church", "chapel"),
    "tent": ("tent",),
    "car": ("car",),
    "boat": ("boat", "sailboat"),
    "bus": ("bus",),
    "train": ("train", "locomotive"),
    "bicycle": ("bicycle", "bike"),
    "rocket": ("rocket",),
    "tractor": ("tractor",),
    "nut": ("nut", "chestnut", "acorn"),
    "apple": ("apple",),
    "mushroom": ("mushroom", "toadstool"),
    "carrot": ("carrot",),
    "cake": ("cake",),
    "pumpkin": ("pumpkin",),
    "hat": ("hat", "top hat"),
    "crown": ("crown",),
    "bow": ("bow", "ribbon"),
    "balloon": ("balloon",),
    "umbrella": ("umbrella",),
    "ball": ("ball", "football"),
}
"""Kind → the nouns for it, the usual one first."""

_PLURALS = {
    "mouse": "mice",
    "cactus": "cacti",
    "man": "men",
    "woman": "women",
    "child": "children",
    "person": "people",
    "wolf": "wolves",
    "knife": "knives",
    "leaf": "leaves",
    "goose": "geese",
    "sheep": "sheep",
}
"""Nouns whose plural no rule makes."""

ANIMALS = (
    *("squirrel", "fox", "cat", "dog", "rabbit", "owl", "duck", "horse", "cow", "pig"),
    *("elephant", "penguin", "turtle", "frog", "mouse", "hedgehog"),
)
FOOD = ("nut", "apple", "mushroom", "carrot", "cake", "pumpkin")
WORN = ("hat", "crown", "bow")
CARRIERS = (
    "car",
    "bus",
    "train",
    "tractor",
    "house",
    "pumpkin",
    "cake",
    "mushroom",
    "turtle",
    "elephant",
    "cow",
    "horse",
)
"""What a thing can stand on."""
BACKDROPS = ("tree", "palm", "house", "castle", "church", "tent", "bus", "cactus")
"""What stands behind a thing."""

COLORS = NAMED
"""Colour name → its sRGB value, 0..255. A thing without a colour word has its natural colours."""

PLACES: dict[str, tuple[str, ...]] = {
    "forest": ("in a forest", "in the forest", "in the woods"),
    "beach": ("on a beach", "on the beach", "at the seaside"),
    "city": ("in a city", "in the city", "in town"),
    "meadow": ("in a meadow", "on a meadow", "in a field"),
    "desert": ("in a desert", "in the desert", "among the dunes"),
    "mountains": ("in the mountains", "on a mountain", "in front of mountains"),
    "room": ("in a room", "indoors", "in the living room"),
}
"""Place → the phrases for it, the usual one first."""

TIMES: dict[str, tuple[str, ...]] = {
    "day": ("by day", "in daylight", "at noon"),
    "sunset": ("at sunset", "in the evening sun", "at dusk"),
    "night": ("at night", "under the stars", "in the moonlight"),
}
"""Time of day → the phrases for it, the usual one first."""

WEATHERS: dict[str, tuple[str, ...]] = {
    "clear": ("in fine weather", "under a clear sky", "in the sunshine"),
    "rain": ("in the rain", "on a rainy day", "while it rains"),
    "snow": ("in the snow", "in winter", "on a snowy day"),
    "fog": ("in the fog", "on a foggy day", "in the mist"),
}
"""Weather → the phrases for it, the usual one first."""

STYLES: dict[str, tuple[str, ...]] = {
    "flat": ("flat colors", "cartoon", "picture book"),
    "pencil": ("pencil drawing", "pencil sketch", "colored pencil"),
    "pixel": ("pixel art", "8-bit", "retro pixels"),
    "watercolor": ("watercolor", "watercolour", "water colors"),
}
"""Style → the phrases for it, the usual one first; "flat" is the one that nobody needs to name."""

SIZES: dict[str, tuple[str, ...]] = {"small": ("small", "little", "tiny"), "big": ("big", "large", "huge")}
"""Size of a thing → the adjectives for it, the usual one first; a thing of ordinary size has none."""

COUNTS = {1: "one", 2: "two", 3: "three"}


def plural(noun: str) -> str:
    """Of a noun or of a phrase that ends with one."""
    head, _, last = noun.rpartition(" ")
    return f"{head} {_PLURALS.get(last) or _plural(last)}".strip()


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh", "z")):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"
