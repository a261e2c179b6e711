from itertools import islice
from pathlib import Path
from typing import Any

import llama_cpp
import pytest
from llama_cpp.llama_grammar import LlamaGrammar

from pentimento.agent.llm import LlamaCpp
from pentimento.agent.plan_language import plan_form
from pentimento.agent.types import AgentError, Form
from pentimento.starter.conversations.session import conversations
from pentimento.starter.planner_tokenizer import message_text

SHIPPED = Path(__file__).parents[2] / "models" / "starter" / "planner" / "planner.gguf"
PLANS = plan_form(told=False).grammar
UNLIKELY = 'root ::= "perhaps " ("yes" | "no" | "Ω") [0-9]{2,4}'
"""What the model would never write by itself."""
MESSAGES = [message_text(one) for one in islice(conversations(3), 12)]


@pytest.fixture(scope="module")
def shipped() -> LlamaCpp:
    return LlamaCpp(str(SHIPPED), n_ctx=1024)


@pytest.mark.slow
@pytest.mark.parametrize("grammar", [PLANS, UNLIKELY], ids=["plans", "unlikely"])
def test_it_writes_what_the_samplers_of_llama_cpp_write(shipped: LlamaCpp, grammar: str) -> None:
    plain: Any = llama_cpp.Llama(str(SHIPPED), n_ctx=1024, n_threads=1, verbose=False)
    read = LlamaGrammar.from_string(grammar, verbose=False)
    for said in MESSAGES:
        message = [{"role": "user", "content": said}]
        meant = plain.create_chat_completion(
            message, grammar=read, max_tokens=200, temperature=0.0, top_k=1, repeat_penalty=1.0, seed=0
        )
        assert shipped.complete(message, Form(grammar), 200).text == meant["choices"][0]["message"]["content"]


def test_what_no_token_can_write_is_said_and_the_process_lives(shipped: LlamaCpp) -> None:
    message = [{"role": "user", "content": MESSAGES[0]}]
    with pytest.raises(AgentError, match="one that was trained on text"):
        shipped.complete(message, Form('root ::= "a" [b-a]'), 20)
    assert shipped.complete(message, Form(PLANS), 200).finished


def test_a_grammar_that_llama_cpp_refuses_is_said_and_the_process_lives(shipped: LlamaCpp) -> None:
    message = [{"role": "user", "content": MESSAGES[0]}]
    with pytest.raises(AgentError, match="refuses"):
        shipped.complete(message, Form('root ::= root "a" | "b"'), 20)
    assert shipped.complete(message, Form(PLANS), 200).finished
