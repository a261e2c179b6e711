"""Options of a command as one value: the fields of a dataclass, each annotated for typer."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TypeVar, get_type_hints

import typer

Options = TypeVar("Options")


def spread(command: Callable[[typer.Context, Options], None]) -> Callable[..., None]:
    """The command as typer takes it: with a parameter for each field of its `options`."""
    options = get_type_hints(command)["options"]

    @wraps(command)
    def spread_out(context: typer.Context, **values: object) -> None:
        command(context, options(**values))

    context, _ = inspect.signature(command).parameters.values()
    fields = inspect.signature(options, eval_str=True).parameters.values()
    keywords = [field.replace(kind=inspect.Parameter.KEYWORD_ONLY) for field in fields]
    spread_out.__dict__["__signature__"] = inspect.Signature([context, *keywords])
    return spread_out
