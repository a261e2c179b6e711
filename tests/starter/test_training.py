import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from pentimento.starter import training
from pentimento.starter.checkpoints import CheckpointError, check_code, drafted
from pentimento.starter.ending import ending_plainly
from pentimento.starter.training import Budget, Loop, Tensors


class Line:
    """Learns y = 3 x."""

    name = "line"
    peak = 0.05

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.learned: torch.nn.Module = torch.nn.Linear(1, 1)

    def batch(self, step: int) -> Tensors:
        x = torch.randn(16, 1, generator=torch.Generator().manual_seed(step))
        return x, 3 * x

    def loss(self, batch: Tensors, _step: int) -> torch.Tensor:
        x, y = batch
        error: torch.Tensor = ((self.learned(x) - y) ** 2).mean()
        return error

    def measure(self) -> dict[str, float]:
        return {"error": self.loss(self.batch(10**6), 0).item()}


class Interrupted(Line):
    """Ctrl-C is pressed in the middle of a step."""

    def loss(self, batch: Tensors, step: int) -> torch.Tensor:
        if step == 20:
            signal.raise_signal(signal.SIGINT)
        return super().loss(batch, step)


class Steps(Budget):
    """So many steps, however long they take here."""

    def __init__(self, loop: Loop, steps: int) -> None:
        super().__init__(seconds=steps)
        self._loop = loop

    def spent(self) -> float:
        return self._loop.step


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(training, "TRAINING", tmp_path)
    return iter([tmp_path])


def stepped(steps: int) -> Loop:
    loop = Loop(Line(), minutes=60)
    for step in range(loop.step, steps):
        loop.update(loop.task.batch(step))
    return loop


def weights(loop: Loop) -> list[torch.Tensor]:
    return [parameter.detach() for parameter in loop.task.learned.parameters()]


@pytest.mark.slow
def test_a_loop_learns_and_leaves_the_averaged_weights(tmp_path: Path) -> None:
    loop = Loop(Line(), minutes=60)
    loop.task.peak = 0.2
    loop.budget = Steps(loop, 400)
    loop.run()
    assert loop.task.measure()["error"] < 0.1
    assert (tmp_path / "line.jsonl").read_text(encoding="utf-8").count("error") >= 1


def test_an_interrupted_training_goes_on_as_if_it_had_not_been() -> None:
    whole = stepped(40)
    stepped(25).save()
    resumed = stepped(40)
    assert resumed.step == whole.step
    for one, other in zip(weights(whole), weights(resumed), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_ctrl_c_ends_with_a_whole_step_from_which_the_same_command_goes_on() -> None:
    whole, handler = stepped(40), signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt, match=r"line.pt is written, and the same command goes on"):
        Loop(Interrupted(), minutes=60).run()
    assert signal.getsignal(signal.SIGINT) == handler
    assert Loop(Line(), minutes=60).step == 21
    for one, other in zip(weights(whole), weights(stepped(40)), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_training_whose_minutes_are_used_up_says_so_and_leaves_the_averaged_weights(
    capsys: pytest.CaptureFixture[str],
) -> None:
    done = stepped(5)
    done.budget.spent_before = 3600.0
    done.save()
    again = Loop(Line(), minutes=60)
    again.run()
    assert again.step == 5
    assert torch.equal(weights(again)[0], done.average.values["weight"])
    assert "line.pt has used up its 60 minutes" in capsys.readouterr().err


def test_a_training_that_is_given_no_minutes_leaves_the_weights_that_it_began_with() -> None:
    loop = Loop(Line(), minutes=0)
    before = [weight.clone() for weight in weights(loop)]
    loop.run()
    assert loop.step == 0
    assert all(torch.equal(one, other) for one, other in zip(before, weights(loop), strict=True))
    assert loop.path.exists()


def test_what_has_learned_one_picture_code_is_refused_beside_another(tmp_path: Path) -> None:
    path = tmp_path / "line.pt"
    check_code(path, 0.5)
    stepped(3).save()
    check_code(path, 0.5)  # of before it was written down
    Loop(Line(), minutes=60, code=0.5).save()
    check_code(path, 0.5)
    with pytest.raises(
        CheckpointError, match=r"line.pt has learned another picture code .*; delete it or move it away"
    ):
        check_code(path, 0.7)
    assert Loop(Line(), minutes=60, code=0.5).step == 3


def test_time_spent_before_an_interruption_counts() -> None:
    loop = stepped(5)
    loop.budget.spent_before = 100.0
    loop.save()
    assert Loop(Line(), minutes=60).budget.spent() >= 100.0


def test_a_checkpoint_that_was_cut_short_says_what_to_do(tmp_path: Path) -> None:
    stepped(3).save()
    path = tmp_path / "line.pt"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="Delete it"):
        Loop(Line(), minutes=60)


def test_a_checkpoint_of_another_model_says_what_to_do() -> None:
    stepped(3).save()
    task = Line()
    task.learned = torch.nn.Linear(2, 2)
    with pytest.raises(CheckpointError, match="another model"):
        Loop(task, minutes=60)


def test_a_full_disk_leaves_the_old_checkpoint_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stepped(3).save()
    before = (tmp_path / "line.pt").read_bytes()

    def full(_content: object, _path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(CheckpointError, match="Free some space"):
        stepped(6).save()
    assert (tmp_path / "line.pt").read_bytes() == before


def test_matrices_and_kernels_go_to_muon_and_tables_and_biases_to_adamw() -> None:
    module = torch.nn.Sequential(torch.nn.Embedding(5, 4), torch.nn.Linear(4, 3), torch.nn.Conv2d(3, 2, 3))
    muon, adamw = training.optimizers(module)
    assert {p.ndim for p in muon.param_groups[0]["params"]} == {2, 4}
    assert len(adamw.param_groups[0]["params"]) == 3


def test_a_model_that_could_not_be_written_leaves_the_one_that_is_there(tmp_path: Path) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "weights").write_text("old", encoding="utf-8")

    def export() -> None:
        with drafted(shipped) as draft:
            (draft / "weights").write_text("new", encoding="utf-8")
            raise OSError(28, "No space left on device")

    with pytest.raises(CheckpointError, match=r"No space left on device.*Free some space"):
        export()
    assert (shipped / "weights").read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [shipped]


def test_a_model_that_is_written_takes_its_place_file_by_file(tmp_path: Path) -> None:
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    (shipped / "README.md").write_text("the card", encoding="utf-8")
    with drafted(shipped) as draft:
        (draft / "unet").mkdir()
        (draft / "unet" / "weights").write_text("new", encoding="utf-8")
    assert (shipped / "unet" / "weights").read_text(encoding="utf-8") == "new"
    assert (shipped / "README.md").exists()
    assert list(tmp_path.iterdir()) == [shipped]


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (CheckpointError("x is full. Free some space."), "x is full. Free some space.", ""),
        (OSError(28, "No space left"), "A file could not be read or written: [Errno 28] No space left.", ""),
        (KeyboardInterrupt(), 130, "Stopped; the last checkpoint stays as it was.\n"),
        (KeyboardInterrupt("Stopped; x is written."), 130, "Stopped; x is written.\n"),
    ],
)
def test_a_command_ends_with_a_sentence(
    error: BaseException, status: int | str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, ending_plainly():
        raise error
    assert ended.value.code == status
    assert capsys.readouterr().err == sentence
