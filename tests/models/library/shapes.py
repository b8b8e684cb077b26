"""Makes GGUF models of 30 to 100 MB with random weights in the shapes of well-known architectures, in a second each.

They are for what a model takes, not for what it writes: 16-bit weights, a vocabulary of numbered pieces.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType

Shapes = dict[str, tuple[int, ...]]
FIRST_NUMBER = 259  # the token of the piece ▁0; the others follow
BLOCK, BLOCK_BYTES = 32, 18  # weights of a block of Q4_0, and its bytes


@dataclass(frozen=True, slots=True)
class Shape:
    """Numbers of a model. key_heads: heads that keep keys and values. head: numbers of one head. quantised: 4
    bits a weight instead of 16.
    """

    architecture: str
    width: int = 512
    layers: int = 6
    heads: int = 8
    key_heads: int = 8
    head: int = 64
    inner: int = 1_536
    vocabulary: int = 16_000
    context: int = 4_096
    tied: bool = False
    window: int = 0
    quantised: bool = False

    @property
    def queries(self) -> int:
        return self.heads * self.head

    @property
    def keys(self) -> int:
        return self.key_heads * self.head


SHAPES = (
    Shape("llama", key_heads=2),
    Shape("gpt2", layers=8, context=1_024, tied=True),
    Shape("gemma3", width=640, heads=4, key_heads=1, head=256, vocabulary=40_000, tied=True, window=512),
    Shape("qwen2", key_heads=2, vocabulary=32_000, tied=True),
    Shape("qwen3", key_heads=4, head=128),
    Shape("olmo2"),
    Shape("gptneox", context=2_048, inner=2_048),
    Shape("falcon", key_heads=1, context=2_048, inner=2_048, tied=True),
)


def make(path: Path, shape: Shape) -> Path:
    """Write such a model to `path` and return it. Holds one tensor in memory at a time."""
    chance = np.random.default_rng(0)
    writer = GGUFWriter(path, shape.architecture)
    writer.add_name(f"Random {shape.architecture}")
    _vocabulary(writer, shape)
    _hyperparameters(writer, shape)
    tensors = _tensors(shape)
    for name, dimensions in tensors.items():
        _announce(writer, name, dimensions, shape.quantised)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for dimensions in tensors.values():
        writer.write_tensor_data(_weights(dimensions, shape.quantised, chance))
    writer.close()
    return path


def _announce(writer: GGUFWriter, name: str, dimensions: tuple[int, ...], quantised: bool) -> None:
    """Tell the writer what `_weights` will give."""
    if quantised and len(dimensions) == 2:
        size = (dimensions[0], dimensions[1] // BLOCK * BLOCK_BYTES)
        writer.add_tensor_info(name, size, np.dtype(np.uint8), math.prod(size), GGMLQuantizationType.Q4_0)
    else:
        kind = _scalar(dimensions)
        writer.add_tensor_info(name, dimensions, kind, math.prod(dimensions) * kind.itemsize)


def _weights(dimensions: tuple[int, ...], quantised: bool, chance: np.random.Generator) -> np.ndarray[Any, Any]:
    if quantised and len(dimensions) == 2:
        return _four_bits(dimensions, chance)
    return (chance.standard_normal(dimensions, np.float32) * 0.02).astype(_scalar(dimensions))


def _scalar(dimensions: tuple[int, ...]) -> np.dtype[Any]:
    return np.dtype(np.float32 if len(dimensions) == 1 else np.float16)


def _four_bits(dimensions: tuple[int, ...], chance: np.random.Generator) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Random weights as Q4_0: blocks of 32, each a 16-bit scale and 16 bytes."""
    rows, columns = dimensions
    blocks = chance.integers(0, 256, (rows, columns // BLOCK, BLOCK_BYTES), dtype=np.uint8)
    blocks[..., :2] = np.array([0.004], np.float16).view(np.uint8)
    return blocks.reshape(rows, -1)


def _vocabulary(writer: GGUFWriter, shape: Shape) -> None:
    numbers = range(shape.vocabulary - FIRST_NUMBER)
    pieces = [f"<0x{byte:02X}>" for byte in range(256)] + [f"▁{number}" for number in numbers]
    kinds = [TokenType.BYTE] * 256 + [TokenType.NORMAL] * len(numbers)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(["<unk>", "<s>", "</s>", *pieces])
    writer.add_token_scores([0.0] * FIRST_NUMBER + [-float(number) for number in numbers])
    writer.add_token_types([TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL, *kinds])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_vocab_size(shape.vocabulary)


def _hyperparameters(writer: GGUFWriter, shape: Shape) -> None:
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head)
    writer.add_value_length(shape.head)
    writer.add_rope_dimension_count(shape.head)
    writer.add_layer_norm_eps(1e-5)
    writer.add_layer_norm_rms_eps(1e-6)
    if shape.window:
        writer.add_sliding_window(shape.window)
    if shape.architecture == "gptneox":
        writer.add_parallel_residual(True)


# ------------------------------------------------------------------------------------------------ tensors


def _tensors(shape: Shape) -> Shapes:
    found: Shapes = {"token_embd.weight": (shape.vocabulary, shape.width), "output_norm.weight": (shape.width,)}
    if shape.architecture in {"gpt2", "gptneox", "falcon"}:
        found["output_norm.bias"] = (shape.width,)
    if shape.architecture == "gpt2":
        found["position_embd.weight"] = (shape.context, shape.width)
    if not shape.tied:
        found["output.weight"] = (shape.vocabulary, shape.width)
    for layer in range(shape.layers):
        found |= {f"blk.{layer}.{name}": size for name, size in LAYERS[shape.architecture](shape).items()}
    return found


def _gated(shape: Shape) -> Shapes:
    return {
        "ffn_gate.weight": (shape.inner, shape.width),
        "ffn_up.weight": (shape.inner, shape.width),
        "ffn_down.weight": (shape.width, shape.inner),
    }


def _attention(shape: Shape) -> Shapes:
    return {
        "attn_q.weight": (shape.queries, shape.width),
        "attn_k.weight": (shape.keys, shape.width),
        "attn_v.weight": (shape.keys, shape.width),
        "attn_output.weight": (shape.width, shape.queries),
    }


def _norms(shape: Shape, *names: str) -> Shapes:
    return {f"{name}.weight": (shape.width,) for name in names}


def _llama(shape: Shape) -> Shapes:
    return _norms(shape, "attn_norm", "ffn_norm") | _attention(shape) | _gated(shape)


def _gemma3(shape: Shape) -> Shapes:
    heads: Shapes = {"attn_q_norm.weight": (shape.head,), "attn_k_norm.weight": (shape.head,)}
    return _llama(shape) | heads | _norms(shape, "post_attention_norm", "post_ffw_norm")


def _qwen2(shape: Shape) -> Shapes:
    biases: Shapes = {"attn_q.bias": (shape.queries,), "attn_k.bias": (shape.keys,), "attn_v.bias": (shape.keys,)}
    return _llama(shape) | biases


def _qwen3(shape: Shape) -> Shapes:
    return _llama(shape) | {"attn_q_norm.weight": (shape.head,), "attn_k_norm.weight": (shape.head,)}


def _olmo2(shape: Shape) -> Shapes:
    norms: Shapes = {"attn_q_norm.weight": (shape.queries,), "attn_k_norm.weight": (shape.keys,)}
    return norms | _attention(shape) | _gated(shape) | _norms(shape, "post_attention_norm", "post_ffw_norm")


def _joined(shape: Shape, biases: bool) -> Shapes:
    """Queries, keys and values in one tensor, and a feed-forward layer without a gate, as GPT-2 and its kin."""
    found: Shapes = {
        "attn_qkv.weight": (shape.queries + 2 * shape.keys, shape.width),
        "attn_output.weight": (shape.width, shape.queries),
        "ffn_up.weight": (shape.inner, shape.width),
        "ffn_down.weight": (shape.width, shape.inner),
    }
    if biases:
        found |= {name.replace("weight", "bias"): size[:1] for name, size in found.items()}
    return found


def _both(shape: Shape, *names: str) -> Shapes:
    return _norms(shape, *names) | {f"{name}.bias": (shape.width,) for name in names}


LAYERS: dict[str, Callable[[Shape], Shapes]] = {
    "llama": _llama,
    "gpt2": lambda shape: _joined(shape, biases=True) | _both(shape, "attn_norm", "ffn_norm"),
    "gemma3": _gemma3,
    "qwen2": _qwen2,
    "qwen3": _qwen3,
    "olmo2": _olmo2,
    "gptneox": lambda shape: _joined(shape, biases=True) | _both(shape, "attn_norm", "ffn_norm"),
    "falcon": lambda shape: _joined(shape, biases=False) | _both(shape, "attn_norm"),
}
