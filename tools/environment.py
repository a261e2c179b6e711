"""Where a call runs: what can change its pixels though the call stays the same. Kept with every picture."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version

EXACT = ("numpy", "pillow")
LEARNED = (*EXACT, "torch", "diffusers", "transformers")
"""Libraries that compute pixels, with and without models."""


@cache
def environment(*, models: bool) -> Mapping[str, str | int]:
    """Of this process: versions; with models also device, arithmetic and threads."""
    if not models:
        return {name: version(name) for name in EXACT}
    import torch

    return {
        **{name: version(name) for name in LEARNED},
        "device": "cpu",
        "processor": torch.backends.cpu.get_cpu_capability(),
        "dtype": "float32",
        "attention": "sdpa",
        "threads": torch.get_num_threads(),
    }
