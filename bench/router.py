"""Two planners without a language model, to compare with: a keyword router and "always edit".

The router's tables come from the starter's words and from what an editor commonly hears; they are not fitted to
the utterances that it is judged by.
"""

import re
from collections.abc import Iterable, Iterator

from pydantic import JsonValue

from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Step
from pentimento.starter.words import COLORS, KINDS, PLACES

KIND_OF = {noun: kind for kind, nouns in KINDS.items() for noun in nouns}
COLOR_WORDS = (*COLORS, "black", "brown", "gr[ae]y", "gold", "silver", "teal", "turquoise", "violet", "beige", "cyan")
PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "forest": ("forest", "woods"),
    "beach": ("beach", "seaside", "sea", "shore"),
    "city": ("city", "town"),
    "snow": ("snow", "snowy", "winter"),
    "night": ("night", "stars", "moonlight", "dark"),
    "sunset": ("sunset", "dusk", "evening", "sundown"),
}
NUMBERS = {"one": 1, "two": 2, "twice": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
STOP_NOUNS = frozenset({"picture", "image", "background", "thing", "whole", "left", "right", "one", "other", "colour"})

POLITE = r"(?:(?:can|could|would) (?:you|we|i) |please |pls |now |ok |just |i want |i'd like |i would like |let's )*"
VERBS = (
    r"(?:add|make|paint|colou?r|turn|change|put|move|remove|delete|erase|take|get rid|replace|swap|flip|mirror|rotate|"
    r"crop|resize|undo|redo|go back)"
)
DRAW = re.compile(
    rf"^{POLITE}(?:draw|paint|generate|create|render|make|show|give|get)\b(?: (?:me|us))?\s*"
    r"(?:(?:an? )?(?:new )?(?:picture|image|drawing|painting) of )?",
    re.I,
)

HEX = re.compile(r"#[0-9a-f]{6}\b", re.I)
REDO = re.compile(r"\bredo\b|\bput (?:it|that|this) back\b", re.I)
UNDO = re.compile(r"\bundo\b|\brevert\b|\btake (?:it|that|this) back\b|^(?:no|nope)$", re.I)
LOG = re.compile(r"\b(?:history|log)\b|\ball (?:the )?versions\b", re.I)
BACK = re.compile(r"\b(?:back|return|previous|before|original|earlier|n\d+)\b|\bfirst one\b|\bstart over\b", re.I)
REMOVE = re.compile(r"\b(?:remove|delete|erase|get rid of|take .*\bout|take away|without)\b", re.I)
REPLACE = (
    re.compile(r"\b(?:replace|swap|exchange) (?P<old>.+?) (?:with|for|by) (?P<new>.+)", re.I),
    re.compile(r"\b(?:turn|change|make) (?P<old>.+?) (?:in)?to (?P<new>an? .+)", re.I),
    re.compile(r"(?P<new>.+?) instead of (?P<old>.+)", re.I),
)
ADD = re.compile(r"\b(?:add|insert|(?:put|place) an?|another|next to|give (?:it|him|her|them))\b", re.I)
SIDE = re.compile(r"\b(left|right)\b", re.I)
NEW = re.compile(r"\b(?:draw|generate|create|new (?:picture|image|one)|(?:picture|image) of)\b", re.I)
TALK = re.compile(
    r"^(?:thanks|thank you|hi|hello|hey|ok|okay|wow|cool|nice|great|what|whats|who|why|when|where|how)\b", re.I
)
RECOLOR_WHAT = re.compile(r"\b(?:change|different|another|new) (?:the )?colou?r$|^recolou?r (?:it)?$", re.I)


def always_edit(state: State, said: str) -> Plan:  # noqa: ARG001 - a planner, whatever it looks at
    """An edit of the picture with the words as they are; the target is the first kind that is named."""
    return _plan(_edit(said, _known(said) or "", "object"))


def route(state: State, said: str) -> Plan:
    """A plan by keywords: the first table that knows a word of a clause decides its tool."""
    clauses = re.split(rf"(?:[,;.]\s*)?\b(?:and then|then|and)\s+(?={VERBS}\b)|[,;]\s+(?={VERBS}\b)", said, flags=re.I)
    steps: list[Step] = []
    for clause in filter(None, (each.strip(" ,;.!?") for each in clauses)):
        drawn = state.picture is not None or bool(steps)
        step = _history(state, clause) if drawn else None
        step = step or (_exact(state, clause) if drawn else None) or _by_words(state, clause, drawn)
        if step is not None:
            steps.append(step)
    return _plan(*steps)


def _plan(*steps: Step) -> Plan:
    return Plan(steps[:6], "Here you are." if steps else "I can draw pictures and change them.")


def _step(tool: str, **arguments: JsonValue) -> Step:
    return Step(tool, arguments, {})


def _edit(instruction: str, target: str, scope: str) -> Step:
    return _step("edit", instruction=instruction, target=target, scope=scope)


def _history(state: State, said: str) -> Step | None:
    if REDO.search(said):
        return _step("redo", n=_number(said))
    if UNDO.search(said):
        return _step("undo", n=_number(said))
    if LOG.search(said):
        return _step("log")
    if not BACK.search(said):
        return None
    return _checkout(state, said)


def _checkout(state: State, said: str) -> Step:
    """By id, by "first", by the words of the labels; else so many steps back."""
    named = re.search(r"\bn\d+\b", said, re.I)
    if named:
        return _step("checkout", ref=named.group().lower())
    if re.search(r"\b(?:first|original|start over)\b", said, re.I):
        return _step("checkout", ref=state.versions[0].id)
    wanted = set(_features(said))
    hits = [version for version in state.versions if wanted & set(_features(version.label))]
    if not hits:
        return _step("undo", n=_number(said))
    if re.search(r"\bbefore\b", said, re.I):
        return _step("checkout", ref=_before(state, hits[0]))
    best = max(hits, key=lambda version: len(wanted & set(_features(version.label))))
    return _step("checkout", ref=best.id)


def _before(state: State, version: Version) -> str:
    place = state.versions.index(version)
    return state.versions[max(place - 1, 0)].id


def _exact(state: State, said: str) -> Step | None:
    color = HEX.search(said)
    if color:
        return _step("recolor", target=_target(state, said), to=color.group().lower())
    if re.search(r"\b(?:flip|mirror)", said, re.I):
        vertical = re.search(r"\bvertical|\bupside", said, re.I)
        return _step("transform", op="flip", axis="vertical" if vertical else "horizontal")
    if re.search(r"\brotate|\bupside down\b|\bdegrees\b", said, re.I):
        return _step("transform", op="rotate", degrees=_degrees(said))
    return _crop_or_resize(said)


def _degrees(said: str) -> int:
    number = re.search(r"\b(90|180|270)\b", said)
    degrees = int(number.group()) if number else 180 if "upside" in said.lower() else 90
    counter = re.search(r"\bleft\b|\b(?:counter|anti)", said, re.I)
    return 360 - degrees if counter else degrees


def _crop_or_resize(said: str) -> Step | None:
    ratio = re.search(r"\b\d+:\d+\b", said)
    if ratio:
        return _step("transform", op="crop", ratio=ratio.group())
    both = re.search(r"\b(\d+)\s*(?:x|by|×)\s*(\d+)\b", said, re.I)
    if both:
        return _step("transform", op="resize", width=int(both[1]), height=int(both[2]))
    one = re.search(r"\b(\d+)\s*(?:px|pixels?)\b", said, re.I)
    if one:
        side: dict[str, JsonValue] = {"height" if re.search(r"\b(?:high|tall)\b", said, re.I) else "width": int(one[1])}
        return _step("transform", op="resize", **side)
    return None


def _by_words(state: State, said: str, drawn: bool) -> Step | None:
    """A picture or a change of it; None for talk."""
    if TALK.search(said) and not re.search(rf"\b{VERBS}\b", said, re.I):
        return None
    if not drawn or NEW.search(said):
        return _step("generate", prompt=DRAW.sub("", said))
    return _question(state, said) or _change(state, said)


def _question(state: State, said: str) -> Step | None:
    kinds = _kinds(state)
    if len(kinds) < 2 or not RECOLOR_WHAT.search(said):
        return None
    return _step("ask", question="Which one?", options=[*kinds])


def _change(state: State, said: str) -> Step:
    for pattern in REPLACE:
        found = pattern.search(said)
        if found and (_noun(found["new"]) and not _color(found["new"])):
            return _edit(said, _noun(found["old"]) or _last_named(state), "object")
    if REMOVE.search(said):
        return _edit(said, _target(state, said), "object")
    side = SIDE.search(said)
    if ADD.search(said) or (side and _noun(said)):
        return _edit(said, _noun(said) or "", side.group().lower() if side else "right")
    if _color(said):
        return _edit(said, _target(state, said), "object")
    if _place(said):
        bare = re.match(r"an? ", said, re.I) and _known(said)
        return _step("generate", prompt=said) if bare else _edit(said, "", "picture")
    if re.match(r"an? ", said, re.I):
        return _step("generate", prompt=said)
    return _edit(said, _target(state, said), "object")


def _target(state: State, said: str) -> str:
    return _noun(said) or _last_named(state)


def _noun(text: str) -> str | None:
    """A known kind; else the word after an article that is no colour and no place."""
    known = _known(text)
    if known:
        return known
    for match in re.finditer(r"\b(?:the|an?|that|this)\s+(\w+)(?:\s+(\w+))?", text, re.I):
        word = match[2] if _color(match[1]) else match[1]
        if word and not _place(word) and word.lower() not in STOP_NOUNS:
            return word.lower()
    return None


def _known(text: str) -> str | None:
    return next((word for word in _words(text) if word in KIND_OF), None)


def _color(text: str) -> str | None:
    found = re.search(rf"\b(?:{'|'.join(COLOR_WORDS)})\b", text, re.I)
    return found.group().lower() if found else None


def _place(text: str) -> str | None:
    words = set(_words(text))
    return next((place for place in PLACES if words.intersection(PLACE_WORDS[place])), None)


def _number(said: str) -> int:
    digits = re.search(r"\d+", said)
    if digits:
        return int(digits.group())
    return next((NUMBERS[word] for word in _words(said) if NUMBERS.get(word, 1) > 1), 1)


def _last_named(state: State) -> str:
    """What "it" is: the first kind or noun in the newest label that has one."""
    nouns = (_noun(version.label) for version in reversed(_up_to_picture(state)))
    return next(filter(None, nouns), "")


def _kinds(state: State) -> tuple[str, ...]:
    """Every known kind that the labels name, once each."""
    words: Iterable[str] = (word for version in _up_to_picture(state) for word in _words(version.label))
    return tuple(dict.fromkeys(KIND_OF[word] for word in words if word in KIND_OF))


def _up_to_picture(state: State) -> tuple[Version, ...]:
    ids = [version.id for version in state.versions]
    end = ids.index(state.picture) + 1 if state.picture in ids else len(ids)
    return state.versions[:end]


def _features(text: str) -> Iterator[str]:
    """What a version may be called by: kinds, colours, places and nouns."""
    yield from (KIND_OF[word] for word in _words(text) if word in KIND_OF)
    yield from filter(None, (_color(text), _place(text), _noun(text)))


def _words(text: str) -> list[str]:
    """Lower-case words, a kind's plural "s" cut off."""
    words = re.findall(r"[a-z]+", text.lower())
    return [word[:-1] if word[:-1] in KIND_OF and word.endswith("s") else word for word in words]
