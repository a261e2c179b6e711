import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from PIL import Image
from textual.pilot import Pilot
from textual.widgets import Input

from pentimento.agent.looking import Pointers
from pentimento.agent.types import AgentError, MadeNode, Plan, Step, StoreError, TurnStatus
from pentimento.tui.app import PentimentoApp
from pentimento.tui.messages import Loaded
from pentimento.tui.terminal import half_cells
from pentimento.tui.widgets.turns import Notice, TurnBlock, turn_content
from pentimento.tui.widgets.welcome import Welcome
from tests.fakes import Answer, FakeConversation, made_node, past_turn
from tests.tui.hostile_texts import FORBIDDEN, hostile_texts

if TYPE_CHECKING:
    from pentimento.agent.loop import Conversation

# textual-image 0.12 reads pixels in a way that Pillow 14 takes away.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning"),
    pytest.mark.timeout(300),
]

Screen = Pilot[None]


@asynccontextmanager
async def screen(
    conversation: FakeConversation, size: tuple[int, int] = (100, 32)
) -> AsyncIterator[tuple[PentimentoApp, Screen]]:
    app = PentimentoApp(lambda: cast("Conversation", conversation), half_cells())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: conversation.warmed)
        yield app, pilot
        conversation.release()
    app.close()


async def until(pilot: Screen, met: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not happen in time"
        await pilot.pause(0.01)


async def say(pilot: Screen, words: str) -> None:
    field = pilot.app.query_one("#message", Input)
    field.focus()
    field.value = words
    await pilot.press("enter")


def blocks(app: PentimentoApp) -> list[TurnBlock]:
    return list(app.query(TurnBlock))


def texts(app: PentimentoApp) -> list[str]:
    return [turn_content(block.view).plain for block in blocks(app)]


def over(app: PentimentoApp, count: int) -> Callable[[], bool]:
    def met() -> bool:
        return sum(block.view.result is not None for block in blocks(app)) == count and app.status.view is None

    return met


def looked_at(app: PentimentoApp, made: MadeNode) -> Callable[[], bool]:
    return lambda: app.picture.caption.startswith(f"{made.node.id} ")


def shown_lines(app: PentimentoApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_the_first_frame_does_not_wait_for_the_conversation() -> None:
    gate = threading.Event()
    conversation = FakeConversation()

    def slowly() -> "Conversation":
        gate.wait(10)
        return cast("Conversation", conversation)

    app = PentimentoApp(slowly, half_cells())
    async with app.run_test(size=(100, 32)) as pilot:
        await pilot.pause()
        assert "Say what you would like to see" in shown_lines(app)
        assert "a squirrel eating a nut in a forest" in shown_lines(app)
        await say(pilot, "a fox")
        assert conversation.requests == []
        gate.set()
        await until(pilot, over(app, 1))
    assert [request.said for request in conversation.requests] == ["a fox"]


async def test_what_is_said_is_done_and_shown(tmp_path: Path) -> None:
    made = made_node(tmp_path, 1, "a red squirrel", picture=Image.new("RGB", (64, 64), "red"))
    conversation = FakeConversation([Answer("Here it is.", nodes=(made,), note="drawn in 8 steps")])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "a red squirrel")
        await until(pilot, over(app, 1))
        await until(pilot, lambda: app.picture.picture is not None)
        assert texts(app) == ["› a red squirrel\ngenerate: a picture\nHere it is.\nn1 · 1.5 s"]
        assert not app.query(Welcome)
        assert app.picture.caption == "n1  a red squirrel"
        assert app.version_list.option_count == 1
        assert app.words.value == ""


async def test_the_old_conversation_is_there_on_start(tmp_path: Path) -> None:
    versions = (made_node(tmp_path, 1, "a fox"), made_node(tmp_path, 3, "make it red", turn=2))
    turns = (past_turn(1, "a fox", "A fox."), past_turn(2, "make it red", "It is red."))
    async with screen(FakeConversation(versions=versions, turns=turns)) as (app, pilot):
        await until(pilot, lambda: app.picture.picture is not None)
        assert texts(app) == ["› a fox\nA fox.\nn1 · 2.0 s", "› make it red\nIt is red.\nn3 · 2.0 s"]
        assert "● n3" in shown_lines(app)


async def test_what_a_person_should_know_stands_in_the_conversation_once(tmp_path: Path) -> None:
    warned = ("The history lies on a network file system (nfs4), which is slower.", "Another program has it open.")
    versions, turns = (made_node(tmp_path, 1, "a fox"),), (past_turn(1, "a fox", "A fox."),)
    conversation = FakeConversation([Answer("Red.")], versions=versions, turns=turns, warnings=(*warned, warned[0]))
    async with screen(conversation) as (app, pilot):
        await until(pilot, lambda: app.query(Notice))
        await pilot.pause()
        assert [str(notice.content) for notice in app.query(Notice)] == list(warned)
        assert shown_lines(app).count("which is slower") == 1
        await say(pilot, "make it red")
        await until(pilot, over(app, 2))
        assert [type(part) for part in app.turn_log.children] == [TurnBlock, Notice, Notice, TurnBlock]


async def test_what_a_person_should_know_stands_below_the_welcome_and_is_made_safe() -> None:
    conversation = FakeConversation(warnings=("Mind\x1b[2J this.",))
    async with screen(conversation) as (app, pilot):
        await until(pilot, lambda: app.query(Notice))
        await pilot.pause()
        assert "Say what you would like to see" in shown_lines(app)
        assert "Mind" in shown_lines(app)
        assert "\x1b" not in shown_lines(app)


async def test_branches_and_tags_stand_beside_their_pictures(tmp_path: Path) -> None:
    versions = (made_node(tmp_path, 1, "a fox"), made_node(tmp_path, 3, "make it red"))
    pointers = Pointers("winter", {"main": "n1", "winter": "n3"}, {"best": "n1"})
    async with screen(FakeConversation(versions=versions, pointers=pointers)) as (app, pilot):
        await until(pilot, lambda: app.picture.picture is not None)
        lines = shown_lines(app)
        assert "best ⎇ main a fox" in lines
        assert "⎇ winter make it red" in lines
        assert "default, winter" in lines


async def test_what_is_wanted_from_now_on_stands_in_the_last_line() -> None:
    pointers = Pointers("main", {"main": None}, {}, {"ratio": "wide", "avoid": "people"})
    async with screen(FakeConversation(pointers=pointers)) as (app, pilot):
        await until(pilot, lambda: "ready; from now on ratio=wide avoid=people" in str(app.status.render()))


async def test_escape_is_acknowledged_within_100_ms_and_stops_the_turn() -> None:
    hold = threading.Event()
    conversation = FakeConversation([Answer(hold=hold, deaf=True)])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "a fox")
        await until(pilot, lambda: app.status.view is not None and app.status.view.stage == "drawing")
        pressed = time.monotonic()
        app.simulate_key("escape")
        await until(pilot, lambda: app.status.stopping)
        assert time.monotonic() - pressed <= 0.1
        await pilot.pause()
        assert "stopping" in shown_lines(app)
        hold.set()
        await until(pilot, over(app, 1))
        assert texts(app)[0].endswith("Stopped.")
        assert not app.status.stopping


@pytest.mark.slow
async def test_what_is_typed_while_a_turn_runs_waits_and_is_done_in_order() -> None:
    hold = threading.Event()
    conversation = FakeConversation([Answer(hold=hold)])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "first")
        await until(pilot, lambda: len(conversation.requests) == 1)
        await say(pilot, "second")
        await say(pilot, "third")
        await pilot.press(*"half a")
        assert [block.has_class("-waiting") for block in blocks(app)] == [False, True, True]
        assert len(conversation.requests) == 1
        hold.set()
        await until(pilot, over(app, 3))
        assert [request.said for request in conversation.requests] == ["first", "second", "third"]
        assert app.words.value == "half a"


@pytest.mark.parametrize(("key", "tool"), [("ctrl+z", "undo"), ("ctrl+y", "redo")])
async def test_undo_and_redo_are_pinned_plans(key: str, tool: str) -> None:
    conversation = FakeConversation()
    async with screen(conversation) as (app, pilot):
        await pilot.press(key)
        await until(pilot, over(app, 1))
        assert conversation.requests[0].plan == Plan((Step(tool, {}, {}),), "")


async def test_a_step_that_is_written_out_asks_no_language_model() -> None:
    conversation = FakeConversation([Answer()])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "/adjust brightness=20")
        await until(pilot, lambda: conversation.requests)
        await say(pilot, "/adjust brightnes=20")
        assert "has no argument brightnes" in app.status.hint
        assert app.words.value == "/adjust brightnes=20"
    (request,) = conversation.requests
    assert request.plan == Plan((Step("adjust", {"brightness": 20}, {"src": "head"}),), "")


async def test_a_plan_is_put_into_the_input_to_be_changed_before_it_is_run() -> None:
    step = Step("edit", {"instruction": "make it red", "rewritten": "Make it red."}, {"src": "head"})
    several = Answer(plan=Plan((step, step), "Both."))
    conversation = FakeConversation([Answer(plan=Plan((step,), "Red.")), several, Answer("Hello.", plan=Plan((), ""))])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "/plan make it red")
        await until(pilot, lambda: app.words.value)
        assert app.words.value == '/edit instruction="make it red" rewritten="Make it red."'
        assert app.status.hint == "Change what you like; Enter runs it."
        assert (conversation.requests, texts(app)) == ([], [])
        await say(pilot, "/plan make both red")
        await until(pilot, lambda: app.status.hint.startswith("That is 2 steps"))
        await say(pilot, "/plan hello")
        await until(pilot, lambda: app.status.hint == "Hello.")
        assert (app.words.value, conversation.requests) == ("", [])


async def test_words_of_a_written_out_step_that_are_changed_are_put_anew() -> None:
    red = {"instruction": "make it red", "target": "hat", "rewritten": "Make it red."}
    conversation = FakeConversation([Answer(plan=Plan((Step("edit", red, {"src": "head"}),), "Red."))])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "/plan make it red")
        await until(pilot, lambda: app.words.value)
        await say(pilot, app.words.value.replace("make it red", "make it blue"))
        await until(pilot, over(app, 1))
    (request,) = conversation.requests
    blue = {"instruction": "make it blue", "target": "hat"}
    assert request.plan == Plan((Step("edit", blue, {"src": "head"}),), "")


async def test_a_command_that_a_plan_wrote_out_is_not_a_persons_until_they_change_it() -> None:
    save = Answer(plan=Plan((Step("export", {"name": "fox"}, {}),), "Saved."))
    conversation = FakeConversation([save])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "/plan save it")
        await until(pilot, lambda: app.words.value)
        for message in (app.words.value, "/export name=bird", "yes"):
            await say(pilot, message)
        await until(pilot, over(app, 3))
    assert [request.by_hand for request in conversation.requests] == [False, True, True]


async def test_what_the_picture_model_was_told_stands_below_the_plan(tmp_path: Path) -> None:
    versions = (made_node(tmp_path, 1, "make it red", rewritten="Make it red. Keep all else."),)
    turns = (past_turn(1, "make it red", "Red."),)
    async with screen(FakeConversation(versions=versions, turns=turns)) as (app, pilot):
        await until(pilot, lambda: texts(app))
        assert texts(app) == ["› make it red\ntold: Make it red. Keep all else.\nRed.\nn1 · 2.0 s"]


async def test_several_pictures_of_one_step_are_shown_on_one_sheet(tmp_path: Path) -> None:
    made = tuple(made_node(tmp_path, number, "a fox") for number in range(1, 5))
    conversation = FakeConversation([Answer(nodes=made, head=made[0]), Answer(head=made[1])])
    async with screen(conversation) as (app, pilot):
        await say(pilot, '/generate prompt="a fox" n=4')
        await until(pilot, lambda: app.picture.caption == "n1 n2 n3 n4  a fox")
        assert app.picture.picture is not None
        assert app.picture.picture.size == (130, 130)
        await say(pilot, "/checkout ref=grid:2")
        await until(pilot, lambda: app.picture.caption == "n2  a fox")


async def test_enter_on_a_version_goes_back_to_it(tmp_path: Path) -> None:
    first, second = made_node(tmp_path, 1, "a fox"), made_node(tmp_path, 3, "red")
    conversation = FakeConversation([Answer(head=first)], versions=(first, second))
    async with screen(conversation) as (app, pilot):
        await until(pilot, lambda: app.version_list.option_count == 2)
        app.version_list.focus()
        await pilot.press("up")
        await until(pilot, lambda: app.picture.caption == "n1  a fox")
        await pilot.press("enter")
        await until(pilot, over(app, 1))
        (request,) = conversation.requests
        assert (request.said, request.plan) == ("checkout n1", Plan((Step("checkout", {"ref": "n1"}, {}),), ""))
        await until(pilot, lambda: "● n1" in shown_lines(app))


async def test_a_picture_that_comes_late_does_not_replace_the_one_looked_at(tmp_path: Path) -> None:
    first, second = made_node(tmp_path, 1, "a fox"), made_node(tmp_path, 3, "red")
    async with screen(FakeConversation(versions=(first, second))) as (app, pilot):
        await until(pilot, lambda: app.version_list.option_count == 2)
        app.version_list.focus()
        await pilot.press("up")
        await until(pilot, lambda: app.picture.caption == "n1  a fox")
        app.post_message(Loaded((second,), Image.new("RGB", (4, 4))))
        await pilot.pause()
        assert app.picture.caption == "n1  a fox"


async def test_escape_in_the_list_shows_the_current_picture_again(tmp_path: Path) -> None:
    conversation = FakeConversation(versions=(made_node(tmp_path, 1, "a fox"), made_node(tmp_path, 3, "red")))
    async with screen(conversation) as (app, pilot):
        await until(pilot, lambda: app.version_list.option_count == 2)
        app.version_list.focus()
        await pilot.press("up")
        await until(pilot, lambda: app.picture.caption == "n1  a fox")
        await pilot.press("escape")
        await until(pilot, lambda: app.picture.caption == "n3  red")
        assert app.focused is app.words


@pytest.mark.parametrize(("words", "hint"), [("", "The message is empty"), ("   ", "The message is empty")])
async def test_an_empty_message_is_no_turn(words: str, hint: str) -> None:
    conversation = FakeConversation()
    async with screen(conversation) as (app, pilot):
        await say(pilot, words)
        assert hint in app.status.hint
        assert conversation.requests == []


async def test_a_message_that_is_too_long_stays_in_the_input() -> None:
    conversation = FakeConversation()
    async with screen(conversation) as (app, pilot):
        app.words.value = "a" * 100_000
        await pilot.press("enter")
        await until(pilot, lambda: "100,000 characters" in app.status.hint)
        assert len(app.words.value) == 100_000
        assert conversation.requests == []


async def test_a_turn_that_cannot_be_stored_says_so_and_the_next_one_works() -> None:
    conversation = FakeConversation([Answer(error=StoreError("The disk is full.")), Answer("Here.")])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "a fox")
        await say(pilot, "a cat")
        await until(pilot, over(app, 2))
        assert "The disk is full." in texts(app)[0]
        assert blocks(app)[0].has_class("-failed")
        assert "Here." in texts(app)[1]


async def test_a_failed_turn_is_marked() -> None:
    conversation = FakeConversation([Answer("I cannot find a dragon.", status=TurnStatus.FAILED)])
    async with screen(conversation) as (app, pilot):
        await say(pilot, "make the dragon blue")
        await until(pilot, over(app, 1))
        assert blocks(app)[0].has_class("-failed")


async def test_without_a_conversation_the_app_ends_with_the_reason() -> None:
    def refuse() -> "Conversation":
        raise AgentError("The folder cannot be written.")

    app = PentimentoApp(refuse, half_cells())
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.problem)
    assert app.problem == "The folder cannot be written."


async def test_a_picture_whose_file_is_gone_is_reported(tmp_path: Path) -> None:
    made = made_node(tmp_path, 1, "a fox")
    made.path.unlink()
    async with screen(FakeConversation(versions=(made,))) as (app, pilot):
        await until(pilot, lambda: "The picture of n1 cannot be read" in app.status.hint)


@pytest.mark.slow
@pytest.mark.parametrize("pixels", [(64, 64), (3000, 4), (4, 3000), (1, 1), (640, 480)])
async def test_no_terminal_is_too_small_and_no_picture_too_long(tmp_path: Path, pixels: tuple[int, int]) -> None:
    made = made_node(tmp_path, 1, "a fox", picture=Image.new("RGB", pixels, "red"))
    turns = (past_turn(1, "a fox", "A fox."),)
    async with screen(FakeConversation(versions=(made,), turns=turns)) as (app, pilot):
        await until(pilot, lambda: app.picture.picture is not None)
        for size in [(80, 24), (40, 12), (20, 6), (8, 3), (2, 2), (1, 1), (200, 60)]:
            await pilot.resize_terminal(*size)
        await until(pilot, lambda: "A fox." in shown_lines(app))


async def test_leaving_stops_the_running_turn() -> None:
    conversation = FakeConversation([Answer(hold=threading.Event())])
    app = PentimentoApp(lambda: cast("Conversation", conversation), half_cells())
    async with app.run_test() as pilot:
        await until(pilot, lambda: conversation.warmed)
        await say(pilot, "a fox")
        await until(pilot, lambda: len(conversation.requests) == 1)
        await pilot.press("ctrl+q")
    app.close()
    await asyncio.sleep(0)
    assert conversation.closed


@pytest.mark.slow
async def test_hostile_text_reaches_no_line_of_the_screen(tmp_path: Path) -> None:
    hostile = hostile_texts()
    joined = [" ".join(hostile[at : at + 5]) for at in range(0, len(hostile), 5)][-50:]
    turns = tuple(past_turn(number, text, text, status=TurnStatus.FAILED) for number, text in enumerate(joined, 1))
    flat = Image.new("RGB", (64, 1), "red")  # hardly anything to paint: the texts are what is looked at
    versions = tuple(made_node(tmp_path, number, text, picture=flat) for number, text in enumerate(joined, 1))
    async with screen(FakeConversation(name=hostile[0], turns=turns, versions=versions), (120, 60)) as (app, pilot):
        await until(pilot, lambda: app.turn_log.scroll_y == app.turn_log.max_scroll_y > 0)
        app.words.value = "".join(hostile[:40])
        app.version_list.focus()
        await until(pilot, lambda: app.version_list.has_focus)
        for made in reversed(versions):
            await until(pilot, looked_at(app, made))
            assert not FORBIDDEN & set(shown_lines(app).replace("\n", ""))
            app.turn_log.scroll_page_up(animate=False)
            app.version_list.action_cursor_up()
            await pilot.pause()
        assert app.turn_log.scroll_y == 0
