"""Makes tiny GGUF models with random weights, in milliseconds, for real llama.cpp: architectures llama, gpt2 and
gemma3.

A few hundred tokens, 32-bit weights, the same file for the same seed. What they write is noise; what they are is
complete: control, unused, byte and end-of-text tokens, a SentencePiece vocabulary with scores or a byte-level one with
merges, sliding windows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType
from gguf.quants import quantize

Architecture = Literal["llama", "gpt2", "gemma3"]
ARCHITECTURES: tuple[Architecture, ...] = ("llama", "gpt2", "gemma3")

LAYERS, HEADS, HEAD_WIDTH, INNER = 3, 4, 16, 96
WIDTH = HEADS * HEAD_WIDTH
CONTEXT = 512  # what they claim to be trained on
WINDOW = 24  # gemma3's sliding window, which every layer but the second has
SPREAD = 0.15  # of the weights: logits then lie as far apart as a real model's, and rounding shows as little
EXPERTS, EXPERTS_USED = 4, 2  # of a mixture of experts
WORDS = "the of and to a in is it was that he for on with as had she at by not this they river house once upon time"

Tensor = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a vocabulary."""

    text: str
    kind: TokenType
    score: float = 0.0


def make(
    path: Path,
    architecture: Architecture,
    *,
    seed: int = 0,
    finetune: str = "",
    template: str = "",
    split: int = 0,
    added: Sequence[str] = (),
    bytewise: bool = True,
    extra: Callable[[GGUFWriter], object] | None = None,
    mixture: bool = False,
    weights: GGMLQuantizationType | None = None,
) -> Path:
    """Write such a model to `path` and return it. finetune, template: general.finetune and a chat template, left out
    where empty. split: the most tensors that a file may hold; the first of the files is returned then. added: tokens
    that a SentencePiece vocabulary never cuts. bytewise: whether it has a token for each byte, else it knows its own
    letters only. extra: adds more to the header, or puts other values in the place of what is there. mixture: a llama
    with experts. weights: how the matrices are quantised; None: 32-bit.
    """
    writer = GGUFWriter(path, architecture, split_max_tensors=split)
    writer.add_name(f"Tiny {architecture}")
    if finetune:
        writer.add_string("general.finetune", finetune)
    if template:
        writer.add_string("tokenizer.chat_template", template)
    vocabulary = byte_level(writer) if architecture == "gpt2" else sentence_piece(writer, architecture, added, bytewise)
    _hyperparameters(writer, architecture)
    if mixture:
        writer.add_expert_count(EXPERTS)
        writer.add_expert_used_count(EXPERTS_USED)
    if extra:
        extra(writer)
    for name, tensor in _weights(architecture, len(vocabulary), np.random.default_rng(seed), mixture):
        if weights is None or tensor.ndim == 1 or "gate_inp" in name:
            writer.add_tensor(name, tensor)
        else:
            writer.add_tensor(name, quantize(tensor, weights), raw_dtype=weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return min(path.parent.glob(f"{path.stem}-00001-of-*.gguf")) if split else path


# ------------------------------------------------------------------------------------------------ vocabularies


def sentence_piece(
    writer: GGUFWriter, architecture: str = "llama", added: Sequence[str] = (), bytewise: bool = True
) -> list[Entry]:
    """<unk> <s> </s>, 256 bytes, pieces; the false space in front of a text as Llama has it and Gemma has not."""
    gemma = architecture == "gemma3"
    entries = [Entry("<unk>", TokenType.UNKNOWN), Entry("<s>", TokenType.CONTROL), Entry("</s>", TokenType.CONTROL)]
    entries += (
        [Entry("<start_of_image>", TokenType.USER_DEFINED), Entry("\n\n", TokenType.USER_DEFINED)] if gemma else []
    )
    entries += [Entry(text, TokenType.USER_DEFINED) for text in added]
    entries += [Entry("<extra>", TokenType.CONTROL), Entry("<unused0>", TokenType.UNUSED)]
    entries += [Entry(f"<0x{byte:02X}>", TokenType.BYTE) for byte in range(256 if bytewise else 0)]
    pieces = _pieces(
        "▁", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:!?'\"-éü한", spelled=_as_is
    )
    entries += [Entry(piece, TokenType.NORMAL, -float(rank)) for rank, piece in enumerate(reversed(pieces))]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_scores([entry.score for entry in entries])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(not gemma)
    return written(writer, entries)


def byte_level(writer: GGUFWriter) -> list[Entry]:
    """256 bytes in GPT-2's spelling, pieces with the merges that build them, <|endoftext|> and two that are never
    written.
    """
    letters = "".join(_spelling().values())
    pieces = _pieces(
        _spelling()[ord(" ")], letters, spelled=lambda word: "".join(_spelling()[b] for b in word.encode())
    )
    entries = [Entry(piece, TokenType.NORMAL) for piece in pieces]
    entries += [Entry("<|endoftext|>", TokenType.CONTROL), Entry("<|extra|>", TokenType.CONTROL)]
    entries += [Entry("<unused0>", TokenType.UNUSED)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_merges([f"{piece[:-1]} {piece[-1]}" for piece in pieces if len(piece) > 1])
    writer.add_bos_token_id(len(pieces))
    writer.add_eos_token_id(len(pieces))
    writer.add_add_bos_token(False)
    return written(writer, entries)


def written(writer: GGUFWriter, entries: list[Entry]) -> list[Entry]:
    writer.add_vocab_size(len(entries))
    writer.add_token_list([entry.text for entry in entries])
    writer.add_token_types([entry.kind for entry in entries])
    return entries


def _as_is(word: str) -> str:
    return word


def _pieces(space: str, letters: str, *, spelled: Callable[[str], str]) -> list[str]:
    """Each letter, then every word from its second letter on, behind a space: each piece is one letter longer than one
    before it.
    """
    pieces = list(dict.fromkeys([*letters, space]))
    for word in WORDS.split():
        whole = space + spelled(word)
        pieces += [whole[:end] for end in range(2, len(whole) + 1)]
    return list(dict.fromkeys(pieces))


def _spelling() -> dict[int, str]:
    """GPT-2's printable letter for every byte (openai/gpt-2, src/encoder.py, bytes_to_unicode)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + place) for place, byte in enumerate(others)}


# ------------------------------------------------------------------------------------------------ weights


def _hyperparameters(writer: GGUFWriter, architecture: Architecture) -> None:
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    if architecture == "gpt2":
        writer.add_layer_norm_eps(1e-5)
        return
    writer.add_head_count_kv(2)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_key_length(HEAD_WIDTH)
    writer.add_value_length(HEAD_WIDTH)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    if architecture == "gemma3":
        writer.add_sliding_window(WINDOW)
        writer.add_sliding_window_pattern(2)


def _weights(
    architecture: Architecture, vocabulary: int, chance: np.random.Generator, mixture: bool
) -> Iterator[tuple[str, Tensor]]:
    def normal(*shape: int) -> Tensor:
        return (chance.standard_normal(shape) * SPREAD).astype(np.float32)

    yield "token_embd.weight", normal(vocabulary, WIDTH)
    yield "output_norm.weight", 1 + normal(WIDTH)
    if architecture == "gpt2":
        yield "output_norm.bias", normal(WIDTH)
        yield "position_embd.weight", normal(CONTEXT, WIDTH)
    for layer in range(LAYERS):
        tensors = _gpt2_layer() if architecture == "gpt2" else _llama_layer(architecture == "gemma3", mixture)
        for name, shape in tensors.items():
            norm = name.endswith("norm.weight")
            yield f"blk.{layer}.{name}", normal(*shape) + np.float32(norm)


def _llama_layer(gemma: bool, mixture: bool) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "attn_norm.weight": (WIDTH,),
        "attn_q.weight": (WIDTH, WIDTH),
        "attn_k.weight": (WIDTH // 2, WIDTH),
        "attn_v.weight": (WIDTH // 2, WIDTH),
        "attn_output.weight": (WIDTH, WIDTH),
        "ffn_norm.weight": (WIDTH,),
    }
    if mixture:
        shapes |= {"ffn_gate_inp.weight": (EXPERTS, WIDTH), "ffn_down_exps.weight": (EXPERTS, WIDTH, INNER)}
        shapes |= {f"ffn_{name}_exps.weight": (EXPERTS, INNER, WIDTH) for name in ("gate", "up")}
    else:
        shapes |= {"ffn_gate.weight": (INNER, WIDTH), "ffn_up.weight": (INNER, WIDTH)}
        shapes |= {"ffn_down.weight": (WIDTH, INNER)}
    if gemma:
        shapes |= {"post_attention_norm.weight": (WIDTH,), "post_ffw_norm.weight": (WIDTH,)}
        shapes |= {"attn_q_norm.weight": (HEAD_WIDTH,), "attn_k_norm.weight": (HEAD_WIDTH,)}
    return shapes


def _gpt2_layer() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for name, wide, deep in (
        ("attn_qkv", 3 * WIDTH, WIDTH),
        ("attn_output", WIDTH, WIDTH),
        ("ffn_up", INNER, WIDTH),
        ("ffn_down", WIDTH, INNER),
    ):
        shapes |= {f"{name}.weight": (wide, deep), f"{name}.bias": (wide,)}
    for name in ("attn_norm", "ffn_norm"):
        shapes |= {f"{name}.weight": (WIDTH,), f"{name}.bias": (WIDTH,)}
    return shapes
