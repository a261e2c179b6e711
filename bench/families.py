"""The fair trial of the two image families: what each has learned in the same number of core-seconds.

Usage: python -m pentimento.bench.families FAMILY FOLDER OUT.png      (FAMILY: sd or klein)
"""

import random
import sys
from pathlib import Path

import torch
from PIL import Image

from pentimento.bench.image import Edited, Generated, measure_edits
from pentimento.starter.first.world.drawing import draw
from pentimento.starter.first.world.edits import EDITS, random_edit

STEPS = 12
PROMPTS = (
    "a red squirrel in a forest",
    "a squirrel eating a nut in a forest",
    "a blue car on a beach",
    "a cat and a green balloon at night",
    "a house in the snow",
    "a purple owl in a city",
    "a yellow duck at sunset",
    "a fox and a white rabbit in the snow",
)


def load_sd(folder: Path) -> tuple[Generated, Edited]:
    from pentimento.tools import sd

    models = sd.load(folder)

    def generated(prompt: str, seed: int) -> Image.Image:
        return sd.generate(models, prompt, 64, seed, STEPS, 3.0, lambda _: None)

    def edited(src: Image.Image, instruction: str, seed: int) -> Image.Image:
        return sd.edit(models, src, instruction, seed, STEPS, 2.0, 1.0, lambda _: None)

    return generated, edited


def load_klein(folder: Path) -> tuple[Generated, Edited]:
    from diffusers import Flux2KleinPipeline

    from pentimento.starter.first.train_klein import OUT_LAYERS, TEXT_LENGTH

    pipe = Flux2KleinPipeline.from_pretrained(folder, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    fixed = {
        "num_inference_steps": STEPS,
        "max_sequence_length": TEXT_LENGTH,
        "text_encoder_out_layers": OUT_LAYERS,
        "height": 64,
        "width": 64,
    }

    def run(words: str, seed: int, guidance: float, image: Image.Image | None) -> Image.Image:
        noise = torch.Generator().manual_seed(seed)
        made: Image.Image = pipe(image=image, prompt=words, guidance_scale=guidance, generator=noise, **fixed).images[0]
        return made

    return (
        lambda prompt, seed: run(prompt, seed, 3.0, None),
        lambda src, instruction, seed: run(instruction, seed, 2.0, src),
    )


def sheet(generated: Generated, edited: Edited) -> Image.Image:
    """Four rows of drawn-afresh pictures (fixed prompts, seeds 0-31) and two of edits, before and after."""
    cell = 96
    board = Image.new("RGB", (8 * cell, 7 * cell))

    def put(picture: Image.Image, position: int) -> None:
        board.paste(picture.resize((cell, cell)), (position % 8 * cell, position // 8 * cell))

    for seed in range(32):
        put(generated(PROMPTS[seed % 8], seed), seed)
    for index in range(12):
        edit = random_edit(random.Random(f"sheet {index}"), list(EDITS)[index % len(EDITS)])
        source = Image.fromarray(draw(edit.before))
        put(source, 32 + 2 * index)
        put(edited(source, edit.instruction, index), 33 + 2 * index)
    return board


def main(family: str, folder: Path, out: Path) -> None:
    generated, edited = load_sd(folder) if family == "sd" else load_klein(folder)
    for kind, row in measure_edits(edited, 40).items():
        print(kind, *(f"{name} {value}" for name, value in row.items()))
    sheet(generated, edited).save(out)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
