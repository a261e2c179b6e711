"""Builds the wheel of llama-cpp-python once, from its source package, and keeps it in the user's cache.

Only what Python needs is compiled (about a third of the default). Standard output is the wheel's path alone;
everything for people goes to standard error. Needs nothing but the standard library and pip.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

PACKAGE = "llama-cpp-python"
VERSION = "0.3.36"
INCLUDE = Path(__file__).resolve().with_name("no_common.cmake")
PORTABLE_X86 = frozenset({"avx", "avx2", "bmi2", "f16c", "fma", "sse4_2"})
"""What llama.cpp compiles for on x86-64 when it is not told to fit this processor."""
STEP = re.compile(r"^\s*\[\s*(\d+)(?:/(\d+)\]|%\])")
"""Ninja's "[12/83]" or make's "[ 14%]"."""
LAST_LINES = 20
OF_OUR_MAKE = frozenset({"MAKEFLAGS", "MFLAGS", "MAKELEVEL"})
"""What the make that started us tells a make that is not its child: to use one core."""


class BuildError(Exception):
    """The wheel can't be built; the message says what to do."""


@dataclass(frozen=True)
class Machine:
    """What a wheel depends on beside its flags."""

    python: str
    """Tag of the interpreter, "cpython-311"."""
    architecture: str
    """"x86_64", "aarch64"."""
    libc: str
    """"glibc 2.36": a wheel runs on the C library that it was built with, and on later ones."""
    processor: frozenset[str]
    """Feature flags of the processor."""
    gpus: tuple[str, ...]
    """Compute capabilities of the NVIDIA cards, "90" for 9.0, sorted."""


@dataclass(frozen=True)
class Build:
    """One way to build the wheel."""

    name: str
    """text, vision or cuda."""
    options: tuple[str, ...]
    """CMake options, "-DNAME=VALUE"."""
    native: bool
    """Compiled for this very processor."""


def this_machine() -> Machine:
    """Reads the processor's flags and asks for the cards."""
    return Machine(
        python=str(sys.implementation.cache_tag),
        architecture=platform.machine(),
        libc=" ".join(platform.libc_ver()),
        processor=processor_flags(),
        gpus=compute_capabilities(),
    )


def processor_flags() -> frozenset[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return frozenset()
    flags = [line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))]
    return frozenset(flags[0]) if flags else frozenset()


def compute_capabilities() -> tuple[str, ...]:
    if shutil.which("nvidia-smi") is None:
        return ()
    query = ["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    return tuple(sorted({line.strip().replace(".", "") for line in answer.stdout.splitlines() if "." in line}))


def build_for(name: str, machine: Machine) -> Build:
    """The options of a build. Portable where the processor has what portable x86-64 code needs, else native."""
    native = machine.architecture != "x86_64" or not machine.processor >= PORTABLE_X86
    options = [
        f"-DLLAVA_BUILD={'ON' if name == 'vision' else 'OFF'}",
        f"-DGGML_NATIVE={'ON' if native else 'OFF'}",
        f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={INCLUDE}",
    ]
    if name == "cuda":
        options.append("-DGGML_CUDA=ON")
        if machine.gpus:
            options.append(f"-DCMAKE_CUDA_ARCHITECTURES={';'.join(machine.gpus)}")
    return Build(name, tuple(options), native)


def cache_key(build: Build, machine: Machine) -> str:
    """16 hex digits over everything that decides what is in the wheel and where it runs; not over paths."""
    facts = asdict(build) | {
        "version": VERSION,
        "options": [option for option in build.options if str(INCLUDE) not in option],
        "include": INCLUDE.read_text(encoding="utf-8"),
        "python": machine.python,
        "architecture": machine.architecture,
        "libc": machine.libc,
        "processor": sorted(machine.processor) if build.native else [],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def cache_folder(environment: Mapping[str, str]) -> Path:
    """`$XDG_CACHE_HOME/pentimento/wheels`, by default `~/.cache/pentimento/wheels`."""
    base = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base, "pentimento", "wheels")


def download_command(folder: Path) -> list[str]:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return [*pip, "download", "--no-deps", "--no-binary", PACKAGE, "--dest", str(folder), f"{PACKAGE}=={VERSION}"]


def wheel_command(source: Path, folder: Path) -> list[str]:
    """pip's own cache of wheels is left out: it does not know the options."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return [*pip, "wheel", "--verbose", "--no-deps", "--no-cache-dir", "--wheel-dir", str(folder), str(source)]


def build_environment(build: Build, environment: Mapping[str, str], cores: int) -> dict[str, str]:
    kept = {name: value for name, value in environment.items() if name not in OF_OUR_MAKE}
    return {
        **kept,
        "CMAKE_ARGS": shlex.join(build.options),
        "CMAKE_BUILD_PARALLEL_LEVEL": environment.get("CMAKE_BUILD_PARALLEL_LEVEL", str(cores)),
    }


def missing_tools(build: Build) -> list[str]:
    """Debian packages that must be installed first. CMake and Ninja are no matter: pip brings them."""
    packages = {"gcc": "gcc", "g++": "g++"}
    if build.name == "cuda":
        packages["nvcc"] = "nvidia-cuda-toolkit"
    return [package for command, package in packages.items() if shutil.which(command) is None]


def progress(line: str) -> float | None:
    """How far the compiler is, 0.0 to 1.0, when the line tells."""
    step = STEP.match(line)
    if step is None:
        return None
    done, total = int(step[1]), int(step[2] or 100)
    return done / total if total else None


class Display:
    """One line that is drawn again on a terminal; a new line every tenth elsewhere."""

    def __init__(self, stream: TextIO, title: str) -> None:
        self._stream = stream
        self._title = title
        self._tenth = -1
        self._started = time.monotonic()

    def show(self, fraction: float) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        text = f"{self._title}: {fraction:4.0%} after {minutes}:{seconds:02d}"
        if self._stream.isatty():
            print(f"\r{text}", end="", file=self._stream, flush=True)
        elif int(fraction * 10) > self._tenth:
            self._tenth = int(fraction * 10)
            print(text, file=self._stream, flush=True)

    def close(self) -> None:
        if self._stream.isatty():
            print(file=self._stream)


def run(command: list[str], environment: Mapping[str, str], log: Path, display: Display | None) -> None:
    """Runs a command; its output goes to the log, its steps to the display.

    Raises:
        BuildError: the command failed; the message has the end of the log.
    """
    with (
        log.open("a", encoding="utf-8") as file,
        subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process,
    ):
        for line in process.stdout or ():
            file.write(line)
            fraction = progress(line)
            if display is not None and fraction is not None:
                display.show(fraction)
    if display is not None:
        display.close()
    if process.returncode != 0:
        raise BuildError(f"{last_lines(log)}\nllama.cpp could not be built; all that was printed is in {log}.")


def last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line[:200] for line in lines[-LAST_LINES:])


def only_file(folder: Path, pattern: str) -> Path:
    return next(iter(sorted(folder.glob(pattern))))


def compile_wheel(build: Build, target: Path) -> None:
    """Builds beside the target and moves the wheel into place when it is whole.

    Raises:
        BuildError: a tool is missing, or the download or the build failed.
    """
    missing = missing_tools(build)
    if missing:
        raise BuildError(
            f"llama.cpp is compiled on this machine; install what is missing first: "
            f"sudo apt-get install {' '.join(missing)}"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    log = target.with_suffix(".log")
    log.write_text("", encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as name:
        folder = Path(name)
        print(f"Fetching the source of {PACKAGE} {VERSION} (77 MB).", file=sys.stderr, flush=True)
        run(download_command(folder), os.environ, log, None)
        source = only_file(folder, "*.tar.gz")
        wheel = folder / "wheel"
        environment = build_environment(build, os.environ, os.cpu_count() or 1)
        display = Display(sys.stderr, f"Compiling llama.cpp ({build.name}), once for this machine")
        run(wheel_command(source, wheel), environment, log, display)
        if not target.exists():
            wheel.rename(target)


def kept_wheel(target: Path) -> Path | None:
    return next(iter(sorted(target.glob("*.whl"))), None)


def main() -> int:
    parser = argparse.ArgumentParser(description="Builds the wheel of llama-cpp-python, or finds the kept one.")
    parser.add_argument("--build", choices=("text", "vision", "cuda"), default="text")
    name = parser.parse_args().build
    machine = this_machine()
    build = build_for(name, machine)
    target = cache_folder(os.environ) / cache_key(build, machine)
    if kept_wheel(target) is None:
        try:
            compile_wheel(build, target)
        except (BuildError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    print(kept_wheel(target))
    return 0


if __name__ == "__main__":
    sys.exit(main())
