"""Planning without a language model: a keyword router, and "always edit what is on the screen".

Both are the baselines beside the planner's score. The router was written from the plan language and the list of moves
that people expect, without sight of the test utterances.
"""

import difflib
import re

from pydantic import JsonValue

from pentimento.agent.state import State, Version
from pentimento.agent.types import Plan, Step
from pentimento.starter.words import COLORS, KINDS

NOUNS = tuple(word for words in KINDS.values() for word in words)
COMMANDS = ("remove", "replace", "change", "rotate", "history", "picture", "resize", "mirror")
NUMBERS = {"one": 1, "two": 2, "twice": 2, "couple": 2, "three": 3, "few": 3, "four": 4, "five": 5}
ORDINALS = {"first": 1, "original": 1, "beginning": 1, "start": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
SHAPES = {"square": "1:1", "widescreen": "16:9", "portrait": "3:4", "landscape": "4:3"}
FILLER = r"\b(?:an?|the|to|of|one|version|picture|image|with|that|this|is|was|when|we|i|you|it|had|go|back|in|on|at)\b"

COLOR = rf"\b(?:{'|'.join(COLORS)}|black|gr[ea]y|brown|gold|silver|violet|turquoise|teal|beige)(?:ish)?\b"
NOUN = rf"\b({'|'.join(sorted(NOUNS, key=len, reverse=True))})(?:e?s)?\b"
NUMBER = rf"(?:\d+|{'|'.join(NUMBERS)})"
PRONOUN = r"\b(?:it|him|her|them|this|that)\b"
ARTICLE = r"(?:an?|some|another|one more|more|two|three|four|\d+)\b"
WHOLE = r"\b(?:background|black and white|golden hour|watercolou?r|everything|whole (?:picture|image|thing))\b"
PLACE = (
    r"\b(?:rain\w*|snow\w*|night|day(?:time)?|morning|evening|dawn|dusk|sunrise|sunset|winter|summer|autumn|spring|fog\w*"
    r"|storm\w*|sunny|weather|season|beach|seaside|forest|woods|city|town|moonlight|stars|style|brighter|darker|warmer)\b"
)
POLITE = (
    r"^(?:(?:hey|ok(?:ay)?|so|now|please|hmm|well|actually|and|but|also|just|no|wait|sorry|oh|maybe|then)\b,?\s+"
    r"|(?:can|could|would|will) (?:you|we|i)\s+|i(?:'d| would)? (?:like|liked|love|want|need|prefer)(?: you)?(?: to)?\s+"
    r"|(?:see|have|get)\s+(?=an?\b)|let'?s\s+|(?:how|what) about\s+|what if\s+|try to\s+)+"
)
VERBS = (
    r"(?:make|add|put|place|remove|delete|erase|get rid|replace|swap|change|turn|give|paint|colou?r|draw|show|crop"
    r"|flip|mirror|rotate|resize|undo|redo|go back|take|create)\b"
)
SPLIT = rf"\s*(?:;|\.\s|,?\s*\b(?:and )?(?:then|after that)\b,?|,?\s+and\s+(?={VERBS})|,\s*(?={VERBS}))\s*"

CHAT = r"^(?:ok(?:ay)?|thank.*|thx|hi|hello|hey|cool|nice|great|perfect|lovely|wow|yes|i (?:love|like) (?:it|this|that))?[.! ]*$"
UNABLE = (
    r"^(?:what|why|who|how|when|where|which|is|are|does|do|did|upscale|export|save|print|share|write|tell|zoom)\b"
    r"|\b(?:nude|naked|undress|porn\w*|passport)\b|^delete (?:my|all|every)"
)
LOG = r"\bhistory$|\blog$|^(?:list|show)\b.*\b(?:versions|steps|changes)\b|^what (?:have|did)\b.*\b(?:done|do|ask(?:ed)?|made?|so far)\b"
REDO = r"^redo\b|\b(?:put|bring) (?:it|that) back(?! (?:to|the|how|like|in|on))|^(?:it|that) back\b|undo (?:the|that) undo|forwards?$"
UNDO = (
    r"\bundo\b|^(?:nope|no|too much|never ?mind|oops)$|take (?:it|that|this) back|back (?:to )?(?:the way|how|as|like)\b"
    rf"|^(?:go|step)?\s*back(?: by)?(?: {NUMBER}| a)?(?: (?:steps?|changes?))?$|^(?:{NUMBER}|a) steps? back$"
    r"|(?:better|liked it|it) before$|don'?t like (?:it|that|this)|^revert(?: (?:it|that))?$|^(?:cancel|forget|scratch) (?:that|it)"
)
CHECKOUT = (
    r"^(?:go|jump|switch|return|revert|take me|change it)\s+(?:back|to)\b|^back to\b|^(?:restore|check ?out|start (?:all )?over$)"
    r"|^(?:(?:use|take|keep|show|show me|bring back) )?(?:(?:the|that)\b.*\b(?:one|version|picture|original|first|before.*)|n\d+)(?: back| again)?$"
)
FLIP = r"^(?:flip|mirror)\b|\b(?:flipped|mirrored)\b"
ROTATE = r"^rotate\b|\bupside down\b|\d ?(?:°|degrees?\b)|^turn (?:it |the (?:picture|image) )?(?:by|to the|around|sideways|left|right|\d|\w*-?clockwise)"
CROP = rf"\bcrop\b|^(?:make it )?(?:{'|'.join(SHAPES)}|\d+:\d+)$"
RESIZE = r"\bresize\b.*\d|\d ?(?:px|pixels?)\b|\d{2,}\s*[x×]\s*\d{2,}|\b\d{3,4} (?:wide|tall|high)\b"
LEAD = (
    r"^(?:(?:draw|paint|sketch|generate|create|imagine|show|make|give)(?: me| us)?\s+(?=an?\b|two\b|three\b|some\b|another\b)|(?:draw|create)\s+)?"
    r"(?:(?:an?|another)? ?(?:new |different )?(?:picture|image|drawing|painting|photo) (?:of|with|showing)\s+)?"
)
NEW = r"\b(?:new|another|different) (?:picture|image|drawing)\b|\b(?:picture|image|drawing|painting|photo) (?:of|with|showing) (?!the\b)"
REMOVE = r"\b(?:remove|delete|erase|get rid of|take (?:away|out)|no more|lose the|hide)\b|\btake\b.*\b(?:away|out|off)$|^without\b"
SWAP = r"\b(?:replace|swap|exchange|into an?|to an?)\b"
ADD = (
    rf"\b(?:add|insert|include)\s+|\b(?:put|place|needs?|should (?:have|be)|draw|paint)\s+(?={ARTICLE})"
    rf"|\bgive (?:it|him|her|them|the \w+)\s+|^with\s+|^(?={ARTICLE}(?! (?:bit|little|lot)))"
)
PHRASE_END = r"\s+(?:on|in|to|at|next|beside|near|by|under|over|behind|above|with|into|for|is|a|from)\b|,|$"


def route(state: State, said: str) -> Plan:
    """The plan by keywords; picture none → `generate`, nothing recognised → `edit`."""
    steps: list[Step] = []
    for clause in _clauses(_clean(said))[:6]:
        step = None if _find(CHAT, said.strip()) else _step(state, clause)
        if step is None:
            return Plan(tuple(steps), "I can only draw and change pictures: tell me what to draw or what to change.")
        if step.tool == "ask":
            return Plan((step,), str(step.arguments["question"]))
        steps.append(step)
        state = _after(state, step, clause, f"step:{len(steps)}")
    return Plan(tuple(steps), "Here you are.")


def always_edit(state: State, said: str) -> Plan:
    """One `edit` of the head, whatever was said; its target is the noun said, else the one named last, else ""."""
    return Plan(
        (_call("edit", instruction=said, target=_noun(said) or _last_named(state), scope="object"),), "Here you are."
    )


def _step(state: State, text: str) -> Step | None:
    step = _history(state, text)
    if step or _find(UNABLE, text):
        return step
    if step := _transform(text):
        return step if state.picture else None
    if state.picture and (step := _question(state, text)):
        return step
    return (
        _call("generate", prompt=re.sub(LEAD, "", text, flags=re.I) or text)
        if _is_new(state, text)
        else _edit(state, text)
    )


def _history(state: State, text: str) -> Step | None:
    if _find(LOG, text):
        return _call("log")
    if state.versions and _find("^undo (?:it all|all|everything)", text):
        return _call("checkout", ref=state.versions[0].id)
    for tool, pattern in (("redo", REDO), ("undo", UNDO)):
        if _find(pattern, text):
            return _call(tool, n=min(_count(text), 50)) if _count(text) > 1 else _call(tool)
    return _checkout(state, text) if state.versions and _find(CHECKOUT, text) else None


def _checkout(state: State, text: str) -> Step:
    ids, hits = [version.id for version in state.versions], _search(state, text)
    ref = _named_ref(ids, text)
    if ref is None and hits and _find(r"\b(?:before|without)\b", text):
        ref = ids[max(ids.index(hits[0].id) - 1, 0)]
    if ref or len(hits) == 1:
        return _call("checkout", ref=ref or hits[0].id)
    return _call("ask", question="Which version do you mean?", options=[v.label for v in hits or state.versions])


def _named_ref(ids: list[str], text: str) -> str | None:
    if match := _find(r"\bn\d+\b", text):
        return match[0].lower()
    if _find(rf"\b{NUMBER} (?:versions?|steps?|pictures?) (?:ago|back|earlier|before)\b", text):
        return f"head~{_count(text)}"
    if _find(r"\b(?:previous|one before|earlier)(?: that| this)?(?: one| version| picture)?$", text):
        return "head~1"
    match = _find(rf"\b({'|'.join(ORDINALS)})\b|\b(?:version|picture|number) (\d)\b", text)
    number = int(match[2] or ORDINALS[match[1].lower()]) if match else 0
    return ids[number - 1] if 0 < number <= len(ids) else None


def _search(state: State, text: str) -> list[Version]:
    """The versions, the head last of all, whose labels share the most words with `text`."""
    wanted = _words(re.sub(rf"^.*\b(?:before|without)\b|{FILLER}", "", text))
    best = max((len(wanted & _words(version.label)) for version in state.versions), default=0)
    hits = [version for version in state.versions if best and len(wanted & _words(version.label)) == best]
    return [version for version in hits if version.id != state.picture] or hits


def _transform(text: str) -> Step | None:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if _find(FLIP, text):
        return _call("transform", op="flip", **({"axis": "vertical"} if _find("vertical|upside", text) else {}))
    if _find(ROTATE, text):
        degrees = 270 if _find("270|counter|anti|left", text) else 180 if _find("180|upside|around", text) else 90
        return _call("transform", op="rotate", **({"degrees": degrees} if degrees != 90 else {}))
    if _find(CROP, text):
        shape = _find("|".join(SHAPES), text)
        ratio = f"{numbers[0]}:{numbers[1]}" if len(numbers) > 1 else SHAPES[shape[0].lower()] if shape else "1:1"
        return _call("transform", op="crop", ratio=ratio)
    if _find(RESIZE, text):
        sides = ("width", "height") if len(numbers) > 1 else ("height",) if _find("tall|high", text) else ("width",)
        return _call("transform", op="resize", **dict(zip(sides, numbers, strict=False)))
    return None


def _question(state: State, text: str) -> Step | None:
    """The one question, when a guess would cost a generation."""
    if _find(r"\b(?:chang\w*|different|another|new)\b.*\bcolou?rs?\b", text) and not _find(COLOR + "|#", text):
        named = list(dict.fromkeys(noun for version in reversed(state.versions) for noun in _nouns(version.label)))
        if not _nouns(text) and not _find(PRONOUN, text) and len(named) > 1:
            return _call("ask", question="What should change colour?", options=[*named[:4]])
        return _call("ask", question="Which colour?", options=["red", "blue", "green", "yellow"])
    if _find(r"^(?:make it )?(?:bigger|smaller|larger)$", text):
        return _call("ask", question="The thing or the whole picture?", options=["the thing", "the whole picture"])
    if _find(r"^(?:fix (?:it|this)|(?:make|change) (?:it|this)(?: better)?|change something)$", text):
        return _call("ask", question="What should change?", options=["the colours", "the things in it", "the place"])
    return None


def _is_new(state: State, text: str) -> bool:
    lead = _find(rf"{LEAD}(?=(?:an?|two|three)\b(?! (?:bit|little|lot)))|{LEAD}", text)
    starts = (lead and lead[0]) or _find(r"^(?:an?|two|three)\b(?! (?:bit|little|lot))", text)
    refers = _find(rf"{PRONOUN}|\bthe (?:\w+ )?{NOUN}", text)
    return state.picture is None or bool(_find(NEW, text)) or (bool(starts) and not refers)


def _edit(state: State, text: str) -> Step:
    """A recolouring by #rrggbb, else an `edit` of the whole picture, of a thing in it, or beside the things."""
    source = _find(
        r",?\s*\b(?:in|on|from|to|of) (n\d+|the (?:original|first|second|third)(?: one| version| picture)?)\b,?\s*",
        text,
    )
    ref = _named_ref([version.id for version in state.versions], source[1]) if source else None
    text, inputs = (text.replace(source[0], " ").strip(), {"src": ref}) if source and ref else (text, {})
    if color := _find(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})\b", text):
        exact = color[0].lower() if len(color[0]) == 7 else "#" + "".join(2 * digit for digit in color[0].lower()[1:])
        return Step("recolor", {"target": _noun(text) or _last_named(state), "to": exact}, inputs)
    target, scope = _region(state, text)
    if scope == "object" and target and not _noun(text):
        bare = re.fullmatch(rf"(?:in )?{COLOR}", text, re.I)
        text = f"make the {target} {text}" if bare else re.sub(PRONOUN, f"the {target}", text, count=1, flags=re.I)
    return Step("edit", {"instruction": text, "target": target, "scope": scope}, inputs)


def _region(state: State, text: str) -> tuple[str, str]:
    """Target and scope of an edit."""
    if _find(WHOLE, text):
        return "", "picture"
    if instead := _find(r"\binstead of\b.*", text):
        return _noun(instead[0]) or _last_named(state), "object"
    removed = _find(REMOVE, text)
    added = None if removed or _find(rf"^(?:add )?(?:some |a )?{PLACE}$", text) else _find(ADD, text)
    if added:
        rest = text[added.end() :]
        return (_nouns(rest) or [_phrase(rest)])[0], "left" if _find(r"\bleft\b", text) else "right"
    swapped = _find(SWAP, text) and len(_nouns(text)) > 1
    if _find(PLACE, text) and not (removed or swapped or _find(COLOR, text)):
        return "", "picture"
    return _noun(text) or _last_named(state), "object"


def _after(state: State, step: Step, clause: str, made: str) -> State:
    """What the next clause sees: a step that makes pixels is the newest version."""
    if step.tool in {"undo", "redo", "log", "checkout"}:
        return State(str(step.arguments.get("ref", state.picture)) if state.picture else None, state.versions)
    return State(made, (*state.versions, Version(made, clause)))


def _noun(text: str) -> str:
    """The thing that `text` is about: the first known kind, else the words after "the"."""
    named = _find(rf"\b(?:the|his|its|their)\s+(?!{PLACE})", text)
    return (_nouns(text) or [_phrase(text[named.end() :]) if named else ""])[0]


def _nouns(text: str) -> list[str]:
    return [match[1].lower() for match in re.finditer(NOUN, text, re.I)]


def _phrase(text: str) -> str:
    text = re.split(rf"{PHRASE_END}|\s+{COLOR}$", text, maxsplit=1, flags=re.I)[0]
    return re.sub(rf"^{ARTICLE}\s+|{COLOR}|\b(?:big|small|little)\b", "", text, flags=re.I).strip()


def _last_named(state: State) -> str:
    ids = [version.id for version in state.versions]
    until = ids.index(state.picture) + 1 if state.picture in ids else len(ids)
    for version in reversed(state.versions[:until]):
        if (nouns := _nouns(version.label)) and not _find(REMOVE, version.label):
            return nouns[-1] if _find(SWAP, version.label) else nouns[0]
    return ""


def _clean(said: str) -> str:
    text = re.sub(r"\s+", " ", said.replace("’", "'")).strip().rstrip(" .!?,")
    text = re.sub(r",?\s*\b(?:please|pls|thanks|thank you|for me)$", "", text, flags=re.I)
    return re.sub(r"[A-Za-z]{6,}", lambda word: _spelt(word[0]), text)


def _spelt(word: str) -> str:
    close = difflib.get_close_matches(word.lower(), (*NOUNS, *COLORS, *COMMANDS), n=1, cutoff=0.85)
    return close[0] if close and close[0] not in word.lower() and close[0][0] == word[0].lower() else word


def _clauses(text: str) -> list[str]:
    """The text cut at "then" and before verbs; "make the fox red and the nut blue" is two."""
    pairs = rf"^((?:make|paint|turn|colou?r) )(.*{COLOR}) and (?=the \w+ {COLOR})"
    pieces = re.split(
        SPLIT, re.sub(pairs, r"\1\2 and \1", re.sub(POLITE, "", text, flags=re.I), flags=re.I), flags=re.I
    )
    return [re.sub(POLITE, "", piece, flags=re.I) for piece in pieces if piece] or [text]


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall("[a-z]+", text.lower())}


def _count(text: str) -> int:
    match = _find(rf"\b{NUMBER}\b", text)
    return max(1, NUMBERS.get(match[0].lower()) or int(match[0])) if match else 1


def _find(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.I)


def _call(tool: str, **arguments: JsonValue) -> Step:
    return Step(tool, arguments, {})
