"""Messages that are answered in words alone, and messages too vague to act on."""

import re
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import TypeAlias

from pentimento.agent.moves import OPTIONS
from pentimento.starter.conversations import other_languages, vocabulary
from pentimento.starter.conversations.changing import added, change, groups, recolored, removed
from pentimento.starter.conversations.chat import Chat
from pentimento.starter.conversations.exact import arranged
from pentimento.starter.conversations.moves import Move, Picture, Scope, Thing, step
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.words import Words, a, one_of

NO_PICTURE = "There is no picture yet. Tell me what to draw."
OFF_TOPIC = "I only draw and change pictures."
OTHER_LANGUAGE = "I understand English, and some German and Chinese."
CANNOT = "I can't do that yet. I can draw, change, crop, rotate and undo."
_SMALL_TALK = (
    (
        (
            "thanks|thank you|thanks a lot|thank you so much|thx|ty|cheers|many thanks|thanks!|great, thanks|perfect, thank you|"
            "thank you, that's lovely|thanks for that|much appreciated|tysm|ok thanks"
        ),
        "You're welcome.",
    ),
    (
        (
            "nice|great|perfect|lovely|i like it|love it|wow|cool|awesome|beautiful|good job|well done|that's great|looks good|"
            "that's perfect|amazing|so cute|excellent|that looks nice|i love that|good|very nice|haha nice|what a cute {n}"
        ),
        "Glad you like it.",
    ),
    (
        "stop|stop!|halt|wait, stop|ok|okay|alright|fine|i see|hm|hmm|got it|sure|yes|yep|good to know|let me think|wait a moment|aha|k|lol|haha|interesting",
        "All right.",
    ),
    (
        "hi|hello|hey|good morning|hi there|hello there|good evening|hey you|hiya|yo|greetings|good day",
        "Hello! Tell me what to draw.",
    ),
    (
        "bye|goodbye|see you|that's all|that's it for today|good night|i'm done|we're done|see you tomorrow|ciao",
        "Goodbye.",
    ),
    (
        (
            "what can you do|help|what can i say|how does this work|who are you|what are you|what do you do|how do i use this|"
            "what are my options|can you help me|what can i ask|which commands are there|what things can you draw|are you an ai|"
            "what is this program|tell me what you can do|how do you work|what should i say"
        ),
        "I draw a picture from your words, change it, and undo anything.",
    ),
)
_FIRST_ASKED = (
    "what did i ask for first|what did i ask for originally|what was my first request|what did i say first|"
    "what was the first thing i asked for|remind me what i asked for first|what was the original prompt|what did we start with|"
    "how did we start|what was the first picture about|which prompt did i start with|what did i want at first"
)
_LAST_ASKED = (
    "what was the last change|what did i do last|what did you just do|what was my last request|"
    "what did we do last|what is the last thing i asked for|what was the last step|"
    "what did i ask for last|remind me what we did last"
)
_VAGUE_COLOR = (
    "change the color|change the colour|another color please|recolor it|different colour|use a different color|"
    "i want another colour|change the colors|give it another colour|other color|can you change the color|recolour|"
    "i don't like the color|the color is wrong|make it another color|try a different colour|new color please"
)
_VAGUE = (
    "change it|change something|edit it|fix it|improve it|make it better|do something with it|modify it|make a change|"
    "it needs something|i want something different|different please|make it different|change the picture|adjust it|"
    "something is off|can you change it|edit the picture|i want to change something|something else|make it nicer|"
    "it's not quite right|tweak it"
)
_VAGUE_ADD = (
    "add something|put something in|add something else|it needs something else in it|add an object|put something next to it|"
    "add one more thing|i want to add something|add another thing|add a thing|there should be something else"
)
_VAGUE_REMOVE = (
    "remove something|take something away|delete something|remove one of them|there is too much in it|erase something"
)


_IT_COLORED = "make it {c}|turn it {c}|paint it {c}|it should be {c}|can it be {c}|i want it {c}|i'd like it {c}|{c} please|make that {c}"
_IT_REMOVED = "remove it|delete it|take it away|get rid of it|erase it|remove that|it should go"
_IT_REPLACED = "turn it into {y}|replace it with {y}|make it {y}|swap it for {y}|change it to {y}"
_IT_EXCHANGED = "replace it|swap it|exchange it|replace it with something else|change it for something else"
_REPLACED = "Which one should be replaced?"


def small_talk(r: Random, words: Words, chat: Chat) -> Move:
    """Thanks, greetings, questions about the program, questions that have nothing to do with it."""
    if r.random() < 0.55:
        return _collected(r, chat)
    roll = r.random()
    if roll < 0.4:
        said, reply = r.choice(_SMALL_TALK)
        return answer(one_of(r, said).format(n=words.noun()), reply)
    if roll < 0.62 and chat.listed:
        return answer(one_of(r, _FIRST_ASKED), f"You asked for: {chat.listed[0].version.label}.")
    if roll < 0.72 and chat.listed:
        return answer(one_of(r, _LAST_ASKED), f"The last change: {chat.listed[-1].version.label}.")
    if roll < 0.88:
        said = r.choice(vocabulary.OFF_TOPIC)
        return answer(said.replace("{noun}", words.noun()), OFF_TOPIC)
    said = r.choice(vocabulary.CANNOT)
    return answer(said.replace("{noun}", words.noun()), CANNOT)


_NOT_LAST = re.compile("first|origin|begin|start|format|size|crop|flip|rotat")
_COLLECTED = {
    "thanks": "You're welcome.",
    "praise": "Glad you like it.",
    "hello": "Hello! Tell me what to draw.",
    "bye": "Goodbye.",
    "help": "I draw a picture from your words, change it, and undo anything.",
    "off_topic": OFF_TOPIC,
    "cannot": CANNOT,
    "other_language": OTHER_LANGUAGE,
}


def _collected(r: Random, chat: Chat) -> Move:
    """Talk in a collected phrasing."""
    if chat.listed and r.random() < 0.2:
        said = phrasing(r, "about")
        last = _NOT_LAST.search(said) is None
        return answer(said, f"The last change: {chat.listed[-1].version.label}.") if last else _collected(r, chat)
    intent = r.choices(tuple(_COLLECTED), (1, 1.5, 0.7, 0.7, 1.4, 2.2, 3, 6))[0]
    said = other_languages.request(r) if intent == "other_language" and r.random() < 0.6 else phrasing(r, intent)
    return replace(answer(said, _COLLECTED[intent]), whole=True)


def answer(said: str, reply: str) -> Move:
    return Move(said, (), reply, (), order=False)


def question(r: Random, words: Words, chat: Chat) -> Move | None:
    """A request that could mean two visibly different things: one question back."""
    nouns = chat.picture.nouns()
    if not 0 < len(nouns) < OPTIONS or chat.picture.alike:
        return None
    if r.random() < 0.45 and len(nouns) == 2 and not chat.picture.focus:
        return _which(r, words, chat.picture)
    if r.random() < 0.25:
        return _which_color(r, words, chat.picture)
    if len(nouns) == 1 and r.random() < 0.4:
        said = phrasing(r, "ask_color") if r.random() < 0.55 else one_of(r, _VAGUE_COLOR)
        return _color_of(words, chat.picture, nouns[0], said)
    kinds = _questions(words, chat.picture)
    # Of a single thing it is clear what is meant.
    of_several = (5, 2) if len(nouns) > 1 else (0, 0)
    said, text, offered, answers = r.choices(kinds, (*of_several, 4, 3, 1.5, 1.5))[0]
    if r.random() < 0.55:
        # A collected phrasing about size does not say in which direction.
        known = () if _INTENTS[text] == "ask_size" else answers
        return ask_back(phrasing(r, _INTENTS[text]), text, offered, known)
    return ask_back(one_of(r, said), text, offered, answers)


Answers: TypeAlias = tuple[tuple[str, Move], ...]
Question: TypeAlias = tuple[str, str, list[str], Answers]
"""What is said, the question back, its options, and what may be answered."""


def _questions(words: Words, picture: Picture) -> "tuple[Question, ...]":
    """What is too vague, by what it leaves open."""
    nouns = picture.nouns()
    options: list[str] = [f"the {noun}" for noun in nouns]
    others = [words.noun(nouns) for _ in range(2)]
    larger, smaller = "bigger|make it bigger|larger|enlarge", "smaller|make it smaller|shrink it"
    return (
        (
            _VAGUE_COLOR,
            "Change the colour of what?",
            options,
            _colors(words, picture),
        ),
        (_VAGUE_REMOVE, "What should I remove?", options, _each(options, nouns, picture, removed)),
        (_VAGUE, "What should change?", [*options, "the place"], ()),
        (
            _VAGUE_ADD,
            "What should I add?",
            ["a nut", "a flower", "a balloon"],
            tuple(
                (a(noun), added(picture, Thing(noun), a(noun), "right"))
                for noun in ("nut", "flower", "balloon", *others)
            ),
        ),
        (larger, "What should change its size?", [*options, "the picture"], _sized(options, nouns, picture, 150)),
        (smaller, "What should change its size?", [*options, "the picture"], _sized(options, nouns, picture, 67)),
    )


def _each(
    options: list[str], nouns: tuple[str, ...], picture: Picture, make: Callable[[Picture, str], Move]
) -> Answers:
    return tuple((option, make(picture, noun)) for option, noun in zip(options, nouns, strict=True))


def _colors(words: Words, picture: Picture) -> Answers:
    """The thing, upon which its colour is asked for; or thing and colour in one."""
    things = tuple((f"the {noun}", _color_of(words, picture, noun, "")) for noun in picture.nouns())
    colors = [(noun, words.color()) for noun in picture.nouns()]
    return (*things, *((f"the {noun}, {color}", recolored(picture, noun, color)) for noun, color in colors))


def _color_of(words: Words, picture: Picture, noun: str, said: str) -> Move:
    colors = ("red", "blue", "green", words.color(), words.color())
    answers = tuple((color, recolored(picture, noun, color)) for color in colors)
    return ask_back(said, f"Which colour should the {noun} be?", ["red", "blue", "green"], answers)


def _sized(options: list[str], nouns: tuple[str, ...], picture: Picture, percent: int) -> Answers:
    things = _each(options, nouns, picture, lambda seen, noun: arranged(seen, "scale", noun, str(percent)))
    whole = Move("", (step("upscale"),), "Making it 2 times as large.", (picture,))
    return (*things, ("the picture", whole)) if percent > 100 else things


def _which_color(r: Random, words: Words, picture: Picture) -> Move:
    noun = r.choice(picture.nouns())
    said = one_of(
        r,
        "change the color of the {n}|give the {n} another color|recolor the {n}|change the {n}'s colour|"
        "make the {n} a different color|another colour for the {n}|i don't like the {n}'s color",
    ).format(n=noun)
    return _color_of(words, picture, noun, said)


_INTENTS = {
    "Change the colour of what?": "ask_color",
    "What should I remove?": "ask_remove",
    "What should change?": "ask_change",
    "What should I add?": "ask_add",
    "What should change its size?": "ask_size",
}


_THAT = "it|it|it|it|it|that|that|this|that thing|the thing|this one|that one|one of them|him|her"


def _which(r: Random, words: Words, picture: Picture) -> Move:
    """Two things have an equal right to "it"."""
    color, nouns = words.color(), picture.nouns()
    new = Thing(words.noun(nouns))
    kinds = {
        "recolor": (_IT_COLORED, f"Which one should be {color}?"),
        "remove": (_IT_REMOVED, "Which one should go?"),
        "replace": (_IT_REPLACED, _REPLACED),
    }
    options = [f"the {one}" for one in nouns]
    if r.random() < 0.08:
        return ask_back(one_of(r, _IT_EXCHANGED), _REPLACED, options)
    intent = r.choices(tuple(kinds), (4, 2, 2))[0]
    said, text = kinds[intent]
    made = change(Scope(r, words, picture), intent, color, new)
    if r.random() < 0.65:
        that = "|".join([_THAT, *(f"the {group}|that {group}" for group in groups(nouns))])
        typed = made.said(one_of(r, that))
    else:
        typed = one_of(r, said).format(c=color, y=a(new.noun))
    return ask_back(typed, text, options, tuple(zip(options, map(made.of, nouns), strict=True)))


def ask_back(said: str, text: str, options: list[str], answers: Answers = ()) -> Move:
    """One question, with what may be answered."""
    return Move(said, (step("ask", question=text, options=list(options)),), text, (None,), order=False, answers=answers)
