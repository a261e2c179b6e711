"""What an import really loads, seen in a fresh interpreter: the static contracts cannot see deferred imports."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.slow

HEAVY = ("torch", "diffusers", "transformers", "llama_cpp")
NETWORK = ("httpx2", "huggingface_hub")
SCREEN = ("textual", "textual_image", "typer")
DATABASE = ("sqlalchemy", "alembic")
OURS = ("agent", "bench", "memory", "starter", "tools", "tui")


def loaded_by(module: str) -> set[str]:
    """Names of the packages that are loaded after the import; ours by two parts, others by their first."""
    program = f"import sys, {module}\nprint(*sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    names = answer.stdout.split()
    return {".".join(name.split(".")[: 2 if name.startswith("pentimento.") else 1]) for name in names}


def ours_except(*allowed: str) -> tuple[str, ...]:
    return tuple(f"pentimento.{folder}" for folder in OURS if folder not in allowed)


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("pentimento.tui.app", HEAVY + ours_except("tui", "agent", "memory", "tools")),
        ("pentimento.tui.main", NETWORK + HEAVY + ours_except("tui", "agent", "memory", "tools")),
        ("pentimento.agent.loop", HEAVY + SCREEN + ours_except("agent", "memory", "tools")),
        ("pentimento.agent.llm", HEAVY + SCREEN + ours_except("agent", "memory", "tools")),
        ("pentimento.agent.endpoint", NETWORK + HEAVY + SCREEN + ours_except("agent", "memory", "tools")),
        ("pentimento.memory.store", HEAVY + SCREEN + ours_except("memory")),
        ("pentimento.tools", HEAVY + SCREEN + DATABASE + ours_except("tools")),
    ],
)
def test_an_import_loads_nothing_it_should_not_know(module: str, unwanted: tuple[str, ...]) -> None:
    assert not loaded_by(module) & set(unwanted)


@pytest.mark.parametrize("package", [*HEAVY, *NETWORK, *SCREEN, *DATABASE])
def test_the_names_of_unwanted_packages_are_those_of_installed_ones(package: str) -> None:
    assert find_spec(package) is not None
