"""How sure a mean is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mean:
    """The mean of what was measured with its 95 % interval."""

    values: Sequence[float]
    unit: str = ""
    digits: int = 1
    """Decimals that are shown."""

    def __str__(self) -> str:
        count, shown = len(self.values), f"{np.mean(self.values):.{self.digits}f}{self.unit}"
        if count == 1:
            return f"{shown} (n=1)"
        low, high = (f"{end:.{self.digits}f}" for end in student(self.values))
        return f"{shown} ({low} to {high}, n={count})"


def student(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval (low, high) of the mean of what the values are a sample of, after Student (1908, "The probable error of a
    mean"): it holds for few values too.

    Raises `ValueError` for fewer than two.
    """
    from scipy.special import stdtrit

    if len(values) < 2:
        raise ValueError(f"an interval needs two values or more, not {len(values)}")
    reach = float(stdtrit(len(values) - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return float(np.mean(values)) - reach, float(np.mean(values)) + reach
