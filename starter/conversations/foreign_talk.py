"""Messages in German and Chinese that are answered in words, asked back or declined."""

from random import Random

from pentimento.agent.types import Step
from pentimento.starter.conversations.foreign_forms import definite
from pentimento.starter.conversations.foreign_saying import LANGUAGES, move, said_in
from pentimento.starter.conversations.foreign_words import GERMAN
from pentimento.starter.conversations.moves import Move, Scope, step

_ANSWERED = ("thanks", "praise", "hello", "bye", "help", "off_topic", "cannot")
QUESTIONS = {
    "ask_color": ("Was soll eine andere Farbe bekommen?", "要改什么的颜色？"),
    "ask_change": ("Was soll sich ändern?", "要改什么？"),
    "ask_remove": ("Was soll weg?", "要去掉什么？"),
    "ask_size": ("Was soll seine Größe ändern?", "要改什么的大小？"),
    "ask_add": ("Was soll dazu?", "要加什么？"),
}
_NEW = (("eine Nuss", "eine Blume", "ein Ballon"), ("坚果", "花", "气球"))
_WHOLE = {"ask_change": ("der Ort", "地点"), "ask_size": ("das Bild", "整张图")}
"""What could be meant besides the things."""
REASONS = {
    "fraud": ("Ich fälsche keine Dokumente.", "我不伪造证件。"),
    "undress": ("Ich ziehe niemanden aus.", "我不会脱掉别人的衣服。"),
}


def talk(r: Random, language: str) -> Move:
    intent = r.choice(_ANSWERED)
    return move(language, said_in(r, language, intent)[0], None, intent, None)


def decline(r: Random, language: str) -> Move:
    said, meant = said_in(r, language, "decline")
    reason = REASONS[meant][LANGUAGES.index(language)]
    return _words_alone(said, step("decline", reason=reason), reason)


def question(scope: Scope, language: str) -> Move:
    """A wish that could mean several things: one question back, in the person's language."""
    r, index = scope.r, LANGUAGES.index(language)
    intent = r.choice(tuple(QUESTIONS))
    options = list(_NEW[index]) if intent == "ask_add" else _things(scope, language)
    options += [_WHOLE[intent][index]] if intent in _WHOLE else []
    text = QUESTIONS[intent][index]
    return _words_alone(said_in(r, language, intent)[0], step("ask", question=text, options=list(options)), text)


def _things(scope: Scope, language: str) -> list[str]:
    slots = [definite(scope.r, language, "x", thing) for thing in scope.picture.things if thing.noun in GERMAN]
    return [one["x_nom" if language == "de" else "x"] for one in slots]


def _words_alone(said: str, made: Step, reply: str) -> Move:
    return Move(said, (made,), reply, (None,), order=False, whole=True, as_typed=True)
