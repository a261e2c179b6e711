"""The planner's tokenizer: byte-level BPE in which a word is cut alike with and without a space before it.

The letters of a word merge first; the space joins only whole frequent words, last. So " capybara" in a message and
"capybara" in the plan are the same pieces, and copying a word that was never seen is copying pieces one by one.
"""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from pentimento.agent.plan_language import plan_text
from pentimento.agent.prompting import state_message
from pentimento.starter.conversations.session import Example, conversations

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>")
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] | lower }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""The starter planner reads lower case only."""
LETTERS = 1250
"""Size of the vocabulary before spaces are joined to words."""
SPACED = 282
"""Frequent words that are one token together with the space before them."""


def message_text(example: Example) -> str:
    return state_message(example.state, example.said)


def chat_text(message: str) -> str:
    """What the model is given for one message: CHAT_TEMPLATE, rendered."""
    return f"<|im_start|>user\n{message.lower()}<|im_end|>\n<|im_start|>assistant\n"


def trained_tokenizer(seed: int, examples: int) -> "PreTrainedTokenizerFast":
    """A tokenizer for the text of that many simulated messages."""
    texts = [f"{message_text(e)}\n{plan_text(e.plan)}" for e in islice(conversations(seed), examples)]
    vocab, merges = _merged(texts)
    return fast_tokenizer(vocab, merges, SPECIALS, CHAT_TEMPLATE)


def fast_tokenizer(
    vocab: dict[str, int], merges: list[tuple[str, str]], special: Iterable[str], chat_template: str
) -> "PreTrainedTokenizerFast":
    """A byte-level BPE tokenizer that cuts text as llama.cpp's "gpt-2" does."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|endoftext|>",
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        chat_template=chat_template,
        clean_up_tokenization_spaces=False,
    )


def _merged(texts: list[str]) -> tuple[dict[str, int], list[tuple[str, str]]]:
    letters = _letter_bpe(texts)
    model = json.loads(letters.to_str())["model"]
    vocab: dict[str, int] = model["vocab"]
    merges = [(merge[0], merge[1]) for merge in model["merges"]]
    for word in _frequent_after_space(letters, texts):
        merges.append(("Ġ", word))
        vocab["Ġ" + word] = len(vocab)
    return vocab, merges


def _letter_bpe(texts: Iterable[str]) -> "Tokenizer":
    """BPE over the pieces between spaces; digits never merge, so that ids and sizes are read digit by digit."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(" "), "removed"),
            pre_tokenizers.Split(Regex("[0-9]"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=LETTERS,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        max_token_length=16,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def _frequent_after_space(letters: "Tokenizer", texts: list[str]) -> list[str]:
    vocab = letters.get_vocab()
    counts = Counter(word for text in texts for word in text.replace('"', " ").replace("\n", " ").split(" ")[1:])
    known = (word for word, _ in counts.most_common() if word in vocab and word.isascii() and word.isalpha())
    return list(islice(known, SPACED))
