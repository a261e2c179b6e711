from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pentimento.starter.gguf_export import load_from_gguf
from pentimento.starter.grow_planner import grow
from pentimento.starter.planner_tokenizer import chat_text, trained_tokenizer
from pentimento.starter.train_planner import Shape, new_model

pytestmark = pytest.mark.slow
SHIPPED = Path(__file__).parents[2] / "models" / "starter" / "planner" / "planner.gguf"


@torch.no_grad()
def test_a_deeper_model_begins_with_what_the_smaller_one_writes() -> None:
    learned, tokenizer = load_from_gguf(SHIPPED)
    config = learned.config
    shape = Shape(config.hidden_size, config.intermediate_size, config.num_hidden_layers + 2)
    larger = new_model(replace(shape, heads=config.num_attention_heads, kv_heads=config.num_key_value_heads), tokenizer)
    grow(larger, tokenizer, learned, tokenizer)
    ids = tokenizer(chat_text("picture: none\nversions:\nsaid: a fox in a forest"), return_tensors="pt").input_ids
    torch.testing.assert_close(larger(input_ids=ids).logits, learned(input_ids=ids).logits, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_a_new_token_begins_as_the_mean_of_its_old_pieces() -> None:
    learned, old = load_from_gguf(SHIPPED)
    new = trained_tokenizer(5, 400)
    config = learned.config
    shape = Shape(config.hidden_size, config.intermediate_size, config.num_hidden_layers)
    model = new_model(replace(shape, heads=config.num_attention_heads, kv_heads=config.num_key_value_heads), new)
    grow(model, new, learned, old)
    token = next(
        token for token in new.get_vocab() if token.isalpha() and token.isascii() and token not in old.get_vocab()
    )
    pieces = old.encode(token, add_special_tokens=False)
    mean = learned.model.embed_tokens.weight[pieces].mean(0)
    torch.testing.assert_close(model.model.embed_tokens.weight[new.get_vocab()[token]], mean)
