"""The recipe: one hash for everything that decides the pixels of a call. Same recipe, same pixels."""

import hashlib
import json
from collections.abc import Sequence

from pentimento.memory.types import Call


def recipe_hash(call: Call, source_blobs: Sequence[str]) -> str:
    """sha256 (hex) of the canonical JSON of a call and the blob hashes of its sources, in order.

    Canonical: keys sorted, no spaces, UTF-8, numbers as Python writes them (7 and 7.0 differ).
    The form is a contract: every stored recipe depends on it. Raises ValueError for NaN and infinity.
    """
    content = {
        "arguments": dict(call.arguments),
        "model": call.model,
        "seed": call.seed,
        "sources": list(source_blobs),
        "tool": call.tool,
        "version": call.version,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
