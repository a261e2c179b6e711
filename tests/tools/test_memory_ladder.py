from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import OutOfMemoryError

from pentimento.tools import families
from pentimento.tools.compute import CPU, Compute
from pentimento.tools.engine import Engine
from pentimento.tools.families import Sampling
from pentimento.tools.families.pipelines import Pipelines
from pentimento.tools.memory_ladder import MemoryLadder
from pentimento.tools.pipeline_folder import Folders
from pentimento.tools.types import Cancelled, NeedsRoom, Progress, ToolCall, ToolError, ToolResult
from tests.fakes_tools import picture
from tests.tiny_models import SIDE, make_image_model, make_mask_model

# The scheduler hands a tensor to NumPy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@dataclass
class FakeFamily:
    """Draws where there is room: each saving halves what a picture takes."""

    pixels: int
    """That fit when nothing is saved."""
    knows: Sequence[str] = ("tiles", "offload")
    compute: Compute = CPU
    attention: str = "sdpa"
    savings: tuple[str, ...] = ()
    drawn: list[tuple[int, int]] = field(default_factory=list)
    """Size of each attempt."""
    seeds: list[int] = field(default_factory=list)

    def save_memory(self) -> str:
        if len(self.savings) == len(self.knows):
            return ""
        self.savings = tuple(self.knows[: len(self.savings) + 1])
        return self.savings[-1]

    def unread(self, words: str) -> str:
        return ""

    def generate(self, prompt: str, size: tuple[int, int], sampling: Sampling) -> Image.Image:
        self.drawn.append(size)
        self.seeds.append(sampling.seed)
        sampling.report(Progress("drawing", 0.5))
        if size[0] * size[1] > self.pixels * 2 ** len(self.savings):
            raise OutOfMemoryError
        return picture(*size)

    def edit(
        self, src: Image.Image, instruction: str, sampling: Sampling, refs: Sequence[Image.Image] = ()
    ) -> Image.Image:
        return self.generate(instruction, src.size, sampling)

    def inpaint(self, src: Image.Image, mask: Image.Image, prompt: str, sampling: Sampling) -> Image.Image:
        assert mask.size == src.size
        return self.generate(prompt, src.size, sampling)


def sampling(seen: list[Progress] | None = None) -> Sampling:
    return Sampling(7, 4, 2.0, seen.append if seen is not None else lambda _: None)


def told(seen: list[Progress]) -> list[str]:
    return [progress.stage for progress in seen if progress.stage != "drawing"]


@pytest.mark.parametrize("task", ["generate", "edit", "inpaint"])
@pytest.mark.parametrize(
    ("pixels", "savings", "stages"),
    [
        (6400, (), []),
        (3200, ("tiles",), ["decoding in tiles"]),
        (1600, ("tiles", "offload"), ["decoding in tiles", "keeping only what works on the card"]),
        (
            900,
            ("tiles", "offload", "60 px"),
            ["decoding in tiles", "keeping only what works on the card", "drawing at 60 × 60"],
        ),
        (
            400,
            ("tiles", "offload", "40 px"),
            [
                "decoding in tiles",
                "keeping only what works on the card",
                "drawing at 60 × 60",
                "drawing at 40 × 40",
            ],
        ),
    ],
)
def test_each_rung_is_tried_in_order_and_told(
    task: str, pixels: int, savings: tuple[str, ...], stages: list[str]
) -> None:
    family, seen = FakeFamily(pixels), list[Progress]()
    ladder, src = MemoryLadder(family), picture(80, 80)
    match task:
        case "generate":
            made = ladder.generate("a fox", (80, 80), sampling(seen))
        case "edit":
            made = ladder.edit(src, "a fox", sampling(seen))
        case _:
            made = ladder.inpaint(src, Image.new("L", (80, 80), 255), "a fox", sampling(seen))
    assert made.size == (80, 80)
    assert told(seen) == [f"out of memory; {stage}" for stage in stages]
    assert ladder.savings == savings
    assert set(family.seeds) == {7}


def test_what_fits_at_no_size_is_one_sentence() -> None:
    with pytest.raises(ToolError, match=r"^This picture doesn't fit into the card's memory; close other programs or"):
        MemoryLadder(FakeFamily(1)).generate("a fox", (80, 80), sampling())


def test_a_family_that_can_only_draw_smaller_does_so() -> None:
    ladder = MemoryLadder(FakeFamily(4000, knows=()))
    assert ladder.edit(picture(100, 60), "a fox", sampling()).size == (100, 60)
    assert ladder.savings == ("75 px",)


def test_what_was_saved_stays_but_the_size_is_tried_anew() -> None:
    family = FakeFamily(900)
    ladder = MemoryLadder(family)
    ladder.generate("a fox", (80, 80), sampling())
    ladder.sides.clear()
    family.pixels, family.drawn = 1600, []
    ladder.generate("a fox", (80, 80), sampling())
    assert family.drawn == [(80, 80)]
    assert ladder.savings == ("tiles", "offload")


def test_other_errors_and_cancelling_are_let_through() -> None:
    def stop(_: Progress) -> None:
        raise Cancelled

    family = FakeFamily(6400)
    with pytest.raises(Cancelled):
        MemoryLadder(family).generate("a fox", (80, 80), Sampling(7, 4, 2.0, stop))
    assert (len(family.drawn), family.savings) == (1, ())


def test_another_process_leaves_the_card_before_anything_is_saved() -> None:
    family, seen = FakeFamily(3200), list[Progress]()
    ladder = MemoryLadder(family, beside=True)
    with pytest.raises(NeedsRoom):
        ladder.generate("a fox", (80, 80), sampling(seen))
    assert (len(family.drawn), family.savings, told(seen)) == (1, (), [])
    ladder.beside = False
    ladder.generate("a fox", (80, 80), sampling(seen))
    assert told(seen) == ["out of memory; decoding in tiles"]


TOML = """
name = "tiny"
image = {{ family = "sd", path = "image", size = {side}, device = "cpu" }}
segment = {{ path = "segment" }}
planner = {{ path = "none.gguf", context = 64, max_tokens = 64, system = false }}
"""


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("profile")
    make_image_model(folder / "image")
    make_mask_model(folder / "segment")
    (folder / "tiny.toml").write_text(TOML.format(side=SIDE))
    return str(folder / "tiny.toml")


def run(engine: Engine, prompt: str) -> ToolResult:
    return engine.run(ToolCall("generate", "1", "", {"prompt": prompt, "steps": 2}, 3), {}, lambda _: None)


def test_what_was_saved_is_recorded_with_the_picture(profile: str) -> None:
    engine = Engine(profile)
    whole = SIDE * SIDE
    engine.models.__dict__["_image"] = family = FakeFamily(whole // 2)
    first = run(engine, "a fox")
    assert first.measures["memory"] == first.environment["memory"] == "tiles"
    family.pixels = whole // 8
    assert run(engine, "a fox").environment["memory"] == f"tiles, offload, {SIDE // 2} px"
    family.pixels = whole
    assert run(engine, "a fox").environment["memory"] == "tiles, offload"


def test_a_call_beside_another_process_asks_for_its_room_and_one_alone_saves_memory(profile: str) -> None:
    engine = Engine(profile)
    engine.models.__dict__["_image"] = family = FakeFamily(SIDE * SIDE // 2)
    call = ToolCall("generate", "1", "", {"prompt": "a fox", "steps": 2}, 3)
    with pytest.raises(NeedsRoom):
        engine.run_beside(call, {}, lambda _: None)
    assert family.savings == ()
    assert engine.run(call, {}, lambda _: None).environment["memory"] == "tiles"


def test_nothing_is_recorded_where_memory_was_enough(profile: str) -> None:
    drawn = run(Engine(profile), "a fox")
    assert "memory" not in drawn.measures
    assert "memory" not in drawn.environment


def test_a_real_pipeline_draws_the_same_picture_again_after_it_ran_out(tmp_path: Path) -> None:
    make_image_model(tmp_path)
    ladder = MemoryLadder(families.load("sd", Folders(tmp_path), CPU))
    whole = ladder.generate("a fox", (SIDE, SIDE), sampling())
    left = 1

    def run_out(progress: Progress) -> None:
        nonlocal left
        if progress.stage == "drawing" and progress.fraction > 0.5 and left:
            left -= 1
            raise OutOfMemoryError

    again = ladder.generate("a fox", (SIDE, SIDE), Sampling(7, 4, 2.0, run_out))
    assert left == 0
    assert ladder.savings == ("tiles",)
    assert np.array_equal(np.asarray(again), np.asarray(whole))  # so small a picture is a single tile


class FakePipeline:
    """Too large for the card."""

    def __init__(self, *, fits: bool) -> None:
        self.fits, self.moves = fits, list[str]()
        self.vae = self

    def to(self, device: str) -> None:
        self.moves.append(f"to {device}")
        if not self.fits:
            raise OutOfMemoryError

    def enable_model_cpu_offload(self, device: str) -> None:
        self.moves.append(f"offload {device}")

    def enable_tiling(self) -> None:
        self.moves.append("tiles")


CARD = Compute("cuda", "bfloat16")


def test_on_a_card_modules_wait_outside_after_tiles_were_not_enough() -> None:
    pipes = FakePipeline(fits=True), FakePipeline(fits=True)
    family = Pipelines(CARD, *pipes)
    assert [family.save_memory() for _ in range(3)] == ["tiles", "offload", ""]
    assert [pipe.moves for pipe in pipes] == [["to cuda", "tiles", "offload cuda"]] * 2


def test_models_larger_than_the_card_wait_outside_from_the_beginning() -> None:
    pipe = FakePipeline(fits=False)
    family = Pipelines(CARD, pipe)
    assert (family.savings, pipe.moves) == (("offload",), ["to cuda", "offload cuda"])
    assert [family.save_memory() for _ in range(2)] == ["tiles", ""]
