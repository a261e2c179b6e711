"""Messages about the whole picture: its place, time and weather, its style, its frame."""

from pentimento.agent.types import Step
from pentimento.starter.conversations import vocabulary
from pentimento.starter.conversations.changing import COLLECTED
from pentimento.starter.conversations.moves import Move, Scope, edit, step
from pentimento.starter.conversations.phrasings import is_order, meaning, phrasing
from pentimento.starter.conversations.words import one_of
from pentimento.starter.first.words import PLACES

_NAMES = {
    "forest": "a forest|the forest|the woods|a wood",
    "beach": "a beach|the beach|the seaside|the sea",
    "city": "a city|the city|a town|town",
    "snow": "the snow|a snowy landscape|snow|a winter landscape",
}
_TIMES = {
    "snow": "make it snow|make it winter|let it snow|i want snow|winter please|make it snowy|winter version|snow|winter|"
    "it should be winter|turn it into winter|it should be snowing|make it a snowy day|i'd like snow",
    "night": "make it night|make it nighttime|make it night time|turn it into night|night|i want it to be night|at night|"
    "turn day into night|it should be night|night version|let it be night|switch to night|the same at night|"
    "change it to night|make it dark outside|set it at night|make the time night|in the moonlight|as a night scene",
    "sunset": "make it sunset|make it dusk|make it evening|sunset|put it at sunset|i want a sunset|at sunset please|"
    "it should be sunset|let the sun set|change it to sunset|sunset light|turn it into a sunset|give it a sunset|"
    "the same at sunset|make it a sunset|evening light|golden hour|i'd like to see it at sunset|sunset version",
}
_MOVE_TO = (
    "change the place to {n}|put it in {n}|put them in {n}|move it to {n}|move them to {n}|set it in {n}|take it to {n}|"
    "change the background to {n}|make the background {n}|set the scene in {n}|put {x} in {n}|move {x} to {n}|"
    "use {n} as the background|replace the background with {n}|change the scene to {n}|place it in {n}|take {x} to {n}|"
    "change the setting to {n}|make it {n}|switch the place to {n}|bring {x} to {n}|relocate it to {n}|move the scene to {n}"
)
_MOVE_TOLD = (
    "{n} in the background|{n} as background|i want it in {n}|i'd like it in {n}|it should be in {n}|now in {n}|"
    "the same in {n}|in {n} instead|how would it look in {n}|what about {n}|i'd prefer {n}|same picture but in {n}|"
    "what if it was in {n}|{x} should be in {n}|with {n} in the background|not here but in {n}|the place should be {n}"
)
_PUT = (
    "put it {p}|put {x} {p}|now {p}|the same {p}|i want it {p}|it should be {p}|same but {p}|make it be {p}|have it {p}"
)
_MOOD = (
    "make it {m}|make it {m}|make it more {m}|make it look {m}|make the picture {m}|it should be {m}|i want it {m}|"
    "can it be {m}|turn it {m}|make the weather {m}|let it be {m}|a bit {m}|{m} please|make the whole thing {m}|{m}"
)
_STYLE = (
    "make it {m}|make it look like {m}|turn it into {m}|as {m}|render it as {m}|make the picture {m}|i want it as {m}|"
    "in the style of {m}|redo it as {m}|paint it like {m}|change the style to {m}"
)
_RATIOS = "16:9|4:3|1:1|3:4|9:16|3:2|2:3|21:9|5:4|2:1"


def place(scope: Scope) -> Move:
    """Another place, time or weather of the world, or a place outside of it."""
    r = scope.r
    if r.random() < scope.words.wild:
        return _wild_place(scope)
    key = r.choice(tuple(PLACES))
    phrase = PLACES[key][0]
    if r.random() < COLLECTED:
        ways = (phrasing(r, "place", p=r.choice(PLACES[key])), phrasing(r, f"to_{key}"))
        return _put(scope, r.choice(ways), phrase)
    x = _whom(scope)
    if key in _TIMES and r.random() < 0.65:
        return _put(scope, one_of(r, _TIMES[key]), phrase)
    if key in _NAMES and r.random() < 0.75:
        pattern = one_of(r, _MOVE_TO if r.random() < 0.65 else _MOVE_TOLD)
        return _put(scope, pattern.format(n=one_of(r, _NAMES[key]), x=x), phrase)
    if r.random() < 0.08:
        second = r.choice([k for k in ("night", "sunset", "snow") if k != key])
        both = f"{phrase} {PLACES[second][0]}"
        return _put(scope, one_of(r, _PUT).format(p=both, x=x), both)
    return _put(scope, one_of(r, _PUT).format(p=r.choice(PLACES[key]), x=x), phrase)


def _wild_place(scope: Scope) -> Move:
    r, name, x = scope.r, scope.words.wild_place(), _whom(scope)
    if r.random() < COLLECTED:
        return _put(scope, phrasing(r, "place", p=f"in {name}"), f"in {name}")
    pattern = one_of(r, _MOVE_TO if r.random() < 0.65 else _MOVE_TOLD)
    return _put(scope, pattern.format(n=name, x=x), f"in {name}")


def _whom(scope: Scope) -> str:
    nouns = scope.picture.nouns()
    return "the " + " and the ".join(nouns) if nouns and scope.r.random() < 0.6 else "everything"


def _put(scope: Scope, said: str, phrase: str) -> Move:
    order = said.split(maxsplit=1)[0] in {
        "make",
        "put",
        "move",
        "change",
        "set",
        "take",
        "turn",
        "use",
        "replace",
        "place",
        "switch",
        "bring",
    }
    return Move(said, (edit(f"put it {phrase}", "", "picture"),), f"Putting it {phrase}.", (scope.picture,), order)


def mood(scope: Scope) -> Move:
    r = scope.r
    if r.random() < COLLECTED:
        said, instruction = meaning(r, "mood")
        made = edit(instruction, "", "picture")
        return Move(said, (made,), "Changing the picture.", (scope.picture,), is_order(said))
    if r.random() < 0.6:
        want = r.choice(vocabulary.MOODS)
        said = one_of(r, _MOOD).format(m=want)
    else:
        want = r.choice(vocabulary.STYLES)
        said = one_of(r, _STYLE).format(m=want)
    order = said.split()[0] in {"make", "turn", "render", "redo", "paint", "change"}
    return Move(said, (edit(f"make it {want}", "", "picture"),), "Changing the picture.", (scope.picture,), order)


def frame(scope: Scope) -> Move:
    """Flip, rotate, crop or resize: exact, without a model."""
    said, made = scope.r.choice((_flip, _rotate, _crop, _resize))(scope)
    replies = {"flip": "Flipping it.", "rotate": "Rotating it.", "crop": "Cropping it.", "resize": "Resizing it."}
    return Move(
        said,
        (made,),
        replies[str(made.arguments["op"])],
        (scope.picture,),
        order=said.split()[0] not in {"i", "it", "can"},
    )


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
    w, h = (
        r.choice(
            (
                64,
                100,
                128,
                200,
                256,
                300,
                320,
                400,
                480,
                500,
                512,
                600,
                640,
                720,
                768,
                800,
                900,
                1000,
                1024,
                1080,
                1200,
                1280,
                1920,
                2048,
                r.randint(20, 2500),
            )
        )
        for _ in "wh"
    )
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
