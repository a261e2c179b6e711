"""What is taught must be what the grammar lets a model write; else it would be held to something else than it learned."""

from itertools import islice
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from pentimento.agent.plan_language import plan_form, plan_text
from pentimento.starter.conversations.session import conversations

SHIPPED = Path(__file__).parents[2] / "models" / "starter" / "planner" / "planner.gguf"
CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


@pytest.mark.slow
def test_every_plan_that_is_taught_can_be_written_under_the_grammar() -> None:
    llama = llama_cpp.Llama(str(SHIPPED), vocab_only=True, verbose=False)
    read = llama_cpp.llama_sampler_init_grammar(llama._model.vocab, plan_form(told=False).grammar.encode(), b"root")
    one = np.zeros(1, CANDIDATE)
    candidate = llama_cpp.llama_token_data_array(one.ctypes.data_as(llama_cpp.llama_token_data_p), 1)
    for example in islice(conversations(21), 500):
        sampler = llama_cpp.llama_sampler_clone(read)
        for token in [*llama.tokenize(plan_text(example.plan).encode(), add_bos=False), llama.token_eos()]:
            one["id"], one["logit"] = token, 0.0
            llama_cpp.llama_sampler_apply(sampler, candidate)
            refused = example.said, plan_text(example.plan), llama.detokenize([token])
            assert np.isfinite(one["logit"][0]), refused
            llama_cpp.llama_sampler_accept(sampler, token)
        llama_cpp.llama_sampler_free(sampler)
    llama_cpp.llama_sampler_free(read)
