"""Session scripts: turns to say or do, and what is expected of each."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from pentimento.agent.plan_language import PlanError, checked_plan
from pentimento.agent.types import Plan, Request, TurnStatus
from pentimento.tui import yaml_text
from pentimento.tui.at_once import at_once
from pentimento.tui.command_text import to_be_planned
from pentimento.tui.message import checked_message
from pentimento.tui.plan_text import PlanModel
from pentimento.tui.problems import MessageError, ScriptError
from pentimento.tui.sanitize import one_line
from pentimento.tui.written import request_of, words_of


def _message(words: str) -> str:
    try:
        return checked_message(words)
    except MessageError as error:
        raise ValueError(str(error)) from error


Text = Annotated[str, StringConstraints(min_length=1)]
Message = Annotated[str, AfterValidator(_message)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Expect(BaseModel):
    """What a turn should come to; what is left out is not looked at."""

    model_config = ConfigDict(extra="forbid")
    status: TurnStatus | None = None
    head: Text | None = None
    """Id of the picture the session stands on afterwards: "n1"."""
    tools: list[Text] | None = None
    """The plan's tools, in order."""
    nodes: Annotated[int, Field(ge=0)] | None = None
    """How many pictures and masks the turn made."""
    measures: dict[str, JsonValue] | None = None
    """Measures of the last picture made in the turn."""
    reply_contains: Text | None = None
    """Words in the reply, in upper or lower case."""


class ScriptTurn(BaseModel):
    """One turn: words to say, which may be a step after a slash, or a plan to do."""

    model_config = ConfigDict(extra="forbid")
    say: Message | None = None
    do: PlanModel | None = None
    seed: Seed | None = None
    expect: Expect = Field(default_factory=Expect)

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if self.say is None and self.do is None:
            raise ValueError("a turn needs `say:` or `do:`")
        return self

    @field_validator("do")
    @classmethod
    def can_be_done(cls, plan: PlanModel | None) -> PlanModel | None:
        """A plan that can't be used is found before the first turn is run."""
        try:
            if plan is not None:
                checked_plan(plan.plan())
        except PlanError as error:
            raise ValueError(str(error)) from error
        return plan

    @model_validator(mode="after")
    def is_written_well(self) -> Self:
        """So is a step after a slash."""
        try:
            self._written()
        except (MessageError, PlanError) as error:
            raise ValueError(str(error)) from error
        return self

    def _written(self) -> Plan | None:
        """The plan of a step after a slash; words beside a plan are words."""
        if not self.say or self.do is not None:
            return None
        if to_be_planned(self.say) or at_once(words_of(self.say)) is not None:
            raise MessageError("A script has turns, and /help, /plan and /show make none: leave it out.")
        return request_of(self.say).plan

    def request(self, seed: int | None, *, fallback: bool, rewrite: bool = True) -> Request:
        """The turn as the conversation takes it; `seed` is used where the turn has none of its own."""
        plan = self.do.plan() if self.do else self._written()
        said = self.say or (", ".join(step.tool for step in plan.steps) if plan else "")
        return Request(said, plan, seed if self.seed is None else self.seed, fallback=fallback, rewrite=rewrite)


class Script(BaseModel):
    """A scripted session."""

    model_config = ConfigDict(extra="forbid")
    session: Text | None = None
    """The session to go on with; left out, each run has a new one."""
    seed: Seed | None = None
    fallback: bool = True
    rewrite: bool = True
    """Whether words may be put as the picture model's publisher wants them."""
    turns: Annotated[list[ScriptTurn], Field(min_length=1)]

    def with_options(self, seed: int | None, *, fallback: bool) -> "Script":
        """The script with what the command line says: `seed` instead of its own, no fallback unless both allow it."""
        chosen = self.seed if seed is None else seed
        return self.model_copy(update={"seed": chosen, "fallback": self.fallback and fallback})

    def requests(self) -> Iterator[Request]:
        """The turns as the conversation takes them; from the script's seed each turn without one gets its own."""
        for position, turn in enumerate(self.turns):
            seed = None if self.seed is None else Random(f"{self.seed} {position}").getrandbits(32)
            yield turn.request(seed, fallback=self.fallback, rewrite=self.rewrite)


def load_script(path: Path) -> tuple[Script, yaml_text.Document]:
    """The script of `path`, and the lines its parts stand on. Raises ScriptError."""
    try:
        text = _text(path)
    except OSError as error:
        raise ScriptError(f"{path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ScriptError(f"{path}: the file is not UTF-8 text.") from error
    try:
        document = yaml_text.read(text)
    except yaml_text.YamlError as error:
        raise ScriptError(f"{path}: {error}.") from error
    try:
        return Script.model_validate(document.value), document
    except ValidationError as error:
        raise ScriptError(f"{path}: {_first_problem(error, document)}.") from error


def _text(path: Path) -> str:
    """The file's text, as far as a script may go and one character more. Raises OSError, UnicodeDecodeError."""
    if path.exists() and not path.is_file():
        raise ScriptError(f"{path} is no file; give the path of a script.")
    with path.open(encoding="utf-8") as stream:
        return stream.read(yaml_text.MAX_CHARACTERS + 1)


def _first_problem(error: ValidationError, document: yaml_text.Document) -> str:
    """The first thing that is wrong, with its line: pydantic's words, made a sentence."""
    problem = error.errors(include_url=False)[0]
    place = tuple(problem["loc"])
    where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in place) or "the file"
    message = problem["msg"].removeprefix("Value error, ").rstrip(".")
    if place == ():
        message = "a script is a mapping with `turns:`"
    return one_line(f"line {document.line(place)}: {where}: {message[:1].lower() + message[1:]}", 300)
