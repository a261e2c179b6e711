"""What comes out of a model must be numbers: NaN and infinity are refused in a sentence, not shown as a black picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from pentimento.tools.types import ToolError

if TYPE_CHECKING:
    import torch

_SENTENCE = (
    "The {model} model came to no numbers (NaN), so there is nothing to show; try another seed, or write"
    ' dtype = "float32" in the profile.'
)


def check_finite(values: "torch.Tensor", model: str = "picture") -> None:
    """Raises `ToolError` where one of them is no number."""
    import torch

    if not torch.isfinite(values).all():
        raise ToolError(_SENTENCE.format(model=model))


@contextmanager
def finite(model: str = "picture") -> Iterator[None]:
    """Within it a picture that is made of no numbers is a `ToolError`."""
    try:
        with np.errstate(invalid="raise"):
            yield
    except FloatingPointError as error:
        raise ToolError(_SENTENCE.format(model=model)) from error
