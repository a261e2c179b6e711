import threading
import time
from pathlib import Path

import pytest

from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.loop import Conversation
from pentimento.agent.types import Plan, Request, Step, TurnStatus
from pentimento.tools.planner_model import PlannerModel
from pentimento.tools.profile import load_profile
from pentimento.tools.types import ToolError
from tests.agent import loopback_llm as server
from tests.agent.loopback_llm import serving
from tests.fakes_agent import Watcher, plan

USAGE = {"prompt_tokens": 900, "completion_tokens": 14, "prompt_tokens_details": {"cached_tokens": 880}}
TOML = """
name = "served"
image = { family = "sd", path = "image", size = 16 }
segment = { path = "segment" }
planner = { url = "URL", model = "qwen" }
"""


def opened(tmp_path: Path, url: str) -> Conversation:
    (tmp_path / "served.toml").write_text(TOML.replace("URL", url))
    return open_conversation(tmp_path / "home", "default", str(tmp_path / "served.toml"))


@pytest.mark.slow
def test_a_whole_conversation_is_planned_by_a_server(tmp_path: Path) -> None:
    tagged = plan({"tool": "ask", "question": "Which fox?", "options": ["red", "white"]}, reply="Which fox?")
    with serving(server.says(tagged, usage=USAGE), server.refuses(500, "ouch"), server.says(tagged)) as llm:
        conversation = opened(tmp_path, llm.url)
        assert conversation.warnings == ()
        asked, failed, again = (conversation.act(Request(said), Watcher(), threading.Event()) for said in "abc")
        llm.behaviours[:] = [server.waits]
        cancel = threading.Event()
        threading.Timer(0.3, cancel.set).start()
        began = time.monotonic()
        stopped = conversation.act(Request("d"), Watcher(), cancel)
        assert time.monotonic() - began < 1.3
        conversation.close()
    assert (asked.status, asked.reply, asked.tokens.evaluated) == (
        TurnStatus.ASKED,
        "Which fox?\n  1. red\n  2. white",
        20,
    )
    assert (failed.status, again.status, stopped.status) == (TurnStatus.FAILED, TurnStatus.ASKED, TurnStatus.CANCELLED)
    assert "ouch" in failed.reply
    assert "said: a" in llm.asked[0]["messages"][-1]["content"]
    slashed = Request("/log", Plan((Step("log", {}, {}),), ""))
    conversation = opened(tmp_path, llm.url)
    assert conversation.act(slashed, Watcher(), threading.Event()).status is TurnStatus.DONE
    conversation.close()


def test_a_server_elsewhere_is_said_when_the_session_is_opened(tmp_path: Path) -> None:
    conversation = opened(tmp_path, "https://plans.example:8443/v1")
    said = conversation.warnings
    conversation.close()
    assert len(said) == 1
    assert "leaves this machine: plans.example:8443 plans." in said[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "[::1]:8080", "127.8.8.8"])
def test_a_server_on_this_machine_is_nothing_to_warn_of(host: str) -> None:
    assert PlannerModel(url=f"http://{host}/v1").elsewhere == ""


@pytest.mark.parametrize(
    "host", ["localhost.example", "192.168.0.7:8080", "127.0.0.1.example", "[::2]:1", "0x7f000001"]
)
def test_everything_else_is_another_machine(host: str) -> None:
    assert PlannerModel(url=f"http://{host}/v1").elsewhere == host


@pytest.mark.parametrize(
    ("planner", "sentence"),
    [
        ('{ url = "ftp://a/v1" }', "write it as"),
        ('{ url = "127.0.0.1:8080/v1" }', "write it as"),
        ('{ url = "http:///v1" }', "write it as"),
        ('{ url = "http://a:99999/v1" }', "[Pp]ort"),
        ('{ url = "http://me:secret@a/v1" }', "belongs into an environment variable"),
        ('{ url = "http://a/v1?key=secret" }', "belongs into an environment variable"),
        ('{ url = "http://a/v1", path = "p.gguf" }', "url stands alone"),
        ('{ url = "http://a/v1", gpu_layers = 1 }', "url stands alone"),
        ('{ path = "p.gguf", model = "qwen" }', "model and key belong to a server"),
        ('{ url = "http://a/v1", key = "sk-123" }', "planner.key"),
        ('{ model = "qwen" }', "either path or repo"),
    ],
)
def test_a_profile_says_one_place_and_no_secret(tmp_path: Path, planner: str, sentence: str) -> None:
    toml = TOML.replace('{ url = "URL", model = "qwen" }', planner)
    (tmp_path / "served.toml").write_text(toml)
    with pytest.raises(ToolError, match=sentence) as caught:
        load_profile(str(tmp_path / "served.toml"))
    assert "secret" not in str(caught.value)
