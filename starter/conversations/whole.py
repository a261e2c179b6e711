"""Messages about the whole picture: its place, time and weather, its style, its frame."""

from pentimento.agent.types import Step
from pentimento.starter.conversations import vocabulary
from pentimento.starter.conversations.changing import COLLECTED
from pentimento.starter.conversations.exact import ADJUSTED
from pentimento.starter.conversations.moves import Move, Scope, edit, step
from pentimento.starter.conversations.phrasings import FOLDER, is_order, meaning, phrasing
from pentimento.starter.conversations.words import SETTINGS, one_of
from pentimento.starter.words import PLACES, TIMES, WEATHERS

_NAMES = {
    "forest": "a forest|the forest|the woods|a wood",
    "beach": "a beach|the beach|the seaside|the sea",
    "city": "a city|the city|a town|town",
    "meadow": "a meadow|the meadow|a field|the fields|a green meadow|the grass",
    "desert": "a desert|the desert|the dunes|the sahara|a sandy desert",
    "mountains": "the mountains|the alps|a mountain landscape|mountains|some mountains",
    "room": "a room|the living room|the house|a cosy room",
    "snow": "the snow|a snowy landscape|snow|a winter landscape",
    "rain": "the rain|pouring rain|rainy weather",
    "fog": "the fog|thick fog|the mist",
}
_TIMES = {
    "day": "make it day|make it daytime|turn night into day|day|let it be day|in daylight please|by day|daylight|"
    "it should be day|switch to day|the same by day|make it noon|bright day please|day version|i want it to be day",
    "clear": "make it sunny|clear sky please|no more rain|stop the rain|the sun should shine|fine weather|make the weather nice|"
    "clear the sky|good weather please|let the sun come out|no more fog|sunshine|make it a clear day|sunny weather",
    "rain": "make it rain|make it rainy|let it rain|add rain|rain|it should be raining|make it a rainy day|rain please|"
    "i want rain|rainy weather|turn on the rain|it should pour|make it pour down|bad weather please, rain",
    "fog": "make it foggy|add fog|fog|let there be fog|make it misty|foggy please|thick fog|put it in fog|a foggy day|"
    "i want mist|make it hazy|fog version|misty weather|it should be foggy",
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


WEATHER_EDITS = {"clear": "make it sunny", "rain": "make it rain", "snow": "make it snow", "fog": "make it foggy"}


def place(scope: Scope) -> Move:
    """Another place, time or weather of the world, or a place outside of it."""
    r = scope.r
    if r.random() < scope.words.wild:
        return _wild_place(scope)
    key = r.choice((*PLACES, *PLACES, *TIMES, *WEATHERS))
    if r.random() < 0.08 and key in PLACES:
        both = f"{SETTINGS[key][0]} {SETTINGS[r.choice(('night', 'sunset', 'snow', 'rain', 'fog'))][0]}"
        return _put(scope, one_of(r, _PUT).format(p=both, x=_whom(scope)), both)
    said = _said_of(scope, key)
    if key in WEATHER_EDITS:
        return _changed(scope, said, WEATHER_EDITS[key])
    return _put(scope, said, SETTINGS[key][0])


def _said_of(scope: Scope, key: str) -> str:
    """One of the ways to ask for a place, time or weather."""
    r, x = scope.r, _whom(scope)
    if r.random() < COLLECTED:
        own = (FOLDER / f"to_{key}.txt").exists()
        return phrasing(r, f"to_{key}") if own and r.random() < 0.5 else phrasing(r, "place", p=r.choice(SETTINGS[key]))
    if key in _TIMES and r.random() < 0.65:
        return one_of(r, _TIMES[key])
    if key in _NAMES and r.random() < 0.75:
        pattern = one_of(r, _MOVE_TO if r.random() < 0.65 else _MOVE_TOLD)
        return pattern.format(n=one_of(r, _NAMES[key]), x=x)
    return one_of(r, _PUT).format(p=r.choice(SETTINGS[key]), x=x)


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
    made = edit(f"put it {phrase}", "", "picture")
    return Move(said, (made,), f"Putting it {phrase}.", (scope.picture,), is_order(said))


def mood(scope: Scope) -> Move:
    """How the picture as a whole should look; what its levels alone decide is adjusted, the rest drawn."""
    r = scope.r
    if r.random() < COLLECTED:
        said, instruction = meaning(r, "mood")
        return _changed(scope, said, instruction)
    if r.random() < 0.6:
        want = r.choice(vocabulary.MOODS)
        said = one_of(r, _MOOD).format(m=want)
    else:
        want = r.choice(vocabulary.STYLES)
        said = one_of(r, _STYLE).format(m=want)
    return _changed(scope, said, f"make it {want}")


def style(scope: Scope) -> Move:
    """Another style, in a collected phrasing."""
    return _changed(scope, *meaning(scope.r, "style"))


def weather(scope: Scope) -> Move:
    return _changed(scope, *meaning(scope.r, "weather"))


def _changed(scope: Scope, said: str, instruction: str) -> Move:
    levels = ADJUSTED.get(instruction.removeprefix("make it "))
    made = step("adjust", **levels) if levels else edit(instruction, "", "picture")
    return Move(said, (made,), "Changing the picture.", (scope.picture,), is_order(said))


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
