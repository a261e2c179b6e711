"""Messages that are answered in words alone, and messages too vague to act on."""

from dataclasses import replace
from random import Random

from pentimento.starter.conversations import vocabulary
from pentimento.starter.conversations.chat import Chat
from pentimento.starter.conversations.moves import Move, step
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.words import Words, one_of

NO_PICTURE = "There is no picture yet. Tell me what to draw."
OFF_TOPIC = "I only draw and change pictures."
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
        "ok|okay|alright|fine|i see|hm|hmm|got it|sure|yes|yep|good to know|let me think|wait a moment|aha|k|lol|haha|interesting",
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
    "what was the last change|what did i do last|what did you just do|what did you change|what was my last request|"
    "what did we do last|what changed|what is the last thing i asked for|what just happened|what was the last step|"
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


def small_talk(r: Random, words: Words, chat: Chat) -> Move:
    """Thanks, greetings, questions about the program, questions that have nothing to do with it."""
    if r.random() < 0.55:
        return _collected(r, chat)
    roll = r.random()
    if roll < 0.4:
        said, reply = r.choice(_SMALL_TALK)
        return answer(one_of(r, said).format(n=words.noun()), reply)
    if roll < 0.62 and chat.listed and chat.seen == chat.listed:
        return answer(one_of(r, _FIRST_ASKED), f"You asked for: {chat.listed[0].version.label}.")
    if roll < 0.72 and chat.listed:
        return answer(one_of(r, _LAST_ASKED), f"The last change: {chat.listed[-1].version.label}.")
    if roll < 0.88:
        said = r.choice(vocabulary.OFF_TOPIC)
        return answer(said.replace("{noun}", words.noun()), OFF_TOPIC)
    said = r.choice(vocabulary.CANNOT)
    return answer(said.replace("{noun}", words.noun()), CANNOT)


_COLLECTED = {
    "thanks": "You're welcome.",
    "praise": "Glad you like it.",
    "hello": "Hello! Tell me what to draw.",
    "bye": "Goodbye.",
    "help": "I draw a picture from your words, change it, and undo anything.",
    "off_topic": OFF_TOPIC,
    "cannot": CANNOT,
}


def _collected(r: Random, chat: Chat) -> Move:
    """Talk in a collected phrasing."""
    if chat.listed and r.random() < 0.2:
        return answer(phrasing(r, "about"), f"The last change: {chat.listed[-1].version.label}.")
    intent = r.choices(tuple(_COLLECTED), (1, 1.5, 0.7, 0.7, 1.2, 2, 1.5))[0]
    return replace(answer(phrasing(r, intent), _COLLECTED[intent]), whole=True)


def answer(said: str, reply: str) -> Move:
    return Move(said, (), reply, (), order=False)


def question(r: Random, words: Words, chat: Chat) -> Move | None:
    """A request that could mean two visibly different things: one question back."""
    nouns = chat.picture.nouns()
    if r.random() < 0.45 and len(nouns) == 2 and not chat.picture.focus:
        return _which(r, words, nouns)
    if r.random() < 0.25 and nouns:
        noun = r.choice(nouns)
        said = one_of(
            r,
            "change the color of the {n}|give the {n} another color|recolor the {n}|change the {n}'s colour|"
            "make the {n} a different color|another colour for the {n}|i don't like the {n}'s color",
        ).format(n=noun)
        return _ask(said, f"Which colour should the {noun} be?", ["red", "blue", "green"])
    if not nouns:
        return None
    options: list[str] = [f"the {noun}" for noun in nouns]
    kinds = (
        (_VAGUE_COLOR, "Change the colour of what?", options),
        (_VAGUE_REMOVE, "What should I remove?", options),
        (_VAGUE, "What should change?", [*options, "the place"]),
        (_VAGUE_ADD, "What should I add?", ["a nut", "a flower", "a balloon"]),
        (
            "bigger|make it bigger|larger|enlarge|smaller|make it smaller",
            "What should change its size?",
            [*options, "the picture"],
        ),
    )
    said, text, offered = r.choices(kinds, (5, 2, 4, 3, 2))[0]
    if r.random() < 0.55:
        return _ask(phrasing(r, _INTENTS[text]), text, offered)
    return _ask(one_of(r, said), text, offered)


_INTENTS = {
    "Change the colour of what?": "ask_color",
    "What should I remove?": "ask_remove",
    "What should change?": "ask_change",
    "What should I add?": "ask_add",
    "What should change its size?": "ask_size",
}


def _which(r: Random, words: Words, nouns: tuple[str, ...]) -> Move:
    color = words.color()
    said, text = r.choice(
        (
            (
                one_of(
                    r, "make it {c}|turn it {c}|paint it {c}|color it {c}|it should be {c}|can it be {c}|i want it {c}"
                ),
                f"Which one should be {color}?",
            ),
            (
                one_of(r, "make it {c}|i'd like it {c}|{c} please|make that {c}|colour it {c}|now {c}"),
                f"Which one should be {color}?",
            ),
            (
                one_of(r, "remove it|delete it|take it away|get rid of it|erase it|remove that|it should go"),
                "Which one should go?",
            ),
            (
                one_of(r, "replace it|swap it|exchange it|replace it with something else|change it for something else"),
                "Which one should be replaced?",
            ),
            (
                one_of(r, "turn it into {y}|replace it with {y}|make it {y}|swap it for {y}|change it to {y}"),
                "Which one should be replaced?",
            ),
        )
    )
    noun = words.noun(nouns)
    return _ask(
        said.format(c=color, y=("an " if noun[0] in "aeiou" else "a ") + noun), text, [f"the {noun}" for noun in nouns]
    )


def _ask(said: str, text: str, options: list[str]) -> Move:
    return Move(said, (step("ask", question=text, options=list(options)),), text, (None,), order=False)
