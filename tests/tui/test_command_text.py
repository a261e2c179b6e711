import pytest

from pentimento.agent.types import Plan, Step
from pentimento.tui.command_text import command_text, to_be_planned
from pentimento.tui.written import request_of


@pytest.mark.parametrize(
    "step",
    [
        Step("edit", {"instruction": 'write "Open" \\ 24/7', "target": "sign", "rewritten": "It's $5, `x`."}, {"src": "head"}),
        Step("edit", {"instruction": "like those", "target": "nut"}, {"src": "n2", "ref1": "n3"}),
        Step("generate", {"prompt": "雪, a fox", "n": 2}, {}),
        Step("adjust", {"grayscale": True, "target": ""}, {"src": "head"}),
        Step("transplant", {"steps": ["n3", "n5"], "onto": "n2"}, {}),
    ],
)  # fmt: skip
def test_a_step_that_is_written_out_is_read_as_the_same_step(step: Step) -> None:
    assert request_of(command_text(step)).plan == Plan((step,), "")


@pytest.mark.parametrize(
    ("message", "words"), [(" /plan make it red ", "make it red"), ("/plan", ""), ("plan it", ""), ("/planned x", "")]
)
def test_a_plan_is_wanted_where_the_message_says_so(message: str, words: str) -> None:
    assert to_be_planned(message) == words
