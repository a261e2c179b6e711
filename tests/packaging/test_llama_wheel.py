import io
import sys
from dataclasses import replace
from pathlib import Path

import llama_wheel
import pytest
from llama_wheel import BuildError, Machine

LAPTOP = Machine(
    python="cpython-311",
    architecture="x86_64",
    libc="glibc 2.36",
    processor=llama_wheel.PORTABLE_X86 | {"avx512f"},
    gpus=(),
)
OLD = replace(LAPTOP, processor=frozenset({"sse4_2", "avx"}))
ARM = replace(LAPTOP, architecture="aarch64", processor=frozenset({"asimd", "asimddp"}))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def options(name: str, machine: Machine = LAPTOP) -> tuple[str, ...]:
    return llama_wheel.build_for(name, machine).options


def key(name: str, machine: Machine = LAPTOP) -> str:
    return llama_wheel.cache_key(llama_wheel.build_for(name, machine), machine)


def test_the_text_build_leaves_out_vision_and_the_common_library() -> None:
    assert "-DLLAVA_BUILD=OFF" in options("text")
    included = next(option for option in options("text") if "_INCLUDE=" in option).partition("=")[2]
    assert "LLAMA_BUILD_COMMON OFF" in Path(included).read_text(encoding="utf-8")


def test_the_vision_build_has_the_vision_library() -> None:
    assert "-DLLAVA_BUILD=ON" in options("vision")


def test_the_cuda_build_is_for_the_cards_of_this_machine() -> None:
    assert "-DGGML_CUDA=ON" in options("cuda")
    assert "-DCMAKE_CUDA_ARCHITECTURES=86;90" in options("cuda", replace(LAPTOP, gpus=("86", "90")))
    assert not any("GGML_CUDA" in option for option in options("text"))


@pytest.mark.parametrize(("machine", "native"), [(LAPTOP, "OFF"), (OLD, "ON"), (ARM, "ON")])
def test_a_build_is_native_only_where_portable_code_would_not_run_or_be_slow(machine: Machine, native: str) -> None:
    assert f"-DGGML_NATIVE={native}" in options("text", machine)


def test_each_build_has_a_key_of_its_own() -> None:
    assert len({key(name) for name in ("text", "vision", "cuda")}) == 3


@pytest.mark.parametrize(
    "other",
    [
        replace(LAPTOP, python="cpython-312"),
        replace(LAPTOP, architecture="aarch64"),
        replace(LAPTOP, libc="glibc 2.41"),
    ],
)
def test_another_kind_of_machine_has_another_key(other: Machine) -> None:
    assert key("text", other) != key("text")


def test_the_processor_counts_only_in_a_native_wheel() -> None:
    assert key("text", replace(LAPTOP, processor=llama_wheel.PORTABLE_X86)) == key("text")
    assert key("text", replace(OLD, processor=frozenset({"sse4_2"}))) != key("text", OLD)


def test_the_key_does_not_depend_on_where_the_repository_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key("text")
    moved = tmp_path / "no_common.cmake"
    moved.write_bytes(llama_wheel.INCLUDE.read_bytes())
    monkeypatch.setattr(llama_wheel, "INCLUDE", moved)
    assert key("text") == before
    moved.write_text("set(OTHER ON)", encoding="utf-8")
    assert key("text") != before


def test_a_path_with_a_space_reaches_cmake_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_wheel, "INCLUDE", Path("/home/a user/no_common.cmake"))
    build = llama_wheel.build_for("text", LAPTOP)
    environment = llama_wheel.build_environment(build, {"HOME": "/home/a user"}, cores=2)
    assert "'-DCMAKE_PROJECT_llama.cpp_INCLUDE=/home/a user/no_common.cmake'" in environment["CMAKE_ARGS"]
    assert environment["HOME"] == "/home/a user"


def test_all_cores_compile_unless_the_person_says_how_many() -> None:
    build = llama_wheel.build_for("text", LAPTOP)
    assert llama_wheel.build_environment(build, {}, cores=2)["CMAKE_BUILD_PARALLEL_LEVEL"] == "2"
    chosen = llama_wheel.build_environment(build, {"CMAKE_BUILD_PARALLEL_LEVEL": "1"}, cores=2)
    assert chosen["CMAKE_BUILD_PARALLEL_LEVEL"] == "1"


def test_the_make_that_started_us_does_not_slow_the_build_down() -> None:
    build = llama_wheel.build_for("text", LAPTOP)
    assert "MAKEFLAGS" not in llama_wheel.build_environment(build, {"MAKEFLAGS": "-j4 --jobserver-auth=3,4"}, cores=2)


def test_the_source_is_fetched_at_the_pinned_version_and_never_as_a_wheel(tmp_path: Path) -> None:
    command = llama_wheel.download_command(tmp_path)
    assert command[-1] == f"llama-cpp-python=={llama_wheel.VERSION}"
    assert command[command.index("--no-binary") + 1] == "llama-cpp-python"


def test_the_build_does_not_take_a_wheel_of_other_options_from_pips_cache(tmp_path: Path) -> None:
    command = llama_wheel.wheel_command(tmp_path / "source.tar.gz", tmp_path)
    assert {"--no-cache-dir", "--no-deps"} <= set(command)


def test_the_pinned_version_is_that_of_the_project() -> None:
    root = Path(llama_wheel.__file__).parents[1]
    assert f'"llama-cpp-python=={llama_wheel.VERSION}"' in (root / "pyproject.toml").read_text(encoding="utf-8")
    assert f"llama_cpp_python=={llama_wheel.VERSION}\n" in (root / "constraints.txt").read_text(encoding="utf-8")


def test_the_cache_follows_the_users_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert llama_wheel.cache_folder({}) == Path("/home/ada/.cache/pentimento/wheels")
    assert llama_wheel.cache_folder({"XDG_CACHE_HOME": "/var/c"}) == Path("/var/c/pentimento/wheels")


@pytest.mark.parametrize(
    ("line", "fraction"),
    [
        ("  [12/83] /usr/bin/g++ -c ops.cpp\n", 12 / 83),
        ("[ 14%] Building CXX object ops.o\n", 0.14),
        ("[100%] Built target llama\n", 1.0),
        ("[0/0] nothing\n", None),
        ("-- Found OpenMP: TRUE\n", None),
        ("see [12/83]\n", None),
    ],
)
def test_ninjas_and_makes_lines_tell_how_far_the_build_is(line: str, fraction: float | None) -> None:
    assert llama_wheel.progress(line) == fraction


def test_on_a_terminal_progress_is_one_line_drawn_again() -> None:
    screen = Terminal()
    display = llama_wheel.Display(screen, "Compiling")
    display.show(0.5)
    display.show(0.51)
    display.close()
    assert screen.getvalue() == "\rCompiling:  50% after 0:00\rCompiling:  51% after 0:00\n"


def test_elsewhere_progress_is_one_line_every_tenth() -> None:
    file = io.StringIO()
    display = llama_wheel.Display(file, "Compiling")
    for percent in range(0, 101, 4):
        display.show(percent / 100)
    assert len(file.getvalue().splitlines()) == 11


def test_a_failed_command_shows_the_end_of_its_log_and_where_it_is(tmp_path: Path) -> None:
    log = tmp_path / "build.log"
    program = "for n in range(30): print('line', n)\nraise SystemExit(3)"
    with pytest.raises(BuildError) as failure:
        llama_wheel.run([sys.executable, "-c", program], {}, log, None)
    message = str(failure.value).splitlines()
    assert message[0] == "line 10"
    assert message[-2] == "line 29"
    assert message[-1].endswith(f"{log}.")
    assert log.read_text(encoding="utf-8").startswith("line 0\n")


def test_a_missing_compiler_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match=r"sudo apt-get install gcc g\+\+$"):
        llama_wheel.compile_wheel(llama_wheel.build_for("text", LAPTOP), tmp_path / "cache" / "key")
    assert not (tmp_path / "cache").exists()


def test_a_kept_wheel_is_found_again(tmp_path: Path) -> None:
    assert llama_wheel.kept_wheel(tmp_path / "key") is None
    kept = tmp_path / "key" / "llama_cpp_python-0.3.36-py3-none-linux_x86_64.whl"
    kept.parent.mkdir()
    kept.touch()
    assert llama_wheel.kept_wheel(tmp_path / "key") == kept
