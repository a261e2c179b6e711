from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from pentimento.starter.conversations.session import conversations
from pentimento.starter.gguf_export import interleave, load_from_gguf, separate, write_gguf
from pentimento.starter.planner_tokenizer import chat_text, message_text, trained_tokenizer

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).parents[2] / "models" / "starter" / "planner" / "planner.gguf"
FOREIGN = (
    "mach das Eichhörnchen grün",
    "把松鼠变成红色",
    "naïve café — 🚀",
    "ｆｕｌｌ ｗｉｄｔｈ",
    "Привет, мир",
    "a\tb\n c  d   e",
    "it's 12:34 #ff6600!",
)
Pair: TypeAlias = "tuple[LlamaForCausalLM, PreTrainedTokenizerFast]"


@pytest.fixture(scope="module")
def small() -> Pair:
    from pentimento.starter.train_planner import Shape, new_model

    tokenizer = trained_tokenizer(1, 1500)
    return new_model(Shape(hidden=64, inner=96, layers=2, heads=4, kv_heads=2), tokenizer), tokenizer


@pytest.fixture(scope="module")
def utterances() -> list[str]:
    said = [example.said for example in islice(conversations(5), 700)] + [
        example.said for example in islice(conversations(5, unseen=True), 293)
    ]
    return [*said, *FOREIGN]


def test_rows_are_interleaved_and_separated_again() -> None:
    tensor = np.arange(8 * 3, dtype=np.float32).reshape(8, 3)
    assert interleave(tensor, 2)[:, 0].tolist() == [0, 6, 3, 9, 12, 18, 15, 21]
    assert (separate(interleave(tensor, 2), 2) == tensor).all()
    assert interleave(tensor, 0) is tensor


def test_what_was_written_is_read_again(small: Pair, tmp_path: Path) -> None:
    import torch

    model, tokenizer = small
    write_gguf(model, tokenizer, tmp_path / "small.gguf", "f32")
    again, words = load_from_gguf(tmp_path / "small.gguf")
    for name, tensor in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)
    assert words.get_vocab() == tokenizer.get_vocab()
    assert words.chat_template == tokenizer.chat_template


def test_llama_cpp_computes_what_the_original_computes(small: Pair, tmp_path: Path) -> None:
    model, tokenizer = small
    write_gguf(model, tokenizer, tmp_path / "small.gguf", "f32")
    assert logits_apart(model, tokenizer, tmp_path / "small.gguf") < 2e-5


def test_the_same_words_are_the_same_tokens(small: Pair, utterances: list[str], tmp_path: Path) -> None:
    model, tokenizer = small
    write_gguf(model, tokenizer, tmp_path / "small.gguf", "f32")
    assert_same_tokens(tmp_path / "small.gguf", tokenizer, utterances)


def test_the_chat_template_is_the_text_that_training_used(small: Pair) -> None:
    _, tokenizer = small
    for example in islice(conversations(6), 20):
        message = message_text(example)
        chat = [{"role": "user", "content": message.title()}]
        assert tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) == chat_text(message)


@pytest.mark.slow
def test_the_shipped_file_reads_the_same_tokens(utterances: list[str]) -> None:
    assert len(utterances) == 1000
    assert_same_tokens(SHIPPED, load_from_gguf(SHIPPED)[1], utterances)


@pytest.mark.slow
def test_the_shipped_file_computes_the_logits_of_its_weights() -> None:
    model, tokenizer = load_from_gguf(SHIPPED)
    # Half precision keeps 11 bits; the worst of 200,000 logits may be a fiftieth of their spread off.
    assert logits_apart(model, tokenizer, SHIPPED) < 2e-2


@pytest.mark.slow
def test_the_shipped_weights_in_full_precision_give_the_logits_to_the_last_digits(tmp_path: Path) -> None:
    model, tokenizer = load_from_gguf(SHIPPED)
    write_gguf(model, tokenizer, tmp_path / "full.gguf", "f32")
    assert logits_apart(model, tokenizer, tmp_path / "full.gguf") < 2e-5


def assert_same_tokens(path: Path, tokenizer: "PreTrainedTokenizerFast", texts: list[str]) -> None:
    from llama_cpp import Llama

    llama = Llama(str(path), vocab_only=True, verbose=False)
    for text in texts:
        assert llama.tokenize(text.encode(), add_bos=False) == tokenizer.encode(text, add_special_tokens=False), text
    llama.close()


def logits_apart(model: "LlamaForCausalLM", tokenizer: "PreTrainedTokenizerFast", path: Path) -> float:
    """The largest difference of a logit between transformers and llama.cpp, cache in float32, over some 150 tokens.

    In units of the logits' standard deviation.
    """
    import torch
    from llama_cpp import Llama

    text = "".join(chat_text(message_text(example)) for example in islice(conversations(8), 3))
    ids = tokenizer.encode(text, add_special_tokens=False)
    llama = Llama(str(path), n_ctx=512, n_threads=1, logits_all=True, verbose=False, type_k=0, type_v=0)
    llama.eval(ids)
    with torch.no_grad():
        expected = model(torch.tensor([ids])).logits[0].numpy()
    difference = float(np.abs(np.asarray(llama.scores[: len(ids)]) - expected).max() / expected.std())
    llama.close()
    return difference
