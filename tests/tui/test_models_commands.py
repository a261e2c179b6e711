"""The commands on models as a person types them, with a hub on this machine."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest

from pentimento.tui import commands, models_commands
from tests.tools.pulled_models import Home, open_home

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with open_home(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Gives (exit code, stdout, stderr)."""

    def run(*arguments: str) -> tuple[int, str, str]:
        code = commands.run(["models", *arguments], tmp_path / "home")
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_a_new_home_uses_the_models_that_ship(call: Call, tmp_path: Path) -> None:
    code, out, _ = call("list")
    assert (code, out.count("\n")) == (0, 6)
    assert "● starter    sd  here, " in out
    assert call()[1] == out
    shown = call("show")[1]
    assert shown.startswith("starter (shipped, in use), family sd\n")
    assert "planner: starter/planner/planner.gguf\n  licence  Apache-2.0\n  size     " in shown
    assert call("verify") == (0, "All is well.\n", "")
    assert call("pull", "starter") == (0, "All of starter is here.\n", "")
    assert not (tmp_path / "home").exists()


def test_a_profile_that_ships_without_its_models_says_how_to_get_them(call: Call) -> None:
    assert "  klein      flux2-klein  not here: image, segment; pentimento models pull klein\n" in call("list")[1]
    code, out, _ = call("show", "klein")
    assert code == 0
    assert "image: black-forest-labs/FLUX.2-klein-4B at main  (not here)\n  licence  apache-2.0\n" in out
    assert out.endswith("klein is not here: image, segment; pentimento models pull klein\n")
    said = call("use", "klein")[2]
    assert said == "pentimento: Of klein is missing: image, segment; get it with: pentimento models pull klein.\n"


def test_models_are_pulled_used_checked_and_pulled_again(call: Call, home: Home) -> None:
    assert "not here: image, segment, planner; pentimento models pull far" in call("list")[1]
    code, out, err = call("pull", "far")
    assert (code, err) == (0, "")
    commit = home.hub.commit("ann/painter")
    assert out.splitlines()[0] == f"ann/painter at {commit[:12]} (image): 4.1 kB, licence as the profile has it"
    assert out.splitlines()[1].endswith("(segment): 111 bytes, licence not told")
    assert out.splitlines()[-2:] == [
        "4.3 kB are to be fetched.",
        "All of far is here; use it with: pentimento models use far.",
    ]
    assert call("use", "far") == (0, "far is in use.\n", "")
    assert "● far        sd, your own  here, 4.3 kB\n" in call("list")[1]
    assert f"image: ann/painter at {commit}\n" in call("show")[1]
    home.file("p.gguf").unlink()
    code, out, _ = call("verify")
    assert (code, out.splitlines()) == (
        1,
        [
            "ann/planner: p.gguf is missing",
            "What was pulled comes back with pentimento models pull NAME; delete what was never pulled.",
        ],
    )
    assert call("pull", "far")[1].endswith("\nAll of far is here.\n")
    assert call("verify") == (0, "All is well.\n", "")


def test_much_is_asked_about_first(call: Call, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_commands, "ASK_ABOVE", 1000)
    code, _, err = call("pull", "far")
    assert (code, err) == (
        2,
        "pentimento: 4.3 kB are to be fetched; say --yes to fetch them without being asked.\n",
    )

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("n\ny\n"))
    assert call("pull", "far")[1].endswith("Nothing was fetched.\n")
    assert not (home.models / "hub").exists()
    assert "All of far is here" in call("pull", "far")[1]


@pytest.mark.slow
def test_the_real_program_asks_for_models_and_for_nothing_else(home: Home) -> None:
    env = {**os.environ, "PENTIMENTO_HOME": str(home.folder), "HF_ENDPOINT": home.hub.endpoint, "HF_HUB_OFFLINE": "0"}
    # What may be known of the machine is not asked for because it was asked for before.
    env |= {"HF_HOME": str(home.folder.parent / "library"), "AGENT": "somebody"}
    command = [sys.executable, "-m", "pentimento.tui.main", "models", "pull", "far"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all("/api/models/ann/" in path or "/resolve/" in path for path, _ in home.hub.asked)
    told = [part.split("/")[0] for agent in home.hub.agents for part in agent.split("; ")]
    assert set(told) == {"pentimento", "hf_hub", "python"}
    assert not (home.folder.parent / "library").exists()


def test_programs_read_a_line_for_each_profile(call: Call, home: Home) -> None:
    (home.models / "bad.toml").write_text("name")
    bad, far, *_, starter = [json.loads(line) for line in call("list", "--json")[1].splitlines()]
    assert (bad["event"], bad["name"], bad["models"]) == ("profile", "bad", [])
    assert "is damaged" in bad["problem"]
    assert (far["used"], far["shipped"], far["missing"]) == (False, False, ["image", "segment", "planner"])
    assert far["models"][1] == {
        "role": "segment",
        "path": "finder",
        "repo": "ann/finder",
        "revision": "v1",
        "commit": "",
        "licence": "",
        "bytes": None,
        "memory_gb": None,
        "here": False,
    }
    assert starter["used"]
    assert json.loads(call("show", "--json")[1]) == starter


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["use", "oil"], "There is no profile oil; there are: far, klein, kontext, qwen-edit, sd15, sdxl, starter."),
        (
            ["show", "\x1b[2J"],
            "There is no profile ␛[2J; there are: far, klein, kontext, qwen-edit, sd15, sdxl, starter.",
        ),
        (["use", "far"], "Of far is missing: image, segment, planner; get it with: pentimento models pull far."),
        (["verify", "far"], "ann/painter was not pulled yet; get it with: pentimento models pull far."),
        (["pull"], "Missing argument 'NAME'."),
        (["oil"], "No such command 'oil'."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(call: Call, home: Home, arguments: list[str], sentence: str) -> None:
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"pentimento: {sentence}")
    assert err.count("\n") == 1


def test_what_a_hub_says_is_shown_not_obeyed(call: Call, home: Home) -> None:
    home.hub.licences["ann/painter"] = "mit\x1b[2J\nAll is well."
    out = call("pull", "far")[1]
    assert "licence mit␛[2J" in out
    assert "\x1b" not in out
    assert "\x1b" not in call("show", "far")[1]


def test_a_profile_that_is_gone_can_be_left(call: Call, home: Home) -> None:
    call("pull", "far")
    call("use", "far")
    (home.models / "far.toml").unlink()
    for arguments in (["show"], ["verify"]):
        assert "The profile in use, far, is gone; choose another" in call(*arguments)[2]
    assert "starter" in call("list")[1]
    assert call("use", "starter")[0] == 0


def test_a_planner_that_a_server_has_is_shown_with_its_address(call: Call, tmp_path: Path) -> None:
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    for name in ("image", "segment"):
        (models / name).mkdir()
    (models / "served.toml").write_text(
        'name = "served"\nimage = { family = "sd", path = "image", size = 16 }\nsegment = { path = "segment" }\n'
        'planner = { url = "http://127.0.0.1:8080/v1" }\n'
    )
    assert call("show", "served")[1].endswith("\nplanner: a server at http://127.0.0.1:8080/v1\n")
    told = json.loads(call("show", "served", "--json")[1])
    assert (told["planner_url"], [model["role"] for model in told["models"]]) == (
        "http://127.0.0.1:8080/v1",
        ["image", "segment"],
    )
