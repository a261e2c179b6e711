"""What is taught must be what the grammar lets a model write; else it would be held to something else than it learned."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from pentimento.agent.plan_language import plan_form, plan_text
from pentimento.starter.conversations.session import conversations

SHIPPED = Path(__file__).parents[2] / "models" / "starter" / "planner" / "planner.gguf"
CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


class Reader:
    """Says of a text whether the grammar of plans allows it, token by token."""

    def __init__(self) -> None:
        self.llama = llama_cpp.Llama(str(SHIPPED), vocab_only=True, verbose=False)
        grammar = plan_form(told=False).grammar.encode()
        self.read = llama_cpp.llama_sampler_init_grammar(self.llama._model.vocab, grammar, b"root")
        self.one = np.zeros(1, CANDIDATE)
        data = self.one.ctypes.data_as(llama_cpp.llama_token_data_p)
        self.candidate = llama_cpp.llama_token_data_array(data, 1)

    def allows(self, text: str) -> bool:
        sampler = llama_cpp.llama_sampler_clone(self.read)
        try:
            for token in [*self.llama.tokenize(text.encode(), add_bos=False), self.llama.token_eos()]:
                self.one["id"], self.one["logit"] = token, 0.0
                llama_cpp.llama_sampler_apply(sampler, self.candidate)
                if not np.isfinite(self.one["logit"][0]):
                    return False
                llama_cpp.llama_sampler_accept(sampler, token)
            return True
        finally:
            llama_cpp.llama_sampler_free(sampler)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    llama_cpp.llama_sampler_free(made.read)


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
