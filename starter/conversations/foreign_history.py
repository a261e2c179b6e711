"""Messages in German and Chinese that move through the history."""

from random import Random

from pentimento.starter.conversations.chat import Chat, Seen
from pentimento.starter.conversations.foreign_forms import color, definite
from pentimento.starter.conversations.foreign_saying import LANGUAGES, asked, move, said_in, some_language, where
from pentimento.starter.conversations.foreign_words import COLORS, GERMAN, SETTINGS, WHERE
from pentimento.starter.conversations.moves import Move, Thing, step
from pentimento.starter.conversations.words import one_of

_NUMBERS = {2: ("2|zwei", "2|两"), 3: ("3|drei", "3|三"), 4: ("4|vier", "4|四"), 5: ("5|fünf", "5|五")}
_ORDINALS = (("erst", "一"), ("zweit", "二"), ("dritt", "三"), ("viert", "四"), ("fünft", "五"), ("sechst", "六"))
_LABEL_WORDS = {SETTINGS[key][0].split()[-1]: key for key in WHERE if key != "clear"}


def foreign_history(r: Random, chat: Chat) -> Move | None:
    """One message in German or Chinese that moves through the history."""
    language = some_language(r)
    make = r.choices((_take_back, _first, _by_id, _by_order, _by_word), (3, 1, 1, 1, 3))[0]
    return make(r, language, chat)


def _take_back(r: Random, language: str, _chat: Chat) -> Move:
    tool = r.choice(("undo", "undo", "redo"))
    if r.random() < 0.75:
        return asked(r, language, tool)
    n = r.choice(tuple(_NUMBERS))
    said, _ = said_in(r, language, f"{tool}_n", n=one_of(r, _NUMBERS[n][LANGUAGES.index(language)]))
    return move(language, said, step(tool, n=n), tool, None)


def _to(r: Random, language: str, intent: str, ref: str, **slots: str) -> Move:
    return move(language, said_in(r, language, intent, **slots)[0], step("checkout", ref=ref), "go", None)


def _first(r: Random, language: str, chat: Chat) -> Move | None:
    return _to(r, language, "first", chat.listed[0].version.id) if chat.listed and not chat.cut else None


def _by_id(r: Random, language: str, chat: Chat) -> Move | None:
    if not chat.listed:
        return None
    identity = r.choice(chat.listed).version.id
    return _to(r, language, "by_id", identity, i=identity)


def _by_order(r: Random, language: str, chat: Chat) -> Move | None:
    """By its place in the list, or among those that were made at once."""
    refs = [f"grid:{number + 1}" for number in range(chat.grid)] if chat.grid > 1 else []
    refs = refs or [seen.version.id for seen in chat.listed if not chat.cut]
    if not refs:
        return None
    index = r.randrange(len(refs))
    german, chinese = _ORDINALS[index]
    number = f"{index + 1}."
    slots = {"o_e": f"{german}e", "o_en": f"{german}en", "o": chinese}
    if r.random() < 0.15:
        slots = {"o_e": number, "o_en": number, "o": str(index + 1)}
    return _to(r, language, "by_order", refs[index], **slots)


def _by_word(r: Random, language: str, chat: Chat) -> Move | None:
    """By a word that its label has; the program finds the version."""
    told = [word for seen in chat.listed if (word := _word(seen)) and chat.finds(word, seen)]
    told = [word for word in told if len(chat.called(word)) < 2]
    if not told:
        return None
    word = r.choice(told)
    ref = f"word:{word}"
    if word in COLORS:
        return _to(r, language, "by_color", ref, **color(r, language, word))
    if word in _LABEL_WORDS:
        return _to(r, language, "by_setting", ref, p=where(r, language, _LABEL_WORDS[word]))
    return _to(r, language, "by_thing", ref, **definite(r, language, "x", Thing(word)))


def _word(seen: Seen) -> str | None:
    """The last word of a label that the picture still shows and that both languages have."""
    words = seen.version.label.split()
    if seen.step.tool not in {"generate", "edit"} or words[0] == "remove":
        return None
    return next((word for word in reversed(words) if word in GERMAN or word in COLORS or word in _LABEL_WORDS), None)
