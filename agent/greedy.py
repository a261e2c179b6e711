"""Greedy decoding under a grammar, in which the grammar costs next to nothing where the model keeps to it by itself.

Only `llm.py` imports it, and late: it brings llama.cpp along.
"""

import weakref
from collections.abc import Iterator
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
        self._size, self._grammar = grammar.size, grammar.begun()
        weakref.finalize(self, llama_cpp.llama_sampler_free, self._grammar)

    def sample(self, context: Any, index: int) -> int:  # noqa: ANN401
        """The next token, of which the grammar is told; `index` is that of its position in the last batch. Raises `AgentError`."""
        address = llama_cpp.llama_get_logits_ith(context.ctx, index)
        logits = np.ctypeslib.as_array(address, shape=(self._size,))
        for tried in self._likeliest(logits):
            if (token := self._allowed(tried, logits)) is not None:
                llama_cpp.llama_sampler_accept(self._grammar, token)
                return token
        raise AgentError("The language model has no token for what must come next; take another GGUF file.")

    def _likeliest(self, logits: np.ndarray) -> Iterator[np.ndarray]:
        """The likeliest token, then some of the likeliest, then all."""
        yield np.array([logits.argmax()])
        if len(logits) > _SOME:
            yield np.sort(np.argpartition(logits, -_SOME)[-_SOME:])
        yield np.arange(len(logits))

    def _allowed(self, tokens: np.ndarray, logits: np.ndarray) -> int | None:
        """The likeliest of these tokens that the grammar allows; None where it allows none."""
        candidates = np.zeros(len(tokens), _CANDIDATE)
        candidates["id"], candidates["logit"] = tokens, logits[tokens]
        data = candidates.ctypes.data_as(llama_cpp.llama_token_data_p)
        found = llama_cpp.llama_token_data_array(data, len(candidates), selected=-1, sorted=False)
        llama_cpp.llama_sampler_apply(self._grammar, found)
        best = candidates[candidates["logit"].argmax()]
        return int(best["id"]) if np.isfinite(best["logit"]) else None
