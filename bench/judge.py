"""The judge: which facts of a claim a picture of the world shows. For benchmarks alone, never for the product.

A small convolutional net says for each cell of an 8-pixel grid what is there, `decode` makes `Facts` of it, and a picture is
accepted when it shows every fact of the claim, or every one of those that a caption names (`said`).
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from pentimento.starter.pictures import to_tensor
from pentimento.starter.words import ANIMALS, COLORS, KINDS, PLACES, STYLES, TIMES, WEATHERS, plural
from pentimento.starter.world.layout import placed
from pentimento.starter.world.scene import SHAPES, SPOTS, Scene

WEIGHTS = Path(__file__).with_name("judge.safetensors")
NATURAL = "natural"
COLOR_NAMES = (NATURAL, *COLORS)
PLAIN = {
    **dict.fromkeys(("apple", "balloon", "bow", "car"), "red"),
    **dict.fromkeys(("cactus", "frog", "tree"), "green"),
    **dict.fromkeys(("elephant", "mouse"), "gray"),
    **dict.fromkeys(("hedgehog", "owl"), "brown"),
    "pig": "pink",
    "pumpkin": "orange",
    "rabbit": "white",
}
"""Kind → the word for its natural colours, where one fits so well that a picture of either is right."""
ROLES = {"": "", "worn": "wearing", "rider": "on", "back": "behind"}
"""What a thing is to the one it belongs to → the world's word for how they belong together; empty for a thing on its own."""
PHRASES = {"place": PLACES, "time": TIMES, "weather": WEATHERS, "style": STYLES}
SETTINGS = {name: ("", *values) for name, values in PHRASES.items()}
"""Fact about the whole picture → what it may be; empty where nothing can be told."""
THERE = 0.5
"""Probability of a thing's middle from which on the thing counts as there."""
_APART = 2
"""Cells within which two middles of one kind are one."""
_NOUNS = {form: kind for kind, nouns in KINDS.items() for noun in nouns for form in (noun, plural(noun))}
_NOUN = re.compile(rf"\b({'|'.join(sorted(_NOUNS, key=len, reverse=True))})\b")
_COLORED = re.compile(rf"\b({'|'.join(COLORS)}) $")
_JOINED = {"wearing": r"\b(wear\w*|with|in)\b", "on": r"\bon\b", "behind": r"\b(in front of|before|behind)\b"}


class JudgeError(Exception):
    """The judge can't work; the message says what to do."""


@dataclass(frozen=True)
class Seen:
    kind: str
    color: str
    """One of COLOR_NAMES."""
    x: float
    """Its middle, as a share of the picture's width."""


@dataclass(frozen=True)
class Relation:
    first: str
    name: str
    """"wearing", "on" or "behind" (the second behind the first)."""
    second: str


@dataclass(frozen=True)
class Facts:
    """What is in a picture, or should be; sizes are no facts here."""

    things: tuple[Seen, ...]
    """From left to right."""
    relations: tuple[Relation, ...]
    place: str
    time: str
    weather: str
    style: str

    def row(self) -> tuple[str, ...]:
        """The kinds from left to right, but for those that another one wears, stands on or stands in front of."""
        seconds = {relation.second for relation in self.relations}
        return tuple(sorted((kind for kind in self.kinds() if kind not in seconds), key=self.middle))

    def middle(self, kind: str) -> float:
        """Of all things of the kind, as a share of the picture's width."""
        return float(np.mean([thing.x for thing in self.of(kind)]))

    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted({thing.kind for thing in self.things}))

    def of(self, kind: str) -> tuple[Seen, ...]:
        return tuple(thing for thing in self.things if thing.kind == kind)

    def named(self) -> dict[str, str]:
        """Every single fact by its name. Two pictures of which all facts are the same show the same."""
        row, found = self.row(), {"kinds": " ".join(self.kinds())}
        for kind in self.kinds():
            alike = self.of(kind)
            found[f"count {kind}"] = str(len(alike))
            found[f"color {kind}"] = " ".join(_color_word(thing) for thing in alike)
        found |= {f"relation {one.first}": f"{one.name} {one.second}" for one in self.relations}
        found |= {f"order {' '.join(sorted(pair))}": f"{pair[0]} first" for pair in combinations(row, 2)}
        if len(row) == 3:
            found["between"] = row[1]
        if len(row) == 1 and len(self.of(row[0])) == 1:
            found["spot"] = min(SPOTS, key=lambda spot: abs(SPOTS[spot] - self.middle(row[0])))
        return found | {"place": self.place, "time": self.time, "weather": self.weather, "style": self.style}


def _color_word(thing: Seen) -> str:
    return PLAIN.get(thing.kind, NATURAL) if thing.color == NATURAL else thing.color


def claim(scene: Scene) -> Facts:
    """What a picture of the scene shows."""
    width = scene.size[0]
    things = [
        Seen(one.thing.kind, one.thing.color or NATURAL, (one.left + one.side / 2) / width) for one in placed(scene)
    ]
    pairs = [group for group in scene.groups if group.relation in _JOINED]
    relations = tuple(Relation(group.things[0].kind, group.relation, group.things[1].kind) for group in pairs)
    left_to_right = tuple(sorted(things, key=lambda thing: thing.x))
    return Facts(left_to_right, relations, scene.place, scene.time, scene.weather, scene.style)


def shows(seen: Facts, claimed: Facts, names: Collection[str] | None = None) -> bool:
    """Whether all claimed facts are seen, or all of those `names`; no kind may be there that is not claimed."""
    found = seen.named()
    return all(found.get(name) == value for name, value in claimed.named().items() if names is None or name in names)


def said(words: str, claimed: Facts) -> frozenset[str]:
    """Names of the claimed facts that a caption's words name: what is ordinary they mostly leave out, as they do sizes here."""
    text = words.lower()
    return frozenset(name for name in claimed.named() if _is_said(name, text, claimed))


def _is_said(name: str, text: str, claimed: Facts) -> bool:
    what, _, of = name.partition(" ")
    nouns = [(_NOUNS[match[0]], match.start(), match.end()) for match in _NOUN.finditer(text)]
    match what:
        case "kinds":
            return bool(nouns) or "nothing" in text
        case "count":
            return any(kind == of for kind, _, _ in nouns)
        case "color":
            return any(kind == of and _COLORED.search(text[:start]) for kind, start, _ in nouns)
        case "relation":
            return any(_joins(one, text, nouns) for one in claimed.relations if one.first == of)
        case "order":
            return re.search(r"\b(left|right)\b", text) is not None
        case "between":
            return re.search(r"\bbetween\b", text) is not None
        case "spot":
            return re.search(r"\b(left|right|in the middle)\b", text) is not None
        case _:
            return any(re.search(rf"\b{phrase}\b", text) for phrase in PHRASES[what][getattr(claimed, what)])


def _joins(relation: Relation, text: str, nouns: list[tuple[str, int, int]]) -> bool:
    """Whether words of the relation stand between the two nouns, whichever comes first."""
    ends = [(start, end) for kind, start, end in nouns if kind in (relation.first, relation.second)]
    gaps = [text[one[1] : other[0]] for one, other in pairwise(ends)]
    return any(re.search(_JOINED[relation.name], gap) for gap in gaps)


@dataclass(frozen=True)
class Maps:
    """What the net says of one picture, as probabilities for each cell."""

    middle: NDArray[np.float64]
    """(kinds, rows, columns), of a thing of that kind having its middle there; so exact that of two neighbours one is higher."""
    kind: NDArray[np.float32]
    """(1 + kinds, rows, columns), of what is seen there; first of nothing."""
    color: NDArray[np.float32]
    """(colours, rows, columns), of the thing there."""
    role: NDArray[np.float32]
    """(roles, rows, columns), of the thing there."""
    setting: dict[str, str]
    """A value for each of SETTINGS."""


def decode(maps: Maps) -> Facts:
    """A thing for each middle; its cells vote on its colour and its role."""
    found = sorted(_things(maps), key=lambda pair: pair[0].x)
    alone = [thing for thing, role in found if not role]
    relations = []
    for thing, role in found:
        hosts = [host for host in alone if role != "worn" or host.kind in ANIMALS]
        if role and hosts:
            host = min(hosts, key=lambda host: abs(host.x - thing.x))
            first, second = (thing, host) if role == "rider" else (host, thing)
            relations.append(Relation(first.kind, ROLES[role], second.kind))
    return Facts(tuple(thing for thing, _ in found), tuple(relations), **maps.setting)


def _things(maps: Maps) -> Iterator[tuple[Seen, str]]:
    """Each thing and its role."""
    middles = torch.from_numpy(maps.middle)
    best = F.max_pool2d(middles[None], 2 * _APART + 1, 1, _APART)[0]
    peaks: NDArray[np.int64] = torch.nonzero((middles >= THERE) & (middles == best)).numpy()
    rows, columns = np.indices(maps.middle.shape[1:])
    for number, row, column in peaks:
        alike = peaks[peaks[:, 0] == number]
        nearest = np.min([np.hypot(rows - r, columns - c) for _, r, c in alike], axis=0)
        votes = maps.kind[1 + number] * (np.hypot(rows - row, columns - column) <= nearest)
        color = COLOR_NAMES[int((votes * maps.color).sum((1, 2)).argmax())]
        role = tuple(ROLES)[int((votes * maps.role).sum((1, 2)).argmax())]
        yield Seen(tuple(KINDS)[number], color, (column + 0.5) / maps.middle.shape[2]), role


class Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.first, self.second = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        changed: torch.Tensor = self.second(F.relu(self.first(self.norm(x))))
        return x + changed


def _halved(width: int, wider: int) -> nn.Conv2d:
    return nn.Conv2d(width, wider, 3, stride=2, padding=1)


class Eye(nn.Module):
    """The net: cells see as far as the largest thing reaches, and the whole picture's heads see its texture too."""

    cell_parts = (len(KINDS), 1 + len(KINDS), len(COLOR_NAMES), len(ROLES))
    setting_parts = tuple(len(values) for values in SETTINGS.values())

    def __init__(self, fine: int = 48, width: int = 128) -> None:
        super().__init__()
        self.fine = nn.Sequential(_halved(3, 32), nn.ReLU(), _halved(32, fine), Block(fine))
        self.near = nn.Sequential(_halved(fine, width), Block(width))
        self.far = nn.Sequential(_halved(width, width), Block(width), Block(width))
        self.both = nn.Sequential(Block(width), nn.GroupNorm(8, width), nn.ReLU())
        self.cells = nn.Conv2d(width, sum(self.cell_parts), 1)
        self.setting = nn.Sequential(
            nn.Linear(fine + width, width), nn.ReLU(), nn.Linear(width, sum(self.setting_parts))
        )
        self.cells.get_parameter("bias").data[: len(KINDS)] = -6.0  # middles are rare

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Of pictures (count, 3, height, width), -1..1, sides multiples of 16, the logits of the cells (count, parts,
        height / 8, width / 8) and of the setting (count, parts)."""
        fine = self.fine(pictures.contiguous(memory_format=torch.channels_last))
        near = self.near(fine)
        both = self.both(near + F.interpolate(self.far(near), scale_factor=2.0))
        whole = torch.cat([F.relu(fine).mean((2, 3)), both.mean((2, 3))], 1)
        return self.cells(both), self.setting(whole)


class Judge:
    def __init__(self, eye: Eye) -> None:
        self.eye = eye

    def accepts(self, claimed: Facts, picture: Image.Image, names: Collection[str] | None = None) -> bool:
        """Whether the picture shows all that is claimed, or all of it that `names`."""
        return shows(self.facts(picture), claimed, names)

    def facts(self, picture: Image.Image) -> Facts:
        return decode(self.maps(picture))

    @torch.no_grad()
    def maps(self, picture: Image.Image) -> Maps:
        pixels = to_tensor([np.asarray(fitted(picture))]).to(next(self.eye.parameters()).device)
        cells, setting = (logits[0].float().cpu() for logits in self.eye(pixels))
        middle, *others = cells.split(self.eye.cell_parts)
        kind, color, role = (logits.softmax(0).numpy() for logits in others)
        parts = zip(SETTINGS.items(), setting.split(self.eye.setting_parts), strict=True)
        told = {name: values[int(logits.argmax())] for (name, values), logits in parts}
        return Maps(middle.double().sigmoid().numpy(), kind, color, role, told)


def fitted(picture: Image.Image) -> Image.Image:
    """Brought to the size of the world's shape that is nearest to its own."""
    ratio = picture.width / picture.height
    size = min(SHAPES.values(), key=lambda size: abs(np.log(size[0] / size[1] / ratio)))
    small = picture.convert("RGB")
    return small if small.size == size else small.resize(size, Image.Resampling.BOX)


def load_judge(weights: Path = WEIGHTS) -> Judge:
    if not weights.exists():
        raise JudgeError(f"{weights} is missing. Train the judge: python -m pentimento.bench.train_judge")
    eye = Eye()
    eye.load_state_dict({name: tensor.float() for name, tensor in load_file(weights).items()})
    return Judge(eye.eval())
