import json
import struct
from pathlib import Path

import pytest

from pentimento.agent.llm import LlamaCpp
from pentimento.agent.types import AgentError
from pentimento.tools import gguf_file, model_files, safetensors_file
from pentimento.tools.broken import BrokenFile
from pentimento.tools.types import ToolError
from tests.tools.hostile_models import GGUF, SHIPPED, header_of, survive_gguf, survive_safetensors

ONE = {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}


def test_the_shipped_models_are_whole() -> None:
    for name in ("image", "segment", "planner"):
        model_files.check_folder(SHIPPED / name)
    header = gguf_file.read_header(GGUF)
    assert header.values["general.architecture"] == b"llama"
    tokens = header.values["tokenizer.ggml.tokens"]
    assert isinstance(tokens, list)
    assert header.tensors["token_embd.weight"][1] == len(tokens)


def test_sizes_of_weights_are_those_of_the_format() -> None:
    from gguf.constants import GGML_QUANT_SIZES

    sizes = {int(kind): size for kind, size in GGML_QUANT_SIZES.items()}
    assert {kind: sizes[kind] for kind in gguf_file.BLOCKS} == gguf_file.BLOCKS


@pytest.mark.slow
def test_fifty_mutations_of_a_language_model_end_no_process(tmp_path: Path) -> None:
    assert survive_gguf(tmp_path, 50, seed=1) < 25


def test_fifty_mutations_of_weights_are_refused_or_can_be_opened(tmp_path: Path) -> None:
    assert survive_safetensors(tmp_path, 50, seed=1) < 25


def gguf(kv: bytes = b"", values: int = 0, tensors: bytes = b"", count: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, count, values) + kv + tensors


def string(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def tensor(sides: tuple[int, ...] = (32,), kind: int = 0, offset: int = 0, name: bytes = b"a") -> bytes:
    return string(name) + struct.pack(f"<I{len(sides)}QIQ", len(sides), *sides, kind, offset)


def value(name: bytes, code: str, kind: int, content: object) -> bytes:
    return string(name) + struct.pack(f"<I{code}", kind, content)


TWICE = value(b"x", "I", 4, 1) * 2
TOKENS = string(b"tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + string(b"a") * 2


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"PK\x03\x04 a zip file", "it does not begin as one"),
        (gguf(version=9), "its version is 9"),
        (b"GGUF\x03", "it ends in the middle of its header"),
        (gguf(values=2**60), "it says that it holds more than there is room for"),
        (gguf(count=2**60), "it says that it holds more than there is room for"),
        (gguf(struct.pack("<Q", 2**40), 1) + bytes(20), "it ends in the middle of its header"),
        (gguf(string(b"x") + struct.pack("<IIQ", 9, 4, 2**40), 1), "it says that it holds more than there is room for"),
        (gguf(string(b"x") + struct.pack("<IIQ", 9, 9, 1) + bytes(8), 1), "a value is of an unknown type 9"),
        (gguf(TWICE, 2), "it has the value 'x' twice"),
        (gguf(TOKENS, 1), "two of its tokens are the same"),
        (gguf(value(b"general.alignment", "I", 4, 3), 1), "its alignment is 3"),
        (gguf(value(b"llama.block_count", "I", 4, 9999), 1), "llama.block_count can't be 9999"),
        (gguf(value(b"llama.attention.head_count", "I", 4, 0), 1), "llama.attention.head_count can't be 0"),
        (gguf(value(b"llama.rope.freq_base", "f", 6, float("nan")), 1), "a value is no number"),
        (gguf(tensors=tensor((2**40, 2**40)), count=1), "the sides of a tensor are impossible"),
        (gguf(tensors=tensor((33,), kind=8), count=1), "the sides of a tensor are impossible"),
        (gguf(tensors=tensor(kind=77), count=1), "a tensor is of an unknown type 77"),
        (gguf(tensors=tensor((1,) * 5), count=1), "a tensor has 5 dimensions"),
        (gguf(tensors=tensor(offset=2**63), count=1), "a tensor does not follow the one before it"),
        (gguf(tensors=tensor(), count=1), "it ends before its tensors do"),
        (gguf(tensors=tensor() * 2, count=2) + bytes(500), "a tensor does not follow the one before it"),
        (gguf() + bytes(1000), "something else follows its tensors"),
    ],
)
def test_a_language_model_that_lies_is_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "planner.gguf"
    path.write_bytes(content)
    with pytest.raises(BrokenFile) as caught:
        gguf_file.check(path)
    assert str(caught.value) == f"{path} is no whole GGUF file: {reason}; get the model again."
    with pytest.raises(AgentError, match=r"can't be loaded; it is damaged or no GGUF file\.$"):
        LlamaCpp(str(path))


@pytest.mark.parametrize("share", [0.001, 0.01, 0.5, 0.9999])
def test_a_language_model_that_is_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    content = GGUF.read_bytes()
    path = tmp_path / "planner.gguf"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BrokenFile, match=r"it ends (before its tensors do|in the middle)|than there is room for"):
        gguf_file.check(path)


def test_a_template_that_is_no_template_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "planner.gguf"
    path.write_bytes(GGUF.read_bytes().replace(b"{% endfor %}", b"{% enfdor %}", 1))
    with pytest.raises(AgentError, match="it is damaged or no GGUF file"):
        LlamaCpp(str(path))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "its header would be longer than the file"),
        (b"\x80\x04\x95 a pickle", "its header would be longer than the file"),
        ((110 * 10**6).to_bytes(8, "little") + bytes(100), "its header would be longer than the file"),
        (header_of([1, 2]), "it does not begin as one"),
        ((4).to_bytes(8, "little") + b"{{{{", "its header can't be read"),
        ((10**5).to_bytes(8, "little") + b'{"a":' + b"[" * (10**5 - 5), "its header can't be read"),
        ((12).to_bytes(8, "little") + b'{"a":1,"a":2', "its header can't be read"),
        ((13).to_bytes(8, "little") + b'{"a":1,"a":2}', "its header has a name twice"),
        (header_of({"a": 3}), "what it says of 'a' can't be"),
        (header_of({"a": {**ONE["a"], "dtype": "F7"}}, bytes(8)), "what it says of 'a' can't be"),
        (header_of({"a": {**ONE["a"], "shape": [-2]}}, bytes(8)), "what it says of 'a' can't be"),
        (header_of({"a": {**ONE["a"], "shape": [2**70]}}, bytes(8)), "it says a wrong size of 'a'"),
        (header_of({"a": {**ONE["a"], "data_offsets": [8, 0]}}, bytes(8)), "it says a wrong size of 'a'"),
        (header_of({**ONE, "b": ONE["a"]}, bytes(8)), "its tensors overlap, or leave a hole"),
        (header_of({"a": {**ONE["a"], "data_offsets": [4, 12]}}, bytes(12)), "its tensors overlap, or leave a hole"),
        (header_of(ONE, bytes(7)), "it ends before its tensors do"),
        (header_of(ONE, bytes(8) + b"PK\x03\x04"), "something else follows its tensors"),
    ],
)
def test_weights_that_lie_are_refused_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(BrokenFile) as caught:
        safetensors_file.check(path)
    assert str(caught.value) == f"{path} is no whole safetensors file: {reason}; get the model again."


def test_a_header_of_more_than_a_hundred_million_bytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write((110 * 10**6).to_bytes(8, "little"))
        file.truncate(120 * 10**6)
    with pytest.raises(BrokenFile, match="its header is too long"):
        safetensors_file.check(path)


@pytest.mark.parametrize(
    "index",
    [
        {"_class_name": "StableDiffusionPipeline", "custom_pipeline": "clip_guided"},
        {"_class_name": ["pipeline", "Mine"]},
        {"_class_name": "../mine"},
        {"_class_name": "StableDiffusionPipeline", "unet": ["mine", "Mine"]},
        {"_class_name": "StableDiffusionPipeline", "unet": ["os", "system"]},
    ],
)
def test_a_pipeline_with_a_program_of_its_own_is_refused(tmp_path: Path, index: dict[str, object]) -> None:
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(ToolError, match=r"names a program of its own, which is never run; take a model without\.$"):
        model_files.check_folder(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("config.json", '{"auto_map": {"AutoModel": "mine.Mine"}}', "names a program, which is never run"),
        ("config.json", "[" * 100_000, "it can't be read"),
        ("model_index.json", "[]", "it can't be read"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "../../secret.safetensors"}}', "which is not there"),
        ("model.safetensors.index.json", '{"weight_map": {"a": "model-1.safetensors"}}', "which is not there"),
        ("model.safetensors.index.json", '{"weight_map": 3}', "it lists no parts"),
    ],
)
def test_a_configuration_that_leads_astray_is_refused(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ToolError, match=reason):
        model_files.check_folder(tmp_path)
