"""Prompts: one Markdown file a message in `prompts/`, rendered strictly, known by its sha256."""

from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from pydantic import JsonValue

from pentimento.agent import data_text
from pentimento.agent.plan_language import arguments_models, step_schema
from pentimento.agent.state import State, Version


@dataclass(frozen=True)
class Prompt:
    """One message's template."""

    template: Template
    sha: str
    """sha256 (hex) of the file."""


@dataclass(frozen=True)
class DescribedTool:
    """A tool or move as a language model is told of it."""

    name: str
    description: str
    arguments: tuple[str, ...]
    """One line each: name, type, default, meaning."""


@cache
def load(name: str) -> Prompt:
    """The prompt in `prompts/<name>.md`. Raises FileNotFoundError for a name that has no file."""
    source = files("pentimento.prompts").joinpath(f"{name}.md").read_bytes()
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # no HTML
    return Prompt(environment.from_string(source.decode()), sha256(source).hexdigest())


def state_message(state: State, said: str) -> str:
    """What the language model is told of the session and of the message, one line each."""
    told = replace(
        state,
        versions=tuple(Version(one.id, data_text.label(one.label)) for one in state.versions),
        branch=data_text.plain(state.branch),
        names=tuple(map(data_text.plain, state.names)),
        prefers=data_text.plain(state.prefers),
        asked=data_text.plain(state.asked),
        region=data_text.label(state.region),
        recent=tuple(map(data_text.label, state.recent)),
    )
    return load("state").template.render(**vars(told), said=data_text.plain(said).strip())


def system_message() -> str:
    """The tools and the rules, for a model that was not trained on the plan language."""
    return load("planner").template.render(tools=[described(name) for name in arguments_models()])


def repair_message(problem: str) -> str:
    """Why a plan could not be used."""
    return load("repair").template.render(problem=data_text.plain(problem))


def described(name: str) -> DescribedTool:
    """A tool or move in words, from its arguments model."""
    model = arguments_models()[name]
    schema = step_schema(name)
    properties, required = schema["properties"], schema["required"]
    if not isinstance(properties, dict) or not isinstance(required, list):
        raise TypeError(f"{name} has no object schema")
    lines = (_line(key, field, key in required) for key, field in properties.items() if key not in {"tool", "src"})
    return DescribedTool(name, " ".join((model.__doc__ or "").split()), tuple(lines))


def _line(name: str, field: JsonValue, required: bool) -> str:
    if not isinstance(field, dict):
        raise TypeError(f"{name} has no schema")
    values = field.get("enum")
    kind = "|".join(str(value) for value in values) if isinstance(values, list) else field["type"]
    default = "" if required else f", default {field['default']!r}" if "default" in field else ", optional"
    return f'"{name}" ({kind}{default}): {field["description"]}'
