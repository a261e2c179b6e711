"""What is done with a whole home: looked over, tidied, backed up, put back; and pictures and sessions forgotten for good."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from pentimento.agent import references
from pentimento.agent.types import AgentError
from pentimento.memory import recover as recovery
from pentimento.memory.backup import Backup, back_up
from pentimento.memory.collect import Collected, collect
from pentimento.memory.forget import Forgotten, forget_picture, forget_session
from pentimento.memory.recover import Recovered
from pentimento.memory.restore import Restored, restore
from pentimento.memory.store import Store
from pentimento.memory.types import Node, Session

__all__ = ["Backup", "Collected", "Forgotten", "Keeper", "Recovered", "Restored", "Target", "recover", "restore"]
SESSIONS_NAMED = 5


@dataclass(frozen=True)
class Target:
    """What is to be forgotten."""

    session: Session
    node: Node | None
    """None: the whole session."""


class Keeper:
    """Looks after one home. Raises `StoreError` wherever the store can't be used."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._store.close()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know about where the home lies and who else has it open."""
        return self._store.warnings

    def problems(self) -> tuple[str, ...]:
        """All damage that can be found, each with the picture that it concerns."""
        return self._store.verify()

    def collect(self, days: float, *, run: bool) -> Collected:
        """What nothing has led to for so many days goes, if it is to `run`."""
        return collect(self._store, timedelta(days=days), run=run)

    def back_up(self, folder: Path) -> Backup:
        return back_up(self._store, folder)

    def target(self, session: str | None, ref: str | None) -> Target:
        """What a person means; without a session, of the one used last. `AgentError` when it names nothing."""
        sessions = self._store.sessions()
        found = next((one for one in sessions if session in (None, one.name)), None)
        if found is None:
            few = ", ".join(one.name for one in sessions[:SESSIONS_NAMED])
            raise AgentError(
                f"There is no session “{session or 'default'}”; there {f'are: {few}' if few else 'is none yet'}."
            )
        return Target(found, None if ref is None else references.resolve(self._store, found, ref))

    def forget(self, target: Target) -> Forgotten:
        if target.node is None:
            return forget_session(self._store, target.session.id)
        return forget_picture(self._store, target.session.id, target.node.id)

    def head(self, target: Target) -> str | None:
        """Where the session is now."""
        return next((one.head for one in self._store.sessions() if one.id == target.session.id), None)


def recover(home: Path, *, force: bool = False) -> Recovered | None:
    """Rebuilds a database that is damaged or gone; None when it is whole, unless forced. Raises `StoreError`."""
    return recovery.recover(home) if force or recovery.is_needed(home) else None
