"""What was measured on a picture, each fact as a sentence that says what it means."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from pentimento.tui.plain import value_text

_MEANINGS = {
    "changed_inside": "{:,} pixels inside of the region changed",
    "attempts": "drawings until it was kept: {}",
    "things_asked": "things asked for that can be recognised: {}",
    "things_found": "things recognised: {}",
    "seen": "{:.1%} of the picture was recognised as what was asked for",
    "left": "{:.1%} of the picture was still recognised as what should go",
    "color": "{} is the colour of most of it",
    "color_share": "{:.0%} of it has the colour asked for",
    "color_distance": "{} from the colour asked for (OKLab: 0.05 is near, 0.2 another colour)",
    "agreement": "{} is how well it agrees with the words (cosine, -1 to 1)",
    "agreement_before": "{} is how well the picture before agreed with them",
    "redrawn": "drawings of the whole picture, one upon the other: {}",
    "drawn_anew": "drawn anew from its words; the picture that it is a variation of was not looked at",
    "drift": "{:.0%} of the shapes that nobody named were lost in them",
    "other_attempt": "the drawing that was not kept, {}",
    "seed": "drawn with the seed {}",
    "shift": "it came back shifted ({}) and was moved back",
    "moved_too_far": "the whole scene came back shifted ({}), too far to be moved back",
    "unread": "the picture model had no room to read the end of the words: “{}”",
    "contract": "the words were put for the picture model by the prompt file {}",
    "not_rewritten": "{}",
    "reused": "taken from an earlier picture of the same recipe, not computed again",
}
"""In words, where they are known; any other measure is told by its name."""
_SCOPES = {
    "found": "where it would come out was not known before: the region is what the drawing changed",
    "background": "the things kept their pixels, and everything else was drawn anew",
}


def meanings(measures: Mapping[str, JsonValue]) -> Iterator[str]:
    """The facts one by one; the check first. What was noted of it is no measure."""
    rest = {name: value for name, value in measures.items() if name != "note"}
    passed = rest.pop("passed", None)
    if rest.pop("kept", True) is False:
        yield "an attempt that was not kept"
    if passed is not None:
        yield "the check passed" if passed else "the check failed"
    changed, outside = rest.pop("changed_outside", None), rest.pop("outside", None)
    if outside == 0:
        yield "the region was the whole picture"
    elif changed is not None:
        of = "" if outside is None else f"of {value_text(outside)} "
        yield f"{value_text(changed)} {of}pixels outside of the region changed"
    for name, value in rest.items():
        yield _SCOPES.get(str(value), f"scope {value}") if name == "scope" else _meaning(name, value)


def _meaning(name: str, value: JsonValue) -> str:
    plain = f"{name.replace('_', ' ')} {value_text(value)}"
    if value is False:
        return plain
    try:
        return _MEANINGS[name].format(value)
    except (KeyError, TypeError, ValueError):
        return plain
