"""Drawing again where the check failed: once more with the next seed; the better one is kept, the other one goes along."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from PIL import Image
from pydantic import JsonValue

from pentimento.tools.check import Check
from pentimento.tools.types import Measures, Other, Run, ToolResult

ATTEMPTS = 2
"""How often a tool draws at most: once, and once more with the next seed when its check fails."""
ONCE: Mapping[str, JsonValue] = {"attempts": 1}
"""What makes a call draw its own seed alone: with it an attempt that was not kept is drawn again."""


@dataclass(frozen=True)
class Attempt:
    """One drawing and what was found on it."""

    seed: int
    picture: Image.Image
    check: Check
    mask: Image.Image | None = None
    """The region that was found for it."""
    measures: Measures = field(default_factory=dict)
    """Beside those of the check."""
    agreement: float | None = None
    """With the words; None where no model tells."""

    @property
    def rank(self) -> tuple[float, float]:
        """What was looked for decides; how well it agrees only where that tells no difference."""
        return self.check.score, self.agreement or 0.0


@dataclass(frozen=True)
class Unheard:
    """What of its words could have no effect on a drawing."""

    end: str
    """For which the model had no room."""
    words: tuple[str, ...]
    """That it does not know."""

    @property
    def note(self) -> str:
        cut = f"I had no room to read the end of it: “{self.end}”." if self.end else ""
        named = ", ".join(f"“{word}”" for word in self.words)
        unknown = f"The picture model does not know {named}." if named else ""
        return " ".join(filter(None, (cut, unknown)))

    def measures(self) -> Measures:
        told = {"unread": self.end, "unknown": ", ".join(self.words)}
        return {name: text for name, text in told.items() if text}


def best_of(most: int, words: str, run: Run, draw: Callable[[int], Attempt], heard: str = "") -> ToolResult:
    """Draws by seed, at most so often; `words` are what is wanted, `heard` what the picture model is told, if something else."""
    made: list[Attempt] = []
    for number in range(most):
        drawn = draw((run.seed + number) % 2**32)
        made.append(replace(drawn, agreement=run.models.agreement(drawn.picture, words)))
        if made[-1].check.passed:
            break
    best = max(made, key=lambda one: one.rank)
    unheard = Unheard(run.models.unread(heard or words), tuple(run.models.unknown(words)))
    others = [one for one in made if one is not best]
    before = _before(words, run) if best.agreement is not None else {}
    kept = _result(best, len(made), unheard, before)
    seed = {"seed": best.seed} if best.seed != run.seed else {}
    told = {"other_attempt": "; ".join(f"seed {one.seed}: {one.check.note}" for one in others)} if others else {}
    return replace(
        kept,
        measures={**kept.measures, **seed, **told},
        others=tuple(Other(one.seed, _result(one, 1, unheard, before)) for one in others),
    )


def _before(words: str, run: Run) -> Measures:
    """How well the source agreed with the words, where there is one."""
    src = run.inputs.get("src")
    told = None if src is None else run.models.agreement(src, words)
    return {} if told is None else {"agreement_before": round(told, 4)}


def _result(attempt: Attempt, drawings: int, unheard: Unheard, before: Measures) -> ToolResult:
    """`before` is what was measured of the source."""
    note = " ".join(filter(None, (attempt.check.note, unheard.note)))
    agrees = {} if attempt.agreement is None else {"agreement": round(attempt.agreement, 4), **before}
    measures = {**attempt.check.measures(), "attempts": drawings, **agrees, **unheard.measures(), **attempt.measures}
    return ToolResult((attempt.picture,), attempt.mask, note, measures)
