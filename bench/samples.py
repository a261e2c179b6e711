"""Draws `docs/samples.png`: fixed prompts, seeds 0-63, and what one edit makes of each; nothing selected.

Usage: python -m pentimento.bench.samples [OUT.png]
"""

import sys
from pathlib import Path

from PIL import Image

from pentimento.bench.pixels import quiet
from pentimento.tools import EDIT, GENERATE
from pentimento.tools.engine import Engine, load_engine
from pentimento.tools.profile import load_profile
from pentimento.tools.types import ToolCall, ToolError

CONVERSATIONS = (
    ("a squirrel eating a nut in a forest", "make the squirrel red", "squirrel", "object"),
    ("a cat on a beach", "replace the cat with a dog", "cat", "object"),
    ("a blue car in a city", "put it at night", "", "picture"),
    ("a house in the snow", "make the house pink", "house", "object"),
    ("an owl at night", "add a mushroom on the right", "mushroom", "right"),
    ("a fox and a yellow balloon at sunset", "remove the balloon", "balloon", "object"),
    ("a duck and a boat on a beach", "make the duck purple", "duck", "object"),
    ("a rabbit in a meadow", "change the place to a forest", "", "picture"),
    ("a pig wearing a hat in the mountains", "make the hat green", "hat", "object"),
    ("three penguins in the snow", "make it a pencil drawing", "", "picture"),
    ("a castle in the desert", "make it rain", "", "picture"),
    ("a cow left of a tree in a meadow, watercolor", "remove the cow", "cow", "object"),
    ("a green tractor in a meadow", "replace the tractor with a bus", "tractor", "object"),
    ("a turtle on a beach at sunset", "put a crown on the turtle", "crown", "object"),
    ("a cake in a room, pixel art", "make the cake blue", "cake", "object"),
    ("a rocket in the desert at night", "add a frog on the left", "frog", "left"),
)
COLUMNS = len(CONVERSATIONS)
SEEDS = 64
CELL = 96


def sheet(engine: Engine) -> Image.Image:
    """A column for each conversation; row by row the picture of a seed and below it the same after the edit."""
    profile = load_profile("starter")
    board = Image.new("RGB", (COLUMNS * CELL, 2 * SEEDS // COLUMNS * CELL))
    for seed in range(SEEDS):
        prompt, instruction, target, scope = CONVERSATIONS[seed % COLUMNS]
        drawing = ToolCall("generate", GENERATE.version, "", profile.complete(GENERATE, {"prompt": prompt}), seed)
        picture = engine.run(drawing, {}, quiet).images[0]
        arguments = profile.complete(EDIT, {"instruction": instruction, "target": target, "scope": scope})
        changed = edited(engine, ToolCall("edit", EDIT.version, "", arguments, seed), picture)
        column, row = seed % COLUMNS, 2 * (seed // COLUMNS)
        board.paste(picture.resize((CELL, CELL)), (column * CELL, row * CELL))
        board.paste(changed.resize((CELL, CELL)), (column * CELL, (row + 1) * CELL))
    return board


def edited(engine: Engine, call: ToolCall, picture: Image.Image) -> Image.Image:
    """The edited picture; gray where the tool says that it can't find the thing."""
    try:
        return engine.run(call, {"src": picture}, quiet).images[0]
    except ToolError:
        return Image.new("RGB", picture.size, (128, 128, 128))


if __name__ == "__main__":
    sheet(load_engine("starter")).save(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/samples.png"))
