"""Greedy decoding under a grammar, in which the grammar costs next to nothing where the model keeps to it by itself.

Only `llm.py` imports it, and late: it brings llama.cpp along.
"""

import ctypes
import weakref
from typing import Any

import llama_cpp
import numpy as np

from pentimento.agent.types import AgentError

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])
_SOME = 40
"""So many of the likeliest tokens are put to the grammar before all are."""


class ReadGrammar:
    """A grammar in a vocabulary, read once: that takes longer than a dozen tokens of a small model. Raises `AgentError`."""

    def __init__(self, vocabulary: Any, size: int, grammar: str, root: str) -> None:  # noqa: ANN401 - a C pointer
        self.size = size
        self._sampler = llama_cpp.llama_sampler_init_grammar(vocabulary, grammar.encode(), root.encode())
        if not self._sampler:
            raise AgentError("llama.cpp refuses this grammar; make it simpler.")
        weakref.finalize(self, llama_cpp.llama_sampler_free, self._sampler)

    def begun(self) -> Any:  # noqa: ANN401
        """A sampler at the grammar's beginning, for the caller to free."""
        return llama_cpp.llama_sampler_clone(self._sampler)


class Greedy:
    """The likeliest token that the grammar allows; takes the place of llama-cpp-python's chain of samplers.

    llama.cpp's own program samples so: first the token, then the grammar, and all of them once more only if it says no.
    """

    def __init__(self, grammar: ReadGrammar) -> None:
        self._logits = ctypes.c_float * grammar.size
        self._likeliest = Candidates(1)
        self._grammar = grammar.begun()
        weakref.finalize(self, llama_cpp.llama_sampler_free, self._grammar)

    def sample(self, context: Any, index: int) -> int:  # noqa: ANN401
        """The next token, of which the grammar is told; `index` is that of its position in the last batch. Raises `AgentError`."""
        address = ctypes.addressof(llama_cpp.llama_get_logits_ith(context.ctx, index).contents)
        logits = np.ctypeslib.as_array(self._logits.from_address(address))
        token = self._likeliest.allowed(self._grammar, logits.argmax(), logits)
        if token is None:
            token = self._another(logits)
        llama_cpp.llama_sampler_accept(self._grammar, token)
        return token

    def _another(self, logits: np.ndarray) -> int:
        """Where the likeliest is not allowed: of some of the likeliest, else of all."""
        some = min(_SOME, len(logits))
        for tokens in (np.sort(np.argpartition(logits, -some)[-some:]), np.arange(len(logits))):
            token = Candidates(len(tokens)).allowed(self._grammar, tokens, logits)
            if token is not None:
                return token
        raise AgentError(
            "The language model can't write what a plan needs; take another GGUF file, one that was trained on text."
        )


class Candidates:
    """So many tokens as llama.cpp's samplers take them; used again and again, because a small model's token takes no longer."""

    def __init__(self, count: int) -> None:
        self._tokens = np.zeros(count, _CANDIDATE)
        self._ids, self._values = self._tokens["id"], self._tokens["logit"]
        data = self._tokens.ctypes.data_as(llama_cpp.llama_token_data_p)
        self._array = llama_cpp.llama_token_data_array(data, count, selected=-1, sorted=False)

    def allowed(self, grammar: Any, tokens: Any, logits: np.ndarray) -> int | None:  # noqa: ANN401 - a C pointer; one or many
        """The likeliest of these tokens that the grammar allows; None where it allows none."""
        self._ids[:], self._values[:] = tokens, logits[tokens]
        llama_cpp.llama_sampler_apply(grammar, self._array)
        best = self._values.argmax()
        return int(self._ids[best]) if np.isfinite(self._values[best]) else None
