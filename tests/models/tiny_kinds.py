"""Tiny models of other kinds than tiny.py's: recurrent ones (mamba, rwkv7), a hybrid (jamba), an encoder (bert), an
encoder-decoder (t5).

Random 32-bit weights as there; heads are 0 where converters write 0.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from gguf import GGUFWriter, TokenType

from tests.models import tiny
from tests.models.tiny import SPREAD, Entry, Tensor, byte_level, sentence_piece, written

Kind = Literal["mamba", "rwkv7", "jamba", "bert", "t5"]
RECURRENT: tuple[Kind, ...] = ("mamba", "rwkv7", "jamba")  # jamba in part

WRITING: tuple[str, ...] = (*tiny.ARCHITECTURES, *RECURRENT)  # all that continue a text

LAYERS, WIDTH, INNER, CONTEXT, HEADS = 2, 64, 96, 512, 4
STATE, CONV, RANK, HEAD = 16, 4, 4, 16
Shapes = dict[str, tuple[int, ...]]  # numpy's order: the fastest dimension last


def writing(folder: Path, kind: str, extra: Callable[[GGUFWriter], None] | None = None) -> Path:
    """The model of that kind in a folder, written when first asked for: one of tiny.ARCHITECTURES or of RECURRENT.
    extra: adds to the header of those that are not recurrent.
    """
    path = folder / f"tiny-{kind}.gguf"
    if path.exists():
        return path
    if kind in RECURRENT:
        return make(path, next(name for name in RECURRENT if name == kind))
    return tiny.make(path, next(name for name in tiny.ARCHITECTURES if name == kind), extra=extra)


def make(path: Path, kind: Kind, *, seed: int = 0, context: int = CONTEXT) -> Path:
    """Write such a model to `path` and return it. context: tokens that it says it was trained for."""
    writer = GGUFWriter(path, kind)
    writer.add_name(f"Tiny {kind}")
    entries = VOCABULARIES[kind](writer)
    writer.add_context_length(context)
    writer.add_embedding_length(WIDTH)
    if kind != "jamba":
        writer.add_block_count(LAYERS)
    shapes = {"token_embd.weight": (len(entries), WIDTH)} | NUMBERS[kind](writer)
    for name, tensor in _weights(shapes, np.random.default_rng(seed)):
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _weights(shapes: Shapes, chance: np.random.Generator) -> Iterator[tuple[str, Tensor]]:
    for name, shape in shapes.items():
        tensor = (chance.standard_normal(shape) * SPREAD).astype(np.float32)
        yield name, -np.exp(tensor) if name.endswith("ssm_a") else tensor + np.float32("norm.weight" in name)


def _layers(count: int, layer: Shapes) -> Shapes:
    return {f"blk.{index}.{name}": shape for index in range(count) for name, shape in layer.items()}


def _both(name: str, *shape: int) -> Shapes:
    """A matrix or a norm, and its bias."""
    return {f"{name}.weight": shape, f"{name}.bias": shape[:1]}


def _mamba(writer: GGUFWriter) -> Shapes:
    writer.add_head_count(0)
    writer.add_feed_forward_length(0)
    return {"output_norm.weight": (WIDTH,)} | _layers(LAYERS, _state_space(writer))


def _state_space(writer: GGUFWriter) -> Shapes:
    """A layer of Mamba's."""
    writer.add_ssm_conv_kernel(CONV)
    writer.add_ssm_inner_size(2 * WIDTH)
    writer.add_ssm_state_size(STATE)
    writer.add_ssm_time_step_rank(RANK)
    writer.add_layer_norm_rms_eps(1e-5)
    return {
        "attn_norm.weight": (WIDTH,),
        "ssm_in.weight": (4 * WIDTH, WIDTH),
        **_both("ssm_conv1d", 2 * WIDTH, CONV),
        "ssm_x.weight": (RANK + 2 * STATE, 2 * WIDTH),
        **_both("ssm_dt", 2 * WIDTH, RANK),
        "ssm_a": (2 * WIDTH, STATE),
        "ssm_d": (2 * WIDTH,),
        "ssm_out.weight": (WIDTH, 2 * WIDTH),
    }


def _jamba(writer: GGUFWriter) -> Shapes:
    """Two layers of Mamba's with one of attention between them."""
    writer.add_head_count(HEADS)
    writer.add_head_count_kv([0, 2, 0])
    writer.add_block_count(3)
    writer.add_feed_forward_length(INNER)
    norms: Shapes = {"ssm_dt_norm.weight": (RANK,), "ssm_b_norm.weight": (STATE,), "ssm_c_norm.weight": (STATE,)}
    forward: Shapes = {f"ffn_{name}.weight": (INNER, WIDTH) for name in ("gate", "up")}
    forward |= {"ffn_down.weight": (WIDTH, INNER), "ffn_norm.weight": (WIDTH,)}
    recurrent = _state_space(writer) | norms | forward
    attention: Shapes = {"attn_norm.weight": (WIDTH,), "attn_q.weight": (WIDTH, WIDTH)}
    attention |= {"attn_k.weight": (2 * HEAD, WIDTH), "attn_v.weight": (2 * HEAD, WIDTH)}
    attention |= {"attn_output.weight": (WIDTH, WIDTH)} | forward
    layers = (
        {f"blk.{index}.{name}": shape for name, shape in layer.items()}
        for index, layer in enumerate((recurrent, attention, recurrent))
    )
    return {"output_norm.weight": (WIDTH,)} | {name: shape for layer in layers for name, shape in layer.items()}


def _rwkv7(writer: GGUFWriter) -> Shapes:
    writer.add_head_count(0)
    writer.add_feed_forward_length(INNER)
    writer.add_wkv_head_size(WIDTH)  # 64, as real ones have: the vector code takes no smaller one
    writer.add_layer_norm_eps(1e-5)
    for name in ("decay", "iclr", "value_residual_mix", "gate"):
        writer.add_uint32(f"rwkv7.attention.{name}_lora_rank", RANK)
    layer: Shapes = {**_both("attn_norm", WIDTH), **_both("attn_norm_2", WIDTH)}
    for name in ("w", "a", "v"):
        layer |= {f"time_mix_{name}0.weight": (WIDTH,)}
        layer |= {f"time_mix_{name}1.weight": (RANK, WIDTH), f"time_mix_{name}2.weight": (WIDTH, RANK)}
    layer |= {"time_mix_g1.weight": (RANK, WIDTH), "time_mix_g2.weight": (WIDTH, RANK)}
    layer |= {"time_mix_lerp_fused.weight": (6, 1, 1, WIDTH)}
    layer |= {f"time_mix_{name}.weight": (WIDTH,) for name in ("k_k", "k_a", "r_k")}
    layer |= {f"time_mix_{name}.weight": (WIDTH, WIDTH) for name in ("key", "value", "receptance", "output")}
    layer |= _both("time_mix_ln", WIDTH)
    layer |= {"channel_mix_lerp_k.weight": (1, 1, WIDTH)}
    layer |= {"channel_mix_key.weight": (INNER, WIDTH), "channel_mix_value.weight": (WIDTH, INNER)}
    return _both("token_embd_norm", WIDTH) | _both("output_norm", WIDTH) | _head(writer) | _layers(LAYERS, layer)


def _head(writer: GGUFWriter) -> Shapes:
    """An output of its own."""
    size = writer.kv_data[0]["rwkv7.vocab_size"].value
    return {"output.weight": (size, WIDTH)}


def _bert(writer: GGUFWriter) -> Shapes:
    writer.add_head_count(HEADS)
    writer.add_feed_forward_length(INNER)
    writer.add_layer_norm_eps(1e-12)
    writer.add_causal_attention(False)
    writer.add_uint32("bert.pooling_type", 2)
    layer: Shapes = {}
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        layer |= _both(name, WIDTH, WIDTH)
    layer |= _both("ffn_up", INNER, WIDTH) | _both("ffn_down", WIDTH, INNER)
    layer |= _both("attn_output_norm", WIDTH) | _both("layer_output_norm", WIDTH)
    beginning: Shapes = {"token_types.weight": (2, WIDTH), "position_embd.weight": (CONTEXT, WIDTH)}
    return beginning | _both("token_embd_norm", WIDTH) | _layers(LAYERS, layer)


def _t5(writer: GGUFWriter) -> Shapes:
    writer.add_head_count(HEADS)
    writer.add_feed_forward_length(INNER)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_relative_attn_buckets_count(32)
    writer.add_layer_norm_eps(1e-6)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_decoder_start_token_id(0)
    attention: Shapes = {f"attn_{name}.weight": (WIDTH, WIDTH) for name in "qkvo"}
    attention |= {"attn_norm.weight": (WIDTH,), "attn_rel_b.weight": (32, HEADS)}
    forward: Shapes = {"ffn_norm.weight": (WIDTH,), "ffn_up.weight": (INNER, WIDTH), "ffn_down.weight": (WIDTH, INNER)}
    across: Shapes = {f"cross_attn_{name}.weight": (WIDTH, WIDTH) for name in "qkvo"}
    across |= {"cross_attn_norm.weight": (WIDTH,)}
    encoder, decoder = _layers(LAYERS, attention | forward), _layers(LAYERS, attention | across | forward)
    shapes = {f"enc.{name}": shape for name, shape in encoder.items()}
    shapes |= {f"dec.{name}": shape for name, shape in decoder.items()}
    return {"enc.output_norm.weight": (WIDTH,), "dec.output_norm.weight": (WIDTH,)} | shapes


def _world(writer: GGUFWriter) -> list[Entry]:
    """RWKV's own kind of vocabulary: every byte, escaped, and a few words."""
    entries = [Entry("<s>", TokenType.CONTROL)]
    entries += [Entry(f"\\x{byte:02x}", TokenType.NORMAL) for byte in range(256)]
    entries += [Entry(word, TokenType.NORMAL) for word in ("the", " the", " house", " river", "\\n\\n", "한")]
    writer.add_tokenizer_model("rwkv")
    writer.add_eos_token_id(0)
    return written(writer, entries)


def _word_pieces(writer: GGUFWriter) -> list[Entry]:
    special = [Entry(f"[{name}]", TokenType.CONTROL) for name in ("PAD", "UNK", "CLS", "SEP", "MASK")]
    letters = "abcdefghijklmnopqrstuvwxyz"
    entries = [*special, *(Entry(f"{front}{letter}", TokenType.NORMAL) for front in ("▁", "") for letter in letters)]
    writer.add_tokenizer_model("bert")
    writer.add_tokenizer_pre("default")
    writer.add_token_type_count(2)
    writer.add_unk_token_id(1)
    writer.add_sep_token_id(3)
    writer.add_pad_token_id(0)
    writer.add_mask_token_id(4)
    return written(writer, entries)


VOCABULARIES: dict[Kind, Callable[[GGUFWriter], list[Entry]]] = {
    "mamba": byte_level,
    "rwkv7": _world,
    "jamba": byte_level,
    "bert": _word_pieces,
    "t5": sentence_piece,
}
NUMBERS: dict[Kind, Callable[[GGUFWriter], Shapes]] = {
    "mamba": _mamba,
    "rwkv7": _rwkv7,
    "jamba": _jamba,
    "bert": _bert,
    "t5": _t5,
}
