"""The move `set`, and what was set put into the steps that draw anew."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from pentimento.agent.preferences import FILLS, normal, usable
from pentimento.agent.steps import StepOutcome
from pentimento.agent.types import AgentError, Call, Step
from pentimento.memory.store import Store
from pentimento.memory.types import Session
from pentimento.tools import GENERATE, TOOLS
from pentimento.tools.families import cannot_avoid
from pentimento.tools.profile import ImageModel, Profile
from pentimento.tools.wanted import asks_for, listed


def prefer(store: Store, session: Session, turn: int, step: Step, profile: Profile) -> StepOutcome:
    """Keep what is wanted from now on. Raises `AgentError` for a ratio that the picture model can't draw."""
    image, key = profile.file.image, str(step.arguments["key"])
    words, before = normal(key, str(step.arguments.get("value", ""))), store.pointers(session.id).preferences.get(key)
    if key == "ratio" and words and not _draws(image, words):
        raise AgentError(f"The picture model of this profile draws no {words} pictures; draw a square and crop it.")
    if words == (before or ""):
        return StepOutcome(note=f"{key} is “{words}” already." if words else f"Nothing was set for {key}.")
    store.prefer(session.id, key, words or None, turn)
    if not words:
        return StepOutcome(note=f"From now on {key} is as ever.")
    unheard = cannot_avoid(image.family, _guidance(profile)) if key == "avoid" else ""
    return StepOutcome(note=f"From now on {key} is “{words}”. {unheard}".strip())


def applied(store: Store, session: Session, step: Step, image: ImageModel) -> Step:
    """A step that draws anew, with what is preferred wherever it says nothing itself. Raises `AgentError`."""
    if step.tool not in FILLS:
        return step
    wanted = usable(store.pointers(session.id).preferences)
    if "ratio" in wanted and not _draws(image, wanted["ratio"]):
        # Set with another profile; nothing at all could be drawn with this one.
        del wanted["ratio"]
    prompt, model = str(step.arguments["prompt"]), TOOLS[step.tool].args_model
    wanted["avoid"] = _unnamed(prompt, wanted.get("avoid", ""))
    chosen: dict[str, JsonValue] = {key: wanted[key] for key in FILLS[step.tool] if wanted.get(key)}
    read = model.model_validate({**step.arguments, **chosen}).model_dump(mode="json", include=set(chosen))
    described = _in_style(prompt, wanted.get("style", ""))
    return replace(step, arguments={**read, **step.arguments, "prompt": described})


def _unnamed(prompt: str, avoid: str) -> str:
    """What is to be avoided but for what a description asks for itself; as it was set where that is nothing."""
    things = listed(avoid)
    left = [one for one in things if not asks_for(prompt, one)]
    return avoid if left == things else ", ".join(left)


def amended(call: Call, words: str, preferred: Mapping[str, str]) -> str:
    """Other words for a call, in the style that is preferred where the old ones ended in it. Raises `AgentError`."""
    style = usable(preferred).get("style", "")
    ended = f", {style}".lower().rstrip(" .")
    styled = bool(style) and call.tool in FILLS and str(call.arguments["prompt"]).lower().rstrip(" .").endswith(ended)
    return _in_style(words, style) if styled else words


def _in_style(prompt: str, style: str) -> str:
    if not style or style.lower() in prompt.lower():
        return prompt
    words = f"{prompt.rstrip(' .')}, {style}"
    if len(words) > _LONGEST:
        raise AgentError(f"With the style “{style}” that is too long; say it in fewer words, or say /set style=")
    return words


def _guidance(profile: Profile) -> float:
    """Of a new picture, where nothing else is said."""
    return float(str(profile.complete(GENERATE, {"prompt": "anything"})["guidance"]))


def _draws(image: ImageModel, ratio: str) -> bool:
    return {"square": True, "wide": image.wide is not None, "tall": image.tall is not None}[ratio]


_LONGEST = 300
"""Characters of a description, as `generate` takes it."""
