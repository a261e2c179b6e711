"""Messages that move through the history: undo, redo, back to a version, the log."""

from random import Random

from pentimento.agent.asked import WHICH, option
from pentimento.agent.state import Version
from pentimento.agent.wording import SMALL
from pentimento.starter.conversations.chat import LABEL_LENGTH, Chat, Seen
from pentimento.starter.conversations.moves import Move, step
from pentimento.starter.conversations.phrasings import phrasing
from pentimento.starter.conversations.talk import ask_back
from pentimento.starter.conversations.words import ORDINALS, one_of

_UNDO = (
    "undo|undo|undo that|undo it|undo this|nope|no|no no|nah|take that back|take it back|revert|revert that|go back|back|"
    "step back|oops|oops, undo|that's wrong|that is not what i wanted|i don't like it|i don't like that|i hate it|"
    "i liked it better before|it was better before|never mind|nevermind|scrap that|not that|not like that|cancel that|"
    "ctrl z|ctrl+z|go back one|go back one step|one step back|back one step|put it back the way it was|that was a mistake|"
    "roll back|roll that back|reverse that|undo the last change|undo the last step|undo last|forget that|wrong|no, wrong|"
    "the last change was bad|i changed my mind|make it how it was|like it was before|as it was before|the previous one|"
    "go back to the previous one|go back to the one before|previous version please|go to the previous version|"
    "please go back|back to the previous picture|the one before|show me the one before|no thanks, undo|hmm no|ugh no|"
    "please no|that didn't work|that looks bad|that looks awful, go back|terrible, undo|no i don't want that|yuck|"
    "get rid of the last change|remove the last change|discard that|drop that change|return to the last one|eh no|"
    "bring back the previous one|let's go back|can we go back|i preferred the one before|the old one was better|"
    "could you undo that|i want the previous one back|that's not right|not good|bad|no good|wait no|uh no"
)
_UNDO_N = (
    "undo {n}|undo {n} steps|undo the last {n}|undo the last {n} changes|undo the last {n} steps|go back {n} steps|"
    "go back {n}|back {n}|{n} steps back|{n} back|take back the last {n}|take the last {n} changes back|revert {n} steps|"
    "undo {n} times|step back {n} times|roll back {n}|remove the last {n} changes|revert the last {n} edits|"
    "go {n} steps back|go {n} versions back|{n} versions back please|undo the previous {n}|cancel the last {n} steps"
)
_REDO = (
    "redo|redo|redo that|redo it|put it back|put that back|bring it back|bring that back|undo the undo|i want it back|"
    "restore it|restore that|actually keep it|actually i liked it|no, i liked it|actually put it back|reapply that|"
    "step forward|forward|go forward|one step forward|do that again after all|ctrl y|ctrl+y|ctrl shift z|"
    "on second thought, redo|i want that back|hmm, put it back|it was good actually|actually that was fine|"
    "bring back what i undid|take back the undo|reinstate that|repeat the undone step|no wait, bring it back|"
    "changed my mind, put it back|no redo that|ok redo|unundo|return it|let me have it back|that was better, redo"
)
_REDO_N = (
    "redo {n}|redo {n} steps|redo the last {n}|go forward {n}|go forward {n} steps|{n} steps forward|redo {n} times|"
    "put the last {n} back|bring the last {n} back|forward {n}|bring back the {n} steps"
)
_LOG = (
    "show the history|show me the history|history|log|show the log|list the versions|show all versions|list versions|"
    "what have we done so far|what did we do so far|show me all the pictures|show everything we made|show me the steps|"
    "what versions are there|which versions do we have|show the list|what happened so far|show me what we did|"
    "can i see the history|show all the steps|list everything|what changes did i make|show me the versions|versions|"
    "how did we get here|show me all my changes|give me the list of versions|the history please|print the history|"
    "what have i made|let me see all versions|display the log|list all pictures|show our progress|what steps did i take|"
    "open the history|show past versions|review the changes|i want to see the history|which pictures are there"
)
_FIRST = (
    "go back to the first one|back to the first picture|the first one|the first picture|show me the original|the original|"
    "back to the original|start over|start again|go back to the start|back to the beginning|the very first one|"
    "return to the first version|reset|reset everything|go to the first|let's start over|the first version please|"
    "i want the original back|restore the original|take me back to the first one|undo everything|undo all|"
    "from the start|back to square one|how it was at the beginning|go back to how it was at first|show the first one"
)
_LAST = (
    "the last one|go to the last one|the latest one|the newest version|back to the latest|show me the latest version|"
    "go to the newest one|the most recent one|go to the end|back to the last version|the final one|latest version please"
)
_GO = (
    "go back to {x}|go back to {x}|back to {x}|{x}|show me {x}|i want {x}|i want {x} back|take me to {x}|return to {x}|"
    "show {x} again|switch to {x}|checkout {x}|go to {x}|bring back {x}|can we go back to {x}|open {x}|restore {x}|"
    "i liked {x} better|{x} was better|{x} was the best|let's go back to {x}|use {x}|jump to {x}|i prefer {x}|"
    "could i have {x} again|no, {x}|actually {x}|revert to {x}|give me {x} again|let me see {x}|back to {x} please"
)
_NUMBERS = {
    2: "2|two|2|two",
    3: "3|three",
    4: "4|four",
    5: "5|five",
    6: "6|six",
    7: "7|seven",
    8: "8|eight",
    10: "10|ten",
}


Named = tuple[str, str]
"""What is said, and the reference that it means."""


def undo(r: Random, _chat: Chat) -> Move:
    if r.random() < 0.75:
        return _history(_either(r, _UNDO, "undo"), "undo", None, "Undoing it.")
    if r.random() < 0.5:
        n = r.choice(tuple(_NUMBERS))
        return _history(phrasing(r, "undo_n", n=one_of(r, _NUMBERS[n])), "undo", n, f"Undoing {n}.")
    n, said = _times(r, _UNDO_N, "undo it twice|undo twice|undo that twice|back twice|undo both|undo the last couple")
    return _history(said, "undo", n, f"Undoing {n}.")


def redo(r: Random, _chat: Chat) -> Move:
    if r.random() < 0.8:
        return _history(_either(r, _REDO, "redo"), "redo", None, "Putting it back.")
    n, said = _times(r, _REDO_N, "redo it twice|redo twice|redo both")
    return _history(said, "redo", n, f"Putting {n} back.")


def _either(r: Random, ways: str, intent: str, **words: str) -> str:
    """One of the ways, or a collected phrasing."""
    return phrasing(r, intent, **words) if r.random() < 0.55 else one_of(r, ways).format(**words)


def _times(r: Random, ways: str, twice: str) -> tuple[int, str]:
    if r.random() < 0.12:
        return 2, one_of(r, twice)
    n = r.choice(tuple(_NUMBERS))
    if r.random() < 0.1:
        return n, one_of(r, "{t} x{n}|{t} {n}x|{n}x {t}|{t} * {n}").format(t=twice.partition(" ")[0], n=n)
    return n, one_of(r, ways).format(n=one_of(r, _NUMBERS[n]))


def _history(said: str, tool: str, n: int | None, reply: str) -> Move:
    return Move(said, (step(tool, n=n),), reply, (None,), order=False)


def log(r: Random, _chat: Chat) -> Move:
    return Move(_either(r, _LOG, "log"), (step("log"),), "Here is the history.", (None,), order=False)


def checkout(r: Random, chat: Chat) -> Move | None:
    """Back to a version, named by its id, its place in the list or by a word of its label."""
    ordinals = () if chat.grid > 1 else (_first, _last, _by_order)
    ways = r.choice((_by_id, *ordinals, *[_by_words] * 6, *[_of_several] * 4, *[_before] * 3))
    found = ways(r, chat)
    return None if found is None else _which(chat, *found) or _to(*found)


def _which(chat: Chat, said: str, ref: str) -> Move | None:
    """The question that is asked back where the words name several versions."""
    versions = chat.called(ref.removeprefix("word:"), said) if ref.startswith("word:") else []
    if len(versions) < 2:
        return None
    options = [option(version) for version in versions]
    ids = [version.id for version in versions]
    answers = [*zip(options, ids, strict=True), *zip(ids, ids, strict=True), *_told_apart(versions)]
    return ask_back(said, WHICH, options, tuple((answer, _to("", identity)) for answer, identity in answers))


def _told_apart(versions: list[Version]) -> list[Named]:
    """A word that one of them alone has, and which one that is."""
    found = []
    for version in versions:
        others = {word for other in versions if other is not version for word in other.label.split()}
        own = [word for word in version.label.split() if word not in others and word not in SMALL and word.isalpha()]
        found += [(f"the {own[-1]} one", version.id), (f"the one with the {own[-1]}", version.id)] if own else []
    return found


def _to(said: str, ref: str) -> Move:
    where = f"the one with {ref.rpartition(':')[2].rstrip(')')}" if "word:" in ref else ref
    reply = f"Going back to before {where}." if ref.startswith("before") else f"Going to {where}."
    return Move(said, (step("checkout", ref=ref),), reply, (None,), order=False)


def _by_id(r: Random, chat: Chat) -> Named | None:
    seen = r.choice(chat.listed)
    if r.random() < 0.5:
        return phrasing(r, "by_id", i=seen.version.id), seen.version.id
    said = one_of(r, _GO).format(x=one_of(r, "{i}|{i}|version {i}|picture {i}").format(i=seen.version.id))
    return said, seen.version.id


def _first(r: Random, chat: Chat) -> Named:
    return _either(r, _FIRST, "first"), chat.listed[0].version.id


def _last(r: Random, chat: Chat) -> Named:
    return _either(r, _LAST, "newest"), chat.listed[-1].version.id


def _by_order(r: Random, chat: Chat) -> Named | None:
    if chat.cut:
        return None
    listed = chat.listed
    index = r.randrange(len(listed))
    if index and r.random() < 0.5:
        return phrasing(r, "by_order", o=ORDINALS[index]), listed[index].version.id
    name = one_of(r, "the {o} one|the {o} picture|the {o} version|the {o}").format(o=ORDINALS[index])
    return one_of(r, _GO).format(x=name), listed[index].version.id


def _by_words(r: Random, chat: Chat) -> Named | None:
    """By a word that its label has; the program finds the version."""
    seen = r.choice(chat.listed)
    if seen.version.id == chat.head:
        return None
    if (word := telling(seen)) and r.random() < 0.5:
        return (phrasing(r, "by_word", w=word), f"word:{word}") if chat.finds(word, seen) else None
    named = _name_of(r, seen)
    if named is None or not chat.finds(named[1], seen):
        return None
    return one_of(r, _GO).format(x=named[0]), f"word:{named[1]}"


def _of_several(r: Random, chat: Chat) -> Named | None:
    """By a word that several versions have."""
    words = [word for seen in chat.listed if (word := telling(seen)) and len(chat.called(word)) > 1]
    if not words:
        return None
    word = r.choice(words)
    return phrasing(r, "by_word", w=word), f"word:{word}"


def telling(seen: Seen) -> str | None:
    """A word of a label that the picture still shows; None where there is none."""
    first = seen.version.label.split()[0]
    if seen.step.tool not in NAMED_BY_WORDS or first == "remove":
        return None
    told = _told(seen)
    return told[-1] if told else None


NAMED_BY_WORDS = frozenset({"generate", "edit", "recolor"})
"""The tools whose labels are what a person would say."""


_WHERE = frozenset(
    "right left top bottom center middle side under behind by near above beside front one next there art side day".split()
)
"""Words of a label that name no picture."""


def _told(seen: Seen) -> list[str]:
    if seen.step.tool not in NAMED_BY_WORDS:
        return []
    label = seen.version.label.split()
    whole = label if len(seen.version.label) < LABEL_LENGTH else label[:-1]
    words = (word for word in whole if word not in SMALL and word not in _WHERE)
    return [word for word in words if "word:" + word == word_reference(word)]


def word_reference(word: str) -> str:
    """As a plan can write it: without what would end it."""
    return "word:" + "".join(letter for letter in word if letter not in '"\\():')


def _name_of(r: Random, seen: Seen) -> Named | None:
    """What a version is called, and the word of its label that this means."""
    words = seen.version.label.split()
    if seen.step.tool == "transform":
        op = str(seen.step.arguments["op"])
        done = {"flip": "flipped|mirrored", "rotate": "rotated|turned", "crop": "cropped", "resize": "resized"}[op]
        return f"the {one_of(r, done)} {one_of(r, 'one|version|picture')}", op
    told = _told(seen)
    if not told:
        return None
    word = told[-1]
    if words[0] in {"make", "put", "recolor"}:
        ways = "the {w} one|the {w} one|the {w} version|the {w} picture|the one with {w}|when it was {w}|the {w}"
    elif words[0] == "remove":
        ways = "the one without the {w}|the version without the {w}|the picture without {w}"
    else:
        word = r.choice(told)
        ways = (
            "the one with the {w}|the {w} one|the {w} picture|the {w}|the version with the {w}|the {w} version|"
            "the picture of the {w}"
        )
    return one_of(r, ways).format(w=word), word


_BEFORE = (
    "the one before the {w}|the one before {w}|before the {w}|the version before the {w}|how it was before the {w}|"
    "the picture before {w}|the one from before the {w}|the state before the {w}"
)


def _before(r: Random, chat: Chat) -> Named | None:
    """The version that came before the one with a certain word."""
    listed = chat.listed
    if len(listed) < 2:
        return None
    seen = listed[r.randrange(1, len(listed))]
    told = _told(seen)
    if not told or not chat.finds(told[-1], seen):
        return None
    first, word = seen.version.label.split()[0], told[-1]
    meant = f"before(word:{word})"
    if r.random() < 0.4:
        return phrasing(r, "before_word", w=word), meant
    ways = {
        "add": "|before i added the {w}|before the {w} was added|before adding the {w}|without the {w}",
        "remove": "|before i removed the {w}|before the {w} was removed|when the {w} was still there|with the {w} still in it",
        "replace": "|before i replaced the {w}|before the {w} came in",
        "make": "|before it was {w}|before i made it {w}|before it turned {w}|before the {w} change",
        "put": "|before it was {w}|before i moved it|before the {w} version",
    }
    said = one_of(r, _BEFORE + ways.get(first, "")).format(w=word)
    said = said.replace("before", "how it was before", 1) if said.startswith("before") else said
    return one_of(r, _GO).format(x=said), meant
