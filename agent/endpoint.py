"""A language model behind a server that speaks OpenAI's chat completions, at the address that the profile names.

Beside `tools/hub.py` the only file that uses the network, and only where a profile names an address. No proxy of the
environment is used and no redirection followed: what is said goes to that address and nowhere else.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from pentimento.agent.endpoint_answer import (
    LARGEST,
    Answer,
    completion,
    names_form,
    no_eyes,
    refusal,
    refuses_form,
    refuses_picture,
)
from pentimento.agent.shown import in_parts, shows
from pentimento.agent.types import AgentError, Completion, Form, Stop
from pentimento.tools.planner_model import PlannerModel
from pentimento.tools.profile import load_profile
from pentimento.tools.types import Cancelled

if TYPE_CHECKING:
    import httpx2

CONNECTING = 10.0
"""Seconds until a connection is there."""
POLL = 0.05
Body = dict[str, JsonValue]
_FORM = frozenset(
    {"type", "const", "enum", "required", "additionalProperties", "pattern", "minLength", "maxLength"}
    | {"minimum", "maximum", "multipleOf", "minItems", "maxItems"}
)
"""Words of a JSON schema that say what may be written."""


class Endpoint:
    """One server's model; `complete` is as deterministic as the server is."""

    def __init__(self, served: PlannerModel, profile: str) -> None:
        """Raises `AgentError` where the environment has no key though the profile names one."""
        self._served = served
        self._profile = profile
        self._headers = {"Accept-Encoding": "identity", **_authorization(served, profile)}
        self._way = "json_schema"
        """How the server is told of an answer's form; a way that it does not know is not tried again."""

    def complete(
        self, messages: list[dict[str, str]], form: Form, max_tokens: int, cancel: Stop | None = None
    ) -> Completion:
        """The model's answer to `messages` (role, content, for one that sees a picture), held to the form as far as the server can.

        Raises `PromptTooLong`, `Cancelled` at once when `cancel` is set, `AgentError` for all that goes wrong.
        """
        body: Body = {"messages": [*map(in_parts, messages)], "temperature": 0, "max_tokens": max_tokens}
        if self._served.model:
            body["model"] = self._served.model
        answer = self._answer(body, form, cancel) if form.schema else self._post(body, cancel)
        if shows(messages) and refuses_picture(answer):
            raise no_eyes(answer, self._served, self._profile)
        if answer.status != 200:
            raise refusal(answer, self._served, self._profile)
        return completion(answer, self._served)

    def _answer(self, body: Body, form: Form, cancel: Stop | None) -> Answer:
        """Asked for in looser and looser ways while that may be what is refused."""
        way, named = self._way, True
        answer = self._post({**body, **_held(form, way)}, cancel)
        while way and refuses_form(answer):
            named = named and names_form(answer)
            way = _looser(way, answer.server)
            answer = self._post({**body, **_held(form, way)}, cancel)
        if answer.status == 200 and named:
            self._way = way
        return answer

    def _post(self, body: Body, cancel: Stop | None) -> Answer:
        import httpx2

        host = self._served.host
        try:
            return asyncio.run(self._while_wanted(body, cancel))
        except TimeoutError as error:
            raise AgentError(
                f"{host} gave no plan within {self._served.timeout:g} seconds; try again, or raise timeout in the profile"
                f" {self._profile}."
            ) from error
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise AgentError(
                f"Nothing answers at {self._served.url} ({_reason(error)}); start the server there, or correct url in the"
                f" profile {self._profile}."
            ) from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise AgentError(
                f"{host} broke off its answer, or speaks no HTTP ({type(error).__name__}); try again, or correct url in the"
                f" profile {self._profile}."
            ) from error

    async def _while_wanted(self, body: Body, cancel: Stop | None) -> Answer:
        """What is not wanted any more is hung up on, which ends it at the server too."""
        task = asyncio.ensure_future(self._send(body))
        try:
            async with asyncio.timeout(self._served.timeout):
                while not task.done():
                    if cancel is not None and cancel.is_set():
                        raise Cancelled
                    await asyncio.wait({task}, timeout=POLL)
                return await task
        finally:
            task.cancel()

    async def _send(self, body: Body) -> Answer:
        import httpx2

        patience = httpx2.Timeout(None, connect=CONNECTING)
        url = f"{self._served.url.rstrip('/')}/chat/completions"
        async with (
            httpx2.AsyncClient(headers=self._headers, timeout=patience, trust_env=False) as client,
            client.stream("POST", url, json=body) as answer,
        ):
            return Answer(answer.status_code, answer.headers.get("server", ""), await _content(answer))


def _looser(way: str, server: str) -> str:
    """llama.cpp takes its own grammar where it can't read a schema; others know at least "some JSON", or nothing at all."""
    if way == "json_schema":
        return "grammar" if "llama.cpp" in server else "json_object"
    return ""


def _held(form: Form, way: str) -> Body:
    """What a request says of its answer's form in one of the ways; empty: nothing, the words alone ask for it."""
    match way:
        case "grammar" if form.grammar:
            return {"grammar": form.grammar}
        case "json_object" if form.schema:
            return {"response_format": {"type": "json_object"}}
        case "json_schema" if form.schema:
            schema: JsonValue = {"name": "answer", "schema": _bare({**form.schema})}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case _:
            return {}


def _bare(schema: JsonValue) -> JsonValue:
    """What holds the form alone: no words, none of our own marks, and [0-9] for the \\d that llama.cpp does not read."""
    if not isinstance(schema, dict):
        return schema
    kept: Body = {name: value for name, value in schema.items() if name in _FORM}
    if isinstance(properties := schema.get("properties"), dict):
        kept["properties"] = {name: _bare(one) for name, one in properties.items()}
    if "items" in schema:
        kept["items"] = _bare(schema["items"])
    if isinstance(choices := schema.get("anyOf"), list):
        kept["anyOf"] = [_bare(one) for one in choices]
    if isinstance(pattern := schema.get("pattern"), str):
        kept["pattern"] = pattern.replace(r"\d", "[0-9]")
    return kept


async def _content(answer: "httpx2.Response") -> bytes:
    """At most so much that it is seen to be too much: a server may never come to an end."""
    content = bytearray()
    async for chunk in answer.aiter_bytes():
        content += chunk
        if len(content) > LARGEST:
            break
    return bytes(content)


def _authorization(served: PlannerModel, profile: str) -> Mapping[str, str]:
    if not served.key:
        return {}
    key = os.environ.get(served.key, "").strip()
    if not key:
        raise AgentError(f"The profile {profile} takes the key of {served.host} from {served.key}, which is not set.")
    if not (key.isascii() and key.isprintable()):
        raise AgentError(f"{served.key} can't be a key: it has characters that no key has; set it again.")
    return {"Authorization": f"Bearer {key}"}


def _reason(error: BaseException) -> str:
    """What lies at the bottom of it: no such name, refused, no trust in a certificate."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return " ".join(str(error).split())[:120] or type(error).__name__


def load_endpoint(profile: str, models: Path) -> Endpoint:
    """The language model that a profile names by its address. Raises `ToolError` or `AgentError`."""
    loaded = load_profile(profile, models)
    return Endpoint(loaded.file.planner, loaded.file.name)
