"""What the last turn asked back, so that the planner knows what an answer such as "the fox" is the answer to."""

import json

from pentimento.agent.types import TurnStatus
from pentimento.memory.types import Turn

LENGTH = 80
"""Characters of the words, and of the question."""


def asked_back(last: Turn | None) -> str:
    """ "make it red -> Which one should be red?", empty where the last turn asked nothing of the kind."""
    if last is None or last.status is not TurnStatus.ASKED or not last.plan:
        return ""
    steps = json.loads(last.plan)["steps"]
    questions = [str(step["question"]) for step in steps if step["tool"] == "ask"]
    said = " ".join(last.said.split())
    return f"{said[:LENGTH]} -> {questions[0][:LENGTH]}" if questions else ""
