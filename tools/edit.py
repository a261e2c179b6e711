"""Change the picture as told; of an object, a side or the background only that region changes, bit for bit."""

from dataclasses import replace

from PIL import Image
from pydantic import BaseModel, Field

from pentimento.tools import region
from pentimento.tools.attempts import ATTEMPTS, Attempt, best_of
from pentimento.tools.check import Check, check_edit
from pentimento.tools.effort import Attempts, Guidance, ImageGuidance, Steps
from pentimento.tools.local import registered_in, settled, sized
from pentimento.tools.register import Registered, registered
from pentimento.tools.scope import PLANNED, Place, Scope, changed_place, place_of
from pentimento.tools.taken import blended, taken
from pentimento.tools.told import Rewritten
from pentimento.tools.types import REFERENCES, Run, Tool, ToolError, ToolResult

_MOST = 0.6
"""Share of the picture above which a drawing that should have added one thing changed too much."""


class EditArgs(BaseModel, extra="forbid"):
    """Change the picture by an instruction: recolour, replace, remove or add one thing, or change place, time, weather."""

    instruction: str = Field(min_length=1, max_length=300, description="what to change, one sentence")
    target: str = Field(default="", max_length=80, description="the thing that changes or is added; empty for picture")
    scope: Scope = Field(
        default=Scope.OBJECT,
        description="object: only the target changes; left, right: add there; picture: all of it",
        json_schema_extra={"enum": [*PLANNED]},
    )
    rewritten: Rewritten = ""
    steps: Steps = 12
    guidance: Guidance = 2.0
    image_guidance: ImageGuidance = 1.0
    attempts: Attempts = ATTEMPTS


def edit_region(args: EditArgs, src: Image.Image, place: Place, seed: int, run: Run) -> Registered:
    """Run the model on a crop around the region, all of the picture without one, and put the result back inside of it."""
    mask = region.everywhere(src) if place.mask is None else place.mask

    def accepted(box: region.Box, crop: Image.Image, made: Image.Image, inside: region.Mask) -> region.Weights:
        thing = None if place.thing is None else region.cut(place.thing, box)
        return taken(crop, made, inside, thing, marked=place.scope is Scope.MARKED)

    return registered_in(src, mask, run, lambda crop, _: _drawn(args, crop, seed, run), accepted)


def _drawn(args: EditArgs, src: Image.Image, seed: int, run: Run) -> Image.Image:
    told = args.rewritten or args.instruction
    return run.models.edit(src, told, seed, args.steps, args.guidance, args.image_guidance, run.report, run.refs)


def _drawn_whole(args: EditArgs, src: Image.Image, seed: int, run: Run) -> Registered:
    """The whole picture, at the model's own size; moved back where that brings it nearer to the source."""
    side = run.models.best_size
    made = sized(_drawn(args, sized(src, (side, side)), seed, run), src.size)
    return registered(made, src, region.everywhere(src))


def _attempt(args: EditArgs, place: Place, seed: int, run: Run) -> Attempt:
    src = run.inputs["src"]
    if place.mask is not None and place.scope not in (Scope.PICTURE, Scope.BACKGROUND):
        drawn = edit_region(args, src, place, seed, run)
        check = check_edit(src, drawn.picture, place.mask, args.instruction, args.target, run)
        return _checked(seed, drawn, check, place.scope, place.mask, src)
    whole = _drawn_whole(args, src, seed, run)
    mask = _found(args, src, whole.picture, run) if place.mask is None else place.mask
    kept = whole.picture if place.scope is Scope.PICTURE else _inside(src, whole.picture, mask, place.scope)
    # What stays is no target that must be seen in what changes.
    target = "" if place.scope is Scope.BACKGROUND else args.target
    check = check_edit(src, kept, mask, args.instruction, target, run)
    return _checked(seed, replace(whole, picture=kept), _not_too_much(check, place, mask), place.scope, mask, src)


def _checked(seed: int, drawn: Registered, check: Check, scope: Scope, mask: region.Mask, src: Image.Image) -> Attempt:
    named = {"scope": scope.value} if scope in (Scope.BACKGROUND, Scope.FOUND) else {}
    measures = region.measured(src, drawn.picture, mask) | drawn.measures | named
    # A region that came with the call is known already.
    found = None if scope in (Scope.PICTURE, Scope.MARKED) else region.to_image(mask)
    check = check if scope is Scope.PICTURE else settled(check, drawn)
    return Attempt(seed, drawn.picture, check, found, measures)


def _found(args: EditArgs, src: Image.Image, made: Image.Image, run: Run) -> region.Mask:
    thing = region.to_mask(run.models.segment(made, args.target)) if args.target else region.everywhere(src) & False
    return changed_place(src, made, thing)


def _inside(src: Image.Image, made: Image.Image, mask: region.Mask, scope: Scope) -> Image.Image:
    """A background meets its things sharply, as it was drawn: an edge that is mixed would show the old one around them."""
    if scope is Scope.BACKGROUND:
        return Image.composite(made, src, region.to_image(mask))
    return region.mix(src, region.match_tone(made, src, mask), blended(src, mask))


def _not_too_much(check: Check, place: Place, mask: region.Mask) -> Check:
    if place.mask is not None or not check.passed or mask.mean() <= _MOST:
        return check
    return Check(check.score / 2, f"It changed {mask.mean():.0%} of the picture.", check.facts)


def edit(args: EditArgs, run: Run) -> ToolResult:
    """Edit, check, and try once more with the next seed; the better attempt is kept."""
    needed = args.scope in (Scope.OBJECT, Scope.LEFT, Scope.RIGHT) and "mask" not in run.inputs
    if needed and not args.target:
        raise ToolError("Say which thing should change, for example the squirrel.")
    place = place_of(args.scope, args.instruction, args.target, run)
    return best_of(args.attempts, args.instruction, run, lambda seed: _attempt(args, place, seed, run), args.rewritten)


EDIT = Tool(
    "edit",
    EditArgs,
    edit,
    version="6",
    optional=("mask", *REFERENCES),
    models=("image", "segment", "scorer"),
    marked={"scope": Scope.MARKED.value},
    untaught=("mask",),
)
