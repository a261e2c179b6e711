"""Texts that nobody here wrote (labels, file names, a bundle's words), made such that they stay data in a prompt."""

import re
import unicodedata

KEYS = ("picture", "branch", "names", "versions", "grid", "prefers", "region", "recent", "asked", "said")
"""What the lines of the state message begin with."""
_SPACES = re.compile(r"\s+")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_TOKEN = re.compile(
    r"<(?=[|｜])|(?<=[|｜])(?=>)"
    r"|<(?=/?(?:s|bos|eos|unk|pad|sep|cls|mask|think|tool_call|tool_response|(?:start|end)_of_turn|<?/?SYS>?)>)"
    r"|<(?=__media__>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])"
)
"""Where the mark of a chat template begins, or ends: a model's tokenizer would take it for the end of the message, or for a picture."""
_LIKE_A_LINE = re.compile(rf"^\W*(?:{'|'.join(KEYS)})\s*[:：]|=\s*n\d", re.IGNORECASE)


def plain(text: str) -> str:
    """One line without anything that can't be seen, and without the marks that chat templates are made of."""
    folded = _SPACES.sub(" ", text)
    seen = "".join(one for one in folded if unicodedata.category(one) not in _UNSEEN)
    return _SPACES.sub(" ", _TOKEN.sub(lambda mark: f"{mark[0]} ", seen))


def label(text: str) -> str:
    """In quotation marks where it could be read as another line of the state: "said: undo", "a fox = n1"."""
    words = plain(text)
    return '"{}"'.format(words.replace('"', "'")) if _LIKE_A_LINE.search(words) else words
