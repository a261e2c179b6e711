"""Does at random what a person can do, in two stores on one home at once and in the model, and compares them.

`python -m tests.memory.session_machine [STEPS]` takes that many steps (10,000) in a folder of its own.
"""

import shutil
import sys
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from pentimento.memory.store import Store
from pentimento.memory.types import Pointers, StoreError, TurnStatus, Within
from tests.memory.session_model import CURRENT, Places, SessionModel, branch, preference, tag
from tests.memory.stories import image, mask, png

NAMES = st.sampled_from(["winter", "summer", "main", "main~2", "winter~2"])
ANY = st.integers(0, 999)
"""Modulo what there is."""
WHO = st.sampled_from([0, 1])


class Shelf:
    """Two stores on one home, with a fresh session for every story; counts the steps of all stories."""

    def __init__(self, home: Path) -> None:
        self.home, self.steps = home, 0
        self.stores = [Store(home), Store(home)]
        self._names = (f"story {number}" for number in count(1))

    def reopen(self, who: int) -> None:
        self.stores[who].close()
        self.stores[who] = Store(self.home)

    def fresh_session(self) -> int:
        return self.stores[0].session(next(self._names)).id

    def close(self) -> None:
        problems = self.stores[0].verify()
        for store in self.stores:
            store.close()
        assert problems == ()


class Story(RuleBasedStateMachine):
    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.shelf, self.model = shelf, SessionModel()
        self.session = shelf.fresh_session()
        shelf.steps -= 1  # the invariant is looked at once before the first step

    @rule(who=WHO, steps=st.integers(0, 3), with_mask=st.booleans())
    def turn(self, who: int, steps: int, with_mask: bool) -> None:
        turn, head = self.begin(who), self.model.head
        for _ in range(steps):
            head = self.step(who, turn, head, with_mask)
        self.end(who, turn)

    @rule(order=st.lists(st.sampled_from([0, 1, 2]), min_size=2, max_size=5))
    def two_turns_at_once(self, order: Sequence[int]) -> None:
        """Both begin at the same picture; 2 stands for an undo in their midst."""
        turns, heads = [self.begin(0), self.begin(1)], [self.model.head] * 2
        for who in order:
            if who == 2:
                self.undo(0, 1)
            else:
                heads[who] = self.step(who, turns[who], heads[who], with_mask=False)
        for who in (0, 1):
            self.end(who, turns[who])

    @precondition(lambda self: self.model.pictures)
    @rule(who=WHO, at=ANY)
    def turn_that_began_somewhere_else(self, who: int, at: int) -> None:
        turn = self.begin(who)
        self.step(who, turn, self.picture(at), with_mask=False)
        self.end(who, turn)

    @rule(who=WHO, steps=st.lists(st.tuples(st.sampled_from(["undo", "redo", "paint"]), st.integers(1, 3)), max_size=5))
    def turn_that_goes_back_and_forth(self, who: int, steps: Sequence[tuple[str, int]]) -> None:
        turn, store, way = self.begin(who), self.shelf.stores[who], self.model.way()
        gone: list[tuple[str, int]] = []
        for kind, n in steps:
            within = Within(turn, tuple(gone))
            if kind == "paint":
                self.step(who, turn, self.model.head, with_mask=False)
                way.did(self.model.done[-1])
            elif taken := self.model.go_along(way, kind, n, turn):
                assert len(getattr(store, kind)(self.session, n, within)) == taken
                gone.append((kind, n))
            else:
                with pytest.raises(StoreError, match=f"nothing left to {kind}"):
                    getattr(store, kind)(self.session, n, within)
        self.end(who, turn)

    @rule(who=WHO)
    def import_image(self, who: int) -> None:
        seed = self.next_seed()
        node = self.shelf.stores[who].import_image(self.session, image(seed))
        self.model.pictures[node.id], self.model.parents[node.id] = seed, []
        self.model.do("import", {branch(self.model.on): node.id})

    @precondition(lambda self: self.model.pictures)
    @rule(who=WHO, at=ANY)
    def checkout(self, who: int, at: int) -> None:
        self.shelf.stores[who].checkout(self.session, self.picture(at))
        self.model.do("checkout", {branch(self.model.on): self.picture(at)})

    @precondition(lambda self: self.model.pictures)
    @rule(who=WHO, name=NAMES, at=ANY, numbered=st.booleans())
    def branch(self, who: int, name: str, at: int, numbered: bool) -> None:
        taken, store = name in self.model.branches, self.shelf.stores[who]
        if taken and not numbered:
            with pytest.raises(StoreError, match="There is a branch"):
                store.branch(self.session, name, self.picture(at))
            return
        store.branch(self.session, name, self.picture(at), numbered=numbered)
        self.model.make_branch(self.model.free_name(name) if taken else name, self.picture(at))

    @rule(who=WHO, at=ANY)
    def switch(self, who: int, at: int) -> None:
        name = self.model.branches[at % len(self.model.branches)]
        self.shelf.stores[who].switch(self.session, name)
        self.model.do("checkout", {CURRENT: name})

    @precondition(lambda self: self.model.pictures)
    @rule(who=WHO, name=NAMES, at=ANY)
    def tag(self, who: int, name: str, at: int) -> None:
        self.shelf.stores[who].tag(self.session, name, self.picture(at))
        self.model.do("tag", {tag(name): self.picture(at)})

    @rule(who=WHO, name=NAMES)
    def untag(self, who: int, name: str) -> None:
        if name not in self.model.tags:
            with pytest.raises(StoreError, match="There is no tag"):
                self.shelf.stores[who].tag(self.session, name, None)
            return
        self.shelf.stores[who].tag(self.session, name, None)
        self.model.do("tag", {tag(name): None})

    @rule(who=WHO, key=st.sampled_from(["ratio", "style"]), words=st.sampled_from(["wide", "n1", "", None]))
    def prefer(self, who: int, key: str, words: str | None) -> None:
        turn = self.begin(who)
        self.shelf.stores[who].prefer(self.session, key, words, turn)
        self.model.do("turn", {preference(key): words}, turn)
        self.end(who, turn)

    @rule(who=WHO)
    def accept(self, who: int) -> None:
        base = self.model.base()
        if base is None or self.model.head is None:
            with pytest.raises(StoreError, match="nothing to accept"):
                self.shelf.stores[who].accept(self.session)
            return
        self.shelf.stores[who].accept(self.session)
        self.model.accept(base)

    @rule(who=WHO, n=st.integers(1, 4))
    def undo(self, who: int, n: int) -> None:
        reversed_ = self.model.undo(n)
        if reversed_:
            assert len(self.shelf.stores[who].undo(self.session, n)) == reversed_
            return
        with pytest.raises(StoreError, match="nothing left to undo"):
            self.shelf.stores[who].undo(self.session, n)

    @rule(who=WHO, n=st.integers(1, 4))
    def redo(self, who: int, n: int) -> None:
        reversed_ = self.model.redo(n)
        if reversed_:
            assert len(self.shelf.stores[who].redo(self.session, n)) == reversed_
            return
        with pytest.raises(StoreError, match="nothing left to redo"):
            self.shelf.stores[who].redo(self.session, n)

    @rule(who=WHO)
    def reopen(self, who: int) -> None:
        self.shelf.reopen(who)

    @precondition(lambda self: self.model.past)
    @rule(who=WHO, at=ANY)
    def look_back(self, who: int, at: int) -> None:
        number = at % len(self.model.past) + 1
        assert self.shelf.stores[who].pointers(self.session, number) == pointers(self.model.past[number - 1])

    @invariant()
    def both_stores_are_where_the_model_is(self) -> None:
        self.shelf.steps += 1
        for store in self.shelf.stores:
            assert store.pointers(self.session) == pointers(self.model.places)

    def teardown(self) -> None:
        store, model = self.shelf.stores[1], self.model
        assert [operation.kind for operation in store.operations(self.session)] == model.kinds
        past = [store.pointers(self.session, number + 1) for number in range(len(model.past))]
        assert past == [pointers(places) for places in model.past]
        nodes = {node.id: node for node in store.nodes(self.session)}
        assert {name: [edge.parent for edge in node.parents] for name, node in nodes.items()} == model.parents
        for name, seed in model.pictures.items():
            assert store.png(nodes[name]) == png(seed)
        turns = store.turns(self.session)
        assert [turn.said for turn in turns] == model.said
        assert {turn.status for turn in turns} <= {TurnStatus.DONE}
        assert without_cycle(model.parents)

    def picture(self, at: int) -> str:
        return list(self.model.pictures)[at % len(self.model.pictures)]

    def next_seed(self) -> int:
        return len(self.model.parents)

    def begin(self, who: int) -> int:
        self.model.said.append(f"message {len(self.model.said)}")
        return self.shelf.stores[who].begin_turn(self.session, self.model.said[-1]).number

    def step(self, who: int, turn: int, head: str | None, with_mask: bool) -> str:
        """Makes a picture from the head, perhaps inside a mask that is made along; returns its id."""
        seed = self.next_seed()
        batch = [mask(seed), image(seed, head, "+0")] if with_mask else [image(seed, head)]
        nodes = self.shelf.stores[who].add_nodes(self.session, turn, batch, len(batch) - 1, head)
        made = nodes[-1].id
        self.model.pictures[made] = seed
        self.model.parents |= {node.id: [] for node in nodes[:-1]}
        self.model.parents[made] = [parent for parent in (head, *(node.id for node in nodes[:-1])) if parent]
        self.model.step(turn, head, made)
        return made

    def end(self, who: int, turn: int) -> None:
        self.shelf.stores[who].end_turn(self.session, turn, TurnStatus.DONE)


def pointers(places: Places) -> Pointers:
    found = sorted(places.items())
    heads = {name: value or None for (is_a, name), value in found if is_a == "branch"}
    tags, preferred = ({name: value for (is_a, name), value in found if is_a == kind} for kind in ("tag", "preference"))
    return Pointers(places[CURRENT], heads, tags, preferred)


def without_cycle(parents: dict[str, list[str]]) -> bool:
    """Whether every node can be reached from those without parents, one generation after the other."""
    old: set[str] = set()
    while young := {node for node, above in parents.items() if node not in old and old.issuperset(above)}:
        old |= young
    return old == set(parents)


def tell(home: Path, steps: int, each: int = 50, *, always_the_same: bool = False) -> int:
    """Tells stories of up to `each` steps until there were so many steps in all; returns how many there were."""
    shelf = Shelf(home)

    class Here(Story):
        def __init__(self) -> None:
            super().__init__(shelf)

    rules = settings(
        stateful_step_count=each,
        deadline=None,
        database=None,
        derandomize=always_the_same,
        suppress_health_check=list(HealthCheck),
    )
    try:
        while shelf.steps < steps:
            stories = -(-(steps - shelf.steps) // each)
            run_state_machine_as_test(Here, settings=settings(rules, max_examples=stories))
    finally:
        shelf.close()
    return shelf.steps


def main(steps: int) -> None:
    home = Path(tempfile.mkdtemp(prefix="pentimento-story-"))
    taken = tell(home, steps)
    shutil.rmtree(home)
    sys.stdout.write(f"{taken} steps; the store and the model agreed after each\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
