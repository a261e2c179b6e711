"""Which arguments of one step go together: a schema for each way, so that a grammar lets nothing else be written.

The checks that hold for a person's own plan too stand in `plan_language.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from pentimento.agent.preferences import KEYS, SAYINGS

OF_OP = {"flip": {"axis"}, "rotate": {"degrees"}, "crop": {"ratio"}, "resize": {"width", "height"}}
"""Which arguments belong to which operation of `transform`."""
NEEDED = {"crop": {"ratio"}, "resize": {"width", "height"}}
"""Of which of them an operation needs at least one."""


@dataclass(frozen=True)
class _Way:
    needs: tuple[str, ...] = ()
    without: frozenset[str] = frozenset()
    narrower: Mapping[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    """What an argument's schema says otherwise."""


def _of_op(op: str) -> tuple[_Way, ...]:
    """One for each argument that it needs, where one is enough."""
    others = frozenset().union(*OF_OP.values()) - OF_OP[op]
    only: Mapping[str, Mapping[str, JsonValue]] = {"op": {"enum": [op]}}
    needed = sorted(NEEDED.get(op, ()), reverse=True)
    return tuple(_Way(("op", name), others, {**only, name: _SAID[name]}) for name in needed) or (
        _Way(("op",), others, only),
    )


def _of_key(key: str) -> _Way:
    value: Mapping[str, JsonValue] = {"enum": ["", *SAYINGS[key]]} if key in SAYINGS else {}
    return _Way(("key",), narrower={"key": {"enum": [key]}, "value": value})


_WORD: Mapping[str, JsonValue] = {"minLength": 1}
_SAID: Mapping[str, Mapping[str, JsonValue]] = {
    "ratio": {"pattern": r"^\d{1,3}:\d{1,3}$"},
    "width": {"minimum": 1},
    "height": {"minimum": 1},
}
"""What a needed argument may hold: its default says nothing."""
_WAYS = {
    "edit": (
        _Way(("target",), narrower={"target": _WORD}),
        _Way(("scope",), narrower={"scope": {"enum": ["picture"]}}),
        _Way(("mask",)),
    ),
    "amend": (
        _Way(("words",), frozenset({"old", "new"}), {"words": _WORD}),
        _Way(("old", "new"), frozenset({"words"}), {"old": _WORD, "new": _WORD}),
    ),
    "transform": tuple(way for op in OF_OP for way in _of_op(op)),
    "set": tuple(map(_of_key, KEYS)),
}


def ways(tool: str, step: Mapping[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """The schemas of one tool's step, of which each allows one way; the step's own where there is but one."""
    properties, required = step["properties"], step["required"]
    if tool not in _WAYS or not isinstance(properties, dict) or not isinstance(required, list):
        return [dict(step)]
    possible = (way for way in _WAYS[tool] if properties.keys() >= set(way.needs))
    return [dict(step) | _narrowed(way, properties, required) for way in possible]


def _narrowed(way: _Way, properties: Mapping[str, JsonValue], required: list[JsonValue]) -> dict[str, JsonValue]:
    kept = {name: schema for name, schema in properties.items() if name not in way.without}
    narrower: dict[str, JsonValue] = {
        name: {**schema, **way.narrower.get(name, {})} for name, schema in kept.items() if isinstance(schema, dict)
    }
    return {"properties": narrower, "required": [*required, *(name for name in way.needs if name not in required)]}
