"""The shipped models with the network cut: every process of the program is watched for the least try to reach it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pentimento.bench import squirrel

pytestmark = [pytest.mark.slow, pytest.mark.llm, pytest.mark.timeout(300)]

GUARD = """
import os, socket, sys

def guard(event, arguments):
    reaching = event in ("socket.connect", "socket.sendto", "socket.sendmsg")
    if event.startswith("socket.get") or (reaching and arguments[0].family != socket.AF_UNIX):
        with open(os.environ["TRIED"], "a") as file:
            print(event, *arguments, file=file)
        raise OSError("the network is cut")

sys.addaudithook(guard)
open(os.environ["TRIED"], "a").close()
open(os.path.join(os.path.dirname(os.environ["TRIED"]), f"guarded-{os.getpid()}"), "w").close()
"""
"""Python runs it first in each process, the models' processes too. Code in C is held back by the kernel, where it may."""


def cut() -> list[str]:
    """What a command begins with that is to have no network at all; nothing where a user may not do that."""
    command = ["unshare", "--user", "--map-root-user", "--net"]
    found = shutil.which("unshare")
    return (
        command if found and not subprocess.run([*command, "true"], capture_output=True, check=False).returncode else []
    )


def test_a_conversation_needs_no_network(tmp_path: Path) -> None:
    guard, tried = tmp_path / "guard", tmp_path / "tried.txt"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD)
    # Not what this project's tests set, but what a person has who set nothing.
    env = {name: text for name, text in os.environ.items() if not name.startswith("HF_")}
    env |= {"PENTIMENTO_HOME": str(tmp_path / "home"), "PYTHONPATH": str(guard), "TRIED": str(tried)}
    script = tmp_path / "squirrel.yaml"
    script.write_text(json.dumps({"seed": 1, "turns": [{"say": said} for said in squirrel.SAYINGS]}))
    command = [*cut(), sys.executable, "-m", "pentimento.tui.main", "run", str(script)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(list(tmp_path.glob("guarded-*"))) >= 3, "the program and the processes of both models"
    assert tried.read_text() == ""


def test_the_guard_itself_sees_who_tries(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD)
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "TRIED": str(tmp_path / "tried.txt")}
    program = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert "the network is cut" in done.stderr
    assert "127.0.0.1" in (tmp_path / "tried.txt").read_text()
