import threading

import pytest
from PIL import Image

from pentimento.agent.loop import Conversation
from pentimento.agent.steps import step_of
from pentimento.agent.types import Node, Plan, Request, Step, TurnResult, TurnStatus
from pentimento.memory.forget import forget_picture
from pentimento.memory.store import Store
from pentimento.memory.types import Role
from pentimento.tools.color import NAMED
from tests.fakes_agent import Desk, Watcher, fail_with
from tests.fakes_tools import FakeModels, paint_everything

pytestmark = pytest.mark.slow

DRAW = Step("generate", {"prompt": "a squirrel"}, {})
FLIP = Step("transform", {"op": "flip", "axis": "horizontal"}, {"src": "head"})
TURN = Step("transform", {"op": "rotate", "degrees": 90}, {"src": "head"})
SHRINK = Step("transform", {"op": "resize", "width": 32}, {"src": "head"})
RED = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {"src": "head"})


class SeesAll(FakeModels):
    """Finds a thing everywhere."""

    def segment(self, src: Image.Image, what: str) -> Image.Image:
        return Image.new("L", src.size, 255)


def do(conversation: Conversation, *steps: Step) -> TurnResult:
    return conversation.act(Request("do it", Plan(steps, ""), 1), Watcher(), threading.Event())


def done(conversation: Conversation, *steps: Step) -> TurnResult:
    result = do(conversation, *steps)
    assert result.status is TurnStatus.DONE, result.reply
    return result


def failed(conversation: Conversation, *steps: Step) -> str:
    """The sentence; nothing has moved."""
    before = conversation._store.pointers(conversation._session().id)
    result = do(conversation, *steps)
    assert result.status is TurnStatus.FAILED
    assert conversation._store.pointers(conversation._session().id) == before
    return result.reply


@pytest.fixture
def conversation(desk: Desk) -> Conversation:
    """n1 drawn, n2 flipped, n3 turned, n4 shrunk: 64 × 64, the last one 32 × 32."""
    conversation = desk.conversation()
    for step in (DRAW, FLIP, TURN, SHRINK):
        done(conversation, step)
    return conversation


def line(desk: Desk, node: str) -> list[str]:
    """Labels from the first picture to a node."""
    session = desk.store.session("default")
    ancestors = desk.store.ancestors(session.id, node)
    return [*(one.label for one in reversed(ancestors)), desk.store.node(session.id, node).label]


def made(result: TurnResult) -> list[Node]:
    return [made.node for made in result.nodes]


def test_a_middle_step_is_taken_out_and_the_later_ones_are_made_again(desk: Desk, conversation: Conversation) -> None:
    result = done(conversation, Step("revert", {"step": "n2"}, {}))
    session = desk.store.session("default")
    assert (session.branch, session.head) == ("without-n2", "n6")
    assert line(desk, "n6") == ["a squirrel", "rotate", "resize 32"]
    assert desk.store.pointers(session.id).branches == {"main": "n4", "without-n2": "n6"}
    assert "Took out n2, “flip”. Made 2 steps again. It is n6 on the branch without-n2" in result.reply


def test_undo_takes_back_what_was_made_again_whole(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("revert", {"step": "n2"}, {}))
    done(conversation, Step("undo", {}, {}))
    session = desk.store.session("default")
    assert (session.branch, session.head) == ("main", "n4")
    assert desk.store.pointers(session.id).branches == {"main": "n4"}
    done(conversation, Step("redo", {}, {}))
    assert desk.store.session("default").head == "n6"


def test_accepted_it_is_on_the_branch_that_it_came_from(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("revert", {"step": "n2"}, {}))
    done(conversation, Step("accept", {}, {}))
    session = desk.store.session("default")
    assert (session.branch, session.head) == ("main", "n6")
    done(conversation, Step("undo", {}, {}))
    assert desk.store.pointers(session.id).branches == {"main": "n4", "without-n2": "n6"}


def test_taking_out_the_last_step_goes_to_what_was_before_it(desk: Desk, conversation: Conversation) -> None:
    result = done(conversation, Step("revert", {"step": "head"}, {}))
    assert (made(result), desk.store.session("default").head) == ([], "n3")


def test_done_twice_everything_is_known_already(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("revert", {"step": "n2"}, {}))
    done(conversation, Step("checkout", {"ref": "branch:main"}, {}))
    calls = len(desk.tools.calls)
    result = done(conversation, Step("revert", {"step": "n2"}, {}))
    assert len(desk.tools.calls) == calls
    assert "All 2 steps were known already." in result.reply
    assert desk.store.session("default").branch == "without-n2~2"


def test_a_step_of_another_branch_is_applied_to_a_picture(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("checkout", {"ref": "n1"}, {}), RED)
    red = desk.store.session("default").head
    assert red is not None
    result = done(conversation, Step("transplant", {"steps": ["n4", "n2"], "onto": red}, {}))
    head = desk.store.session("default").head
    assert head is not None
    assert line(desk, head) == ["a squirrel", "make the squirrel red", "flip", "resize 32"]
    assert f"Applied “flip”, “resize 32” to {red}." in result.reply


def test_an_edit_is_applied_with_its_own_seed_and_finds_its_region_anew(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("checkout", {"ref": "n1"}, {}), RED)
    red = desk.store.session("default").head
    done(conversation, Step("transplant", {"steps": [red or ""], "onto": "n3"}, {}))
    first, again = [call for call in desk.tools.calls if call.tool == "edit"]
    assert (first.seed, first.arguments) == (again.seed, again.arguments)
    head = desk.store.node(desk.store.session("default").id, desk.store.session("default").head or "")
    assert {str(edge.role) for edge in head.parents} == {"source", "mask"}


def test_a_step_is_said_in_other_words_and_what_came_after_is_made_again(
    desk: Desk, conversation: Conversation
) -> None:
    result = done(conversation, Step("amend", {"step": "n1", "words": "a fox"}, {}))
    head = desk.store.session("default").head
    assert head is not None
    assert line(desk, head) == ["a fox", "flip", "rotate", "resize 32"]
    first, drawn = [call for call in desk.tools.calls if call.tool == "generate"]
    assert (first.seed, drawn.arguments["prompt"]) == (drawn.seed, "a fox")
    assert "Changed n1 to “a fox”." in result.reply
    assert desk.store.pointers(desk.store.session("default").id).branches["main"] == "n4"


def test_a_step_off_the_line_is_amended_alone(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("checkout", {"ref": "n1"}, {}), RED)
    red = desk.store.session("default").head or ""
    done(conversation, Step("checkout", {"ref": "n4"}, {}))
    result = done(conversation, Step("amend", {"step": red, "words": "make the squirrel blue"}, {}))
    assert [node.label for node in made(result)][-1] == "make the squirrel blue"
    assert len([node for node in made(result) if node.kind == "image"]) == 1


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (Step("revert", {"step": "n1"}, {}), "n1 is where everything begins; it can't be taken out."),
        (Step("revert", {"step": "n9"}, {}), "There is no n9 in this session"),
        (Step("amend", {"step": "n2", "words": "x"}, {}), "n2 was made by transform, not by words"),
        (Step("transplant", {"steps": ["n1"], "onto": "n4"}, {}), "n1 began from nothing"),
        (Step("replay", {"ref": "n1", "onto": "n4"}, {}), "n1 has no edits that could be applied to n4."),
        (Step("accept", {}, {}), "main was not made from another branch"),
        (Step("branch", {"name": "main"}, {}), "There is a branch main already"),
        (Step("checkout", {"ref": "branch:winter"}, {}), "There is no branch winter; try main."),
    ],
)
def test_what_can_not_be_done_is_one_sentence_and_moves_nothing(
    conversation: Conversation, step: Step, sentence: str
) -> None:
    assert sentence in failed(conversation, step)


def test_a_step_that_is_not_on_the_way_is_told_which_ones_are(conversation: Conversation) -> None:
    done(conversation, Step("checkout", {"ref": "n2"}, {}))
    assert failed(conversation, Step("revert", {"step": "n4"}, {})) == (
        "n4 is no step on the way to n2; those are: n2."
    )


def test_a_region_is_no_step(conversation: Conversation) -> None:
    done(conversation, Step("checkout", {"ref": "n1"}, {}), RED)
    for tool in ("revert", "amend"):
        words = {"words": "x"} if tool == "amend" else {}
        assert "n5 is a region, not a picture" in failed(conversation, Step(tool, {"step": "n5", **words}, {}))


def test_when_a_later_step_fails_no_branch_has_moved(desk: Desk, conversation: Conversation) -> None:
    desk.tools.before = fail_with("The model is out of paint.")
    assert failed(conversation, Step("amend", {"step": "n1", "words": "a fox"}, {})) == "The model is out of paint."


def test_it_can_be_cancelled_between_two_steps(desk: Desk, conversation: Conversation) -> None:
    cancel = threading.Event()
    watcher = Watcher(then=lambda event: cancel.set() if type(event).__name__ == "StepProgress" else None)
    plan = Plan((Step("amend", {"step": "n1", "words": "a fox"}, {}),), "")
    result = conversation.act(Request("change it", plan, 1), watcher, cancel)
    assert result.status is TurnStatus.CANCELLED
    assert desk.store.session("default").head == "n4"


def test_a_replay_reuses_what_is_known_and_computes_it_when_asked_to(desk: Desk, conversation: Conversation) -> None:
    calls = len(desk.tools.calls)
    assert "4 steps: 4 reused." in done(conversation, Step("replay", {}, {})).reply
    assert len(desk.tools.calls) == calls
    result = done(conversation, Step("replay", {"fresh": True}, {}))
    assert "4 steps: 4 identical." in result.reply
    assert len(desk.tools.calls) == calls + 4
    assert result.nodes == ()
    assert desk.store.session("default").head == "n4"
    turn = desk.store.turns(desk.store.session("default").id)[-1]
    assert [one["verdict"] for one in turn.details["replay"]] == ["identical"] * 4  # type: ignore[index,union-attr,call-overload]


def test_a_replay_says_what_came_out_otherwise_and_why(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("checkout", {"ref": "n1"}, {}), RED)
    (desk.profile.folder / "image").write_text("other weights")
    desk.profile._fingerprints.clear()
    desk.tools.models = FakeModels(edits=[paint_everything(NAMED["blue"])] * 4)
    reply = done(conversation, Step("replay", {}, {})).reply
    assert "2 steps: 1 identical, 1 different." in reply
    assert "the model's files are others" in reply


def test_the_edits_of_a_picture_are_applied_to_another_one(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("generate", {"prompt": "a nut"}, {}))
    result = done(conversation, Step("replay", {"ref": "n4", "onto": "head"}, {}))
    head = desk.store.session("default").head
    assert head is not None
    assert line(desk, head) == ["a nut", "flip", "rotate", "resize 32"]
    assert "Applied 3 steps to n5." in result.reply


def test_applied_to_another_picture_everything_is_computed_when_asked_to(
    desk: Desk, conversation: Conversation
) -> None:
    calls = len(desk.tools.calls)
    assert "known already" in done(conversation, Step("replay", {"ref": "n4", "onto": "n1"}, {})).reply
    assert len(desk.tools.calls) == calls
    done(conversation, Step("replay", {"ref": "n4", "onto": "n1", "fresh": True}, {}))
    assert len(desk.tools.calls) == calls + 3


def test_an_opened_picture_has_nothing_to_replay(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.fakes_tools import picture

    path = tmp_path_factory.mktemp("own") / "own.png"
    picture().save(path)
    conversation = desk.conversation("own")
    conversation.open_picture(path)
    result = do(conversation, Step("replay", {}, {}))
    assert result.reply == "n1 was opened from a file; there is nothing to run again."
    assert do(conversation, Step("amend", {"step": "n1", "words": "x"}, {})).reply.startswith(
        "n1 was opened from a file"
    )


def test_branches_and_tags_are_made_and_gone_to(desk: Desk, conversation: Conversation) -> None:
    reply = done(conversation, Step("branch", {"name": "winter", "ref": "n2"}, {})).reply
    assert reply == "You are on the new branch winter; main stays as it is."
    done(conversation, TURN)
    assert (
        done(conversation, Step("checkout", {"ref": "branch:main"}, {})).reply == "You are on main, at n4, resize 32."
    )
    done(conversation, Step("tag", {"name": "best", "ref": "branch:winter"}, {}))
    assert done(conversation, Step("checkout", {"ref": "tag:best"}, {})).head == "n5"


def test_a_picture_tells_how_it_was_made_and_two_how_they_differ(conversation: Conversation) -> None:
    shown = done(conversation, Step("show", {"ref": "n1"}, {})).reply
    assert "n1, 64 × 64: a squirrel\nsaid: do it\ngenerate: prompt a squirrel" in shown
    told = done(conversation, Step("diff", {"a": "n1", "b": "n2"}, {})).reply
    assert "of the pixels differ" in told
    assert told.endswith("Both come from n1, a squirrel.\nOnly n2: flip (n2).")
    assert "n4 is 32 × 32" in done(conversation, Step("diff", {"a": "n1"}, {})).reply
    assert "the same, pixel for pixel" in done(conversation, Step("diff", {"a": "n1", "b": "n1"}, {})).reply


def test_a_message_that_goes_back_first_is_undone_whole(desk: Desk, conversation: Conversation) -> None:
    before = conversation.pointers()
    result = conversation.act(
        Request("undo that and flip it", Plan((Step("undo", {}, {}), Step("transform", {"op": "flip"}, {})), "")),
        Watcher(),
        threading.Event(),
    )
    assert result.status is TurnStatus.DONE, result.reply
    conversation.act(Request("undo", Plan((Step("undo", {}, {}),), "")), Watcher(), threading.Event())
    assert conversation.pointers() == before


def test_what_was_done_meanwhile_is_named_when_something_is_accepted(desk: Desk, conversation: Conversation) -> None:
    steps = [
        Step("revert", {"step": "n2"}, {}),
        Step("checkout", {"ref": "branch:main"}, {}),
        Step("transform", {"op": "rotate"}, {}),
        Step("checkout", {"ref": "branch:without-n2"}, {}),
        Step("accept", {}, {}),
    ]
    results = [conversation.act(Request(s.tool, Plan((s,), "")), Watcher(), threading.Event()) for s in steps]
    assert results[-1].reply.endswith("What was done on main meanwhile is on main~2.")


def test_one_word_stands_for_another_in_a_step_and_in_all_that_came_after(desk: Desk) -> None:
    conversation = desk.conversation()
    for step in (Step("generate", {"prompt": "a squirrel by an oak"}, {}), RED, FLIP):
        done(conversation, step)
    result = done(conversation, Step("amend", {"step": "word:oak", "old": "squirrel", "new": "fox"}, {}))
    assert line(desk, str(result.head)) == ["a fox by an oak", "make the fox red", "flip"]
    calls = [node.call.arguments for node in made(result) if node.call and node.call.tool == "edit"]
    assert calls[-1]["target"] == "fox"


def test_a_word_that_a_step_lacks_can_not_be_another(conversation: Conversation) -> None:
    sentence = failed(conversation, Step("amend", {"step": "n1", "old": "owl", "new": "fox"}, {}))
    assert sentence == "“owl” is no word of n1, “a squirrel”; say which step it is."


def test_of_several_steps_that_a_word_names_the_one_of_this_line_is_meant(
    desk: Desk, conversation: Conversation
) -> None:
    done(conversation, Step("transform", {"op": "flip", "axis": "horizontal"}, {"src": "n1"}))
    done(conversation, Step("checkout", {"ref": "n4"}, {}))
    result = done(conversation, Step("revert", {"step": "word:flip"}, {}))
    assert result.reply.startswith("Took out n2, “flip")


class Counting(Store):
    """Counts the pictures that it follows back."""

    followed = 0

    def ancestors(
        self, session_id: int, node: str, role: Role = Role.SOURCE, limit: int = 50, since: str | None = None
    ) -> tuple[Node, ...]:
        found = super().ancestors(session_id, node, role, limit, since)
        self.followed += len(found)
        return found


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        (Step("revert", {"step": "head~1"}, {}), "Took out n39"),
        (Step("amend", {"step": "n40", "words": "x"}, {}), "n40 was made by transform, not by words"),
        (Step("revert", {"step": "n41"}, {}), "those are: …, n29, n30, "),
    ],
)
def test_of_a_long_line_only_what_came_after_a_step_is_read(desk: Desk, step: Step, reply: str) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    for _ in range(39):
        done(conversation, FLIP)
    done(conversation, Step("transform", {"op": "rotate", "degrees": 90}, {"src": "n3"}))
    done(conversation, Step("checkout", {"ref": "n40"}, {}))
    with Counting(desk.store.home) as counting:
        again = Desk(counting, desk.llm, desk.tools, desk.profile).conversation()
        assert reply in do(again, step).reply
        assert counting.followed <= 16


MARK = Step("segment", {"what": "squirrel"}, {"src": "head"})
BRIGHT = Step("adjust", {"brightness": 40}, {"src": "head", "mask": "step:1"})


def parents(desk: Desk, node: str | None) -> dict[str, Node]:
    """By role."""
    session = desk.store.session("default").id
    found = desk.store.node(session, str(node)).parents
    return {str(edge.role): desk.store.node(session, edge.parent) for edge in found}


def test_a_region_that_was_found_for_a_step_is_found_again_on_the_new_line(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, Step("transform", {"op": "crop", "ratio": "3:2"}, {"src": "head"}))
    done(conversation, MARK, BRIGHT)
    result = done(conversation, Step("revert", {"step": "n2"}, {}))
    assert line(desk, str(result.head)) == ["a squirrel", "brightness 40"]
    there = parents(desk, result.head)
    assert (there["source"].id, there["mask"].label, there["mask"].height) == ("n1", "region: the squirrel", 64)
    assert [edge.parent for edge in there["mask"].parents] == ["n1"]


RED_THERE = Step("edit", {"instruction": "make it red"}, {"src": "head", "mask": "step:1"})


def test_a_region_that_an_edit_was_given_is_found_again_for_it_and_no_other(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, Step("transform", {"op": "crop", "ratio": "3:2"}, {"src": "head"}))
    assert [str(node.kind) for node in made(done(conversation, MARK, RED_THERE))] == ["mask", "image"]
    assert parents(desk, "n4")["mask"].id == "n3"
    assert done(conversation, Step("replay", {"fresh": True}, {})).reply.startswith("4 steps: 4 identical.")
    result = done(conversation, Step("revert", {"step": "n2"}, {}))
    assert line(desk, str(result.head)) == ["a squirrel", "make it red"]
    there = parents(desk, result.head)
    assert (there["source"].id, there["mask"].label, there["mask"].height) == ("n1", "region: the squirrel", 64)
    assert desk.tools.calls[-1].arguments["scope"] == "marked"


def test_the_region_of_one_edit_is_that_of_another_one_when_it_is_given(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, RED)
    done(conversation, Step("edit", {"instruction": "make it blue", "target": "squirrel"}, {"mask": "n2"}))
    blue = desk.store.node(1, "n4")
    assert [(edge.parent, str(edge.role)) for edge in blue.parents] == [("n3", "source"), ("n2", "mask")]
    assert (step_of(blue).inputs, step_of(desk.store.node(1, "n3")).inputs) == (
        {"src": "n3", "mask": "n2"},
        {"src": "n1"},
    )


def test_a_region_of_a_picture_further_back_is_found_on_the_picture_that_gets_the_step(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, MARK, FLIP, Step("adjust", {"brightness": 40}, {"src": "step:2", "mask": "step:1"}))
    light = conversation.pointers().head
    done(conversation, Step("generate", {"prompt": "a nut"}, {}))
    done(conversation, Step("transform", {"op": "resize", "width": 32}, {"src": "head"}))
    small = conversation.pointers().head
    result = done(conversation, Step("transplant", {"steps": [str(light)], "onto": str(small)}, {}))
    there = parents(desk, result.head)
    assert (there["source"].id, there["mask"].width) == (small, 32)


def test_a_layer_that_was_made_from_what_is_said_otherwise_is_made_again(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, FLIP)
    done(conversation, Step("blend", {}, {"src": "n1", "other": "n2"}))
    result = done(conversation, Step("amend", {"step": "n1", "words": "a fox"}, {}))
    found = desk.store.node(1, str(result.head)).parents
    drawn, flipped = [desk.store.node(1, edge.parent) for edge in found]
    assert (drawn.label, flipped.label) == ("a fox", "flip")
    assert desk.store.node(1, str(result.head)).label == f"blend with {flipped.id}"
    assert [edge.parent for edge in flipped.parents] == [drawn.id]


def test_a_layer_that_has_nothing_to_do_with_it_stays(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, Step("generate", {"prompt": "a nut"}, {}))
    done(conversation, DRAW)
    done(conversation, Step("blend", {}, {"src": "n2", "other": "n1"}))
    result = done(conversation, Step("amend", {"step": "n2", "words": "a fox"}, {}))
    assert [edge.parent for edge in desk.store.node(1, str(result.head)).parents] == ["n4", "n1"]


def test_a_region_that_was_made_along_with_an_edit_is_that_of_the_edit_done_again(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, RED)
    done(conversation, Step("adjust", {"brightness": 40}, {"src": "n3", "mask": "n2"}))
    result = done(conversation, Step("amend", {"step": "n1", "words": "a fox"}, {}))
    there = parents(desk, result.head)
    assert there["mask"] == parents(desk, there["source"].id)["mask"]


def test_a_region_that_can_not_be_found_again_is_one_sentence(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, FLIP)
    done(conversation, MARK, BRIGHT)
    desk.tools.models = FakeModels(blind=frozenset({"squirrel"}))
    assert "squirrel" in failed(conversation, Step("revert", {"step": "n2"}, {}))


def test_what_is_written_on_a_picture_can_be_said_otherwise(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("draw_text", {"text": "Hi", "size": 9}, {"src": "n1"}))
    result = done(conversation, Step("amend", {"step": "head", "words": "Ho"}, {}))
    head = desk.store.node(1, str(result.head))
    assert head.call is not None
    assert (head.label, head.call.arguments["text"], head.call.arguments["size"]) == ("write “Ho”", "Ho", 9)
    assert "needs" in failed(conversation, Step("amend", {"step": "head", "words": "Ho" * 90}, {}))


def test_what_was_drawn_into_a_region_can_be_said_otherwise(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("inpaint", {"prompt": "a red nut", "target": "squirrel"}, {"src": "n1"}))
    result = done(conversation, Step("amend", {"step": "head", "words": "a blue fox"}, {}))
    assert desk.store.node(1, str(result.head)).label == "a blue fox in place of the squirrel"
    result = done(conversation, Step("amend", {"step": "head", "old": "fox", "new": "owl"}, {}))
    assert desk.store.node(1, str(result.head)).label == "a blue owl in place of the squirrel"


def test_a_colour_is_a_word_that_can_be_another_one(desk: Desk, conversation: Conversation) -> None:
    done(conversation, Step("recolor", {"target": "squirrel", "to": "red"}, {"src": "n1"}))
    result = done(conversation, Step("amend", {"step": "head", "old": "red", "new": "blue"}, {}))
    assert desk.store.node(1, str(result.head)).label == "recolor the squirrel to blue"


def test_one_of_several_variations_is_made_again_alone(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, FLIP)
    done(conversation, Step("variations", {}, {"src": "head"}))
    done(conversation, Step("checkout", {"ref": "n4"}, {}))
    result = done(conversation, Step("revert", {"step": "n2"}, {}))
    assert len(result.nodes) == 1


def test_a_variation_is_one_of_what_was_said_otherwise(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, Step("variations", {"strength": "strong", "n": 1}, {"src": "head"}))
    done(conversation, Step("variations", {"strength": "strong", "n": 1, "prompt": "a nut"}, {"src": "head"}))
    result = done(conversation, Step("amend", {"step": "n1", "words": "a fox"}, {}))
    calls = [node.call for node in made(result) if node.call is not None]
    assert [call.arguments["prompt"] for call in calls] == ["a fox", "a fox", "a nut"]


def test_what_was_forgotten_is_taken_out_and_back_by_its_number(desk: Desk, conversation: Conversation) -> None:
    forget_picture(desk.store, 1, "n2")
    assert done(conversation, Step("revert", {"step": "n2"}, {})).reply.startswith("Took out n2. Made 2 steps again.")
    done(conversation, Step("undo", {"n": 3}, {}))
    assert done(conversation, Step("undo", {}, {})).reply.startswith("Took back “do it”. There is no picture now")


def test_a_replay_runs_the_regions_and_layers_too_that_the_line_took_from_elsewhere(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, MARK)
    done(conversation, Step("adjust", {"brightness": 40}, {"src": "n1", "mask": "n2"}))
    assert "3 steps: 3 identical." in done(conversation, Step("replay", {"fresh": True}, {})).reply
    done(conversation, Step("generate", {"prompt": "a nut"}, {}))
    done(conversation, Step("blend", {}, {"src": "n3", "other": "n4"}))
    # A region is never found by its recipe.
    assert "5 steps: 4 reused, 1 identical." in done(conversation, Step("replay", {}, {})).reply


def test_a_replay_says_of_a_region_that_it_came_out_otherwise(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, MARK)
    done(conversation, Step("adjust", {"brightness": 40}, {"src": "n1", "mask": "n2"}))
    desk.tools.models = SeesAll()
    reply = done(conversation, Step("replay", {"fresh": True}, {})).reply
    assert "3 steps: 2 identical, 1 different." in reply
    assert "n2  different" in reply


def test_a_region_that_was_made_along_with_an_edit_is_no_step_of_its_own(desk: Desk) -> None:
    conversation = desk.conversation()
    done(conversation, DRAW)
    done(conversation, RED)
    assert "2 steps: 2 identical." in done(conversation, Step("replay", {"fresh": True}, {})).reply
    done(conversation, Step("adjust", {"brightness": 40}, {"src": "n1", "mask": "n2"}))
    assert "3 steps: 3 identical." in done(conversation, Step("replay", {"fresh": True}, {})).reply
