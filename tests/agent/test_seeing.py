import io
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pentimento.agent import prompting
from pentimento.agent.bootstrap import open_conversation
from pentimento.agent.endpoint import Endpoint
from pentimento.agent.loop import Conversation
from pentimento.agent.plan_language import plan_form
from pentimento.agent.planner import Planner
from pentimento.agent.shown import as_url
from pentimento.agent.state import State
from pentimento.agent.types import AgentError, Form, PromptTooLong, Request, TurnResult, TurnStatus
from pentimento.tools.planner_model import PlannerModel
from pentimento.tools.profile import load_profile
from pentimento.tools.types import ToolError
from tests.agent import loopback_llm as server
from tests.agent.loopback_llm import LoopbackLLM, serving
from tests.fakes_agent import Watcher, plan

TOML = """
name = "seeing"
image = { family = "sd", path = "image", size = 16 }
segment = { path = "segment" }
planner = PLANNER
"""
DESCRIBE = plan({"tool": "describe"}, reply="")
UNDO = plan({"tool": "undo"}, reply="Undone.")
GOLDEN = """\
Say in one to three plain sentences what this picture shows: what is to be seen, how many of each, in which colours and where, then the
place, the light and the style. Read out text that is in it, in quotes. Name nothing that is not to be seen. No introduction, no list."""
RED = as_url(Image.new("RGB", (20, 10), "red"))
ASKED = [{"role": "system", "content": "plan"}, {"role": "user", "content": "what is it?", "picture": RED}]


def endpoint(llm: LoopbackLLM) -> Endpoint:
    return Endpoint(PlannerModel(url=llm.url, model="qwen-vl", sees=True), "mine")


@contextmanager
def opened(tmp_path: Path, url: str, more: str = ", sees = true") -> Iterator[Conversation]:
    toml = TOML.replace("PLANNER", f'{{ url = "{url}"{more} }}')
    (tmp_path / "seeing.toml").write_text(toml)
    (tmp_path / "segment").mkdir()
    conversation = open_conversation(tmp_path / "home", "default", str(tmp_path / "seeing.toml"))
    yield conversation
    conversation.close()


def say(conversation: Conversation, said: str) -> TurnResult:
    return conversation.act(Request(said), Watcher(), threading.Event())


def parts(body: dict[str, Any]) -> tuple[str, Image.Image]:
    """The words and the picture of a request's last message, which has no others."""
    words, picture = body["messages"][-1]["content"]
    assert (words["type"], picture["type"]) == ("text", "image_url")
    kind, _, data = picture["image_url"]["url"].partition(",")
    assert kind == "data:image/jpeg;base64"
    return words["text"], Image.open(io.BytesIO(b64decode(data)))


def test_a_picture_goes_along_as_a_part_of_its_message_and_others_stay_as_they_are() -> None:
    with serving(server.says(UNDO)) as llm:
        endpoint(llm).complete(ASKED, plan_form(), 400)
    words, picture = parts(llm.asked[0])
    assert (words, picture.size) == ("what is it?", (20, 10))
    assert llm.asked[0]["messages"][0] == {"role": "system", "content": "plan"}
    assert llm.asked[0]["messages"][1].keys() == {"role", "content"}


@pytest.mark.parametrize(
    ("size", "shown"), [((2000, 1000), (512, 256)), ((300, 900), (171, 512)), ((512, 40), (512, 40)), ((3, 2), (3, 2))]
)
def test_a_picture_is_shown_with_512_pixels_at_most(size: tuple[int, int], shown: tuple[int, int]) -> None:
    data = as_url(Image.new("RGB", size, "red")).partition(",")[2]
    assert Image.open(io.BytesIO(b64decode(data))).size == shown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "image input is not supported - hint: you may need to provide the mmproj"),
        (400, "qwen3 is not a multimodal model"),
        (422, "unknown variant `image_url`, expected `text`"),
        (404, "No endpoints found that support image input"),
    ],
)
def test_a_server_whose_model_sees_nothing_is_told_from_one_that_fails(status: int, words: str) -> None:
    sentence = (
        rf"was shown the picture and refused \({status}: “{words[:20]}.*”\); let it serve a model that sees pictures"
    )
    with serving(server.refuses(status, words)) as llm, pytest.raises(AgentError, match=sentence):
        endpoint(llm).complete(ASKED, Form(), 9)
    assert len(llm.asked) == 1


@pytest.mark.parametrize(("status", "words"), [(500, "ouch"), (401, "no image for you"), (429, "too many images")])
def test_what_has_nothing_to_do_with_the_picture_is_said_as_ever(status: int, words: str) -> None:
    with serving(server.refuses(status, words)) as llm, pytest.raises(AgentError) as caught:
        endpoint(llm).complete(ASKED, Form(), 9)
    assert "shown the picture" not in str(caught.value)


def test_a_picture_for_which_there_is_no_room_is_a_message_that_is_too_long() -> None:
    words = "the image exceeds the available context size"
    with serving(server.refuses(400, words)) as llm, pytest.raises(PromptTooLong):
        endpoint(llm).complete(ASKED, Form(), 9)


def test_a_plan_is_repaired_with_the_picture_in_sight() -> None:
    with serving(server.says("nonsense"), server.says(UNDO)) as llm:
        Planner(endpoint(llm), use_system=True, looks=True).plan(State("n1"), "undo", picture=RED)
    assert [len(body["messages"]) for body in llm.asked] == [2, 4]
    assert llm.asked[1]["messages"][:2] == llm.asked[0]["messages"]
    assert isinstance(llm.asked[0]["messages"][1]["content"], list)


def test_the_picture_that_one_is_at_is_seen_with_every_message_and_described_by_the_server(tmp_path: Path) -> None:
    Image.new("RGB", (1000, 600), "red").save(tmp_path / "red.png")
    answers = server.says(plan(reply="Hello.")), server.says(DESCRIBE), server.says(" A red\nsquare. ")
    with serving(*answers) as llm, opened(tmp_path, llm.url) as conversation:
        assert conversation.warnings == ()
        assert say(conversation, "hello").reply == "Hello."
        conversation.open_picture(tmp_path / "red.png")
        seen = say(conversation, "what is on it?")
    assert (seen.status, seen.reply) == (TurnStatus.DONE, "A red square. It was made so: “red.png”.")
    assert seen.facts == {"describe": {"described": True, "prompt_sha": prompting.load("describe").sha}}
    first, second, third = llm.asked
    assert isinstance(first["messages"][-1]["content"], str), "there was no picture yet"
    words, picture = parts(second)
    assert words.endswith("said: what is on it?")
    assert (picture.size, picture.getpixel((0, 0))) == ((512, 307), (254, 0, 0))
    assert parts(third)[0] == GOLDEN
    assert "response_format" not in third


@pytest.mark.slow
def test_a_description_that_goes_on_is_cut_and_one_that_fails_costs_its_turn(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), "red").save(tmp_path / "red.png")
    answers = (
        server.says(DESCRIBE),
        server.says("A red square, and", "length"),
        server.says(DESCRIBE),
        server.refuses(500, "ouch"),
    )
    with serving(*answers) as llm, opened(tmp_path, llm.url) as conversation:
        conversation.open_picture(tmp_path / "red.png")
        assert say(conversation, "what is it?").reply.startswith("A red square, and … It was made so")
        failed = say(conversation, "what is it?")
    assert failed.status is TurnStatus.FAILED
    assert "failed (500: “ouch”)" in failed.reply


@pytest.mark.slow
def test_without_sees_no_picture_leaves(tmp_path: Path) -> None:
    Image.new("RGB", (16, 16), "red").save(tmp_path / "red.png")
    with serving(server.says(plan(reply="Hello."))) as llm, opened(tmp_path, llm.url, "") as conversation:
        conversation.open_picture(tmp_path / "red.png")
        say(conversation, "hello")
    assert "image_url" not in str(llm.asked)


def test_that_pictures_leave_the_machine_is_said(tmp_path: Path) -> None:
    with opened(tmp_path, "https://eyes.example/v1") as conversation:
        (said,) = conversation.warnings
    assert "the picture in question, made small, leave this machine: eyes.example looks and plans." in said
    assert "stay here" not in said


@pytest.mark.parametrize(
    ("planner", "sentence"),
    [
        ('{ path = "p.gguf", sees = true }', "sees belongs to a server; a model in a file sees with mmproj"),
        ('{ url = "http://a/v1", mmproj = "eyes.gguf" }', "url stands alone"),
        ('{ path = "p.gguf", mmproj = "eyes.bin" }', "mmproj is a GGUF file"),
        ('{ repo = "a/b", path = "p.gguf", mmproj = "../eyes.gguf" }', "a path within the repository is wanted"),
    ],
)
def test_a_profile_says_how_its_planner_sees_in_one_way(tmp_path: Path, planner: str, sentence: str) -> None:
    (tmp_path / "seeing.toml").write_text(TOML.replace("PLANNER", planner))
    with pytest.raises(ToolError, match=sentence):
        load_profile(str(tmp_path / "seeing.toml"))


def test_the_file_of_its_eyes_is_a_part_of_the_profile(tmp_path: Path) -> None:
    (tmp_path / "seeing.toml").write_text(TOML.replace("PLANNER", '{ path = "p.gguf", mmproj = "eyes.gguf" }'))
    profile = load_profile(str(tmp_path / "seeing.toml"))
    assert [role for role, _ in profile.file.sources()] == ["image", "segment", "planner", "planner mmproj"]
    with pytest.raises(ToolError, match=r"^The planner mmproj model of profile seeing is missing"):
        profile.path("planner mmproj")
    (tmp_path / "eyes.gguf").touch()
    assert profile.path("planner mmproj") == tmp_path / "eyes.gguf"
