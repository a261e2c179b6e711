"""The moves that make history again: a step taken out, carried elsewhere, said in other words; a whole line replayed.

What did not change comes from the store by its recipe. Everything lands on a branch of its own, in one operation after the
last picture is made: the branch that a person was on does not move until the result is accepted.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic import JsonValue

from pentimento.agent import references, verdicts
from pentimento.agent.beside import Beside
from pentimento.agent.history import one_line
from pentimento.agent.lineage_words import without_history
from pentimento.agent.meaning import meant
from pentimento.agent.preferring import amended
from pentimento.agent.rewriting import to_be_put, told_facts
from pentimento.agent.steps import Job, PixelSteps, StepOutcome, step_of
from pentimento.agent.types import AgentError, Emit, Node, NodeKind, Step, StepProgress
from pentimento.agent.wording import with_word
from pentimento.memory.types import Session
from pentimento.tools.types import Cancelled

if TYPE_CHECKING:
    from pentimento.agent.progress import TurnProgress

LONGEST = 100_000
"""Steps of a line that are followed back at most."""
_SAID = {"generate": "prompt", "edit": "instruction", "inpaint": "prompt", "outpaint": "prompt", "draw_text": "text"}
"""Tools that are told something in a person's own words, and by which argument."""
_WORDS = ("prompt", "instruction", "text", "target", "what", "to")
"""The arguments that are words about a picture."""
NAMED = 12
"""Steps that are named where one is not among them."""
NEAR = 1000
"""Newest steps of a line among which one that is named by a word is looked for, before it is looked for anywhere."""


@dataclass(frozen=True)
class Link:
    """One call of the past that is to be made again."""

    node: Node
    """What it made."""
    changes: dict[str, JsonValue] = field(default_factory=dict)
    """Arguments that are another than then."""

    def label(self, inputs: Mapping[str, str]) -> str:
        """Empty where the words, or the pictures that it names, are others now."""
        before = {**step_of(self.node).inputs, "src": ""}
        return "" if self.changes or before != {**inputs, "src": ""} else self.node.label


@dataclass(frozen=True)
class Again:
    """One such move while it runs."""

    steps: PixelSteps
    session: Session
    progress: "TurnProgress"
    index: int
    emit: Emit
    cancel: threading.Event

    def run(self, step: Step) -> StepOutcome:
        """Raises `AgentError` with a sentence when it can't be done; nothing has moved then."""
        return _MOVES[step.tool](self, step)

    def revert(self, step: Step) -> StepOutcome:
        """Take a step out of the line that leads to the head; make the later ones again without it."""
        out = self._of_line(step)
        line, sources = self._since(out), self._sources(out)
        if not line:
            raise self._off_line(out)
        if not sources:
            raise AgentError(f"{out.id} is where everything begins; it can't be taken out. Say undo to go back.")
        note = f"Took out {_called(out)}."
        links, beside = [Link(node) for node in line[1:]], self._beside({out.id: sources[0].id})
        return self._chain(links, sources[0], f"without-{out.id}", note, beside)

    def transplant(self, step: Step) -> StepOutcome:
        """Apply steps of any line to another picture."""
        onto = self._node(step, "onto")
        found = [self._resolved(str(ref)) for ref in _listed(step.arguments["steps"])]
        for node in found:
            if node.call is None or not self._sources(node):
                raise AgentError(f"{node.id} began from nothing, so it can't be applied to a picture; name an edit.")
        links = [Link(node) for node in sorted(found, key=lambda node: int(node.id[1:]))]
        words = ", ".join(f"“{one_line(link.node.label)}”" for link in links)
        note = f"Applied {words} to {onto.id}."
        return self._chain(links, onto, f"onto-{onto.id}", note, self._beside(elsewhere=True))

    def amend(self, step: Step) -> StepOutcome:
        """Say a step in other words, and make again what came after it on the line to the head."""
        node = self._of_line(step)
        after = self._since(node)[1:]
        changes = _amended(node, step.arguments, self.steps.store.pointers(self.session.id).preferences)
        later = [Link(one, _replaced(one, step.arguments)) for one in after]
        sources = self._sources(node)
        note = f"Changed {node.id} to “{one_line(str(next(iter(changes.values()))))}”."
        links = [Link(node, changes), *later]
        return self._chain(links, sources[0] if sources else None, f"amend-{node.id}", note, self._beside())

    def replay(self, step: Step) -> StepOutcome:
        """Run the whole line of a picture again: as a check, or on another picture."""
        line, fresh = self._line(self._node(step, "ref")), bool(step.arguments.get("fresh"))
        if "onto" not in step.arguments:
            return self._checked(line, fresh=fresh)
        onto = self._node(step, "onto")
        links = [Link(node) for node in line if node.call is not None and self._sources(node)]
        if not links:
            raise AgentError(f"{line[-1].id} has no edits that could be applied to {onto.id}.")
        note = f"Applied {_many(len(links), 'step')} to {onto.id}."
        return self._chain(links, onto, f"onto-{onto.id}", note, self._beside(elsewhere=True, fresh=fresh))

    def _chain(self, links: Sequence[Link], start: Node | None, branch: str, note: str, beside: Beside) -> StepOutcome:
        """Run links one on the other, then put a branch at the last picture."""
        notes, reused, last = [note], 0, start.id if start else None
        for number, link in enumerate(links, start=1):
            self._report(link, number, len(links))
            outcome = self._run(link, last, beside)
            last = outcome.picture
            measures = outcome.nodes[-1].node.measures
            reused += bool(measures.get("reused"))
            notes += [outcome.note] if measures.get("passed") is False else []
            notes += [str(measures["not_rewritten"])] if link.changes and "not_rewritten" in measures else []
        if last is None:
            raise AgentError("There is no picture to go on from.")
        operation = self.steps.store.branch(self.session.id, branch, last, self.progress.turn, numbered=True)
        notes += [_counted(len(links), reused)] if links else []
        notes.append(f"It is {last} on the branch {operation.branch}; say accept to have it on {self.session.branch}.")
        return StepOutcome(tuple(beside.made), last, " ".join(filter(None, notes)), aside=tuple(beside.aside))

    def _run(self, link: Link, source: str | None, beside: Beside) -> StepOutcome:
        inputs = beside.inputs(link.node, source)
        then = without_history(self.steps.store, self.session, step_of(link.node))
        step = Step(then.tool, {**then.arguments, **link.changes}, inputs)
        outcome = beside.run(link.node, step, link.label(inputs))
        beside.did(link.node, outcome)
        return outcome

    def _beside(
        self, instead: Mapping[str, str] | None = None, *, elsewhere: bool = False, fresh: bool = False
    ) -> Beside:
        def run(node: Node, step: Step, label: str = "") -> StepOutcome:
            job = Job(step, node.call.seed if node.call else 0, label, fresh, follow=False, facts=told_facts(node))
            return self.steps.run(
                self.session, self.progress, self.index, self._told(node, job), self.emit, self.cancel
            )

        return Beside(self.steps.store, self.session.id, run, elsewhere, {**(instead or {})})

    def _told(self, node: Node, job: Job) -> Job:
        """What was told then is told again; words that are others now are put anew."""
        before, now = node.call.arguments if node.call else {}, job.step.arguments
        if all(now.get(name, "") == before.get(name, "") for name in _WORDS):
            return job
        anew = replace(job, step=to_be_put(job.step), facts={})
        return self.steps.told(self.session, self.progress, self.index, anew, self.emit, self.cancel)[0]

    def _checked(self, line: Sequence[Node], *, fresh: bool) -> StepOutcome:
        """Each step of a line, and of what it took beside it, on what it was made from, and whether the same comes out; nothing is stored."""
        links = [Link(node) for node in self._beside().all_of(line) if node.call is not None]
        if not links:
            raise AgentError(f"{line[-1].id} was opened from a file; there is nothing to run again.")
        found = []
        for number, link in enumerate(links, start=1):
            self._report(link, number, len(links))
            found.append(self._verdict(link.node, fresh=fresh))
        lines = [f"{one.node.id}  {one.text()}  {one_line(one.node.label)}" for one in found]
        return StepOutcome(note="\n".join([verdicts.summary(found), *lines]), facts={"replay": verdicts.facts(found)})

    def _verdict(self, node: Node, *, fresh: bool) -> verdicts.Verdict:
        step, seed = step_of(node), node.call.seed if node.call else 0
        job = Job(step, seed, fresh=fresh)
        made = self.steps.make(self.session, self.progress, self.index, job, self.emit, self.cancel)
        # A region may have been made along with a picture.
        again = next(one for one in made.new if one.kind is node.kind)
        return verdicts.verdict(node, self.steps.store.png(node), again, reused=made.reused)

    def _report(self, link: Link, number: int, count: int) -> None:
        if self.cancel.is_set():
            raise Cancelled
        stage = f"making again: {one_line(link.node.label)}"
        self.emit(StepProgress(self.index, stage, (number - 1) / count, None))

    def _line(self, node: Node | None = None, limit: int = LONGEST) -> list[Node]:
        """From the first picture, or so many before, to a node, or to the head."""
        last = node or self._resolved("head")
        return [*reversed(self._sources(last, limit)), last]

    def _since(self, node: Node) -> list[Node]:
        """From a node to the head; empty where it is not on the way. However long the line before it is, it is not read."""
        head = self._resolved("head")
        found = self.steps.store.ancestors(self.session.id, head.id, limit=LONGEST, since=node.id)
        line = [*reversed(found), head]
        return line if line[0].id == node.id else []

    def _sources(self, node: Node, limit: int = 1) -> tuple[Node, ...]:
        return self.steps.store.ancestors(self.session.id, node.id, limit=limit)

    def _off_line(self, node: Node) -> AgentError:
        line = self._line(limit=NAMED + 1)
        steps = ", ".join(one.id for one in line[1:][-NAMED:]) or "none"
        steps = f"…, {steps}" if len(line) - 1 > NAMED else steps
        return AgentError(f"{node.id} is no step on the way to {line[-1].id}; those are: {steps}.")

    def _of_line(self, step: Step) -> Node:
        """The step that is meant; of several that a word names, the newest one of the line to the head."""
        kind, _, words = str(step.arguments["step"]).partition(":")
        line = {node.id for node in self._line(limit=NEAR)} if kind.lower() == "word" else set()
        found = meant(self.steps.store, self.session.id, words, line) if line else None
        return self._resolved(found or str(step.arguments["step"]))

    def _node(self, step: Step, argument: str) -> Node:
        return self._resolved(str(step.arguments.get(argument, "head")))

    def _resolved(self, ref: str) -> Node:
        node = references.resolve(self.steps.store, self.session, ref, self.progress.pictures())
        if node.kind is not NodeKind.IMAGE:
            raise AgentError(f"{node.id} is a region, not a picture; choose the picture that was made with it.")
        return node


_MOVES: dict[str, Callable[[Again, Step], StepOutcome]] = {
    "revert": Again.revert,
    "transplant": Again.transplant,
    "amend": Again.amend,
    "replay": Again.replay,
}
MADE_AGAIN = frozenset(_MOVES)
"""The moves that run tools."""


def _called(node: Node) -> str:
    """By its number alone where its words were forgotten."""
    return f"{node.id}, “{one_line(node.label)}”" if node.label else node.id


def _listed(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _amended(node: Node, wanted: Mapping[str, JsonValue], preferred: Mapping[str, str]) -> dict[str, JsonValue]:
    """The arguments that other words change; the words first."""
    if node.call is None:
        raise AgentError(f"{node.id} was opened from a file; there are no words to change.")
    tool, words, target = node.call.tool, str(wanted.get("words", "")), wanted.get("target")
    if not words:
        if replaced := _replaced(node, wanted):
            return replaced
        raise AgentError(f"“{wanted['old']}” is no word of {_called(node)}; say which step it is.")
    if tool not in _SAID:
        raise AgentError(f"{node.id} was made by {tool}, not by words; take it out with revert and do it anew.")
    said = amended(node.call, words, preferred)
    return {_SAID[tool]: said, **({"target": target} if target and "target" in node.call.arguments else {})}


def _replaced(node: Node, wanted: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The arguments of a call in which one word stands for another."""
    old, new = str(wanted.get("old", "")), str(wanted.get("new", ""))
    before = {name: str(node.call.arguments.get(name, "")) for name in _WORDS} if node.call and old else {}
    after = {name: with_word(text, old, new) for name, text in before.items()}
    return {name: text for name, text in after.items() if text != before[name]}


def _counted(count: int, reused: int) -> str:
    if reused == count:
        return f"All {_many(count, 'step')} were known already." if count > 1 else "The step was known already."
    known = f", {reused} known already" if reused else ""
    return f"Made {_many(count, 'step')} again{known}."


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
