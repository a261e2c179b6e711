"""What is taught must be what the grammar lets a model write; else it would be held to something else than it learned."""

import json
from itertools import islice
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from pentimento.agent.greedy import Candidates, ReadGrammar
from pentimento.agent.plan_language import plan_form, plan_text
from pentimento.starter.conversations.session import conversations

SHIPPED = Path(__file__).parents[2] / "models" / "starter" / "planner" / "planner.gguf"


class Reader:
    """Says of a text whether the grammar of plans allows it, token by token."""

    def __init__(self) -> None:
        self.llama = llama_cpp.Llama(str(SHIPPED), vocab_only=True, verbose=False)
        self.logits = np.zeros(self.llama.n_vocab(), np.float32)
        self.grammar = ReadGrammar(
            self.llama._model.vocab, len(self.logits), plan_form(told=False).grammar, root="root"
        )
        self.one = Candidates(1)

    def allows(self, text: str) -> bool:
        sampler = self.grammar.begun()
        try:
            for token in [*self.llama.tokenize(text.encode(), add_bos=False), self.llama.token_eos()]:
                if self.one.allowed(sampler, token, self.logits) is None:
                    return False
                llama_cpp.llama_sampler_accept(sampler, token)
            return True
        finally:
            llama_cpp.llama_sampler_free(sampler)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.mark.slow
def test_every_plan_that_is_taught_can_be_written(reader: Reader) -> None:
    for example in islice(conversations(21), 500):
        assert reader.allows(plan_text(example.plan)), (example.said, plan_text(example.plan))


@pytest.mark.parametrize(
    "step",
    [
        {"tool": "transform", "op": "resize", "width": 800},
        {"tool": "transform", "op": "resize", "width": 800, "height": 0},
        {"tool": "transform", "op": "resize", "width": 800, "height": 600},
        {"tool": "transform", "op": "resize", "height": 600, "src": "n3"},
        {"tool": "transform", "op": "flip"},
        {"tool": "set", "key": "n", "value": "4"},
        {"tool": "set", "key": "ratio"},
        {"tool": "edit", "instruction": "make it snow", "target": "", "scope": "picture"},
        {"tool": "amend", "step": "head", "old": "fox", "new": "dog"},
    ],
)
def test_what_goes_together_can_be_written(reader: Reader, step: dict[str, object]) -> None:
    assert reader.allows(json.dumps({"steps": [step], "reply": "Done."}, separators=(",", ":")))


@pytest.mark.parametrize(
    "step",
    [
        {"tool": "transform", "op": "resize"},
        {"tool": "transform", "op": "resize", "width": 0},
        {"tool": "transform", "op": "flip", "degrees": 90},
        {"tool": "transform", "op": "crop"},
        {"tool": "transform", "op": "crop", "ratio": ""},
        {"tool": "set", "key": "n", "value": "5"},
        {"tool": "set", "key": "ratio", "value": "round"},
        {"tool": "edit", "instruction": "make it snow", "target": "", "scope": "object"},
        {"tool": "edit", "instruction": "make it snow"},
        {"tool": "amend", "step": "head", "old": "fox"},
        {"tool": "amend", "step": "head", "words": "a dog", "old": "fox", "new": "dog"},
    ],
)
def test_what_does_not_go_together_cannot(reader: Reader, step: dict[str, object]) -> None:
    assert not reader.allows(json.dumps({"steps": [step], "reply": "Done."}, separators=(",", ":")))
