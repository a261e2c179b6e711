import json
import re
import socket
import threading
import time
from contextlib import suppress

import pytest

from pentimento.agent.endpoint import Endpoint
from pentimento.agent.grammar import gbnf
from pentimento.agent.plan_language import plan_form
from pentimento.agent.planner import Planner
from pentimento.agent.rewriting import Rewriter
from pentimento.agent.state import State
from pentimento.agent.types import AgentError, Completion, Form, PromptTooLong, Step
from pentimento.tools.planner_model import PlannerModel
from pentimento.tools.types import Cancelled
from tests.agent import loopback_llm as server
from tests.agent.loopback_llm import Behaviour, LoopbackLLM, serving
from tests.fakes_agent import plan

UNDO = plan({"tool": "undo"}, reply="Undone.")
MESSAGES = [{"role": "user", "content": "picture: n1\nversions:\nsaid: undo"}]
USAGE = {"prompt_tokens": 900, "completion_tokens": 14, "prompt_tokens_details": {"cached_tokens": 880}}
FORM = "response_format"
CHAR = Form("root ::= char", {"type": "string"})


def endpoint(llm: LoopbackLLM, model: str = "qwen", key: str = "", timeout: float = 20) -> Endpoint:
    return Endpoint(PlannerModel(url=llm.url, model=model, key=key, timeout=timeout), "mine")


def ask(llm: LoopbackLLM, timeout: float = 20) -> Completion:
    return endpoint(llm, timeout=timeout).complete(MESSAGES, plan_form(), 400)


def test_a_plan_is_asked_for_in_its_form_and_comes_with_what_it_cost() -> None:
    with serving(server.says(UNDO, usage=USAGE)) as llm:
        assert ask(llm) == Completion(UNDO, evaluated=20, generated=14, finished=True)
    (body,) = llm.asked
    assert llm.paths == ["/v1/chat/completions"]
    assert (body["messages"], body["temperature"], body["max_tokens"], body["model"]) == (MESSAGES, 0, 400, "qwen")
    assert body[FORM]["type"] == "json_schema"
    form = body[FORM]["json_schema"]["schema"]
    assert gbnf(form) == plan_form().grammar, "the same plans may be written"
    words = json.dumps(form)
    assert not any(word in words for word in ("taught", "planned", "description", r"\\d"))
    assert llm.keys == [None]


@pytest.mark.parametrize(
    "written",
    [
        f"```json\n{UNDO}\n```",
        f"\n```\n{UNDO}\n```\n",
        f"```json {UNDO}```",
        f"<think>\nUndo {{it}}?\n</think>\n\n{UNDO}",
        f"<think></think>```json\n{UNDO}\n```",
        [{"type": "text", "text": UNDO}],
        [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": UNDO}],
        [{"type": "text", "text": UNDO[:9]}, {"type": "text", "text": UNDO[9:]}],
    ],
    ids=["fence", "plain fence", "one line", "thoughts", "both", "part", "parts with thoughts", "parts"],
)
def test_what_a_model_puts_around_a_plan_is_no_part_of_it(written: object) -> None:
    with serving(server.says(written)) as llm:
        assert ask(llm).text == UNDO


def test_marks_of_a_fence_or_of_thoughts_within_a_plan_stay() -> None:
    written = plan(reply="```Undone``` </think> <think>")
    with serving(server.says(written)) as llm:
        assert ask(llm).text == written


def test_a_server_that_did_not_count_is_taken_to_have_read_nothing() -> None:
    uncounted = {"prompt_tokens": None, "completion_tokens": None, "prompt_tokens_details": {"cached_tokens": None}}
    with serving(server.says(UNDO, usage=uncounted)) as llm:
        assert ask(llm) == Completion(UNDO, evaluated=0, generated=0, finished=True)


def test_llama_cpp_that_can_not_read_the_schema_gets_the_grammar_from_then_on() -> None:
    refused = server.refuses(400, "failed to parse grammar", server="llama.cpp")
    with serving(refused, server.says(UNDO)) as llm:
        model = endpoint(llm, model="")
        assert [model.complete(MESSAGES, CHAR, 9).text for _ in range(2)] == [UNDO, UNDO]
    assert [(FORM in body, body.get("grammar")) for body in llm.asked] == [(True, None)] + [
        (False, "root ::= char")
    ] * 2
    assert "model" not in llm.asked[0]


@pytest.mark.parametrize("status", [400, 422, 500, 501])
def test_another_server_that_knows_no_schema_is_asked_for_json(status: int) -> None:
    with serving(server.refuses(status, "response_format.type must be json_object"), server.says(UNDO)) as llm:
        assert ask(llm).text == UNDO
    assert llm.asked[1][FORM] == {"type": "json_object"}
    assert "grammar" not in llm.asked[1]


def test_a_server_that_knows_no_form_at_all_plans_by_the_words_alone() -> None:
    unknown = server.refuses(400, "unknown field: response_format")
    with serving(unknown, unknown, server.says(UNDO)) as llm:
        model = endpoint(llm)
        assert [model.complete(MESSAGES, plan_form(), 400).text for _ in range(2)] == [UNDO, UNDO]
    assert [FORM in body for body in llm.asked] == [True, True, False, False]
    assert not any("grammar" in body for body in llm.asked)


@pytest.mark.parametrize(
    "refused",
    [
        [server.refuses(400, "the model is being loaded")],
        [server.refuses(400, "response_format: no such picture"), server.refuses(429, "slow down")],
    ],
    ids=["not for its form", "whatever its form is"],
)
def test_what_is_refused_for_another_reason_loosens_the_form_of_no_later_plan(refused: list[Behaviour]) -> None:
    with serving(*refused, server.says(UNDO)) as llm:
        model = endpoint(llm)
        with suppress(AgentError):
            model.complete(MESSAGES, plan_form(), 400)
        assert model.complete(MESSAGES, plan_form(), 400).text == UNDO
    assert [body[FORM]["type"] for body in llm.asked] == ["json_schema", "json_object", "json_schema"]


@pytest.mark.parametrize("refused", [[], [server.refuses(400, "no json_schema here", server="llama.cpp")]])
def test_tags_are_asked_for_in_their_own_form(refused: list[Behaviour]) -> None:
    fox = Step("generate", {"prompt": "a red fox in the snow"}, {})
    with serving(*refused, server.says(json.dumps({"prompt": "red fox, snow"}))) as llm:
        found = Rewriter("tags", 75, endpoint(llm)).rewrite(fox)
    assert found is not None
    assert found.words == "red fox, snow"
    (form,) = [body[FORM]["json_schema"]["schema"] for body in llm.asked if FORM in body]
    assert list(form["properties"]) == ["prompt"]
    assert all('\\"prompt\\"' in body["grammar"] for body in llm.asked[1:])


def test_the_key_is_read_from_the_environment_and_goes_with_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAN_KEY", "sk-1\n")
    with serving(server.says(UNDO)) as llm:
        endpoint(llm, key="PLAN_KEY").complete(MESSAGES, Form(), 9)
    assert llm.keys == ["Bearer sk-1"]


@pytest.mark.parametrize(("key", "sentence"), [("", "from PLAN_KEY, which is not set"), ("ключ", "can't be a key")])
def test_a_key_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, key: str, sentence: str) -> None:
    monkeypatch.setenv("PLAN_KEY", key)
    with pytest.raises(AgentError, match=sentence) as caught:
        Endpoint(PlannerModel(url="http://127.0.0.1:9/v1", key="PLAN_KEY"), "mine")
    assert "ключ" not in str(caught.value)


def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(server.says(UNDO)) as llm:
        assert ask(llm).text == UNDO


HTML = b"<html><body><h1>It works!</h1></body></html>"


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (server.refuses(401, "no key"), r"^HOST wants a key \(401: “no key”\); name the variable that holds it"),
        (server.refuses(404, "model 'qwen' not found"), r"^HOST has no model qwen: “model 'qwen' not found”; correct"),
        (server.tells(404, HTML), r"^There are no chat completions at http://HOST/v1; correct url in the profile mine"),
        (server.refuses(429, "slow down"), r"^HOST takes no more for now \(429: “slow down”\); wait a little"),
        (server.refuses(500, "out of memory"), r"^HOST failed \(500: “out of memory”\); try again, or look"),
        (server.tells(503, b""), r"^HOST failed \(503\); try again, or look at what the server wrote\.$"),
        (server.refuses(400, "a\x1b[2Jb\nc" + "d" * 900), r"^HOST refused \(400: “a\[2Jb cd{100,200}”\); correct"),
        (server.tells(307, b""), r"^HOST sends us elsewhere \(307\), which is not followed; correct url"),
        (server.tells(200, HTML), r"^HOST answers, but not as a chat completion; correct url in"),
        (server.tells(200, {"choices": []}), "not as a chat completion"),
        (server.tells(200, {"response": UNDO, "done": True}), "not as a chat completion"),
        (
            server.refuses(200, "model not loaded"),
            r"^HOST answers “model not loaded” in place of a completion; set that",
        ),
        (server.refuses(200, "a\x1b[2Jb\nc" + "d" * 900), r"^HOST answers “a\[2Jb cd{100,200}” in place of a"),
        (server.tells(200, b"[" * 100_000), "not as a chat completion"),
        (server.tells(200, b"\xff\xfe\x00"), "not as a chat completion"),
        (server.says(""), r"^The language model at HOST answered nothing; try again, or choose another"),
        (server.says(None), "answered nothing"),
        (server.says("", "length", reasoning_content="Hm."), "thought until its words were used up; raise max_tokens"),
        (server.says("<think>\nHm.", "length"), "thought until its words were used up; raise max_tokens"),
        (server.says("<think>Hm.</think>\n"), "answered nothing; try again"),
        (server.breaks_off, r"^HOST broke off its answer, or speaks no HTTP \(\w+\); try again"),
        (server.never_ends, r"^HOST writes without end; choose another model\.$"),
        (server.waits, r"^HOST gave no plan within 0\.5 seconds; try again, or raise timeout in the profile mine"),
    ],
)
def test_what_goes_wrong_is_one_sentence_that_says_what_to_do(behaviour: Behaviour, sentence: str) -> None:
    with serving(behaviour) as llm, pytest.raises(AgentError) as caught:
        ask(llm, timeout=0.5 if behaviour is server.waits else 20)
    said = str(caught.value).replace(llm.url.split("/")[2], "HOST")
    assert said.endswith(".")
    assert re.search(sentence, said), said


def test_a_server_that_is_down_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(AgentError, match=r"^Nothing answers at http.*; start the server there, or correct url"):
        Endpoint(PlannerModel(url=url), "mine").complete(MESSAGES, Form(), 9)


def test_a_name_that_nobody_has_is_said() -> None:
    with pytest.raises(AgentError, match=r"^Nothing answers at http://nobody\.invalid/v1 \(.+\); start"):
        Endpoint(PlannerModel(url="http://nobody.invalid/v1"), "mine").complete(MESSAGES, Form(), 9)


def test_something_that_speaks_no_http_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mail:

        def greet() -> None:
            connection, _ = mail.accept()
            with connection:
                connection.sendall(b"220 mail.example ESMTP\r\n")
                connection.recv(100_000)

        thread = threading.Thread(target=greet)
        thread.start()
        url = f"http://127.0.0.1:{mail.getsockname()[1]}/v1"
        with pytest.raises(AgentError, match="broke off its answer, or speaks no HTTP"):
            Endpoint(PlannerModel(url=url), "mine").complete(MESSAGES, Form(), 9)
        thread.join()


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"type": "exceed_context_size_error", "n_ctx": 512}, r"language model \(512 tokens\); say it in fewer words"),
        ({"code": "context_length_exceeded"}, r"too long for the language model; say it in fewer words"),
    ],
)
def test_what_the_server_has_no_room_for_is_too_long(told: dict[str, object], sentence: str) -> None:
    with (
        serving(server.tells(400, {"error": {"message": "too many tokens", **told}})) as llm,
        pytest.raises(PromptTooLong, match=sentence),
    ):
        ask(llm)
    assert len(llm.asked) == 1


def test_an_answer_that_is_cut_off_is_repaired_once() -> None:
    with serving(server.says(UNDO[:20], "length"), server.says(UNDO)) as llm:
        planned = Planner(endpoint(llm), use_system=True).plan(State("n1"), "undo")
    assert planned.repaired
    assert planned.plan.steps == (Step("undo", {}, {}),)
    assert [message["role"] for message in llm.asked[1]["messages"]] == ["system", "user", "assistant", "user"]


def test_a_server_that_is_waited_for_is_hung_up_on_at_once() -> None:
    cancel = threading.Event()
    with serving(server.waits) as llm:
        threading.Timer(0.2, cancel.set).start()
        began = time.monotonic()
        with pytest.raises(Cancelled):
            endpoint(llm).complete(MESSAGES, Form(), 9, cancel)
        assert time.monotonic() - began < 1.2
        assert llm.hung_up.wait(10)
