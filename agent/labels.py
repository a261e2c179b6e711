"""What a person would call the version that a step makes."""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from pentimento.agent.types import Step

Arguments = Mapping[str, JsonValue]


def label_of(step: Step) -> str:
    """A few words: "make the squirrel red", "brightness 20 of the nut"."""
    given = {name: value for name, value in step.arguments.items() if value not in ("", False)}
    if step.tool in _LABELS:
        return _LABELS[step.tool](given)
    if sources := [ref for role, ref in step.inputs.items() if role not in {"src", "mask"}]:
        return f"{step.tool} with {', '.join(sources)}"
    return " ".join([str(given.get("op", step.tool)), *(str(value) for name, value in given.items() if name != "op")])


def _adjust(given: Arguments) -> str:
    changes = [name if value is True else f"{name} {value}" for name, value in given.items() if name != "target"]
    return ", ".join(changes) + (f" of the {given['target']}" if "target" in given else "")


def _arrange(given: Arguments) -> str:
    where = [str(given[name]) for name in ("to", "dx", "dy", "scale") if name in given]
    return " ".join([f"{given['op']} the {given['target']}", *where])


def _inpaint(given: Arguments) -> str:
    return (
        f"{given['prompt']} in place of the {given['target']}" if "target" in given else f"draw {given['prompt']} there"
    )


def _segment(given: Arguments) -> str:
    which = given.get("which", "all")
    return f"the {given['what']}" if which == "all" else f"the {which} {given['what']}"


def _upscale(given: Arguments) -> str:
    return f"{given.get('factor', 2)} times as large{', creative' if given.get('mode') == 'creative' else ''}"


def _outpaint(given: Arguments) -> str:
    sides = given.get("sides", "all")
    what = f": {given['prompt']}" if "prompt" in given else ""
    return f"continued on {'all sides' if sides == 'all' else f'the {sides}'}{what}"


_LABELS: dict[str, Callable[[Arguments], str]] = {
    "generate": lambda given: str(given["prompt"]),
    "edit": lambda given: str(given["instruction"]),
    "recolor": lambda given: f"recolor the {given['target']} to {given['to']}",
    "draw_text": lambda given: f"write “{given['text']}”",
    "adjust": _adjust,
    "arrange": _arrange,
    "inpaint": _inpaint,
    "segment": _segment,
    "upscale": _upscale,
    "outpaint": _outpaint,
    "variations": lambda given: f"a {given.get('strength', 'subtle')} variation",
}
