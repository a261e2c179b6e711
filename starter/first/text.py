"""The words that the first world's models read; their tokenizer and text encoder are made as the full world's are."""

import random
from collections.abc import Iterator

from transformers import CLIPTokenizer

from pentimento.starter.first.words import COLORS, KINDS, PLACES
from pentimento.starter.first.world.captions import caption
from pentimento.starter.first.world.edits import random_edit
from pentimento.starter.text import learned_tokenizer

LENGTH = 24
"""Tokens of a prompt, the two special ones counted in; more are cut off."""
VOCABULARY = 1000


def sentences(count: int) -> Iterator[str]:
    """Captions and instructions of the world, deterministic."""
    rng = random.Random("sentences")
    for _ in range(count):
        edit = random_edit(rng)
        yield edit.instruction
        yield caption(edit.before, rng)
    for _ in range(50):
        yield from (*KINDS, *COLORS, *PLACES)


def make_clip_tokenizer() -> CLIPTokenizer:
    return learned_tokenizer(sentences(4000), VOCABULARY, LENGTH)
