"""Stores a home of the present schema beside the tests: `python -m tests.memory.make_upgrade_asset`, once per release.

The story: a squirrel, made red inside a mask, undone, redone, an imported picture, back to the squirrel, a failed turn.
"""

from dataclasses import replace
from pathlib import Path

from pentimento.memory.schema import LATEST
from pentimento.memory.store import Store
from pentimento.memory.types import TurnStatus
from tests.memory.stories import image, mask, take_turn

ASSETS = Path(__file__).parent / "upgrade_assets"


def tell(store: Store) -> None:
    session = store.session("default")
    first = take_turn(store, session.id, 1, None)
    turn = store.begin_turn(session.id, "make the squirrel red")
    store.add_nodes(session.id, turn.number, [mask(2), image(2, first.id, "+0")], 1, first.id)
    store.end_turn(session.id, turn.number, TurnStatus.DONE, plan='{"steps":[]}', details={"seconds": {"total": 1.5}})
    store.undo(session.id)
    store.redo(session.id)
    store.import_image(session.id, replace(image(3), call=None, recipe=""))
    store.checkout(session.id, first.id)
    turn = store.begin_turn(session.id, "make it fly")
    store.end_turn(session.id, turn.number, TurnStatus.FAILED, reply="There are no wings.")


def main() -> None:
    home = ASSETS / LATEST
    with Store(home) as store:
        tell(store)
    for lock in home.glob("*.lock"):
        lock.unlink()
    (home / "running").rmdir()


if __name__ == "__main__":
    main()
