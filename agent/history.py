"""Moves in the history and talk: no pixels, no model, instant."""

from collections.abc import Mapping

from pentimento.agent import references
from pentimento.agent.steps import StepOutcome
from pentimento.agent.types import AgentError, Step
from pentimento.memory.store import Store
from pentimento.memory.types import Operation, Session

LOG_LENGTH = 20
"""Versions that `log` lists at most."""
LABEL_LENGTH = 60


def move(store: Store, session: Session, turn: int, step: Step, made: Mapping[int, str]) -> StepOutcome:
    """Run one move; `made` holds the picture that each step of the plan has made so far.

    Raises `AgentError` or `StoreError` with a sentence when it can't be done.
    """
    match step.tool:
        case "undo":
            return _reversed(store, session, store.undo(session.id, _count(step)), "Took back")
        case "redo":
            return _reversed(store, session, store.redo(session.id, _count(step)), "Put back")
        case "checkout":
            node = references.resolve(store, session, str(step.arguments["ref"]), made)
            store.checkout(session.id, node.id, turn)
            return StepOutcome(picture=node.id, note=f"This is {node.id}, {one_line(node.label)}.")
        case "log":
            return StepOutcome(note=log_text(store, session))
        case "ask":
            return StepOutcome(note=_question(step))
        case _:
            raise AgentError(f"I can't do {step.tool} yet.")


def _count(step: Step) -> int:
    return int(str(step.arguments.get("n", 1)))


def _reversed(store: Store, session: Session, operations: tuple[Operation, ...], verb: str) -> StepOutcome:
    head = store.session(session.name).head
    names = ", ".join(f"“{one_line(operation.label)}”" for operation in operations)
    where = f"You are at {head} now." if head else "There is no picture now; say redo to get it back."
    return StepOutcome(picture=head, note=f"{verb} {names}. {where}")


def log_text(store: Store, session: Session) -> str:
    """The newest versions, one a line, the current one marked."""
    nodes = store.images(session.id, LOG_LENGTH)
    if not nodes:
        return "There is no picture yet."
    lines = [f"{'→' if node.id == session.head else ' '} {node.id}  {one_line(node.label)}" for node in reversed(nodes)]
    return "\n" + "\n".join(lines)


def one_line(label: str) -> str:
    """A label, which may be a whole message or a file's name, short and in one line."""
    words = " ".join(label.split())
    return words if len(words) <= LABEL_LENGTH else f"{words[: LABEL_LENGTH - 1]}…"


def _question(step: Step) -> str:
    options = step.arguments.get("options") or []
    words = str(step.arguments["question"])
    return (
        f"{words} ({', '.join(str(option) for option in options)})" if isinstance(options, list) and options else words
    )
