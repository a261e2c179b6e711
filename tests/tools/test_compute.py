import pytest
import torch

from pentimento.tools import compute
from pentimento.tools.compute import Compute, Device, Dtype
from pentimento.tools.environment import Ran, environment
from pentimento.tools.types import ToolError


@pytest.mark.parametrize(
    ("card", "device", "dtype", "chosen"),
    [
        (False, None, None, Compute("cpu", "float32")),
        (False, None, "bfloat16", Compute("cpu", "bfloat16")),
        (True, "cpu", None, Compute("cpu", "float32")),
        (True, None, None, Compute("cuda", "bfloat16")),
        (True, "cuda", "float16", Compute("cuda", "float16")),
    ],
)
def test_a_card_is_used_where_there_is_one_and_the_profile_may_choose(
    monkeypatch: pytest.MonkeyPatch, card: bool, device: Device | None, dtype: Dtype | None, chosen: Compute
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: card)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *, including_emulation: True)
    assert compute.choose(device, dtype) == chosen


def test_an_older_card_computes_in_float16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda *, including_emulation: False)
    assert compute.choose(None, None) == Compute("cuda", "float16")


def test_a_card_that_is_not_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ToolError, match=r'^This profile wants a graphics card and .*; write device = "cpu" under'):
        compute.choose("cuda", None)


def test_the_environment_tells_how_models_computed() -> None:
    told = environment(Ran(Compute("cpu", "bfloat16"), "flex", ("tiles", "48 px")))
    assert (told["device"], told["dtype"], told["attention"]) == ("cpu", "bfloat16", "flex")
    assert told["memory"] == "tiles, 48 px"
    assert "memory" not in environment(Ran())


def test_the_environment_of_a_card_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "A Card")
    told = environment(Ran(Compute("cuda", "float16"), "sdpa", ("offload",)))
    assert (told["device"], told["processor"], told["dtype"]) == ("cuda", "A Card", "float16")
