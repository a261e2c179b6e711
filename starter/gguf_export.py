"""Between a transformers Llama and a GGUF file: `write_gguf` and its inverse `load_from_gguf`.

Facts of the format: llama.cpp turns pairs of neighbouring rows of q and k where transformers turns halves, so their rows
are interleaved; a tied output matrix is left out; norms stay float32; merges are written "a b".
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

Array = NDArray[np.float32]

LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""GGUF's names of a layer's tensors → transformers' names."""
TYPES = {"f32": "F32", "f16": "F16", "q8_0": "Q8_0"}
FILE_TYPES = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0"}


def write_gguf(model: "LlamaForCausalLM", tokenizer: "PreTrainedTokenizerFast", path: Path, kind: str = "f16") -> None:
    """Writes model and tokenizer, chat template included; `kind` is the type of the matrices: f32, f16 or q8_0."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    _write_shape(writer, model.config)
    writer.add_file_type(gguf.LlamaFileType[FILE_TYPES[kind]])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _write_tokenizer(writer, tokenizer)
    for name, tensor in tensors(model):
        _write_tensor(writer, name, tensor, gguf.GGMLQuantizationType[TYPES[kind]])
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_shape(writer: "GGUFWriter", config: "LlamaConfig") -> None:
    writer.add_name("pentimento-planner")
    writer.add_license("apache-2.0")
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(float(config.rope_parameters["rope_theta"]))
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)


def _write_tokenizer(writer: "GGUFWriter", tokenizer: "PreTrainedTokenizerFast") -> None:
    from gguf import TokenType

    content: dict[str, Any] = json.loads(tokenizer.backend_tokenizer.to_str())
    special = set(tokenizer.all_special_tokens) | {t["content"] for t in content["added_tokens"]}
    tokens = [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in special else TokenType.NORMAL for token in tokens])
    writer.add_token_merges([" ".join(merge) for merge in content["model"]["merges"]])
    writer.add_bos_token_id(tokenizer.bos_token_id)
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_eot_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(value=False)
    writer.add_add_eos_token(value=False)
    writer.add_add_space_prefix(value=False)
    writer.add_chat_template(tokenizer.chat_template)


def _write_tensor(writer: "GGUFWriter", name: str, tensor: Array, kind: "GGMLQuantizationType") -> None:
    from gguf import GGMLQuantizationType, quants

    if tensor.ndim == 1 or kind is GGMLQuantizationType.F32:
        writer.add_tensor(name, tensor)
    else:
        writer.add_tensor(name, quants.quantize(tensor, kind), raw_dtype=kind)


def tensors(model: "LlamaForCausalLM") -> list[tuple[str, Array]]:
    """The model's tensors under GGUF's names and in its order of rows, float32."""
    state = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    found = [
        ("token_embd.weight", state["model.embed_tokens.weight"]),
        ("output_norm.weight", state["model.norm.weight"]),
    ]
    for index in range(model.config.num_hidden_layers):
        for ours, theirs in LAYER.items():
            tensor = state[f"model.layers.{index}.{theirs}.weight"]
            found.append((f"blk.{index}.{ours}.weight", interleave(tensor, _heads(ours, model.config))))
    return [(name, np.ascontiguousarray(tensor)) for name, tensor in found]


def _heads(name: str, config: "LlamaConfig") -> int:
    """How many heads' rows of this tensor are reordered; 0 for a tensor that is left as it is."""
    counts: dict[str, int] = {"attn_q": config.num_attention_heads, "attn_k": config.num_key_value_heads}
    return counts.get(name, 0)


def interleave(tensor: Array, heads: int) -> Array:
    """Rows of each head from halves (a1 a2 … b1 b2 …) to pairs (a1 b1 a2 b2 …); unchanged for 0 heads."""
    if not heads:
        return tensor
    rows, columns = tensor.shape
    return tensor.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(tensor.shape)


def separate(tensor: Array, heads: int) -> Array:
    """The inverse of `interleave`."""
    if not heads:
        return tensor
    rows, columns = tensor.shape
    return tensor.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(tensor.shape)


def load_from_gguf(path: Path) -> tuple["LlamaForCausalLM", "PreTrainedTokenizerFast"]:
    """The model (float32) and the tokenizer of a file that `write_gguf` wrote."""
    import gguf
    import torch
    from transformers import LlamaForCausalLM

    reader = gguf.GGUFReader(path)
    tokenizer = _read_tokenizer(reader)
    model = LlamaForCausalLM(_read_shape(reader, tokenizer))
    named = {tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
    state = {"model.embed_tokens.weight": named["token_embd.weight"], "model.norm.weight": named["output_norm.weight"]}
    for index in range(model.config.num_hidden_layers):
        for ours, theirs in LAYER.items():
            tensor = separate(named[f"blk.{index}.{ours}.weight"], _heads(ours, model.config))
            state[f"model.layers.{index}.{theirs}.weight"] = tensor
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict({name: torch.from_numpy(np.array(tensor)) for name, tensor in state.items()})
    return model, tokenizer


def _read_shape(reader: "GGUFReader", tokenizer: "PreTrainedTokenizerFast") -> "LlamaConfig":
    from transformers import LlamaConfig

    def field(name: str) -> Any:  # noqa: ANN401  # a GGUF field holds any type
        return reader.fields[f"llama.{name}"].contents()

    return LlamaConfig(
        vocab_size=field("vocab_size"),
        hidden_size=field("embedding_length"),
        intermediate_size=field("feed_forward_length"),
        num_hidden_layers=field("block_count"),
        num_attention_heads=field("attention.head_count"),
        num_key_value_heads=field("attention.head_count_kv"),
        max_position_embeddings=field("context_length"),
        rms_norm_eps=field("attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": field("rope.freq_base")},
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        use_cache=False,
    )


def _read_tokenizer(reader: "GGUFReader") -> "PreTrainedTokenizerFast":
    from gguf import TokenType

    from pentimento.starter.planner_tokenizer import fast_tokenizer

    def field(name: str) -> Any:  # noqa: ANN401  # a GGUF field holds any type
        return reader.fields[f"tokenizer.{name}"].contents()

    tokens: list[str] = field("ggml.tokens")
    merges = [(left, right) for left, right in (merge.split(" ") for merge in field("ggml.merges"))]
    special = [token for token, kind in zip(tokens, field("ggml.token_type"), strict=True) if kind == TokenType.CONTROL]
    return fast_tokenizer({token: index for index, token in enumerate(tokens)}, merges, special, field("chat_template"))
