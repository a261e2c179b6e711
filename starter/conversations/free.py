"""Messages about one thing that ask for none of the usual changes; they are handed on in the person's words."""

from pentimento.starter.conversations import vocabulary
from pentimento.starter.conversations.changing import COLLECTED, named, some_part, some_thing, with_thing
from pentimento.starter.conversations.moves import Move, Scope, Thing, edit
from pentimento.starter.conversations.phrasings import filled, is_order, template
from pentimento.starter.conversations.words import a, one_of


def free(scope: Scope) -> Move:
    """What else a thing should do, wear, hold or look like."""
    if scope.r.random() < COLLECTED:
        return _collected(scope)
    r, thing = scope.r, some_part(scope)
    if r.random() < 0.6:
        want, pattern = r.choice(vocabulary.ACTIONS), one_of(r, "make {x} {w}|make {x} {w}|let {x} {w}")
        canonical = f"make the {thing.noun} {want}"
    else:
        want = a(scope.words.noun())
        verb, pattern = r.choice((("give the {n} {w}", "give {x} {w}"), ("put {w} on the {n}", "put {w} on {x}")))
        canonical = verb.format(n=thing.noun, w=want)
    said = pattern.format(x=named(scope, thing), w=want)
    return _changed(scope, thing, said, canonical)


def _collected(scope: Scope) -> Move:
    r, thing = scope.r, some_thing(scope)
    others = [other for other in scope.picture.things if other.noun != thing.noun]
    typed, meant = template(r, "free")
    while not others and ("{y}" in typed or "{m}" in typed):
        typed, meant = template(r, "free")
    other = r.choice(others) if others else thing
    new, newer = scope.words.noun(scope.picture.nouns()), scope.words.noun(scope.picture.nouns())
    words = {"n": thing.noun, "m": other.noun, "a": a(new), "b": a(newer)}
    said = filled(typed, words | {"x": named(scope, thing), "y": f"the {other.noun}"})
    return _changed(scope, thing, said, filled(meant, words))


def _changed(scope: Scope, thing: Thing, said: str, instruction: str) -> Move:
    picture = with_thing(scope.picture, thing.noun, thing)
    made = edit(instruction, thing.noun, "object")
    return Move(said, (made,), f"Changing the {thing.noun}.", (picture,), is_order(said))
