"""One message in German or Chinese: a phrasing, filled and typed as people type, and its answer."""

import re
from collections.abc import Callable
from random import Random

from pentimento.agent.types import Step
from pentimento.starter.conversations.foreign_words import WHERE
from pentimento.starter.conversations.moves import Move, Picture, Scope, step
from pentimento.starter.conversations.phrasings import meaning
from pentimento.starter.conversations.words import one_of

LANGUAGES = ("de", "zh")
_HELD = "\ue000"
"""Stands for a text that nobody mistypes, while the message is typed."""
_PLAIN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NO_DOTS = str.maketrans("äöü", "aou")
_OPENERS = "ok, |hey, |hm, |also, |gut, |super, |schön, |sorry, |so, "
_CLOSERS = " bitte| bitte|, bitte| danke|, danke| :)|, wenns geht|, ja?|, danke dir"
_GERMAN_ORDERS = frozenset(
    """
    beschrifte beschreib beschreibe bring dreh drehe entfern entferne ersetz ersetze erzeuge färb färbe füg füge geh gib hol
    lass lösch lösche mach mache mal male nimm pack platziere schreib schreibe setz setze skalier skaliere spiegel spiegle
    stell stelle tausch tausche tu verwandle vergrößere verkleinere zeichne zeig zeige zeichne ändere
    """.split()
)
"""How German orders begin, after which "please" may stand."""
_CHINESE_ORDERS = "把让加再画换变改放去删写下上左右旋翻调撤恢重回返"
"""How Chinese orders begin, beside which a polite word may stand."""
REPLIES = {
    "draw": ("Ich zeichne es.", "好的，我来画。"),
    "change": ("Ich ändere es.", "好的，我来改。"),
    "add": ("Ich füge es hinzu.", "好的，加上。"),
    "remove": ("Ich entferne es.", "好的，去掉。"),
    "frame": ("Gut.", "好的。"),
    "caption": ("Ich schreibe es drauf.", "好的，写上。"),
    "describe": ("Ich sehe es mir an.", "我来看看。"),
    "log": ("Hier ist der Verlauf.", "这是历史记录。"),
    "undo": ("Ich nehme es zurück.", "已撤销。"),
    "redo": ("Ich stelle es wieder her.", "已恢复。"),
    "go": ("Ich gehe dorthin zurück.", "好的，回到那张。"),
    "thanks": ("Gern geschehen.", "不客气。"),
    "praise": ("Das freut mich.", "很高兴你喜欢。"),
    "diff": ("Das hat sich geändert.", "变化在这里。"),
    "export": ("Ich speichere es.", "好的，保存。"),
    "bye": ("Auf Wiedersehen.", "再见。"),
    "help": (
        "Ich zeichne nach deinen Worten, ändere das Bild und nehme alles zurück.",
        "我按你的话画图、改图，都可以撤销。",
    ),
    "off_topic": ("Ich zeichne und ändere nur Bilder.", "我只会画图和改图。"),
    "cannot": ("Das kann ich noch nicht.", "这个我还不会。"),
    "fraud": ("Ich fälsche keine Dokumente.", "我不伪造证件。"),
    "undress": ("Ich ziehe niemanden aus.", "我不会脱掉别人的衣服。"),
    "ask_color": ("Was soll eine andere Farbe bekommen?", "要改什么的颜色？"),
    "ask_change": ("Was soll sich ändern?", "要改什么？"),
    "ask_remove": ("Was soll weg?", "要去掉什么？"),
    "ask_size": ("Was soll seine Größe ändern?", "要改什么的大小？"),
    "ask_add": ("Was soll dazu?", "要加什么？"),
    "hello": ("Hallo! Sag mir, was ich zeichnen soll.", "你好！告诉我画什么。"),
}
"""What is answered or asked back, in German and in Chinese."""


def some_language(r: Random) -> str:
    return "de" if r.random() < 0.6 else "zh"


def said_in(r: Random, language: str, intent: str, **slots: str) -> tuple[str, str]:
    """One way of saying it, as it is typed, and what it means; a caption, {t}, keeps every letter."""
    held = {"t": _HELD} if "t" in slots else {}
    said, meant = meaning(r, f"{language}/{intent}", **{**slots, **held})
    return _typed(r, language, said).replace(_HELD, slots.get("t", "")), meant


def move(language: str, said: str, made: Step | None, reply: str, picture: Picture | None) -> Move:
    steps = (made,) if made else ()
    return Move(
        said, steps, answer(language, reply), tuple(picture for _ in steps), order=False, whole=True, as_typed=True
    )


def answer(language: str, reply: str) -> str:
    return REPLIES[reply][LANGUAGES.index(language)]


def asked(r: Random, language: str, tool: str) -> Move:
    """A message that needs no picture and no words: "undo"."""
    return move(language, said_in(r, language, tool)[0], step(tool), tool, None)


def meant_in(
    scope: Scope, language: str, intent: str, made: Callable[[str], Step], reply: str = "change", **slots: str
) -> Move:
    """A message whose phrasing itself says what is meant."""
    said, meant = said_in(scope.r, language, intent, **slots)
    return move(language, said, made(meant), reply, scope.picture)


def where(r: Random, language: str, key: str) -> str:
    return one_of(r, WHERE[key][LANGUAGES.index(language)])


def _typed(r: Random, language: str, said: str) -> str:
    """As people type it, lower case."""
    asks = said.endswith(("?", "？"))
    said = (_typed_german if language == "de" else _typed_chinese)(r, said.lower())
    if asks:
        return said[:-1] if r.random() < 0.5 else said
    ends = ("", "", "", "", "", "", "") + ((".", "!") if language == "de" else ("。", "！"))
    return said + r.choice(ends) if said[-1].isalnum() and said[-1] != "吗" else said


def _typed_german(r: Random, said: str) -> str:
    if r.random() < 0.12 and said.split(maxsplit=1)[0] in _GERMAN_ORDERS and said[-1].isalnum() and "bitte" not in said:
        said += one_of(r, _CLOSERS)
    if r.random() < 0.06 and said.count(" ") > 1:
        said = one_of(r, _OPENERS) + said
    if r.random() < 0.12:
        said = said.translate(_PLAIN_LETTERS if r.random() < 0.8 else _NO_DOTS)
    if r.random() < 0.12:
        said = said.replace(",", "")
    return _slipped(r, said) if r.random() < 0.09 else said


def _slipped(r: Random, said: str) -> str:
    """One word with two letters swapped, or one of them lost, doubled."""
    words = said.split(" ")
    long = [index for index, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return said
    at = r.choice(long)
    word, i = words[at], r.randrange(1, len(words[at]) - 1)
    words[at] = r.choice(
        (word[:i] + word[i + 1] + word[i] + word[i + 2 :], word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:])
    )
    return " ".join(words)


def _typed_chinese(r: Random, said: str) -> str:
    if said[0] in _CHINESE_ORDERS and len(said) > 3 and said[-1].isalnum() and said[-1] not in "吗吧":
        said = _politely(r, said)
    if r.random() < 0.15:
        said = re.sub("(?<=[画加放来要])一(?=[只个辆朵棵把顶颗])", "", said)
    return said.replace("，", r.choice((",", " "))) if r.random() < 0.08 else said


def _politely(r: Random, order: str) -> str:
    """An order, now and then with a word before or after it."""
    roll = r.random()
    if roll < 0.12:
        before = one_of(r, "请|请|请帮我|帮我|帮我|麻烦你|麻烦|能不能|可以|可不可以")
        return f"{before}{order}{'吗' if before == '可以' else ''}"
    return order + one_of(r, "吧|吧|，谢谢|，好吗|可以吗|好吗|行吗") if roll < 0.18 else order
