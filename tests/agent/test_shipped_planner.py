"""The shipped planner understands the sentences that the project is introduced with."""

from collections.abc import Iterator

import pytest
from pydantic import JsonValue

from pentimento.agent.llm import LlamaCpp
from pentimento.agent.planner import Planner
from pentimento.agent.state import State, Version
from pentimento.bench.scoring import named
from pentimento.tools.profile import load_profile

DRAWN = Version("n1", "a squirrel eating a nut in a forest")
RED = Version("n3", "make the squirrel red")
SUNSET = Version("n4", "put it at sunset")
NOTHING = State(None, ())
FIRST = State("n1", (DRAWN,))
AFTER = State("n3", (DRAWN, RED))
UNDONE = State("n1", (DRAWN, RED))
LATER = State("n4", (DRAWN, RED, SUNSET))
TWO_COLORS = State("n6", (DRAWN, RED, Version("n5", "make the squirrel blue"), Version("n6", "put it at sunset")))
RAINY = State("n4", (DRAWN, Version("n3", "put a hat on the squirrel"), Version("n4", "put it in the rain")))
BRANCHED = State("n3", (DRAWN, RED), "without-n2", ("tag:best", "branch:main", "branch:without-n2"))


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
        (UNDONE, "go back to the red one", "checkout", {"ref": "n3"}),
        (LATER, "go back to the red one", "checkout", {"ref": "n3"}),
        (LATER, "back to the first one", "checkout", {"ref": "n1"}),
        (TWO_COLORS, "go back to the red one but keep the sunset", "transplant", {"steps": ["n6"], "onto": "n3"}),
        (RAINY, "undo the hat but keep the rain", "revert", {"step": "n3"}),
        (BRANCHED, "go to the main branch", "checkout", {"ref": "branch:main"}),
        (BRANCHED, "yes, keep it", "accept", {}),
        (AFTER, "name this one final", "tag", {"name": "final"}),
        (AFTER, "put it at night", "edit", {"instruction": "put it at night", "scope": "picture"}),
        (AFTER, "flip it", "transform", {"op": "flip"}),
        (AFTER, "thanks", "", {}),
    ],
)
def test_it_plans_what_was_meant(
    planner: Planner, state: State, said: str, tool: str, arguments: dict[str, JsonValue]
) -> None:
    planned = planner.plan(state, said)
    assert not planned.repaired
    steps = named(planned.plan, state).steps
    assert [(step.tool, dict(step.arguments)) for step in steps] == ([(tool, arguments)] if tool else [])
