"""Moves in the history and talk: no model, instant."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pentimento.agent import ledger, references
from pentimento.agent.asked import question
from pentimento.agent.finding import found_text
from pentimento.agent.moves import EVER, OUTSIDE
from pentimento.agent.steps import StepOutcome
from pentimento.agent.types import AgentError, Node, Plan, Step
from pentimento.memory.store import Store
from pentimento.memory.types import Operation, Pointer, Session, Within

LOG_LENGTH = 20
"""Versions that `log` lists at most."""
LABEL_LENGTH = 60
NAMED = 8
"""Turns that are named, of those that were undone at once."""
GOING = frozenset({"undo", "redo"})
LOOKS = frozenset({"log", "show", "diff", "ask", "decline"})
"""The moves that move nothing."""


def move(store: Store, session: Session, turn: int, plan: Plan, index: int, made: Mapping[int, str]) -> StepOutcome:
    """Run one move, the step of that index (from 1) of a plan; `made` holds the picture that each one made so far.

    Raises `AgentError` or `StoreError` with a sentence when it can't be done.
    """
    step = plan.steps[index - 1]
    run = _MOVES.get(step.tool)
    if run is None:
        raise AgentError(f"I can't do {step.tool} yet.")
    return run(_Move(store, session, turn, step, made, _within(turn, plan, index)))


def _within(turn: int, plan: Plan, index: int) -> Within | None:
    """None where the plan does nothing but to go back or forth; else what it does is taken back as a whole."""
    if all(step.tool in GOING | LOOKS | OUTSIDE for step in plan.steps):
        return None
    return Within(turn, tuple((step.tool, _count(step)) for step in plan.steps[: index - 1] if step.tool in GOING))


@dataclass(frozen=True)
class _Move:
    """One move while it is made."""

    store: Store
    session: Session
    turn: int
    step: Step
    made: Mapping[int, str]
    within: Within | None
    """For going back or forth: the turn that goes on with other steps, if it does."""

    def undo(self) -> StepOutcome:
        return self._reversed(self.store.undo(self.session.id, _count(self.step), self.within), "Took back")

    def redo(self) -> StepOutcome:
        return self._reversed(self.store.redo(self.session.id, _count(self.step), self.within), "Put back")

    def checkout(self) -> StepOutcome:
        """Go to a picture, or to another branch as it stands."""
        ref = str(self.step.arguments["ref"])
        node = self._node("ref")
        kind, _, branch = (part.strip() for part in ref.partition(":"))
        if kind.lower() != "branch":
            self.store.checkout(self.session.id, node.id, self.turn)
            return StepOutcome(picture=node.id, note=f"This is {node.id}, {one_line(node.label)}.")
        if branch != self.session.branch:
            self.store.switch(self.session.id, branch, self.turn)
        return StepOutcome(picture=node.id, note=f"You are on {branch}, at {node.id}, {one_line(node.label)}.")

    def branch(self) -> StepOutcome:
        node, name = self._node("ref"), str(self.step.arguments["name"])
        self.store.branch(self.session.id, name, node.id, self.turn)
        note = f"You are on the new branch {name}; {self.session.branch} stays as it is."
        return StepOutcome(picture=node.id, note=note)

    def tag(self) -> StepOutcome:
        node, name = self._node("ref"), str(self.step.arguments["name"])
        self.store.tag(self.session.id, name, node.id, self.turn)
        return StepOutcome(note=f"{node.id} is called {name} now; say tag:{name} to name it.")

    def accept(self) -> StepOutcome:
        operation = self.store.accept(self.session.id, self.turn)
        after = self.store.session(self.session.name)
        kept = [move.name for move in operation.moves if move.pointer is Pointer.BRANCH and move.old is None]
        meanwhile = f" What was done on {after.branch} meanwhile is on {kept[0]}." if kept else ""
        return StepOutcome(picture=after.head, note=f"{after.branch} is at {after.head} now.{meanwhile}")

    def log(self) -> StepOutcome:
        words, days = str(self.step.arguments.get("words", "")), int(str(self.step.arguments.get("days", EVER)))
        if words.strip() or days != EVER:
            return StepOutcome(note=found_text(self.store, self.session, words, days))
        return StepOutcome(note=log_text(self.store, self.session))

    def show(self) -> StepOutcome:
        return StepOutcome(note=ledger.text(self.store, self.session, self._node("ref")))

    def diff(self) -> StepOutcome:
        one, other = self._node("a", "head~1"), self._node("b")
        return StepOutcome(note=ledger.difference_text(self.store, self.session, one, other))

    def ask(self) -> StepOutcome:
        return StepOutcome(note=question(self.step.arguments))

    def decline(self) -> StepOutcome:
        return StepOutcome(note=str(self.step.arguments["reason"]))

    def _node(self, argument: str, default: str = "head") -> Node:
        ref = str(self.step.arguments.get(argument, default))
        return references.resolve(self.store, self.session, ref, self.made)

    def _reversed(self, operations: tuple[Operation, ...], verb: str) -> StepOutcome:
        head = self.store.session(self.session.name).head
        # A turn of several pictures has an operation for each, and is named once.
        told = dict.fromkeys((one.turn or -one.number, _named(one)) for one in operations)
        more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
        names = ", ".join(name for _, name in [*told][:NAMED]) + more
        where = f"You are at {head} now." if head else "There is no picture now; say redo to get it back."
        return StepOutcome(picture=head, note=f"{verb} {names}. {where}")


_MOVES: dict[str, Callable[[_Move], StepOutcome]] = {
    "undo": _Move.undo,
    "redo": _Move.redo,
    "checkout": _Move.checkout,
    "branch": _Move.branch,
    "tag": _Move.tag,
    "accept": _Move.accept,
    "log": _Move.log,
    "show": _Move.show,
    "diff": _Move.diff,
    "ask": _Move.ask,
    "decline": _Move.decline,
}


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


def _named(operation: Operation) -> str:
    return f"“{one_line(operation.label)}”" if operation.label else f"a {operation.kind} whose words were forgotten"


def _count(step: Step) -> int:
    return int(str(step.arguments.get("n", 1)))
