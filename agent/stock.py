"""The models of a home, for whoever asks from outside: which there are, which is used, fetched, checked.

What goes wrong is an `AgentError` with one sentence, as everywhere at this border.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pentimento.agent.types import AgentError
from pentimento.tools import choosing, order, pulling
from pentimento.tools.choosing import Part, Standing, models_of
from pentimento.tools.hub import Hub
from pentimento.tools.order import Order
from pentimento.tools.pulling import Fetched
from pentimento.tools.types import ToolError

__all__ = ["Fetched", "Order", "Part", "Pull", "Standing", "order_of", "profile", "profiles", "use", "verify"]


@dataclass(frozen=True)
class Pull:
    """What would be fetched; empty orders: all of it is here."""

    name: str
    orders: Sequence[Order]
    left: int
    """Bytes that are not here yet."""
    run: Callable[[Callable[[Fetched], None]], None]
    """Fetches it and tells how far it is. Raises `AgentError`; what has arrived is kept."""


def profiles(home: Path) -> list[Standing]:
    """All of them, by name."""
    with _told():
        return choosing.standings(models_of(home))


def profile(home: Path, name: str | None = None) -> Standing:
    """The one of that name, or the one that the home uses."""
    models = models_of(home)
    with _told():
        return choosing.standing(models, name or choosing.in_use(models))


def use(home: Path, name: str) -> None:
    with _told():
        choosing.use(models_of(home), name)


def verify(home: Path, name: str | None = None, progress: Callable[[Fetched], None] = lambda _: None) -> list[str]:
    """What is wrong with the files of a profile, or of the one in use and all that was fetched; tells how far the reading is."""
    with _told():
        return choosing.verify(models_of(home), name, progress)


def order_of(home: Path, name: str, *, renew: bool = False) -> Pull:
    """Asks the hub what would be fetched; nobody where all is here and is not to be renewed."""
    models = models_of(home)
    with _told():
        wanted = choosing.known(models, name)
        if not renew and order.complete(wanted, models):
            choosing.check_parts(wanted)
            return Pull(name, (), 0, lambda _progress: None)
        hub = Hub()
        orders = order.look(wanted, models, hub, renew=renew)

    def run(progress: Callable[[Fetched], None]) -> None:
        with _told():
            pulling.fetch(orders, models, hub, progress)

    lacking = [one for one in orders if one.to_fetch(models)]
    return Pull(name, lacking, sum(one.left(models) for one in lacking), run)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ToolError as error:
        raise AgentError(str(error)) from error
