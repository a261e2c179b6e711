import pytest

from pentimento.agent.types import AgentError, Plan, Step
from pentimento.tui.problems import MessageError
from pentimento.tui.written import as_changed, request_of, written_plan


@pytest.mark.parametrize(
    ("message", "step"),
    [
        ("/undo", Step("undo", {}, {})),
        ("/undo n=3", Step("undo", {"n": 3}, {})),
        ("  /adjust brightness=-20 target=squirrel ", Step("adjust", {"brightness": -20, "target": "squirrel"}, {"src": "head"})),
        ("/adjust brightness=5 target=", Step("adjust", {"brightness": 5, "target": ""}, {"src": "head"})),
        ("/adjust grayscale", Step("adjust", {"grayscale": True}, {"src": "head"})),
        ("/adjust blur=3 src=n2 mask=n4", Step("adjust", {"blur": 3}, {"src": "n2", "mask": "n4"})),
        (
            '/edit instruction="make it red" mask=n4',
            Step("edit", {"instruction": "make it red", "scope": "marked"}, {"src": "head", "mask": "n4"}),
        ),
        ("/composite layer=n2 x=-4", Step("composite", {"x": -4}, {"src": "head", "layer": "n2"})),
        ('/draw_text text="Summer 2026" place="top left"', Step("draw_text", {"text": "Summer 2026", "place": "top left"}, {"src": "head"})),
        ("/edit instruction=like target=nut refs=n2,n3", Step("edit", {"instruction": "like", "target": "nut"}, {"src": "head", "ref1": "n2", "ref2": "n3"})),
        ("/upscale factor=4 mode=creative", Step("upscale", {"factor": 4, "mode": "creative"}, {"src": "head"})),
        ("/transplant steps=n3,n5 onto=n2", Step("transplant", {"steps": ["n3", "n5"], "onto": "n2"}, {})),
    ],
)  # fmt: skip
def test_a_message_after_a_slash_is_a_step(message: str, step: Step) -> None:
    request = request_of(message)
    assert request.plan == Plan((step,), "")
    assert request.said == message.strip()


OFFERED = '/edit instruction="make it red" target=hat rewritten="Make it red. Keep the rest."'
RED, BLUE, TOLD = 'instruction="make it red"', 'instruction="make it blue"', 'rewritten="Make it red. Keep the rest."'


@pytest.mark.parametrize(
    ("message", "rewritten"),
    [
        (OFFERED, "Make it red. Keep the rest."),
        (f"/edit {RED} target=cap {TOLD}", "Make it red. Keep the rest."),
        (f"/edit {BLUE} target=hat {TOLD}", None),
        (f"/edit {RED} scope=picture target=hat {TOLD}", None),
        (f'/edit {BLUE} target=hat rewritten="Blue, please."', "Blue, please."),
        (f"/edit {BLUE} target=hat", None),
    ],
)
def test_other_words_are_put_anew_unless_the_person_says_how(message: str, rewritten: str | None) -> None:
    plan = as_changed(request_of(message), message, OFFERED).plan
    assert plan is not None
    assert plan.steps[0].arguments.get("rewritten") == rewritten


def test_what_was_never_offered_runs_as_it_is_typed() -> None:
    for message in (f"/edit {BLUE} target=hat {TOLD}", "make it blue"):
        assert as_changed(request_of(message), message, "") == request_of(message)


@pytest.mark.parametrize("message", ["make it red", "one/two", "what does /undo do?"])
def test_other_messages_are_words(message: str) -> None:
    assert request_of(message).plan is None


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("/", "Name a tool after the slash"),
        ('/draw_text text="Summer', "A quotation mark is not closed"),
        ("/fly", "names no tool; there are generate, "),
        ("/adjust brightnes=3", "adjust, has no argument brightnes"),
        ("/adjust tool=generate prompt=nut", "Step 1, adjust, has no argument tool"),
        ("/adjust brightness=", "brightness"),
        ("/adjust brightness", "Say what brightness should be: brightness=VALUE"),
        ("/edit instruction", "Say what instruction should be: instruction=VALUE"),
        ("/adjust =5", "Write each argument as name=VALUE, for example brightness=20"),
        ("/adjust brightness=very", "brightness"),
        ("/adjust brightness=5000", "less than or equal to 300"),
        ("/blend", "blend, needs “other”, the second picture"),
        ("/composite layer=it", "composite: layer is no reference; write head, "),
        ("/flip", "names no tool"),
        ("/set", "Say what you want from now on: ratio=wide"),
        ("/set ratio", "or ratio= for the default"),
        ("/set ratio=round", "ratio is square, wide or tall, not “round”"),
        ("/set size=9", "set, can't be used: key"),
        (" ", "The message is empty"),
    ],
)
def test_a_step_that_can_not_be_run_is_said_before_it_is_taken(message: str, problem: str) -> None:
    with pytest.raises((MessageError, AgentError), match=problem):
        request_of(message)


def test_what_is_wanted_from_now_on_is_written_shortly_or_in_full() -> None:
    ratio, style = (
        Step("set", {"key": "ratio", "value": "wide"}, {}),
        Step("set", {"key": "style", "value": "oil on canvas"}, {}),
    )
    assert request_of('/set ratio=wide style="oil on canvas"').plan == Plan((ratio, style), "")
    assert request_of("/set key=ratio value=wide").plan == Plan((ratio,), "")
    assert request_of("/set avoid=").plan == Plan((Step("set", {"key": "avoid", "value": ""}, {}),), "")


def test_a_step_may_be_written_in_the_shell() -> None:
    assert written_plan(["transform", "op=rotate", "degrees=180"]).steps == (
        Step("transform", {"op": "rotate", "degrees": 180}, {"src": "head"}),
    )
