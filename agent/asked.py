"""What the last turn asked back, so that the planner knows what an answer such as "the fox" is the answer to."""

import json
from collections.abc import Sequence

from pentimento.agent.types import TurnStatus
from pentimento.memory.types import Turn

LENGTH = 80
"""Characters of the words, and of the question."""
OPTIONS_LENGTH = 100


def asked_back(last: Turn | None) -> str:
    """ "make it red -> Which one? (the fox; the boat)", empty where the last turn asked nothing of the kind."""
    if last is None or last.status is not TurnStatus.ASKED or not last.plan:
        return ""
    asks = [step for step in json.loads(last.plan)["steps"] if step["tool"] == "ask"]
    return told(last.said, str(asks[0]["question"]), asks[0].get("options", ())) if asks else ""


def told(said: str, question: str, options: Sequence[str]) -> str:
    choice = f" ({'; '.join(options)[:OPTIONS_LENGTH]})" if options else ""
    return f"{' '.join(said.split())[:LENGTH]} -> {question[:LENGTH]}{choice}"
