"""What a server of a language model answered: a completion, or why there is none, in one sentence."""

import json
from dataclasses import dataclass

from pydantic import BaseModel, Field, ValidationError

from pentimento.agent.types import AgentError, Completion, PromptTooLong
from pentimento.tools.planner_model import PlannerModel

LARGEST = 1_000_000
"""Bytes of an answer; a plan has a few hundred."""
_SHOWN = 160
"""Characters that are shown of what a server said."""
_THOUGHTS = "<think>", "</think>"
_FENCE = "```"
_TAG = "json"


@dataclass(frozen=True)
class Answer:
    """As it came."""

    status: int
    server: str
    """What the server calls itself; often empty."""
    content: bytes

    def said(self) -> str:
        """The server's own words about what is wrong, in one line; empty where there are none."""
        words = _words(_json(self.content))
        return "".join(character for character in " ".join(words.split()) if character.isprintable())[:_SHOWN]


class _Part(BaseModel):
    type: str | None = None
    text: str | None = None


class _Message(BaseModel):
    content: str | list[_Part] | None = None
    reasoning_content: str | None = None

    def words(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text or "" for part in self.content if part.type == "text")
        return self.content or ""

    def thought(self) -> bool:
        return bool(self.reasoning_content) or self.words().lstrip().startswith(_THOUGHTS[0])


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Details(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: _Details | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


def completion(answer: Answer, served: PlannerModel) -> Completion:
    """Raises `AgentError` for one that is none."""
    if len(answer.content) > LARGEST:
        raise AgentError(f"{served.host} writes without end; choose another model.")
    try:
        content = _Completion.model_validate_json(answer.content)
    except ValidationError as error:
        raise _no_completion(answer, served) from error
    choice, usage = content.choices[0], content.usage or _Usage()
    text, finished = _unwrapped(choice.message.words()), choice.finish_reason != "length"
    if not text:
        raise _nothing(choice.message, served, finished=finished)
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else None
    evaluated = max(0, (usage.prompt_tokens or 0) - (cached or 0))
    return Completion(text, evaluated, usage.completion_tokens or 0, finished)


def _unwrapped(text: str) -> str:
    """Without the thoughts before it and the fence around it, which some models write whatever form they are asked for."""
    words = text.strip()
    begun = words.startswith(_THOUGHTS[0])
    if begun or _THOUGHTS[1] in words.partition("{")[0]:  # Some templates begin the thoughts themselves.
        words = words.partition(_THOUGHTS[1])[2].strip()
    if words.startswith(_FENCE) and words.endswith(_FENCE):
        inside = words[len(_FENCE) : -len(_FENCE)]
        words = (inside[len(_TAG) :] if inside.lower().startswith(_TAG) else inside).strip()
    return words


def _no_completion(answer: Answer, served: PlannerModel) -> AgentError:
    """Some servers answer what went wrong with the status of what went well."""
    if words := answer.said():
        return AgentError(
            f"{served.host} answers “{words}” in place of a completion; set that right at the server, or correct planner in"
            " the profile."
        )
    return AgentError(
        f"{served.host} answers, but not as a chat completion; correct url in the profile, it mostly ends in /v1."
    )


def _nothing(message: _Message, served: PlannerModel, *, finished: bool) -> AgentError:
    if message.thought() and not finished:
        return AgentError(
            f"The language model at {served.host} thought until its words were used up; raise max_tokens in the profile, or"
            " switch its thinking off."
        )
    return AgentError(f"The language model at {served.host} answered nothing; try again, or choose another model.")


def refuses_form(answer: Answer) -> bool:
    """Whether a request may have been refused for the form that the plan was asked for in."""
    if answer.status in {400, 422, 501}:
        return not _too_long(answer)
    return answer.status == 500 and names_form(answer)


def names_form(answer: Answer) -> bool:
    """Whether it is the form, by the server's own words, that a request was refused for."""
    return _names(answer, ("grammar", "schema", "response_format", "json_object"))


def refuses_picture(answer: Answer) -> bool:
    """Whether a request that shows a picture may have been refused for it."""
    if answer.status < 400 or answer.status in {401, 403, 429} or _too_long(answer):
        return False
    return _names(answer, ("image", "vision", "multimodal", "mmproj"))


def _names(answer: Answer, words: tuple[str, ...]) -> bool:
    said = answer.content[:5000].decode("utf-8", "replace").lower()
    return any(word in said for word in words)


def no_eyes(answer: Answer, served: PlannerModel, profile: str) -> AgentError:
    told = f": “{words}”" if (words := answer.said()) else ""
    return AgentError(
        f"{served.host} was shown the picture and refused ({answer.status}{told}); let it serve a model that sees pictures,"
        f" or take sees out of the profile {profile}."
    )


def refusal(answer: Answer, served: PlannerModel, profile: str) -> AgentError:
    """Why there is no completion, and what to do."""
    if _too_long(answer):
        return PromptTooLong(_length(answer))
    host, words, mine = served.host, answer.said(), f"in the profile {profile}"
    told = f": “{words}”" if words else ""
    match answer.status:
        case 401 | 403:
            key = f"is {served.key} right?" if served.key else f"name the variable that holds it, key = … {mine}."
            return AgentError(f"{host} wants a key ({answer.status}{told}); {key}")
        case 404 if words:
            return AgentError(f"{host} has no model {served.model or 'without a name'}{told}; correct model {mine}.")
        case 404 | 405:
            return AgentError(
                f"There are no chat completions at {served.url}; correct url {mine}, it mostly ends in /v1."
            )
        case 429:
            return AgentError(f"{host} takes no more for now (429{told}); wait a little and try again.")
        case status if 300 <= status < 400:
            return AgentError(f"{host} sends us elsewhere ({status}), which is not followed; correct url {mine}.")
        case status if status >= 500:
            return AgentError(f"{host} failed ({status}{told}); try again, or look at what the server wrote.")
        case status:
            return AgentError(f"{host} refused ({status}{told}); correct planner {mine}.")


def _too_long(answer: Answer) -> bool:
    if answer.status not in {400, 413, 500}:
        return False
    content = answer.content[:5000].decode("utf-8", "replace").lower()
    return any(sign in content for sign in ("exceed_context", "context_length", "context length", "context size"))


def _length(answer: Answer) -> int:
    """Tokens of context, where the server tells it as llama.cpp does; else 0."""
    match _json(answer.content):
        case {"error": {"n_ctx": int(tokens)}}:
            return tokens
        case _:
            return 0


def _json(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _words(content: object) -> str:
    match content:
        case (
            {"error": {"message": str(words)}}
            | {"error": str(words)}
            | {"message": str(words)}
            | {"detail": str(words)}
        ):
            return words
        case _:
            return ""
