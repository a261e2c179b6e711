"""The text side of the image models: tokenizers learned from the world's own sentences, and small encoders."""

import json
import random
from collections.abc import Iterator

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from pentimento.starter.words import COLORS, KINDS, PLACES, STYLES, TIMES, WEATHERS
from pentimento.starter.world.captions import caption
from pentimento.starter.world.edits import random_edit

LENGTH = 40
"""Tokens of a prompt, the two special ones counted in; more are cut off."""
WIDTH = 128
VOCABULARY = 1200
_CLIP_WORD = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def sentences(count: int) -> Iterator[str]:
    """Captions and instructions of the world, deterministic."""
    rng = random.Random("sentences")
    for _ in range(count):
        edit = random_edit(rng)
        yield edit.instruction
        yield caption(edit.before, rng)
    for _ in range(50):
        yield from (*KINDS, *COLORS, *PLACES, *TIMES, *WEATHERS, *STYLES)


def make_clip_tokenizer() -> CLIPTokenizer:
    """The tokenizer of this world's models."""
    return learned_tokenizer(sentences(4000), VOCABULARY, LENGTH)


def learned_tokenizer(said: Iterator[str], vocabulary: int, length: int) -> CLIPTokenizer:
    """A byte-level BPE in CLIP's format: words that are often said are single tokens, any other word is spelled out."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_CLIP_WORD), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, initial_alphabet=alphabet, end_of_word_suffix="</w>")
    bpe.train_from_iterator(said, trainer)
    return clip_tokenizer_of(bpe, length)


def clip_tokenizer_of(bpe: Tokenizer, length: int) -> CLIPTokenizer:
    model = json.loads(bpe.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(letter + "</w>" for letter in letters), *("".join(pair) for pair in merges)]
    pieces += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=length)


def make_clip_text(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=tokenizer.model_max_length,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            projection_dim=WIDTH,
            initializer_range=0.05,
        )
    )
