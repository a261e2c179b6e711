"""A language model that sees, with tiny random weights: its own GGUF file, and the one of its eyes (a CLIP in llama.cpp's form)."""

from pathlib import Path

import numpy as np

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{% if m.content is string %}{{ m.content }}{% else %}{% for part in m.content %}{{ part.text }}{% endfor %}{% endif %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
WIDTH, INNER, HEADS, SIDE, PATCH = 32, 48, 2, 32, 8


def make_model(path: Path, hidden: int = 64) -> None:
    import torch

    from pentimento.starter.gguf_export import write_gguf
    from pentimento.starter.planner_tokenizer import trained_tokenizer
    from pentimento.starter.train_planner import Shape, new_model

    tokenizer = trained_tokenizer(1, 1500)
    tokenizer.chat_template = TEMPLATE
    model = new_model(Shape(hidden=hidden, inner=96, layers=2, heads=4, kv_heads=2), tokenizer)
    torch.manual_seed(0)
    for weights in model.parameters():
        # Large enough that what it says depends on what it sees.
        torch.nn.init.normal_(weights, 0, 0.5)
    write_gguf(model, tokenizer, path, "f32")


def make_eyes(path: Path, hidden: int = 64) -> None:
    """For a language model whose words are `hidden` numbers wide."""
    import gguf

    writer = gguf.GGUFWriter(path, "clip")
    writer.add_bool("clip.has_vision_encoder", True)  # noqa: FBT003
    writer.add_bool("clip.use_gelu", True)  # noqa: FBT003
    writer.add_string("clip.projector_type", "mlp")
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    numbers = {"image_size": SIDE, "patch_size": PATCH, "embedding_length": WIDTH, "feed_forward_length": INNER}
    numbers |= {"block_count": 2, "attention.head_count": HEADS, "projection_dim": hidden}
    for name, value in numbers.items():
        writer.add_uint32(f"clip.vision.{name}", value)
    random = np.random.default_rng(0)
    for name, shape in _shapes(hidden).items():
        writer.add_tensor(name, random.normal(0, 0.5, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shapes(hidden: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "v.class_embd": (WIDTH,),
        "v.patch_embd.weight": (WIDTH, 3, PATCH, PATCH),
        "v.position_embd.weight": ((SIDE // PATCH) ** 2 + 1, WIDTH),
        **_both("v.pre_ln", WIDTH),
        **_both("mm.0", hidden, WIDTH),
        **_both("mm.2", hidden, hidden),
    }
    for block in ("v.blk.0", "v.blk.1"):
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            shapes |= _both(f"{block}.{name}", WIDTH, WIDTH)
        shapes |= _both(f"{block}.ln1", WIDTH) | _both(f"{block}.ln2", WIDTH)
        shapes |= _both(f"{block}.ffn_up", INNER, WIDTH) | _both(f"{block}.ffn_down", WIDTH, INNER)
    return shapes


def _both(name: str, *shape: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
