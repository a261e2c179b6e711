"""Begins a planner of more layers and another tokenizer with what a smaller one has learned.

A new layer starts as one that adds nothing (its outputs are zero: Net2Net, Chen et al. 2016); a new token starts as the mean of
the pieces that the old tokenizer cut it into.
"""

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast


@torch.no_grad()
def grow(
    model: "LlamaForCausalLM",
    tokenizer: "PreTrainedTokenizerFast",
    learned: "LlamaForCausalLM",
    learned_tokenizer: "PreTrainedTokenizerFast",
) -> None:
    """Fills `model`, as wide as `learned` and at least as deep; at once, before training, it writes what `learned` would."""
    old = learned.model.embed_tokens.weight
    for token, index in tokenizer.get_vocab().items():
        pieces = _pieces(token, tokenizer, learned_tokenizer)
        model.model.embed_tokens.weight[index] = old[pieces].mean(0)
    model.model.norm.load_state_dict(learned.model.norm.state_dict())
    count, deep = len(learned.model.layers), len(model.model.layers)
    kept = [round((index + 1) * deep / count) - 1 for index in range(count)]
    for index, layer in zip(kept, learned.model.layers, strict=True):
        model.model.layers[index].load_state_dict(layer.state_dict())
    for index in set(range(deep)) - set(kept):
        model.model.layers[index].self_attn.o_proj.weight.zero_()
        model.model.layers[index].mlp.down_proj.weight.zero_()


def _pieces(token: str, tokenizer: "PreTrainedTokenizerFast", old: "PreTrainedTokenizerFast") -> list[int]:
    """What the old tokenizer cuts a token into; a special token stays itself."""
    known = old.get_vocab()
    if token in known:
        return [known[token]]
    text = tokenizer.backend_tokenizer.decoder.decode([token])
    return old.backend_tokenizer.encode(text, add_special_tokens=False).ids or [old.pad_token_id]
