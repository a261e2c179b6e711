"""Which picture of a session a few words mean: the one that is called so, the one that was asked for so, one that is nearly so."""

from collections.abc import Collection, Iterator, Sequence

from pentimento.agent.wording import LIKENESSES, Likeness, equal, having, in_words, telling
from pentimento.memory.naming import Called, called
from pentimento.memory.store import Store

NEWEST = 200
"""Pictures that are looked at first: mostly the one that is meant is among them, and a session may have any number."""


def meant(store: Store, session_id: int, words: str, among: Collection[str] | None = None) -> str | None:
    """The id of the newest, maybe only `among` some; one whose picture is no more only where it is the last one left."""
    wanted = telling(words)
    if not wanted:
        return None
    newest = called(store.database, session_id, " ".join(wanted), limit=NEWEST)
    first = [one for one in _labelled(newest, wanted, equal) if one.there and (among is None or one.id in among)]
    if first:
        return first[0].id
    for found in readings(store, session_id, wanted):
        left = [one for one in found if among is None or one.id in among]
        if left:
            return next((one.id for one in left if one.there), left[0].id)
    return None


def readings(store: Store, session_id: int, wanted: Sequence[str]) -> Iterator[Sequence[Called]]:
    """From what the words mean first to what they may mean."""
    having_them = called(store.database, session_id, " ".join(wanted))
    yield _labelled(having_them, wanted, equal)
    yield _of_these(having_them, having(in_words((one.id, one.said) for one in having_them), wanted, equal))
    yield having_them
    every = called(store.database, session_id)
    labels = in_words((one.id, one.label) for one in every)
    yield from (_of_these(every, having(labels, wanted, likeness)) for likeness in LIKENESSES)
    yield called(store.database, session_id, " ".join(wanted), whole=False)


def _labelled(pictures: Sequence[Called], wanted: Sequence[str], likeness: Likeness) -> list[Called]:
    return _of_these(pictures, having(in_words((one.id, one.label) for one in pictures), wanted, likeness))


def _of_these(pictures: Sequence[Called], ids: Collection[str]) -> list[Called]:
    found = frozenset(ids)
    return [one for one in pictures if one.id in found]
