"""What the commands on models say."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pentimento.tui.keeping_text import size
from pentimento.tui.sanitize import one_line

if TYPE_CHECKING:
    from pentimento.agent.stock import Part, Pull, Standing

UNKNOWN = "?"


def list_text(standings: Sequence["Standing"]) -> str:
    """One line for each profile; ● is the one in use."""
    width = max(len(standing.name) for standing in standings)
    return "\n".join(_line(standing, width) for standing in standings)


def _line(standing: "Standing", width: int) -> str:
    mark = "●" if standing.used else " "
    whose = "" if standing.shipped else ", your own"
    return f"{mark} {standing.name:<{width}}  {one_line(standing.family or UNKNOWN, 30)}{whose}  {_state(standing)}".rstrip()


def _state(standing: "Standing") -> str:
    if standing.problem:
        return one_line(standing.problem, 200)
    if not standing.missing:
        return f"here, {size(sum(part.size or 0 for part in standing.parts))}"
    if any(part.source.repo for part in standing.parts if not part.here):
        return f"not here: {', '.join(standing.missing)}; pentimento models pull {standing.name}"
    return f"not here: {', '.join(standing.missing)}"


def show_text(standing: "Standing") -> str:
    if standing.problem:
        return one_line(standing.problem, 500)
    used = "in use" if standing.used else "not in use"
    head = [
        f"{standing.name} ({'shipped' if standing.shipped else 'your own'}, {used}), family {one_line(standing.family, 30)}"
    ]
    if standing.limits:
        head.append(one_line(standing.limits, 1000))
    for part in standing.parts:
        head += ["", *part_lines(part)]
    if standing.planner_url:
        head += ["", f"planner: a server at {one_line(standing.planner_url, 200)}"]
    if standing.missing:
        head += ["", f"{standing.name} is {_state(standing)}"]
    return "\n".join(head)


def part_lines(part: "Part") -> list[str]:
    """A model of a profile, its facts below it; what is not known is left out."""
    source = part.source
    revision = part.commit or (source.revision if source.repo else "")
    where = f"{source.repo} at {revision}" if source.repo else source.path
    facts = {
        "licence": part.licence,
        "size": "" if part.size is None else size(part.size),
        "memory": "" if source.memory_gb is None else f"{source.memory_gb:g} GB",
        "file": source.path if source.repo else "",
    }
    told = [f"  {name:<8} {one_line(fact, 200)}" for name, fact in facts.items() if fact]
    return [f"{part.role}: {one_line(where, 200)}{'' if part.here else '  (not here)'}", *told]


def pull_text(pull: "Pull") -> str:
    """What would be fetched, for the question whether it should be."""
    lines = [
        f"{order.source.repo} at {order.entry.commit[:12]} ({', '.join(order.roles)}): {size(order.entry.size)}, "
        f"licence {order.entry.licence or order.source.licence or 'not told'}"
        for order in pull.orders
    ]
    return "\n".join(one_line(line, 300) for line in [*lines, f"{size(pull.left)} are to be fetched."])
