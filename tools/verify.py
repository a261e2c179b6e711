"""Does the picture show what was asked for? Each thing is looked for, counted, and its colour measured."""

from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools.check import COLORED, PRESENT, share_of
from pentimento.tools.color import color_shares
from pentimento.tools.parts import pieces
from pentimento.tools.region import Mask, to_mask
from pentimento.tools.types import Progress, Run, Tool, ToolError, ToolResult
from pentimento.tools.wanted import Wanted, not_looked_for, wanted_in


class VerifyArgs(BaseModel, extra="forbid"):
    """Say whether the picture shows what the words say: things, how many, in which colour."""

    words: str = Field(
        default="",
        max_length=300,
        description="what should be seen; empty: what it was drawn from",
        json_schema_extra={"lineage": "prompt"},
    )


def verify(args: VerifyArgs, run: Run) -> ToolResult:
    if not args.words.strip():
        raise ToolError('Say what the picture should show, for example words="two red squirrels and a nut".')
    asked = wanted_in(args.words, run.models)
    if not asked:
        known = ", ".join(run.models.things[:8])
        instead = f"name one, for example {known}" if known else "name one"
        raise ToolError(f"“{args.words}” names nothing that I can look for; {instead}.")
    found: list[tuple[bool, str]] = []
    for number, one in enumerate(asked):
        run.report(Progress(f"looking for the {one.noun}", number / len(asked)))
        found.append(_found(one, run))
    right = [text for fits, text in found if fits]
    wrong = [text for fits, text in found if not fits]
    begin = "Yes" if not wrong else "Not quite" if right else "No"
    left = ", ".join(f"“{one}”" for one in not_looked_for(args.words, run.models))
    note = f"{begin}: {'; '.join(right + wrong)}." + (f" I didn't look for {left}." if left else "")
    measures = {"passed": not wrong, "things_asked": len(asked), "things_found": len(right)}
    return ToolResult((), note=note, measures=measures)


def _found(one: Wanted, run: Run) -> tuple[bool, str]:
    """Whether it is as it was asked for, and what there is."""
    there, text = _there(one, run)
    if not one.absent:
        return there, text
    times = f"{one.count} times " if one.count else ""
    return not there, f"{text}, which should not be there" if there else f"I don't see {times}the {one.words}"


def _there(one: Wanted, run: Run) -> tuple[bool, str]:
    """Whether it is there as it was asked for, and what there is."""
    src = run.inputs["src"]
    mask = to_mask(run.models.segment(src, one.noun))
    if share_of(mask) < PRESENT:
        return False, f"I can't find the {one.noun}"
    parts = pieces(mask) or [mask]
    count = len(parts)
    if one.count and count != one.count:
        return False, f"I count {count} for “{one.noun}” where there should be {one.count}"
    # One of several is enough where none should have the colour.
    if one.color and not any(_has(one.color, src, part) for part in (parts if one.absent else [mask])):
        seen = next(iter(color_shares(src, mask)))
        if seen == one.color:
            return False, f"only a part of the {one.noun} is {seen}"
        return False, f"the {one.noun} is {seen} rather than {one.color}"
    return True, f"I see {f'{count} times ' if one.count > 1 else ''}the {one.words}"


def _has(color: str, src: Image.Image, mask: Mask) -> bool:
    return color_shares(src, mask).get(color, 0.0) >= COLORED


VERIFY = Tool("verify", VerifyArgs, verify, version="1", models=("segment",), answers=True)
