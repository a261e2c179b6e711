"""Messages in German and Chinese that are answered in words, asked back or declined."""

from random import Random

from pentimento.starter.conversations.foreign_forms import definite
from pentimento.starter.conversations.foreign_saying import LANGUAGES, answer, move, said_in
from pentimento.starter.conversations.foreign_words import GERMAN
from pentimento.starter.conversations.moves import Move, Scope, step

_ANSWERED = ("thanks", "praise", "hello", "bye", "help", "off_topic", "cannot")
_QUESTIONS = ("ask_color", "ask_change", "ask_remove", "ask_size", "ask_add")
_OF_ONE = ("ask_change", "ask_size", "ask_add")
"""What is asked where only one thing could be meant, or none."""
_NEW = (("eine Nuss", "eine Blume", "ein Ballon"), ("坚果", "花", "气球"))
_WHOLE = {"ask_change": ("der Ort", "地点"), "ask_size": ("das Bild", "整张图")}
"""What could be meant besides the things."""


def talk(r: Random, language: str) -> Move:
    intent = r.choice(_ANSWERED)
    return move(language, said_in(r, language, intent)[0], None, intent, None)


def decline(r: Random, language: str) -> Move:
    said, reason = said_in(r, language, "decline")
    return move(language, said, step("decline", reason=answer(language, reason)), reason, None)


def question(scope: Scope, language: str) -> Move:
    """A wish that could mean several things: one question back, in the person's language."""
    r, index = scope.r, LANGUAGES.index(language)
    things = _things(scope, language)
    intent = r.choice(_QUESTIONS if len(things) > 1 else _OF_ONE)
    options = list(_NEW[index]) if intent == "ask_add" else things
    options += [_WHOLE[intent][index]] if intent in _WHOLE else []
    made = step("ask", question=answer(language, intent), options=list(options))
    return move(language, said_in(r, language, intent)[0], made, intent, None)


def _things(scope: Scope, language: str) -> list[str]:
    slots = [definite(scope.r, language, "x", thing) for thing in scope.picture.things if thing.noun in GERMAN]
    return [one["x_nom" if language == "de" else "x"] for one in slots]
