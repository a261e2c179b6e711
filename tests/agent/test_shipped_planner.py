"""The shipped planner understands the sentences that the project is introduced with."""

from collections.abc import Iterator

import pytest

from pentimento.agent.llm import LlamaCpp
from pentimento.agent.planner import Planner
from pentimento.agent.state import State, Version
from pentimento.tools.profile import load_profile

DRAWN = Version("n1", "a squirrel eating a nut in a forest")
RED = Version("n3", "make the squirrel red")
SUNSET = Version("n4", "put it at sunset")
NOTHING = State(None, ())
FIRST = State("n1", (DRAWN,))
AFTER = State("n3", (DRAWN, RED))
UNDONE = State("n1", (DRAWN, RED))
LATER = State("n4", (DRAWN, RED, SUNSET))


NOT_YET = pytest.mark.xfail(reason="it does not find a version by a word of its label")


@pytest.fixture(scope="module")
def planner() -> Iterator[Planner]:
    profile = load_profile("starter")
    options = profile.file.planner
    llm = LlamaCpp(str(profile.path("planner")), n_ctx=options.context, threads=1)
    yield Planner(llm, use_system=options.system, max_tokens=options.max_tokens)
    llm.close()


@pytest.mark.parametrize(
    ("state", "said", "tool", "arguments"),
    [
        (NOTHING, "a squirrel eating a nut in a forest", "generate", {"prompt": DRAWN.label}),
        (FIRST, "make the squirrel red", "edit", {"instruction": RED.label, "target": "squirrel"}),
        (AFTER, "undo that", "undo", {}),
        (AFTER, "undo", "undo", {}),
        (UNDONE, "redo", "redo", {}),
        pytest.param(UNDONE, "go back to the red one", "checkout", {"ref": "n3"}, marks=NOT_YET),
        pytest.param(LATER, "go back to the red one", "checkout", {"ref": "n3"}, marks=NOT_YET),
        (LATER, "back to the first one", "checkout", {"ref": "n1"}),
        (AFTER, "put it at night", "edit", {"instruction": "put it at night", "scope": "picture"}),
        (AFTER, "flip it", "transform", {"op": "flip"}),
        (AFTER, "thanks", "", {}),
    ],
)
def test_it_plans_what_was_meant(
    planner: Planner, state: State, said: str, tool: str, arguments: dict[str, str]
) -> None:
    planned = planner.plan(state, said)
    assert not planned.repaired
    assert [(step.tool, dict(step.arguments)) for step in planned.plan.steps] == ([(tool, arguments)] if tool else [])
