"""How nodes are named: "n3" is the third of its session."""

import re
from typing import overload

from pentimento.memory.types import StoreError


@overload
def node_id(number: int) -> str: ...
@overload
def node_id(number: int | None) -> str | None: ...
def node_id(number: int | None) -> str | None:
    return None if number is None else f"n{number}"


def node_number(identifier: str) -> int:
    """ "n3" -> 3. Raises StoreError for anything that is no node's id."""
    if not re.fullmatch(r"n[1-9][0-9]{0,17}", identifier):
        raise StoreError(f"{identifier!r} is not the id of a picture; ids look like n3.")
    return int(identifier[1:])
