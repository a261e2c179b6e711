import io
import threading

import numpy as np
import pytest
from PIL import Image

from pentimento.agent.labels import label_of
from pentimento.agent.loop import Conversation
from pentimento.agent.steps import step_of, step_seed
from pentimento.agent.types import Node, NodeKind, Plan, Request, Role, Step, StepProgress, TurnResult, TurnStatus
from pentimento.memory.recipe import recipe_hash
from pentimento.memory.recover import recover
from pentimento.memory.store import Store
from pentimento.memory.types import Wanted
from pentimento.tools import TOOLS
from pentimento.tools.color import NAMED
from pentimento.tools.profile import Profile
from pentimento.tools.region import Mask
from pentimento.tools.types import ToolCall, ToolError
from tests.fakes_agent import Desk, Watcher
from tests.fakes_tools import FakeModels, do_nothing, paint_everything

DRAW = Step("generate", {"prompt": "a squirrel"}, {})
EDIT = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {"src": "head"})
FLIP = Step("transform", {"op": "flip"}, {"src": "head"})
BLUE = paint_everything(NAMED["blue"])


def do(conversation: Conversation, *steps: Step, seed: int | None = 1, fallback: bool = True) -> TurnResult:
    request = Request("do it", Plan(steps, "Done."), seed, fallback)
    return conversation.act(request, Watcher(), threading.Event())


def nodes(result: TurnResult) -> list[Node]:
    assert result.status is TurnStatus.DONE, result.reply
    return [made.node for made in result.nodes]


def pixels(desk: Desk, node: Node) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(desk.store.png(node))))


@pytest.mark.parametrize(
    ("step", "label"),
    [
        (DRAW, "a squirrel"),
        (EDIT, "make the squirrel red"),
        (Step("recolor", {"target": "nut", "to": "#ff6600"}, {}), "recolor the nut to #ff6600"),
        (FLIP, "flip"),
        (Step("transform", {"op": "flip", "axis": "vertical"}, {}), "flip vertical"),
        (Step("transform", {"op": "rotate", "degrees": 180}, {}), "rotate 180"),
        (Step("transform", {"op": "crop", "ratio": "16:9"}, {}), "crop 16:9"),
        (Step("transform", {"width": 800, "op": "resize"}, {}), "resize 800"),
    ],
)
def test_versions_are_called_by_what_made_them(step: Step, label: str) -> None:
    assert label_of(step) == label


def test_seeds_are_drawn_or_derived() -> None:
    assert [step_seed(7, index) for index in (1, 2, 3)] == [7, 8, 9]
    assert step_seed(2**32 - 1, 2) == 0
    drawn = {step_seed(None, 1) for _ in range(20)}
    assert len(drawn) == 20
    assert all(0 <= seed < 2**32 for seed in drawn)


def test_a_stored_call_is_complete_and_its_recipe_fits(desk: Desk) -> None:
    (drawn,) = nodes(do(desk.conversation(), DRAW))
    assert drawn.call is not None
    assert drawn.call.arguments == {
        "prompt": "a squirrel",
        "ratio": "square",
        "avoid": "",
        "steps": 3,
        "guidance": 3.0,
        "attempts": 2,
    }
    assert drawn.call.model == desk.profile.fingerprint(TOOLS["generate"])
    assert drawn.call.seed == step_seed(1, 1)
    assert drawn.recipe == recipe_hash(drawn.call, [])


def test_a_stored_call_run_again_on_its_source_gives_the_stored_pixels(desk: Desk) -> None:
    result = do(desk.conversation(), DRAW, EDIT)
    drawn, _, edited = nodes(result)
    call, source = desk.tools.calls[-1], Image.open(io.BytesIO(desk.store.png(drawn)))
    again = desk.tools(call, {"src": source}, lambda _: None, threading.Event())
    assert np.array_equal(np.asarray(again.images[0]), pixels(desk, edited))


def test_the_same_call_on_the_same_source_is_not_run_again(desk: Desk) -> None:
    drawn, region, edited = nodes(do(desk.conversation(), DRAW, EDIT))
    ran = len(desk.tools.calls)
    redrawn, same_region, same = nodes(do(desk.conversation("another"), DRAW, EDIT))
    assert len(desk.tools.calls) == ran
    assert (redrawn.blob, same_region.blob, same.blob) == (drawn.blob, region.blob, edited.blob)
    assert redrawn.measures["reused"] is True
    assert same.measures == {**edited.measures, "reused": True}
    assert [(edge.parent, edge.role) for edge in same.parents] == [("n1", Role.SOURCE), ("n2", Role.MASK)]
    assert same_region.kind is NodeKind.MASK


def test_another_seed_is_drawn_anew(desk: Desk) -> None:
    (one,), (other,) = (nodes(do(desk.conversation(name), DRAW, seed=seed)) for name, seed in (("a", 1), ("b", 2)))
    assert one.blob != other.blob
    assert "reused" not in other.measures


@pytest.mark.parametrize(
    "step", [FLIP, Step("recolor", {"target": "squirrel", "to": "#ff6600"}, {"src": "head"})], ids=["flip", "recolor"]
)
def test_an_exact_step_is_reused_whatever_the_seed(desk: Desk, step: Step) -> None:
    conversation = desk.conversation()
    nodes(do(conversation, DRAW))
    first = nodes(do(conversation, step, seed=5))[-1]
    do(conversation, Step("checkout", {"ref": "n1"}, {}))
    second = nodes(do(conversation, step, seed=6))[-1]
    assert second.measures["reused"] is True
    assert second.blob == first.blob
    assert second.id != first.id


def test_a_reused_picture_that_failed_its_check_is_still_said_to_have_failed(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[do_nothing])
    first = do(desk.conversation("a"), DRAW, EDIT, fallback=False)
    again = do(desk.conversation("b"), DRAW, EDIT, fallback=False)
    assert nodes(again)[-1].measures["reused"] is True
    assert first.reply.startswith("Done. Nothing visible changed.")
    assert again.reply == "Done. Nothing visible changed."


def test_other_weights_make_another_picture(desk: Desk) -> None:
    nodes(do(desk.conversation("a"), DRAW))
    (desk.profile.folder / "image").write_text("better weights")
    desk.profile = Profile(desk.profile.file, desk.profile.folder)
    (redrawn,) = nodes(do(desk.conversation("b"), DRAW))
    assert "reused" not in redrawn.measures


def test_a_recoloring_that_failed_is_done_exactly_and_that_is_said(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[BLUE])
    result = do(desk.conversation(), DRAW, EDIT)
    drawn, region, failed, exact_region, exact = nodes(result)
    said = "Done. The squirrel came out blue rather than red. So I repainted it exactly instead."
    assert result.reply == f"{said} The attempt that I didn't keep is n3."
    assert failed.measures["passed"] is False
    assert exact.call is not None
    assert (exact.call.tool, exact.call.arguments) == ("recolor", {"target": "squirrel", "to": "red"})
    assert [edge.parent for edge in exact.parents] == [drawn.id, exact_region.id]
    assert exact.measures["color"] == "red"
    assert result.head == exact.id
    assert region.kind is exact_region.kind is NodeKind.MASK


def test_without_leave_the_failed_picture_stays(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[BLUE])
    result = do(desk.conversation(), DRAW, EDIT, fallback=False)
    assert [call.tool for call in desk.tools.calls] == ["generate", "edit"]
    assert result.reply.startswith("Done. The squirrel came out blue rather than red. ")
    assert result.head == "n5"


@pytest.mark.parametrize(
    "arguments",
    [
        {"instruction": "replace the squirrel with a fox", "target": "squirrel"},
        {"instruction": "add a red nut on the left", "target": "red nut", "scope": "left"},
        {"instruction": "put a red hat on the squirrel", "target": "squirrel"},
        {"instruction": "add a red hat", "target": "hat"},
        {"instruction": "make it a red evening", "scope": "picture"},
        {"instruction": "remove the red squirrel", "target": "red squirrel"},
    ],
)
def test_only_a_recoloring_falls_back(desk: Desk, arguments: dict[str, str]) -> None:
    desk.tools.models = FakeModels(edits=[do_nothing])
    result = do(desk.conversation(), DRAW, Step("edit", arguments, {"src": "head"}))
    assert [call.tool for call in desk.tools.calls] == ["generate", "edit"]
    assert result.reply.startswith("Done. Nothing visible changed. The attempt")


def test_where_the_repainting_can_not_be_done_the_edit_stays_with_its_own_note(desk: Desk) -> None:
    def fail(call: ToolCall) -> None:
        if call.tool == "recolor":
            raise ToolError("I can't find the squirrel in this picture.")

    desk.tools.models, desk.tools.before = FakeModels(edits=[BLUE]), fail
    result = do(desk.conversation(), DRAW, EDIT)
    assert [node.id for node in nodes(result)] == ["n1", "n4", "n5"]
    assert result.reply == "Done. The squirrel came out blue rather than red. The attempt that I didn't keep is n3."
    assert result.head == "n5"


def test_a_cancelled_repainting_shows_what_is_stored(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[BLUE])
    cancel = threading.Event()

    def stop_at_recolor(call: object) -> None:
        if getattr(call, "tool", "") == "recolor":
            cancel.set()

    desk.tools.before = stop_at_recolor
    result = desk.conversation().act(Request("do it", Plan((DRAW, EDIT), ""), 1), Watcher(), cancel)
    assert result.status is TurnStatus.CANCELLED
    assert [made.node.id for made in result.nodes] == ["n1", "n4", "n5"]
    assert result.head == "n5"


def test_a_step_may_use_any_earlier_picture(desk: Desk) -> None:
    conversation = desk.conversation()
    flipped = Step("transform", {"op": "flip"}, {"src": "step:1"})
    turned = Step("transform", {"op": "rotate"}, {"src": "n1"})
    drawn, _, _, flip, turn = nodes(do(conversation, DRAW, EDIT, flipped, turned))
    assert np.array_equal(pixels(desk, flip), pixels(desk, drawn)[:, ::-1])
    assert [edge.parent for edge in turn.parents] == [drawn.id]


def test_a_region_is_no_source(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, DRAW, EDIT)
    result = do(conversation, Step("transform", {"op": "flip"}, {"src": "n2"}))
    assert result.status is TurnStatus.FAILED
    assert result.reply == "n2 is a region, not a picture; choose the picture that was made with it."


def outside(desk: Desk, source: Node, region: Node, edited: Node) -> tuple[np.ndarray, np.ndarray]:
    kept: Mask = pixels(desk, region) == 0
    return pixels(desk, source)[kept], pixels(desk, edited)[kept]


def test_what_is_stored_differs_from_its_source_in_its_region_alone(desk: Desk) -> None:
    before, after = outside(desk, *nodes(do(desk.conversation(), DRAW, EDIT)))
    assert len(before) > 0
    assert np.array_equal(before, after)


def test_several_pictures_of_one_step_have_seeds_of_their_own(desk: Desk) -> None:
    conversation = desk.conversation()
    made = nodes(do(conversation, Step("generate", {"prompt": "a squirrel", "n": 3}, {}), seed=5))
    assert [node.call.seed for node in made if node.call] == [5, 7, 9]
    assert len({node.blob for node in made}) == 3
    assert conversation.head() is not None
    assert conversation.head().node.id == "n1"  # type: ignore[union-attr]
    assert all("n" not in node.call.arguments for node in made if node.call)
    do(conversation, Step("undo", {}, {}))
    assert conversation.head() is None


def test_one_of_several_is_the_picture_that_its_seed_draws_alone(desk: Desk) -> None:
    several = nodes(do(desk.conversation(), Step("generate", {"prompt": "a squirrel", "n": 2}, {}), seed=5))
    (alone,) = nodes(do(desk.conversation("other"), DRAW, seed=7))
    assert alone.blob == several[1].blob
    assert alone.measures["reused"] is True


def test_the_progress_of_several_pictures_never_goes_back(desk: Desk) -> None:
    watcher = Watcher()
    plan = Plan((Step("generate", {"prompt": "a squirrel", "n": 3}, {}),), "")
    desk.conversation().act(Request("three", plan), watcher, threading.Event())
    told = [event for event in watcher.seen if isinstance(event, StepProgress)]
    assert [event.fraction for event in told] == sorted(event.fraction for event in told)
    assert {event.stage for event in told} >= {"drawing, 1 of 3", "drawing, 3 of 3"}


def test_a_region_is_found_once_and_used_by_the_next_step(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, DRAW)
    found = Step("segment", {"what": "squirrel"}, {})
    region, changed = nodes(do(conversation, found, Step("adjust", {"brightness": 20}, {"mask": "step:1"})))
    assert (region.kind, region.label) == (NodeKind.MASK, "region: the squirrel")
    assert [(edge.parent, edge.role) for edge in changed.parents] == [("n1", Role.SOURCE), (region.id, Role.MASK)]
    outside = np.asarray(Image.open(io.BytesIO(desk.store.png(region)))) == 0
    assert np.array_equal(pixels(desk, changed)[outside], pixels(desk, desk.store.node(1, "n1"))[outside])


def test_a_region_alone_moves_no_head(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, DRAW)
    assert do(conversation, Step("segment", {"what": "squirrel"}, {})).head == "n1"


def test_what_marked_a_region_is_still_to_be_undone_after_the_history_was_recovered(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, DRAW)
    do(conversation, Step("segment", {"what": "squirrel"}, {}))
    desk.store.close()
    recover(desk.store.home)
    with Store(desk.store.home) as store:
        assert [one.turn for _ in range(2) for one in store.undo(1)] == [2, 1]
        assert store.session("default").head is None


def test_undo_takes_back_a_region_and_not_the_picture_that_was_made_before_it(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, DRAW)
    do(conversation, Step("segment", {"what": "squirrel"}, {}))
    undone = do(conversation, Step("undo", {}, {}))
    assert (undone.head, undone.reply) == ("n1", "Done. Took back “do it”. You are at n1 now.")
    assert conversation.look(Wanted(50)).past.taken_back == {2}
    assert do(conversation, Step("redo", {}, {})).head == "n1"
    assert do(conversation, Step("undo", {"n": 2}, {})).head is None
    assert desk.store.verify() == ()


@pytest.mark.parametrize(
    "step",
    [
        Step("blend", {"share": 30}, {"other": "n1"}),
        Step("composite", {"scale": 50, "x": 3}, {"layer": "n1"}),
        Step("composite", {}, {"layer": "n1", "mask": "n3"}),
        Step("adjust", {"blur": 2}, {"mask": "n3"}),
        Step("adjust", {"hue": 90, "target": "squirrel"}, {}),
        Step("arrange", {"op": "duplicate", "target": "squirrel", "dx": 9}, {}),
        Step("draw_text", {"text": "Hi", "size": 9}, {}),
    ],
)
def test_a_stored_step_names_its_sources_by_role_and_gives_the_same_again(desk: Desk, step: Step) -> None:
    conversation = desk.conversation()
    do(conversation, DRAW)
    do(conversation, FLIP)
    do(conversation, Step("segment", {"what": "squirrel"}, {"src": "n1"}))
    *_, made = nodes(do(conversation, step))
    again = step_of(made)
    assert again.inputs == {"src": "n2", **step.inputs}
    *_, same = nodes(do(conversation, again))
    assert same.blob == made.blob
    assert same.measures["reused"] is True


def test_a_picture_is_called_after_the_pictures_that_were_meant_and_not_by_how_they_were_named(desk: Desk) -> None:
    conversation = desk.conversation()
    do(conversation, DRAW)
    do(conversation, FLIP)
    (mixed,) = nodes(do(conversation, Step("blend", {"share": 30}, {"other": "head~1"})))
    (laid,) = nodes(do(conversation, Step("composite", {}, {"layer": "word:flip"})))
    assert (mixed.label, laid.label) == ("blend with n1", "composite with n2")
