"""Where a call runs: what can change its pixels though the call stays the same. Kept with every picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from pentimento.tools.compute import CPU, Compute

EXACT = ("numpy", "pillow")
LEARNED = (*EXACT, "torch", "diffusers", "transformers")
"""Libraries that compute pixels, with and without models."""


@dataclass(frozen=True)
class Ran:
    """How models computed."""

    compute: Compute = CPU
    attention: str = "sdpa"
    savings: tuple[str, ...] = ()
    """What was done so that it needs less memory: "tiles", "offload", "768 px"."""


@cache
def environment(ran: Ran | None) -> Mapping[str, str | int]:
    """Of this process: versions; where models ran also device, arithmetic, attention, threads, and savings of memory."""
    if ran is None:
        return {name: version(name) for name in EXACT}
    import torch

    return {
        **{name: version(name) for name in LEARNED},
        "device": ran.compute.device,
        **_chip(ran.compute),
        "dtype": ran.compute.dtype,
        "attention": ran.attention,
        "threads": torch.get_num_threads(),
        **({"memory": ", ".join(ran.savings)} if ran.savings else {}),
    }


def _chip(compute: Compute) -> dict[str, str]:
    import torch

    if compute.device == "cpu":
        return {"processor": torch.backends.cpu.get_cpu_capability()}
    return {"processor": torch.cuda.get_device_name(), "cuda": str(torch.version.cuda)}
