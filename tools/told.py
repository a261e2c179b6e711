"""What a picture model is told in place of the words of a step, where they were rewritten for it."""

from operator import not_
from typing import Annotated

from pydantic import Field

LONGEST = 1000
"""Characters."""
Rewritten = Annotated[
    str,
    Field(
        max_length=LONGEST,
        description="what the picture model is told in their place",
        # A call without it has the recipe that it had before anything was rewritten.
        exclude_if=not_,
        json_schema_extra={"planned": False},
    ),
]
