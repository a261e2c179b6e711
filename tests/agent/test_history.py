from dataclasses import replace

import pytest
from pydantic import JsonValue

from pentimento.agent import history
from pentimento.agent.steps import StepOutcome
from pentimento.agent.types import AgentError, Call, Plan, Step, StoreError
from pentimento.memory.store import Store
from pentimento.memory.types import Session
from tests.memory.stories import image, mask, take_turn


@pytest.fixture
def session(store: Store) -> Session:
    """Two turns: n1, then n2 from it."""
    identity = store.session("default").id
    take_turn(store, identity, 1, None)
    take_turn(store, identity, 2, "n1")
    return store.session("default")


def move(
    store: Store, tool: str, made: dict[int, str] | None = None, **arguments: str | int | list[str]
) -> StepOutcome:
    session = store.session("default")
    turn, step = store.begin_turn(session.id, tool), Step(tool, arguments, {})  # type: ignore[arg-type]
    return history.move(store, session, turn.number, Plan((step,), ""), 1, made or {})


def head(store: Store) -> str | None:
    return store.session("default").head


def test_undo_goes_back_and_says_what_it_took_back(store: Store, session: Session) -> None:
    outcome = move(store, "undo")
    assert outcome == StepOutcome((), "n1", "Took back “picture 2, please”. You are at n1 now.")
    assert head(store) == "n1"


def test_redo_goes_forth_and_says_what_it_put_back(store: Store, session: Session) -> None:
    move(store, "undo", n=2)
    outcome = move(store, "redo", n=2)
    assert outcome == StepOutcome((), "n2", "Put back “picture 1, please”, “picture 2, please”. You are at n2 now.")
    assert head(store) == "n2"


def test_undoing_everything_leaves_no_picture_and_says_how_to_get_it_back(store: Store, session: Session) -> None:
    outcome = move(store, "undo", n=50)
    assert outcome.picture is None
    assert outcome.note.endswith("There is no picture now; say redo to get it back.")


@pytest.mark.parametrize(
    ("tool", "sentence"), [("undo", "There is nothing left to undo."), ("redo", "There is nothing left to redo.")]
)
def test_where_there_is_nothing_it_is_said(store: Store, tool: str, sentence: str) -> None:
    with pytest.raises(StoreError) as caught:
        move(store, tool)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(("reference", "made"), [("n1", {}), ("head~1", {}), ("step:1", {1: "n1"})])
def test_checkout_goes_to_any_version(store: Store, session: Session, reference: str, made: dict[int, str]) -> None:
    outcome = move(store, "checkout", made, ref=reference)
    assert outcome == StepOutcome((), "n1", "This is n1, picture 1.")
    assert head(store) == "n1"
    move(store, "undo")
    assert head(store) == "n2"


def test_a_region_can_not_be_checked_out(store: Store, session: Session) -> None:
    turn = store.begin_turn(session.id, "make it red")
    store.add_nodes(session.id, turn.number, [mask(3), image(4, "n2", "+0")], 1, "n2")
    with pytest.raises(StoreError, match="n3 is a mask, not a picture; choose a picture"):
        move(store, "checkout", ref="n3")


def test_the_log_shows_the_versions_and_marks_the_one_on_the_screen(store: Store, session: Session) -> None:
    move(store, "undo")
    outcome = move(store, "log")
    assert outcome == StepOutcome(note="\n→ n1  picture 1\n  n2  picture 2")
    assert head(store) == "n1"


def test_the_log_is_short_however_long_the_history(store: Store) -> None:
    identity = store.session("default").id
    for seed in range(history.LOG_LENGTH + 3):
        take_turn(store, identity, seed, head(store))
    lines = move(store, "log").note.strip().splitlines()
    assert len(lines) == history.LOG_LENGTH
    assert lines[0] == "n4  picture 3"


def test_before_the_first_picture_the_log_says_so(store: Store) -> None:
    assert move(store, "log").note == "There is no picture yet."


def test_a_question_is_asked_with_its_options(store: Store) -> None:
    assert move(store, "ask", question="Which one?", options=["the cat", "the dog"]) == StepOutcome(
        note="Which one?\n  1. the cat\n  2. the dog"
    )
    assert move(store, "ask", question="Which one?").note == "Which one?"


def test_an_unknown_move_is_said_to_be_unknown(store: Store) -> None:
    with pytest.raises(AgentError, match="I can't do fly yet"):
        move(store, "fly")


def test_long_labels_are_cut_and_stay_on_one_line() -> None:
    assert history.one_line("a  squirrel\neating a nut") == "a squirrel eating a nut"
    assert len(history.one_line("x" * 4000)) == history.LABEL_LENGTH


def test_what_was_found_on_a_picture_is_told_and_no_word_of_it_quoted(store: Store) -> None:
    identity = store.session("default").id
    turn = store.begin_turn(identity, "a fox")
    measures: dict[str, JsonValue] = {"passed": False, "agreement": 0.31, "unread": "in the snow"}
    made = replace(image(1), call=Call("generate", "1", "f" * 64, {"prompt": "a fox"}, 7), measures=measures)
    store.add_nodes(identity, turn.number, [made], 0, None)
    assert move(store, "show").note.split("\n")[2:] == [
        "generate: prompt a fox",
        "seed 7",
        "model ffffffffffff",
        "the check failed",
        "agreement with the words 0.31",
        "the picture model had no room to read the end of the words",
    ]
