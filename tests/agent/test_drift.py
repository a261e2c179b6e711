import threading

import numpy as np
import pytest
from PIL import Image

from pentimento.agent.drift import REDRAWN, Drift, drift
from pentimento.agent.types import Node, NodeKind, Plan, Request, Step, TurnResult, TurnStatus
from tests.fakes_agent import Desk, Watcher
from tests.fakes_tools import Drawing, FakeModels, picture

pytestmark = pytest.mark.slow

DRAW = Step("generate", {"prompt": "a squirrel"}, {})
RED = Step("edit", {"instruction": "make the squirrel red", "target": "squirrel"}, {})
BLUE = Step("edit", {"instruction": "make the squirrel blue", "target": "squirrel"}, {})
FLIP = Step("transform", {"op": "flip"}, {})


def over(instruction: str) -> Step:
    return Step("edit", {"instruction": instruction, "scope": "picture"}, {})


def do(desk: Desk, *steps: Step) -> TurnResult:
    result = desk.conversation().act(Request("do it", Plan(steps, ""), 1), Watcher(), threading.Event())
    assert result.status is TurnStatus.DONE, result.reply
    return result


def images(result: TurnResult) -> list[Node]:
    return [made.node for made in result.nodes if made.node.kind is NodeKind.IMAGE]


def of(desk: Desk, node: Node) -> Drift:
    found = drift(desk.store, desk.store.session("default"), node, desk.store.png(node))
    assert found is not None
    return found


def darker(src: Image.Image, seed: int) -> Image.Image:
    return src.point(lambda level: level * 3 // 4)


def grained(amount: int) -> Drawing:
    def draw(src: Image.Image, seed: int) -> Image.Image:
        grain = np.random.default_rng(seed).integers(-amount, amount + 1, (src.height, src.width, 1))
        return Image.fromarray(np.clip(np.asarray(src) + grain, 0, 255).astype(np.uint8))

    return draw


def test_edits_of_a_thing_leave_everything_else_as_it_was(desk: Desk) -> None:
    do(desk, DRAW)
    last = None
    for step in [RED, BLUE] * 2:
        last = images(do(desk, step))[-1]
    assert last is not None
    found = of(desk, last)
    assert (found.since.id, found.share, found.shapes) == ("n1", 0.0, 0.0)
    assert "redrawn" not in last.measures


def test_drawings_of_the_whole_picture_are_counted_and_measured(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[grained(20)])
    made = images(do(desk, DRAW, over("make it foggy"), FLIP, over("make it rain")))
    counts = [node.measures.get("redrawn") for node in made]
    lost = [node.measures.get("drift") for node in made]
    assert counts == [None, 1, None, 2]
    assert isinstance(lost[1], float)
    assert isinstance(lost[3], float)
    assert 0 < lost[1] < lost[3] <= 1


def test_another_light_loses_fewer_shapes_than_grain(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[darker, grained(60)])
    _, night, rain = images(do(desk, DRAW, over("make it night"), over("make it rain")))
    assert float(str(night.measures["drift"])) < 0.2 < float(str(rain.measures["drift"]))
    assert of(desk, night).share > 0.9


def test_what_was_named_since_is_no_drift(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[darker])
    (drawn, night) = images(do(desk, DRAW, over("make it night")))
    before = of(desk, night)
    desk.tools.models = FakeModels(edits=[])
    (red,) = images(do(desk, RED))[:1]
    after = of(desk, red)
    assert after.since.id == before.since.id == drawn.id
    assert after.shapes <= before.shapes + 0.1


def test_beyond_the_budget_a_sentence_says_how_to_ask_for_all_of_it_at_once(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[grained(12)])
    result = do(desk, DRAW, *[over(f"make it {what}") for what in ("night", "snow", "foggy")])
    assert "drawn" not in result.reply
    reply = do(desk, over("make it rain")).reply
    assert reply.startswith(f"The whole picture was drawn {REDRAWN + 1} times over since n1, and ")
    assert reply.endswith("“make it night and make it snow and make it foggy and make it rain”.")


def test_a_picture_that_lost_half_of_its_shapes_is_told_of_at_the_second_drawing(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[grained(120)])
    assert "drawn" not in do(desk, DRAW, over("make it snow")).reply
    assert "drawn 2 times over since n1" in do(desk, over("make it rain")).reply


@pytest.mark.parametrize("step", [DRAW, FLIP])
def test_where_there_is_nothing_to_hold_it_against_nothing_is_measured(desk: Desk, step: Step) -> None:
    made = images(do(desk, DRAW) if step is DRAW else do(desk, DRAW, step))[-1]
    assert "drift" not in made.measures
    if step is DRAW:
        assert drift(desk.store, desk.store.session("default"), made, desk.store.png(made)) is None


def test_a_drawing_is_kept_when_the_file_of_the_first_picture_is_missing(desk: Desk) -> None:
    (drawn, _) = images(do(desk, DRAW, over("make it night")))
    desk.store.path(drawn).unlink()
    made = images(do(desk, over("make it rain")))[-1]
    assert (made.measures["redrawn"], "drift" in made.measures) == (2, False)


def test_where_nothing_could_be_measured_no_share_is_told(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[grained(12)])
    (drawn, *_) = images(do(desk, DRAW, *[over(f"make it {what}") for what in ("night", "snow", "foggy")]))
    desk.store.path(drawn).unlink()
    assert do(desk, over("make it rain")).reply.startswith("The whole picture was drawn 4 times over since n1; to")


def test_a_picture_that_was_continued_is_what_is_measured_from(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[grained(20)], best_size=32)
    made = images(do(desk, DRAW, Step("outpaint", {}, {}), over("make it rain"), over("make it snow")))
    assert of(desk, made[-1]).since.id == made[1].id
    assert 0 < float(str(made[2].measures["drift"])) < float(str(made[3].measures["drift"]))


@pytest.mark.parametrize("between", [FLIP, RED], ids=["an exact step", "an edit of a thing"])
def test_all_at_once_is_not_advised_where_a_step_in_between_would_be_lost(desk: Desk, between: Step) -> None:
    desk.tools.models = FakeModels(edits=[grained(12)])
    night, snow, foggy, rain = [over(f"make it {what}") for what in ("night", "snow", "foggy", "rain")]
    reply = do(desk, DRAW, night, between, snow, foggy, rain).reply
    assert "drawn 4 times over since n1" in reply
    assert "go back" not in reply


@pytest.mark.parametrize(
    "step",
    [
        Step("composite", {"x": 2, "y": 2, "scale": 50}, {"layer": "n1"}),
        Step("draw_text", {"text": "Hi", "size": 9}, {}),
    ],
    ids=["a layer", "a text"],
)
def test_what_was_laid_on_is_no_shape_that_was_lost(desk: Desk, step: Step) -> None:
    desk.tools.models = FakeModels(edits=[darker])
    made = images(do(desk, DRAW, over("make it night"), step, over("make it foggy")))
    assert of(desk, made[-1]).since.id == made[-2].id


def test_a_variation_that_is_drawn_anew_begins_anew(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[grained(12)], generated=[picture(), picture(thing=(200, 30, 30))])
    strong = Step("variations", {"strength": "strong", "n": 1}, {})
    made = images(do(desk, DRAW, over("make it night"), strong, over("make it rain")))
    assert [node.measures.get("redrawn") for node in made] == [None, 1, None, 1]
    assert of(desk, made[-1]).since.id == made[-2].id


def test_of_several_pictures_one_says_how_far_they_have_come(desk: Desk) -> None:
    desk.tools.models = FakeModels(edits=[grained(12), grained(12), grained(12), grained(20), grained(60)])
    night, snow, foggy = [over(f"make it {what}") for what in ("night", "snow", "foggy")]
    result = do(desk, DRAW, night, snow, foggy, Step("variations", {"n": 2}, {}))
    assert len({node.measures["drift"] for node in images(result)[-2:]}) == 2
    assert result.reply.count("The whole picture was drawn") == 1
