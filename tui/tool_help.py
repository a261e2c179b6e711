"""What the help says: every step that can be written out, and of each its arguments. All of it stands in the argument models."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pydantic import BaseModel, JsonValue

from pentimento.tui.problems import MessageError
from pentimento.tui.two_columns import Rows, two_columns

FLAG = "true or false"
"""Arguments of which the name alone says yes."""
BESIDE: Mapping[str, tuple[str, str]] = {
    "plan": ("/plan WORDS", "What would be done with the words, to be changed before it is run."),
    "help": ("/help NAME", "The arguments of a step."),
}
"""What may stand after a slash and is no step: how it is written, and what it does."""
_HOW = "A step is its name and name=VALUE for each argument: /adjust brightness=20. In a shell: pentimento do adjust brightness=20."
_COLUMN = 16
_TURN = ("turn", "a turn in place of a picture, as pentimento log numbers it, or last (number)")
_PREFERRED = "In short: /set ratio=wide n=2 avoid=people, and ratio= for the default."
_BY_PROFILE = "A profile of models may have other defaults."
Field: TypeAlias = Mapping[str, JsonValue]


@dataclass(frozen=True)
class Argument:
    """One argument of a step."""

    name: str
    about: str
    values: str
    """What it may be: "whole number, -100 to 300"."""
    default: str = ""
    """What it is where it is left out; empty: nothing."""
    needed: bool = False

    def row(self) -> tuple[str, str]:
        default = "; needed" if self.needed else f"; else {self.default}" if self.default else ""
        return self.name, f"{self.about} ({self.values}{default})".strip()


def step_names() -> tuple[str, ...]:
    """The tools, then the moves; what only a language model has reason to say is left out."""
    from pentimento.agent.moves import ALONE
    from pentimento.agent.plan_language import arguments_models

    return tuple(name for name in arguments_models() if name not in ALONE)


def help_text(name: str = "", width: int | None = None) -> str:
    """Of one step, or of what is beside them; without a name all of them, a line each. Raises MessageError for a name that there is not."""
    from pentimento.agent.plan_language import arguments_models

    if not name:
        return two_columns(_all(arguments_models()), width, _COLUMN)
    if name in BESIDE:
        return two_columns([BESIDE[name]], width, _COLUMN)
    if name not in arguments_models():
        raise MessageError(f"There is no /{name[:40]}; /help lists what there is.")
    model = arguments_models()[name]
    rows = [(f"/{name}", _about(model)), *(argument.row() for argument in arguments_of(name))]
    return two_columns([*rows, *_notes(name)], width, _COLUMN)


def arguments_of(name: str) -> tuple[Argument, ...]:
    """Those of a tool or a move, and the pictures that it takes, in the order in which they are told."""
    from pentimento.agent.plan_language import arguments_models

    schema = arguments_models()[name].model_json_schema()
    kinds, needed = schema.get("$defs", {}), schema.get("required", [])
    fields = schema.get("properties", {}).items()
    return (*(_argument(one, field, kinds, one in needed) for one, field in fields), *_pictures(name))


def _all(models: Mapping[str, type[BaseModel]]) -> Rows:
    from pentimento.tools import TOOLS

    yield "Steps", _HOW
    yield from ((f"/{name}", _about(models[name])) for name in step_names() if name in TOOLS)
    yield "History", "Nothing that was made is ever lost."
    yield from ((f"/{name}", _about(models[name])) for name in step_names() if name not in TOOLS)
    yield "Beside", "These make no turn."
    yield from BESIDE.values()


def _notes(name: str) -> Rows:
    from pentimento.tools import TOOLS

    if name == "show":
        yield _TURN
    if name == "set":
        yield "", _PREFERRED
    if name in TOOLS and "image" in TOOLS[name].models:
        yield "", _BY_PROFILE


def _about(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _argument(name: str, field: Field, kinds: Mapping[str, Field], needed: bool) -> Argument:
    default = field.get("default")
    empty = default is None or default in ("", [])
    told = "" if empty else str(default).lower() if isinstance(default, bool) else str(default)
    return Argument(name, str(field.get("description", "")), _values(name, field, kinds), told, needed)


def _values(name: str, field: Field, kinds: Mapping[str, Field]) -> str:
    from pentimento.agent.moves import REFERRING

    # An enumeration has all that a person may say; beside it may stand what a language model is offered.
    whole = {**field, **kinds.get(str(field.get("$ref", "")).rpartition("/")[2], {})}
    options = whole.get("enum")
    if isinstance(options, list):
        return ", ".join(str(option) for option in options if option)
    match whole.get("type"):
        case "boolean":
            return FLAG
        case "array":
            return "several, with commas between them"
        case "integer" | "number" as kind:
            named = "whole number" if kind == "integer" else "number"
            return f"{named}, {whole['minimum']} to {whole['maximum']}" if "maximum" in whole else named
        case _:
            return "picture" if name in REFERRING else "text"


def _pictures(name: str) -> Iterator[Argument]:
    """The pictures that a tool takes, by role."""
    from pentimento.agent.plan_language import ROLES
    from pentimento.tools import TOOLS
    from pentimento.tools.types import REFERENCES

    if name not in TOOLS:
        return
    for role in TOOLS[name].roles:
        yield Argument(role, ROLES[role], "picture", "head" if role == "src" else "", needed=role != "src")
    optional = [role for role in TOOLS[name].optional if role not in REFERENCES]
    yield from (Argument(role, ROLES[role], "picture") for role in optional)
    if set(REFERENCES) <= set(TOOLS[name].optional):
        yield Argument("refs", ROLES["refs"], f"pictures, with a comma between them, at most {len(REFERENCES)}")
