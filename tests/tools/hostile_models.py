"""Model files as an enemy, or a broken disk, would leave them: mutations of the shipped ones, by the number.

`python -m tests.tools.hostile_models 1000` tries so many of each kind.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from pentimento.tools import gguf_file, safetensors_file
from pentimento.tools.broken import BrokenFile

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "models" / "starter"
GGUF, SAFETENSORS = SHIPPED / "planner" / "planner.gguf", SHIPPED / "segment" / "model.safetensors"
BATCH = 50
LOAD = """
import sys
from pentimento.agent.llm import LlamaCpp
from pentimento.agent.types import AgentError

for path in sys.argv[1:]:
    try:
        LlamaCpp(path, n_ctx=64, threads=1).close()
    except AgentError:
        pass
    print(path, flush=True)
"""
LIES = (b"\xff" * 8, bytes(8), (2**63).to_bytes(8, "little"), (2**32).to_bytes(8, "little"), b"\x01" + bytes(7))


def mutations(content: bytes, header: int, count: int, seed: int) -> Iterator[bytes]:
    """Cut short, bits flipped, numbers replaced, bytes put in and taken out; mostly in the header."""
    chance = random.Random(seed)
    for number in range(count):
        changed = bytearray(content)
        at = chance.randrange(header if chance.random() < 0.9 else len(content))
        match number % 6:
            case 0:
                del changed[chance.randrange(len(content)) :]
            case 1:
                changed[at] ^= 1 << chance.randrange(8)
            case 2:
                changed[at : at + 8] = chance.choice(LIES)
            case 3:
                changed[chance.randrange(700)] ^= 1 << chance.randrange(8)
            case 4:
                del changed[at : at + chance.randrange(1, 100)]
            case _:
                changed[at:at] = chance.randbytes(chance.randrange(1, 100))
        yield bytes(changed)


def believed(check: Callable[[Path], None], files: Iterable[Path]) -> list[Path]:
    """Those that the check lets through; anything but `BrokenFile` is a failure."""
    let_through = []
    for path in files:
        try:
            check(path)
        except BrokenFile as error:
            sentence = str(error)
            assert sentence.startswith(f"{path} is no whole "), sentence
            assert sentence.endswith("; get the model again."), sentence
            assert "\n" not in sentence
        else:
            let_through.append(path)
    return let_through


def written(folder: Path, suffix: str, contents: Iterable[bytes]) -> Iterator[Path]:
    for number, content in enumerate(contents):
        path = folder / f"{number}{suffix}"
        path.write_bytes(content)
        yield path


def survive_gguf(folder: Path, count: int, seed: int) -> int:
    """How many of the mutations were let through; llama.cpp then loads or refuses each, and its process lives."""
    files = written(folder, ".gguf", mutations(GGUF.read_bytes(), gguf_file.read_header(GGUF).size, count, seed))
    through = believed(gguf_file.check, files)
    for begin in range(0, len(through), BATCH):
        batch = [str(path) for path in through[begin : begin + BATCH]]
        done = subprocess.run(
            [sys.executable, "-c", LOAD, *batch], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (done.returncode, done.stdout.split()[-1:], done.stderr[-500:])
        assert done.stdout.split() == batch
    return len(through)


def survive_safetensors(folder: Path, count: int, seed: int) -> int:
    """The same for weights of tensors: what is let through can be opened."""
    from safetensors import safe_open

    content = SAFETENSORS.read_bytes()
    header = 8 + int.from_bytes(content[:8], "little")
    through = believed(safetensors_file.check, written(folder, ".safetensors", mutations(content, header, count, seed)))
    for path in through:
        with safe_open(path, "np") as opened:
            for name in opened.keys():  # noqa: SIM118
                opened.get_slice(name).get_shape()
    return len(through)


def header_of(tensors: object, data: bytes = b"") -> bytes:
    """A safetensors file with such a header."""
    text = json.dumps(tensors).encode()
    return len(text).to_bytes(8, "little") + text + data


def main(count: int) -> None:
    for name, survive in {"GGUF": survive_gguf, "safetensors": survive_safetensors}.items():
        through = 0
        for begin in range(0, count, BATCH):
            with TemporaryDirectory() as folder:
                through += survive(Path(folder), min(BATCH, count - begin), seed=begin)
        sys.stdout.write(
            f"{count} mutations of a {name} file: {count - through} refused, {through} harmless, 0 crashes\n"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
