"""What the planner learns from: rows of tokens, a session's state once and behind it several messages with their plans.

Each message sees the state and itself alone, at the places that it has when it is the only one, so a state is read once for all of
them. (Krell et al. 2021, "Efficient sequence packing without cross-contamination", there of unrelated texts.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from random import Random
from typing import TYPE_CHECKING

import torch

from pentimento.agent.plan_language import plan_text
from pentimento.starter.conversations.session import moments
from pentimento.starter.planner_tokenizer import chat_text, message_text

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

MAX_TOKENS = 288
"""Of a state, a message and its plan together."""


@dataclass(frozen=True)
class Row:
    """Token ids of what all messages of a moment share, and behind it each message's own with those of its plan."""

    shared: list[int]
    told: tuple[tuple[list[int], list[int]], ...]
    """(message, plan)"""

    def __len__(self) -> int:
        return len(self.shared) + sum(len(asked) + len(meant) for asked, meant in self.told)


@dataclass(frozen=True)
class Padded:
    """Rows side by side, padded on the right. All are rows × longest."""

    ids: torch.Tensor
    """int64"""
    places: torch.Tensor
    """int64; where a token would stand if its message were the only one."""
    groups: torch.Tensor
    """int64; 0 what is shared, then the number of the message, -1 what is padded."""
    meant: torch.Tensor
    """bool; what belongs to a plan."""

    def on(self, device: torch.device) -> "Padded":
        return Padded(*(tensor.to(device) for tensor in (self.ids, self.places, self.groups, self.meant)))

    @property
    def seen(self) -> torch.Tensor:
        """Which tokens (last axis) a token sees: earlier ones that are shared or of its own message. rows × 1 × longest²,
        bool."""
        own = self.groups[:, :, None] == self.groups[:, None, :]
        return (own | (self.groups == 0)[:, None, :]).tril()[:, None]


def rows(
    tokenizer: "PreTrainedTokenizerFast", seed: int, count: int, *, ways: int = 1, unseen: bool = False
) -> list[Row]:
    """That many moments, each with so many messages; messages longer than MAX_TOKENS are left out."""
    backend = tokenizer.backend_tokenizer
    found = list(islice(moments(seed, ways, unseen=unseen), count))
    every = [example for moment in found for example in moment]
    asked = [one.ids for one in backend.encode_batch([chat_text(message_text(e)) for e in every])]
    meant = [one.ids for one in backend.encode_batch([plan_text(e.plan) + "<|im_end|>" for e in every])]
    told = list(zip(asked, meant, strict=True))
    starts = range(0, len(told), ways)
    return [row for start in starts if (row := _row(told[start : start + ways])).told]


def _row(told: Sequence[tuple[list[int], list[int]]]) -> Row:
    fitting = [(asked, meant) for asked, meant in told if len(asked) + len(meant) <= MAX_TOKENS]
    # The plan begins after a message's last token, so that is each message's own even where all say the same.
    columns = zip(*(asked[:-1] for asked, _ in fitting), strict=False)
    shared = [column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns)]
    return Row(shared, tuple((asked[len(shared) :], meant) for asked, meant in fitting))


def batches(found: Sequence[Row], batch_tokens: int, seed: int) -> Iterator[list[Row]]:
    """Rows of like length together, batches in random order."""
    made: list[list[Row]] = [[]]
    for row in sorted(found, key=len):
        if (len(made[-1]) + 1) * len(row) > batch_tokens:
            made.append([])
        made[-1].append(row)
    Random(seed).shuffle(made)
    yield from (batch for batch in made if batch)


def padded(batch: Sequence[Row]) -> Padded:
    """Side by side, on the CPU."""
    size = (len(batch), max(map(len, batch)))
    made = Padded(
        torch.zeros(size, dtype=torch.long),
        torch.zeros(size, dtype=torch.long),
        torch.full(size, -1),
        torch.zeros(size, dtype=torch.bool),
    )
    for index, row in enumerate(batch):
        _fill(made, index, row)
    return made


def _fill(made: Padded, index: int, row: Row) -> None:
    _write(made, index, slice(0, len(row.shared)), row.shared, 0, 0)
    start = len(row.shared)
    for number, (asked, meant) in enumerate(row.told, start=1):
        end = start + len(asked) + len(meant)
        _write(made, index, slice(start, end), asked + meant, len(row.shared), number)
        made.meant[index, start + len(asked) : end] = True
        start = end


def _write(made: Padded, index: int, where: slice, ids: list[int], place: int, group: int) -> None:
    made.ids[index, where] = torch.tensor(ids)
    made.places[index, where] = torch.arange(place, place + len(ids))
    made.groups[index, where] = group


def messages_in(found: Sequence[Row]) -> int:
    """How many messages there are."""
    return sum(len(row.told) for row in found)
