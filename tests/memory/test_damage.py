import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from pentimento.memory.recover import recover
from pentimento.memory.store import Store
from pentimento.memory.types import Node, StoreError
from tests.memory.long_story import DATABASE, JOURNAL, lose, tell_long, use
from tests.memory.stories import take_turn

pytestmark = pytest.mark.slow


def cut(lines: list[bytes], random: Random) -> None:
    """The end of a line, and the beginning of the next one, are missing."""
    at = random.randrange(len(lines) - 1)
    lines[at : at + 2] = [lines[at][: len(lines[at]) // 2] + lines[at + 1][5:]]


def flip(lines: list[bytes], random: Random) -> None:
    content = bytearray(random.choice(lines))
    at = lines.index(bytes(content))
    content[random.randrange(len(content))] ^= 1 << random.randrange(8)
    lines[at] = bytes(content)


def wipe(lines: list[bytes], random: Random) -> None:
    at = random.randrange(len(lines))
    start = random.randrange(len(lines[at]))
    lines[at] = lines[at][:start] + bytes(60) + lines[at][start + 60 :]


@pytest.fixture(scope="module")
def long_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("long") / "home"
    with Store(home) as store:
        tell_long(store, 100)
    return home


@pytest.mark.parametrize("harm", [cut, flip, wipe])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_a_damaged_journal_gives_back_nearly_all(
    long_home: Path, tmp_path: Path, harm: Callable[[list[bytes], Random], None], seed: int
) -> None:
    home, random = Path(shutil.copytree(long_home, tmp_path / "home")), Random(seed)
    with Store(home) as store:
        session = store.session("default")
        before = store.nodes(session.id), store.turns(session.id), store.pointers(session.id)
    lines = (home / JOURNAL).read_bytes().splitlines(keepends=True)
    for _ in range(2):
        harm(lines, random)
    lines.append(lines[-1][:40])
    (home / JOURNAL).write_bytes(b"".join(lines))
    lose(home)
    assert recover(home).damaged_lines >= 1
    with Store(home) as store:
        assert store.verify() == () or harm is flip
        (session,) = store.sessions()
        nodes, turns, pointers = (store.nodes(session.id), store.turns(session.id), store.pointers(session.id))
        assert len({node.id for node in nodes if node.gone is None}) >= 0.99 * len(before[0])
        assert len(turns) >= 0.99 * len(before[1])
        assert len(pointers.branches) + len(pointers.tags) >= len(before[2].branches) + len(before[2].tags) - 2
        use(store, 5)


def damage(path: Path, healthy: bytes, random: Random) -> None:
    content, size = bytearray(healthy), random.choice([1, 8, 64, 512, 4096])
    start = random.randrange(len(content) - size)
    content[start : start + size] = random.choice([bytes(size), random.randbytes(size)])
    path.write_bytes(content)


def work(home: Path) -> None:
    """Reads and writes whatever there is."""
    with Store(home) as store:
        store.verify()
        session = store.session("default")
        store.nodes(session.id)
        store.turns(session.id)
        store.operations(session.id)
        store.pointers(session.id)
        store.search("picture")
        node = take_turn(store, session.id, 777, session.head)
        store.ancestors(session.id, node.id)
        store.undo(session.id, 2)
        store.redo(session.id)


def names(nodes: tuple[Node, ...]) -> set[tuple[str, str, str]]:
    return {(node.id, node.label, node.blob) for node in nodes}


def mutate(long_home: Path, tmp_path: Path, times: int) -> None:
    """Never anything but a StoreError, and never less than before after a recovery."""
    home, random = Path(shutil.copytree(long_home, tmp_path / "home")), Random(7)
    with Store(home) as store:
        nodes = store.nodes(store.session("default").id)
    healthy, lines, refused = (home / DATABASE).read_bytes(), (home / JOURNAL).read_bytes(), 0
    for _ in range(times):
        lose(home)
        damage(home / DATABASE, healthy, random)
        (home / JOURNAL).write_bytes(lines)
        try:
            work(home)
        except StoreError:
            refused += 1
        recover(home)
        with Store(home) as store:
            back = store.nodes(store.session("default").id)
            assert len(names(back) & names(nodes)) >= 0.99 * len(nodes)
        for path in home.glob("*.set-aside-*"):
            path.unlink()
    assert refused >= times / 10


def test_four_damaged_databases_are_refused_and_rebuilt(long_home: Path, tmp_path: Path) -> None:
    mutate(long_home, tmp_path, 4)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_hundred_damaged_databases_are_refused_and_rebuilt(long_home: Path, tmp_path: Path) -> None:
    mutate(long_home, tmp_path, 500)
