"""Messages about the picture's frame, carried out to the pixel: flip, rotate, crop, resize."""

from dataclasses import replace

from pentimento.agent.types import Step
from pentimento.starter.conversations.changing import COLLECTED
from pentimento.starter.conversations.moves import Move, Picture, Scope, step
from pentimento.starter.conversations.phrasings import is_order, meaning, phrasing
from pentimento.starter.conversations.words import one_of

_SIDES = tuple(
    map(
        int,
        "64 100 128 200 256 300 320 400 480 500 512 600 640 720 768 800 900 1000 1024 1080 1200 1280 1920 2048".split(),
    )
)
_RATIOS = "16:9|4:3|1:1|3:4|9:16|3:2|2:3|21:9|5:4|2:1"


def frame(scope: Scope) -> Move:
    """Flip, rotate, crop or resize: exact, without a model."""
    said, made = scope.r.choice((_flip, _rotate, _crop, _resize))(scope)
    return replace(framed(scope.picture, made), said=said, order=is_order(said))


_FRAMING = {"flip": "Flipping it.", "rotate": "Rotating it.", "crop": "Cropping it.", "resize": "Resizing it."}


def framed(picture: Picture, made: Step) -> Move:
    """What is done, without words."""
    return Move("", (made,), _FRAMING[str(made.arguments["op"])], (picture,))


def _it(scope: Scope) -> str:
    return one_of(scope.r, "it|it|it|the picture|the image|this|the whole thing|that")


def _flip(scope: Scope) -> tuple[str, Step]:
    intent, made = scope.r.choice(
        (("flip", step("transform", op="flip")), ("flip_vertical", step("transform", op="flip", axis="vertical")))
    )
    if scope.r.random() < COLLECTED:
        return phrasing(scope.r, intent), made
    if scope.r.random() < 0.65:
        said = one_of(
            scope.r,
            "flip {x}|flip {x}|mirror {x}|flip {x} horizontally|flip {x} left to right|swap left and right|mirror image|"
            "mirror {x} horizontally|reverse {x}|i want {x} mirrored|turn {x} around horizontally|flip {x} sideways|"
            "it should face the other way|make {x} face the other way|flip|mirror|flip horizontal|can it be mirrored",
        )
        return said.format(x=_it(scope)), step("transform", op="flip")
    said = one_of(
        scope.r,
        "flip {x} vertically|mirror {x} vertically|flip {x} upside down|flip {x} top to bottom|vertical flip|"
        "i want {x} flipped vertically|flip vertical|swap top and bottom|mirror {x} top to bottom|flip {x} on its head",
    )
    return said.format(x=_it(scope)), step("transform", op="flip", axis="vertical")


def _rotate(scope: Scope) -> tuple[str, Step]:
    degrees, ways = scope.r.choice(
        (
            (
                None,
                (
                    "rotate {x}|rotate {x} 90|rotate {x} by 90 degrees|turn {x} to the right|rotate {x} clockwise|rotate|"
                    "rotate {x} right|turn {x} 90 degrees|spin {x} a quarter turn|rotate {x} 90 degrees clockwise|"
                    "turn {x} a quarter clockwise|i want {x} rotated|turn {x} on its side|rotate {x} a quarter"
                ),
            ),
            (
                180,
                (
                    "rotate {x} 180|rotate {x} by 180 degrees|turn {x} upside down|rotate {x} half a turn|upside down|"
                    "turn {x} 180 degrees|spin {x} half way round|put {x} upside down|i want {x} rotated 180"
                ),
            ),
            (
                270,
                (
                    "rotate {x} 270|rotate {x} left|turn {x} to the left|rotate {x} counterclockwise|rotate {x} 270 degrees|"
                    "rotate {x} anticlockwise|turn {x} a quarter to the left|rotate {x} 90 degrees to the left|"
                    "spin {x} counterclockwise|rotate {x} 90 degrees counterclockwise"
                ),
            ),
        )
    )
    said = one_of(scope.r, ways).format(x=_it(scope))
    if scope.r.random() < COLLECTED:
        said = phrasing(scope.r, f"rotate_{degrees or 90}")
    return said, step("transform", op="rotate", degrees=degrees)


def _crop(scope: Scope) -> tuple[str, Step]:
    r, ratio = scope.r, one_of(scope.r, _RATIOS)
    if r.random() < COLLECTED:
        said, meant = meaning(r, "crop")
        return said, step("transform", op="crop", ratio=meant)
    ways = (
        "crop {x} to {q}|crop to {q}|crop {x} {q}|crop {q}|make {x} {q}|cut {x} to {q}|trim {x} to {q}|{q} please|"
        "i want {x} in {q}|crop it to a {q} format|change the aspect ratio to {q}|{q} format|set the ratio to {q}|can it be {q}"
    )
    spoken = {
        "1:1": "square|a square",
        "16:9": "widescreen|wide|cinema format",
        "3:4": "portrait|portrait format",
        "4:3": "landscape|landscape format",
    }
    q = one_of(r, spoken[ratio]) if ratio in spoken and r.random() < 0.5 else ratio
    q = q.replace(":", one_of(r, ":|:|:|:|x| by | to "))
    return one_of(r, ways).format(x=_it(scope), q=q), step("transform", op="crop", ratio=ratio)


def _resize(scope: Scope) -> tuple[str, Step]:
    r = scope.r
    w, h = (r.choice((*_SIDES, r.randint(20, 2500))) for _ in "wh")
    roll = r.random()
    if roll < 0.4:
        ways = (
            "make {x} {w} pixels wide|resize {x} to {w} wide|resize {x} to a width of {w}|scale {x} to {w} pixels wide|"
            "{w} px wide|width {w}|i want {x} {w} pixels wide|make {x} {w}px wide|set the width to {w}|scale to {w} px width"
        )
        h_or_none: int | None = None
        w_or_none: int | None = w
    elif roll < 0.6:
        ways = (
            "make {x} {h} pixels high|resize {x} to {h} high|resize {x} to a height of {h}|make {x} {h} px tall|"
            "height {h}|set the height to {h}|scale {x} to {h} pixels high|make {x} {h} pixels tall"
        )
        w_or_none, h_or_none = None, h
    else:
        ways = (
            "resize {x} to {w}x{h}|resize to {w} x {h}|make {x} {w}x{h}|scale {x} to {w} by {h}|{w}x{h}|"
            "change the size to {w}x{h}|resize {x} to {w} by {h} pixels|i want {x} {w} by {h}"
        )
        w_or_none, h_or_none = w, h
    said = one_of(r, ways).format(x=_it(scope), w=w, h=h)
    if r.random() < COLLECTED:
        intent = "resize_both" if w_or_none and h_or_none else "resize_width" if w_or_none else "resize_height"
        said = phrasing(r, intent, w=str(w), h=str(h))
    return said, step("transform", op="resize", width=w_or_none, height=h_or_none)
