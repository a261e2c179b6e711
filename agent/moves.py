"""The moves of a conversation: back and forth in the history, branches, steps made again, the log, a file, one question."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

NAME = r"[\w][\w.~+/-]{0,59}"
"""A branch's or a tag's, as the store takes them."""
_WORD = r'word:[^ "\\():\x00-\x1F][^"\\():\x00-\x1F]{0,39}'
REFERENCE = (
    rf"^(head|head~\d{{1,4}}|n\d{{1,9}}|step:[1-6]|grid:[1-9]|(branch|tag):{NAME}|{_WORD}"
    rf"|before[(](head|n\d{{1,9}}|{_WORD})[)])$"
)
"""How a plan names a picture: the one on the screen, an ancestor of it, a version, the outcome of an earlier step, one of the
several that a step made, a branch's head, a tag, the one that was asked for with a word, what was there before a step."""
_PLANNED_NAME = r"[a-zA-Z0-9_][a-zA-Z0-9_.~+/-]{0,39}"
PLANNED_REFERENCE = (
    rf"^(head|head~[1-9]\d?|n[1-9]\d{{0,5}}|step:[1-6]|grid:[1-9]|branch:{_PLANNED_NAME}|tag:{_PLANNED_NAME}|{_WORD}"
    rf"|before[(](head|n[1-9]\d{{0,5}}|{_WORD})[)])$"
)
"""What a language model may write; a person may write all of REFERENCE."""
LONGEST = 80
"""Characters of a reference."""
_FILE_NAME = r"[\w][\w.~+-]{0,59}"
"""A file's, without a folder: no way leads out of the one that it is written to."""
_PLANNED_FILE_NAME = r"[a-zA-Z0-9_][a-zA-Z0-9_.~+-]{0,39}"
EVER = -1
"""Days of a history that is looked at as a whole."""
REFERRING = ("ref", "step", "steps", "onto", "a", "b")
"""The arguments of moves that are references."""
Reference = Annotated[
    str, Field(pattern=REFERENCE, max_length=LONGEST, json_schema_extra={"pattern": PLANNED_REFERENCE})
]
Name = Annotated[str, Field(pattern=f"^{NAME}$", max_length=60, json_schema_extra={"pattern": f"^{_PLANNED_NAME}$"})]


class UndoArgs(BaseModel, extra="forbid"):
    """Take back the last changes."""

    n: int = Field(default=1, ge=1, le=50, description="how many")


class RedoArgs(BaseModel, extra="forbid"):
    """Put back what was undone."""

    n: int = Field(default=1, ge=1, le=50, description="how many")


class CheckoutArgs(BaseModel, extra="forbid"):
    """Go to an earlier version; nothing is lost."""

    ref: Reference = Field(description="the version: its id, head~2 for two before, branch:NAME, tag:NAME")


class BranchArgs(BaseModel, extra="forbid"):
    """Begin a branch, to try something and keep what there is."""

    name: Name = Field(description="a word")
    ref: Reference = Field(default="head", description="where it begins")


class TagArgs(BaseModel, extra="forbid"):
    """Give a picture a name."""

    name: Name = Field(description="a word")
    ref: Reference = Field(default="head", description="the picture")


class AcceptArgs(BaseModel, extra="forbid"):
    """Have what was made again on the branch that it came from."""


class ShowArgs(BaseModel, extra="forbid"):
    """Say how a picture was made: words, tool, seed, model."""

    ref: Reference = Field(default="head", description="the picture")


class DiffArgs(BaseModel, extra="forbid"):
    """Say how two pictures differ, in pixels and in how they were made."""

    a: Reference = Field(default="head~1", description="one picture")
    b: Reference = Field(default="head", description="the other one")


class RevertArgs(BaseModel, extra="forbid"):
    """Take out one earlier change and keep the later ones."""

    step: Reference = Field(description="the picture that the change made")


class TransplantArgs(BaseModel, extra="forbid"):
    """Apply changes that were made to one picture to another one."""

    steps: list[Reference] = Field(min_length=1, max_length=6, description="the pictures that the changes made")
    onto: Reference = Field(default="head", description="the picture that gets them")


class AmendArgs(BaseModel, extra="forbid"):
    """Say an earlier step in other words and make again what came after it."""

    step: Reference = Field(description="the picture that the step made")
    words: str = Field(default="", max_length=300, description="the whole prompt or instruction as it should have been")
    old: str = Field(default="", max_length=60, description="or only: a word of it …")
    new: str = Field(default="", max_length=60, description="… and the word that should stand there")
    target: str = Field(
        default="", max_length=60, description="the thing that an edit changes, where it is another one"
    )


class ReplayArgs(BaseModel, extra="forbid"):
    """Run all steps of a picture again: as a check, or on another picture."""

    ref: Reference = Field(default="head", description="the picture")
    onto: Reference = Field(default="", description="the picture that gets its changes")
    fresh: bool = Field(default=False, description="compute everything", json_schema_extra={"planned": False})


class LogArgs(BaseModel, extra="forbid"):
    """Show the history, or find pictures in it."""

    words: str = Field(
        default="",
        max_length=60,
        description="what was said or is seen, to find it",
    )
    days: int = Field(
        default=EVER,
        ge=EVER,
        le=999,
        description="since so many days ago, 0 today; left out: ever",
        json_schema_extra={"minimum": 0},
    )


class SetArgs(BaseModel, extra="forbid"):
    """Keep a wish for all new pictures to come, from now on."""

    key: Literal["ratio", "n", "avoid", "style", "rewrite"] = Field(
        description="shape of the picture, pictures at once, what should not be in it, words for every description,"
        " whether words may be put as the picture model likes them"
    )
    value: str = Field(
        default="", max_length=100, description="square, wide, tall; 1 to 4; words; on, off; empty: back to the default"
    )


OPTIONS = 6
"""Answers to choose from."""
OPTION_LENGTH = 60


class AskArgs(BaseModel, extra="forbid"):
    """Ask one question, only where a wrong guess would cost a picture and the choices differ visibly."""

    question: str = Field(min_length=1, max_length=200, description="one sentence")
    options: list[Annotated[str, Field(min_length=1, max_length=OPTION_LENGTH)]] = Field(
        default=[], max_length=OPTIONS, description="answers to choose from"
    )


class DeclineArgs(BaseModel, extra="forbid"):
    """Do nothing, where a person should not get what they ask for: children or real people undressed, forged documents."""

    reason: str = Field(min_length=1, max_length=200, description="one sentence")


class ExportArgs(BaseModel, extra="forbid", json_schema_extra={"outside": True}):
    """Write the picture to a file, where that is asked for; the person is asked before."""

    format: Literal["png", "jpeg", "webp"] = Field(default="png", description="of the file")
    keep: bool = Field(default=False, description="whether the words and the recipe are in the file too")
    name: str = Field(
        default="",
        pattern=f"^({_FILE_NAME})?$",
        max_length=60,
        description="of the file, without a folder",
        json_schema_extra={"pattern": f"^{_PLANNED_FILE_NAME}$"},
    )


MOVES: dict[str, type[BaseModel]] = {
    "undo": UndoArgs,
    "redo": RedoArgs,
    "checkout": CheckoutArgs,
    "branch": BranchArgs,
    "tag": TagArgs,
    "accept": AcceptArgs,
    "revert": RevertArgs,
    "transplant": TransplantArgs,
    "amend": AmendArgs,
    "replay": ReplayArgs,
    "log": LogArgs,
    "set": SetArgs,
    "show": ShowArgs,
    "diff": DiffArgs,
    "export": ExportArgs,
    "ask": AskArgs,
    "decline": DeclineArgs,
}
"""Every move by name, and its arguments; `agent/history.py`, `again.py`, `preferring.py` and `outside.py` carry them out."""
ALONE = ("ask", "decline")
"""What is the only step of its plan."""
OUTSIDE = frozenset(name for name, model in MOVES.items() if model.model_json_schema().get("outside"))
"""What reaches beyond the history: a person is asked before any of it, whatever a plan says."""


def is_taught(name: str) -> bool:
    """Whether a language model that isn't told of a move knows it all the same."""
    return bool(MOVES[name].model_json_schema().get("taught", True))
