import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_COPIED = shutil.ignore_patterns(".*", "build", "dist", "training", "*.egg-info", "__pycache__", "tests", "docs")


def run(*command: str | Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def must(*command: str | Path, folder: Path) -> None:
    answer = run(*command, folder=folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("wheel") / "source"
    shutil.copytree(ROOT, source, ignore=NOT_COPIED)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "..")
    must(sys.executable, "-m", "pip", "wheel", *options, ".", folder=source)
    return next(source.parent.glob("*.whl"))


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and the libraries, but without the editable install of this repository."""
    folder = tmp_path_factory.mktemp("clean")
    must(sys.executable, "-m", "venv", "--without-pip", "environment", folder=folder)
    python = folder / "environment" / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "environment" / "lib" / version / "site-packages"
    libraries = next(path for path in sys.path if Path(path, "pip").is_dir())
    (site / "libraries.pth").write_text(f"{libraries}\n", encoding="utf-8")
    must(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, folder=folder)
    return python


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.slow
def test_the_wheel_has_every_prompt_profile_weight_and_style(wheel: Path) -> None:
    patterns = [
        "prompts/*.md",
        "agent/*.toml",
        "models/*.toml",
        "models/starter/**/*.safetensors",
        "models/starter/**/*.gguf",
    ]
    patterns += ["models/starter/**/*.json", "*/py.typed"]
    for pattern in patterns:
        wanted = {f"pentimento/{path.relative_to(ROOT)}" for path in ROOT.glob(pattern)}
        wanted = {name for name in wanted if not name.startswith(("pentimento/starter/", "pentimento/bench/"))}
        assert wanted, pattern
        assert wanted <= names(wheel)


@pytest.mark.slow
def test_the_wheel_has_every_module_of_the_product_and_none_of_the_workshop(wheel: Path) -> None:
    folders = ("agent", "memory", "models", "prompts", "tools", "tui")
    modules = {
        f"pentimento/{path.relative_to(ROOT)}" for folder in folders for path in ROOT.joinpath(folder).rglob("*.py")
    }
    assert {name for name in names(wheel) if name.endswith(".py")} == modules
    assert {name.split("/")[0] for name in names(wheel) if ".dist-info/" not in name} == {"pentimento"}


@pytest.mark.slow
def test_a_clean_environment_has_the_product_and_not_the_workshop(clean_python: Path, tmp_path: Path) -> None:
    must(clean_python, "-c", "import pentimento.agent.types, pentimento.tui.main", folder=tmp_path)
    answer = run(clean_python, "-c", "import pentimento.starter", folder=tmp_path)
    assert "No module named 'pentimento.starter'" in answer.stderr


@pytest.mark.slow
@pytest.mark.llm
@pytest.mark.timeout(300)
def test_the_example_runs_from_the_wheel_outside_of_the_repository(clean_python: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "red-squirrel.yaml", tmp_path)
    command = clean_python.with_name("pentimento")
    answer = run(command, "run", "red-squirrel.yaml", folder=tmp_path, PENTIMENTO_HOME=str(tmp_path / "home"))
    assert answer.returncode == 0, answer.stdout + answer.stderr
