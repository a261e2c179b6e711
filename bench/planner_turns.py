"""What a plan costs in a session of twenty turns: seconds, tokens that had to be read, and the grammar's share of writing.

What turn n reads must be all its tokens but those that it begins with in common with what the model holds from the turn before.
"""

import statistics
import time
from collections.abc import Sequence
from itertools import islice, takewhile

from pentimento.agent.plan_language import plan_form
from pentimento.agent.types import LLM, Completion, Form
from pentimento.bench.planner import SHIPPED, opened
from pentimento.starter.conversations.session import Example, conversations
from pentimento.starter.gguf_export import load_from_gguf
from pentimento.starter.planner_tokenizer import chat_text, message_text

TURNS = 20
ROUNDS = 3


def measure() -> dict[str, object]:
    """Seconds a plan, tokens read beside those that had to be, seconds with and without the grammar."""
    examples = list(islice(conversations(20), TURNS))
    with opened(SHIPPED) as planner:
        llm, form, longest = planner.llm, plan_form(told=planner.use_system), planner.max_tokens
        llm.complete(_messages(examples[0]), form, longest)
        held = [_timed(llm, one, form, longest) for one in examples]
        free, bound = (_writing(llm, examples, given, longest) for given in (Form(), form))
    times = sorted(seconds for seconds, _ in held)
    return {
        "p50, s": round(statistics.median(times), 4),
        "p95, s": round(statistics.quantiles(times, n=20)[-1], 4),
        "turns that read more than they had to": _read_too_much(examples, [found for _, found in held]),
        "tokens read a turn": round(statistics.mean(found.evaluated for _, found in held), 1),
        "tokens written a turn": round(statistics.mean(found.generated for _, found in held), 1),
        "share of writing that is the grammar's": f"{max(0.0, 1 - free / bound):.1%}",
    }


def _messages(example: Example) -> list[dict[str, str]]:
    return [{"role": "user", "content": message_text(example)}]


def _timed(llm: LLM, example: Example, form: Form, max_tokens: int) -> tuple[float, Completion]:
    began = time.perf_counter()
    found = llm.complete(_messages(example), form, max_tokens)
    return time.perf_counter() - began, found


def _writing(llm: LLM, examples: Sequence[Example], form: Form, max_tokens: int) -> float:
    """Seconds for a token that is written, the best of some rounds; each prompt was read just before."""
    rounds = []
    for _ in range(ROUNDS):
        seconds, tokens = 0.0, 0
        for example in examples:
            llm.complete(_messages(example), form, 1)
            took, found = _timed(llm, example, form, max_tokens)
            seconds, tokens = seconds + took, tokens + found.generated
        rounds.append(seconds / tokens)
    return min(rounds)


def _read_too_much(examples: Sequence[Example], found: Sequence[Completion]) -> int:
    """How many turns read another number of tokens than theirs less the common prefix with the turn before."""
    _, tokenizer = load_from_gguf(SHIPPED)
    prompts = [tokenizer.backend_tokenizer.encode(chat_text(message_text(one))).ids for one in examples]
    held = [
        prompt + tokenizer.backend_tokenizer.encode(one.text).ids for prompt, one in zip(prompts, found, strict=True)
    ]
    wrong = 0
    for before, prompt, one in zip(held, prompts[1:], found[1:], strict=False):
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, prompt, strict=False)))
        wrong += one.evaluated != max(len(prompt) - common, 1)
    return wrong
