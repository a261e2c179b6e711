from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch

from pentimento.starter.planner_rows import MAX_TOKENS, Row, batches, messages_in, padded, rows
from pentimento.starter.planner_tokenizer import trained_tokenizer
from pentimento.starter.train_planner import Shape, new_model, plan_loss, states

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast


@pytest.fixture(scope="module")
def tokenizer() -> "PreTrainedTokenizerFast":
    return trained_tokenizer(1, 300)


@pytest.fixture(scope="module")
def model(tokenizer: "PreTrainedTokenizerFast") -> "LlamaForCausalLM":
    return new_model(Shape(hidden=32, inner=48, layers=2, heads=2, kv_heads=2), tokenizer)


@pytest.fixture(scope="module")
def found(tokenizer: "PreTrainedTokenizerFast") -> list[Row]:
    return rows(tokenizer, 3, 12, ways=3)


def alone(found: list[Row]) -> list[Row]:
    """Each message with the state that it is said in."""
    return [Row([], ((row.shared + asked, meant),)) for row in found for asked, meant in row.told]


def test_a_state_is_read_once_for_all_that_is_said_in_it(found: list[Row]) -> None:
    assert all(len(row.shared) > 5 and len(row.told) == 3 for row in found)
    assert all(len(row.shared) + len(asked) + len(meant) <= MAX_TOKENS for row in found for asked, meant in row.told)
    assert sum(map(len, found)) == sum(map(len, alone(found))) - 2 * sum(len(row.shared) for row in found)


def test_the_loss_is_that_of_each_message_by_itself(model: "LlamaForCausalLM", found: list[Row]) -> None:
    with torch.no_grad():
        together, single = plan_loss(model, found), plan_loss(model, alone(found))
    assert together.item() == pytest.approx(single.item(), rel=1e-5)


def test_a_message_is_blind_to_the_others(model: "LlamaForCausalLM", found: list[Row]) -> None:
    row = found[0]
    (asked, meant), *others = row.told
    other = replace(row, told=(([*reversed(asked)], [*reversed(meant)]), *others))
    start = len(row.shared)
    middle = start + len(asked) + len(meant)
    with torch.no_grad():
        before, after = (states(model, padded([one]))[0] for one in (row, other))
    assert torch.equal(before[:start], after[:start])
    assert not torch.allclose(before[start:middle], after[start:middle])
    assert torch.allclose(before[middle:], after[middle:], atol=1e-6)


def test_every_row_is_in_one_batch_of_no_more_tokens_than_allowed(found: list[Row]) -> None:
    made = list(batches(found, 400, 5))
    assert sorted(map(id, found)) == sorted(id(row) for batch in made for row in batch)
    assert all(len(batch) == 1 or padded(batch).ids.numel() <= 400 for batch in made)
    assert messages_in(found) == 36
