"""What the picture model is told in place of the planned words: by which contract, checked, kept, shown, switched off."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from pentimento.agent import prompting
from pentimento.agent.loop import Conversation
from pentimento.agent.plan_language import plan_form
from pentimento.agent.rewriting import SAID, Rewriter, Rewriting, literals, task, tokens
from pentimento.agent.types import (
    AgentError,
    Node,
    Plan,
    PromptTooLong,
    Request,
    Step,
    StepRewritten,
    TurnResult,
    TurnStatus,
)
from pentimento.memory import past
from pentimento.memory.store import Store
from pentimento.tools.families import FAMILIES, READS
from pentimento.tools.profile import Rewrite
from pentimento.tools.types import Cancelled
from tests.agent.bundles import members, run_again
from tests.fakes_agent import DRAW, MAKE_RED, Desk, ScriptedLLM, Watcher, plan

RED = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {"src": "head"})
FOX = Step("generate", {"prompt": "a red fox that jumps over two logs in a snowy forest"}, {})
TAGS = "red fox, jumping, two logs, snowy forest"
RED_SAID = (
    "Make the squirrel red. Keep everything else exactly as it is: all other things, the background, the light and the"
    " composition."
)


def prompt(words: str) -> str:
    """What a language model writes."""
    return json.dumps({"prompt": words})


def edit(instruction: str, scope: str = "object") -> Step:
    return Step("edit", {"instruction": instruction, "scope": scope, "target": "thing"}, {"src": "head"})


def said(contract: str, step: Step) -> str:
    found = Rewriter(contract, 400).rewrite(step)
    assert found is not None
    assert found.why == ""
    assert found.contract == prompting.load(contract).sha
    return found.words


def tags(answer: str | BaseException, step: Step = FOX, room: int = 75) -> Rewriting:
    found = Rewriter("tags", room, ScriptedLLM([answer])).rewrite(step)
    assert found is not None
    return found


@pytest.fixture
def flux(desk: Desk) -> Desk:
    desk.rewriter = Rewriter("flux2", 400)
    return desk


def do(conversation: Conversation, *steps: Step, watcher: Watcher | None = None, rewrite: bool = True) -> TurnResult:
    request = Request("written out", Plan(steps, ""), 7, rewrite=rewrite)
    return conversation.act(request, watcher or Watcher(), threading.Event())


def last(result: TurnResult) -> Node:
    return result.nodes[-1].node


def arguments(result: TurnResult) -> dict[str, object]:
    call = last(result).call
    assert call is not None
    return dict(call.arguments)


# The contracts.


def test_every_contract_of_a_profile_has_its_prompt_file_and_every_family_its_length() -> None:
    (contracts,) = [get_args(Rewrite.model_fields["contract"].annotation)]
    assert set(contracts) == {"", *SAID}
    assert all(prompting.load(name).sha for name in SAID)
    assert READS.keys() == FAMILIES.keys()


GOLDEN_FLUX = [
    (edit("make the squirrel red."), RED_SAID),
    (
        edit("put it on a beach", "picture"),
        (
            "Put it on a beach. Keep everyone and everything in front of it exactly as it is: the same shape, pose, size and"
            " place."
        ),
    ),
    (
        edit("make it night", "picture"),
        (
            "Make it night. Keep the composition, and everyone and everything with the same shape and features in the same"
            " place."
        ),
    ),
]
GOLDEN_QWEN = [
    (
        edit("add a hat to the cat"),
        (
            "Add a hat to the cat. It fits the light, the perspective and the style of the picture. Keep everything that is"
            " already there unchanged."
        ),
    ),
    (
        edit("remove the tree"),
        "Remove the tree. Fill its place with what lies around it. Keep everything else unchanged.",
    ),
    (
        edit("replace the cat with a fox"),
        (
            "Replace the cat with a fox. The new one is in the same position, of the same size and in the same light. Keep"
            " everything else unchanged."
        ),
    ),
    (
        edit("make the hat #ff6600 orange"),
        "Make the hat #ff6600 orange. Keep its shape, texture and shading, and everything else, unchanged.",
    ),
    (
        edit("write “Open 24/7” on the sign"),
        (
            "Write “Open 24/7” on the sign. Write the text in quotes letter by letter. Text that takes the place of other text"
            " has its font, size, colour and position. Keep everything else unchanged."
        ),
    ),
    (
        edit("turn it into a watercolor painting", "picture"),
        (
            "Turn it into a watercolor painting. Keep the composition, and the shape and position of everything in it,"
            " unchanged."
        ),
    ),
    (
        edit("put them on a beach", "picture"),
        (
            "Put them on a beach. Keep everyone and everything in front of it unchanged: the same shape, pose, size and"
            " position."
        ),
    ),
    (
        edit("let it snow", "picture"),
        "Let it snow. Keep the composition, and the identity of everyone and everything in it, unchanged.",
    ),
    (edit("make the cat smile"), "Make the cat smile. Keep everything else unchanged."),
]
GOLDEN_TAGS = """\
No plan this time. Put a description into tags for a picture model that was trained on captions of comma-separated words.
description: a fox in {{ snow }}
Answer with one JSON object, nothing else: {"prompt":"tag, tag, tag"}
At most twenty short English tags: what is to be seen first, with its colour and number in the same tag, then what it does, where it
is, the light, and the style if one is named. Leave nothing out and add nothing. Text in quotes, #rrggbb and numbers stay as they
are, letter by letter."""


@pytest.mark.parametrize(("step", "words"), GOLDEN_FLUX)
def test_flux_is_told_what_changes_and_what_stays(step: Step, words: str) -> None:
    assert said("flux2", step) == words


@pytest.mark.parametrize(("step", "words"), GOLDEN_QWEN)
def test_qwen_is_told_by_the_kind_of_the_edit(step: Step, words: str) -> None:
    assert said("qwen", step) == words


def test_the_language_model_is_asked_for_tags_with_the_prefix_that_plans_have() -> None:
    llm = ScriptedLLM([prompt("fox, snow")])
    found = Rewriter("tags", 75, llm).rewrite(Step("generate", {"prompt": "a fox in\n {{ snow }}"}, {}))
    assert found == Rewriting("fox, snow", prompting.load("tags").sha)
    assert [message["content"] for message in llm.asked[0]] == [prompting.system_message(), GOLDEN_TAGS]


@pytest.mark.parametrize(
    "words", ["keep the hat and change the coat", "make it red, leave the rest", "only the nut, nothing else"]
)
def test_words_that_say_what_stays_are_told_as_they_are(words: str) -> None:
    assert Rewriter("flux2", 400).rewrite(edit(words)) is None
    assert Rewriter("qwen", 400).rewrite(edit(words)) is None


@pytest.mark.parametrize(
    ("contract", "step"),
    [("", RED), ("flux2", FOX), ("qwen", FOX), ("tags", RED), ("flux2", Step("transform", {"op": "flip"}, {}))],
)
def test_a_contract_says_nothing_of_other_steps(contract: str, step: Step) -> None:
    llm = ScriptedLLM([prompt(TAGS)])
    assert Rewriter(contract, 400, llm).rewrite(step) is None
    assert not llm.asked


def test_tags_need_a_language_model_that_knows_more_than_plans() -> None:
    assert Rewriter("tags", 75, None).rewrite(FOX) is None


def test_what_a_person_wrote_for_the_picture_model_is_left_alone() -> None:
    own = Step("edit", {**RED.arguments, "rewritten": "Red squirrel, please."}, {"src": "head"})
    assert Rewriter("flux2", 400).rewrite(own) is None


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("give the dog's owner a hat, not the cat's", "add"),
        ("turn it into a fox", "replace"),
        ("change 'OPEN' to 'CLOSED'", "text"),
        ("make it brighter", ""),
    ],
)
def test_the_kind_of_an_edit_is_told_from_its_words(words: str, kind: str) -> None:
    assert task(words, "object") == kind


# What is literal, and what is too long.


def test_texts_in_quotes_colours_and_numbers_are_literal() -> None:
    words = "Two cats at 16:9 under “Café 3”, 'It's on', \"x\", «y» and #FF6600; the dog's owner has one"
    assert literals(words) == {"two", "16:9", "Café 3", "x", "y", "#ff6600", "It's on"}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (prompt("red fox, jumping, logs"), "they would lose “two”"),
        (prompt(f"{TAGS}, 8 birds"), "they would bring in “8”"),
        (prompt(f"{TAGS}, “hello”"), "they would bring in “hello”"),
        (prompt("   "), "the language model wrote none"),
        ("no JSON", "the language model wrote none"),
        ("[]", "the language model wrote none"),
        ('{"prompt": 3}', "the language model wrote none"),
        ('{"prompt": ' + "9" * 5000 + "}", "the language model wrote none"),
        (r'{"prompt": "two red \ud800 foxes"}', "the language model wrote none"),
        (prompt(TAGS + ", tag" * 70), "they would be longer than it reads"),
        (AgentError("The server is down."), "The server is down."),
        (PromptTooLong(512), "The message is too long for the language model (512 tokens)"),
    ],
)
def test_words_that_can_not_be_used_leave_those_that_were_planned(answer: str | BaseException, why: str) -> None:
    found = tags(answer)
    assert (found.words, found.contract) == ("", prompting.load("tags").sha)
    assert found.why.startswith(f"The picture model is told the words as planned, not as it likes them: {why}")
    assert found.step(FOX) is FOX


def test_stopped_while_words_are_written_the_step_is_stopped() -> None:
    with pytest.raises(Cancelled):
        tags(Cancelled())


def test_words_are_taken_for_more_tokens_rather_than_for_fewer() -> None:
    assert tokens("red fox, “snow”") >= 6
    assert tokens("雪の森") >= 3
    assert Rewriter("flux2", 12).rewrite(RED) == Rewriting(
        contract=prompting.load("flux2").sha,
        why="The picture model is told the words as planned, not as it likes them: they would be longer than it reads.",
    )


def test_no_plan_can_hold_rewritten_words() -> None:
    assert "rewritten" not in plan_form(told=False).grammar + plan_form().grammar + prompting.system_message()


# In a conversation.


def test_the_call_has_both_the_planned_and_the_rewritten_words_and_the_contract_is_kept(flux: Desk) -> None:
    conversation, watcher = flux.conversation(), Watcher()
    flux.llm.answers.extend([DRAW, MAKE_RED])
    drawn = conversation.act(Request("a squirrel"), watcher, threading.Event())
    assert "rewritten" not in arguments(drawn)
    made = conversation.act(Request("make it red", seed=7), watcher, threading.Event())
    assert arguments(made) | {"instruction": "make the squirrel red", "rewritten": RED_SAID} == arguments(made)
    assert last(made).measures["contract"] == prompting.load("flux2").sha
    assert last(made).label == "make the squirrel red"
    assert made.plan is not None
    assert "rewritten" not in made.plan.steps[0].arguments
    assert [event for event in watcher.seen if isinstance(event, StepRewritten)] == [StepRewritten(1, RED_SAID)]
    assert flux.tools.models.told[-1] == RED_SAID
    assert past.sessions_with(flux.store.database, "make the squirrel red")
    assert not past.sessions_with(flux.store.database, "background")


def test_nothing_is_rewritten_where_that_is_switched_off(flux: Desk) -> None:
    conversation = flux.conversation()
    do(conversation, FOX, Step("set", {"key": "rewrite", "value": "off"}, {}))
    assert flux.tools.models.told
    off = do(conversation, RED)
    assert "rewritten" not in arguments(off)
    assert "contract" not in last(off).measures
    do(conversation, Step("set", {"key": "rewrite", "value": "on"}, {}))
    assert arguments(do(conversation, RED))["rewritten"] == RED_SAID
    assert "rewritten" not in arguments(do(conversation, RED, rewrite=False))


def test_the_planner_is_not_told_how_words_are_put(flux: Desk) -> None:
    conversation = flux.conversation()
    do(conversation, Step("set", {"key": "rewrite", "value": "off"}, {}))
    assert conversation.state().prefers == ""


def test_a_plan_that_is_only_shown_has_the_rewritten_words_and_can_be_run_as_it_is(flux: Desk) -> None:
    conversation = flux.conversation()
    do(conversation, FOX)
    flux.llm.answers.append(MAKE_RED)
    shown = conversation.plan("make it red").plan
    assert shown is not None
    assert shown.steps[0].arguments["rewritten"] == RED_SAID
    edited = Step("edit", {**shown.steps[0].arguments, "rewritten": "Red fur."}, {})
    made = do(conversation, edited)
    assert flux.tools.models.told[-1] == arguments(made)["rewritten"] == "Red fur."
    assert "contract" not in last(made).measures


def test_a_replay_tells_what_was_told_then(flux: Desk) -> None:
    conversation = flux.conversation()
    do(conversation, FOX, RED)
    flux.rewriter = Rewriter("qwen", 400)
    again = do(flux.conversation(), Step("replay", {"ref": "head", "fresh": True}, {}))
    assert "identical" in again.reply
    assert flux.tools.models.told[-1] == RED_SAID


def test_words_that_are_amended_are_rewritten_anew_and_the_others_are_not(flux: Desk) -> None:
    conversation = flux.conversation()
    do(conversation, FOX, RED, edit("remove the nut"))
    made = do(conversation, Step("amend", {"step": "n3", "words": "make the squirrel blue"}, {}))
    pictures = [made.node for made in made.nodes if made.node.kind.value == "image"]
    calls = [dict(node.call.arguments) for node in pictures if node.call]
    assert calls[0]["rewritten"] == RED_SAID.replace("red", "blue")
    assert str(calls[1]["rewritten"]).startswith("Remove the nut. Keep everything else")
    assert [node.measures["contract"] for node in pictures] == [prompting.load("flux2").sha] * 2


def test_amended_with_rewriting_off_the_new_words_are_told_as_they_are(flux: Desk) -> None:
    conversation = flux.conversation()
    do(conversation, FOX, RED, Step("set", {"key": "rewrite", "value": "off"}, {}))
    made = do(conversation, Step("amend", {"step": "head", "words": "make the squirrel blue"}, {}))
    assert "rewritten" not in arguments(made)
    assert flux.tools.models.told[-1] == "make the squirrel blue"


def test_a_rewriting_that_could_not_be_used_is_said_and_kept(desk: Desk) -> None:
    desk.rewriter = Rewriter("tags", 75, desk.llm)
    desk.llm.answers.extend([plan({"tool": "generate", **FOX.arguments}), prompt("red fox")])
    made = desk.conversation().act(Request("a fox"), Watcher(), threading.Event())
    why = "The picture model is told the words as planned, not as it likes them: they would lose “two”."
    assert why in made.reply
    assert last(made).measures["not_rewritten"] == why
    assert "rewritten" not in arguments(made)


def test_amended_words_that_could_not_be_put_otherwise_are_said_to_be_told_as_they_are(flux: Desk) -> None:
    do(flux.conversation(), FOX, RED)
    flux.rewriter = Rewriter("flux2", 5)
    made = do(flux.conversation(), Step("amend", {"step": "head", "words": "make the squirrel blue"}, {}))
    assert "they would be longer than it reads." in made.reply
    assert flux.tools.models.told[-1] == "make the squirrel blue"


def test_what_a_language_model_writes_is_declined_before_it_is_shown(desk: Desk) -> None:
    desk.rewriter, watcher = Rewriter("tags", 75, desk.llm), Watcher()
    desk.llm.answers.extend(
        [prompt("naked child, two logs"), plan({"tool": "generate", **FOX.arguments}), prompt("naked child, two logs")]
    )
    conversation = desk.conversation()
    made = do(conversation, FOX, watcher=watcher)
    assert (made.status, made.nodes) == (TurnStatus.DECLINED, ())
    assert not [event for event in watcher.seen if isinstance(event, StepRewritten)]
    assert not past.sessions_with(desk.store.database, "naked")
    assert conversation.plan("a fox").status is TurnStatus.DECLINED


def test_the_script_of_a_session_tells_what_was_told_then(flux: Desk, elsewhere: Store, tmp_path: Path) -> None:
    conversation = flux.conversation()
    do(conversation, FOX, RED, Step("set", {"key": "rewrite", "value": "off"}, {}))
    do(conversation, edit("remove the nut"))
    before, told = flux.store.nodes(conversation._session().id), [*flux.tools.models.told]
    script = tmp_path / "session.yaml"
    script.write_bytes(members(conversation.export_bundle(None, tmp_path / "trip.zip"))["session.yaml"])
    flux.tools.models.told.clear()
    again = run_again(replace(flux, store=elsewhere), script, "again")
    assert {node.pixels for node in again} == {node.pixels for node in before if node.measures.get("kept", True)}
    assert set(flux.tools.models.told) == set(told) == {FOX.arguments["prompt"], RED_SAID, "remove the nut"}


def test_several_pictures_are_drawn_from_words_that_were_put_once(desk: Desk) -> None:
    desk.rewriter = Rewriter("tags", 75, desk.llm)
    desk.llm.answers.append(prompt(TAGS))
    made = do(desk.conversation(), Step("generate", {**FOX.arguments, "n": 2}, {}))
    assert [dict(one.node.call.arguments)["rewritten"] for one in made.nodes if one.node.call] == [TAGS, TAGS]
    assert len(desk.llm.asked) == 1
