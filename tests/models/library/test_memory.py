"""The memory that a model needs, against numbers worked out by hand."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library import memory
from models.library.header import Header, HeaderError, read_header
from models.library.memory import needed, sizes
from tests.models.library.conftest import with_architecture

Write = Callable[[Any], Path]


def cache_per_token(header: Header) -> int:
    """Bytes that one token takes in a cache of half floats, over all layers."""
    return 2 * sum(sizes(header).cache)


def test_a_model_that_truncates_keeps_no_snapshots(sound: Any, gguf_file: Write) -> None:
    assert needed(read_header(gguf_file(sound)), 10**6).snapshots == 0


def test_one_number_of_heads_for_all_layers(sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound))
    # 2 layers × 2 heads × (16 + 16) numbers × 2 bytes
    assert cache_per_token(header) == 256
    need = needed(header)
    assert (need.context, need.cache, need.weights) == (512, 512 * 256, 5376)
    assert need.kept_logits == (32 + 8) * 4 * memory.sizes(header).vocabulary
    assert need.total == need.weights + need.cache + need.working + need.kept_logits
    assert needed(header, 100).cache == 256 * 256  # llama.cpp rounds up to 256 tokens


def test_heads_by_layer(sound: Any, gguf_file: Write) -> None:
    data = struct.pack("<IQ2I", 4, 2, 1, 3)
    recipe = sound.with_value("llama.attention.head_count_kv", 9, data)
    assert cache_per_token(read_header(gguf_file(recipe))) == (1 + 3) * 32 * 2


def test_far_too_many_layers_are_not_read(sound: Any, gguf_file: Write) -> None:
    data = struct.pack("<IQ", 0, 1 << 20) + bytes(1 << 20)
    for key in ("attention.head_count_kv", "feed_forward_length"):
        header = read_header(gguf_file(sound.with_value(f"llama.{key}", 9, data)))
        with pytest.raises(HeaderError, match=f"no sensible llama.{key}"):
            needed(header)


RECURRENT = {  # numbers of one layer's state, and what the header has of it
    "mamba": (128 * 16 + 3 * 128, {"ssm.inner_size": 128, "ssm.state_size": 16, "ssm.conv_kernel": 4}),
    "mamba2": (
        128 * 16 + 3 * (128 + 2 * 2 * 16),
        {"ssm.inner_size": 128, "ssm.state_size": 16, "ssm.conv_kernel": 4, "ssm.group_count": 2},
    ),
    "rwkv6": (64 * (16 + 2), {"wkv.head_size": 16}),
    "rwkv6qwen2": (64 * (16 + 1), {"wkv.head_size": 16, "token_shift_count": 1}),
    "rwkv7": (64 * (16 + 2), {"wkv.head_size": 16}),
}


@pytest.mark.parametrize("heads", [0, None])
@pytest.mark.parametrize("architecture", RECURRENT)
def test_a_recurrent_model_keeps_a_small_state_for_any_text(
    architecture: str, heads: int | None, sound: Any, gguf_file: Write
) -> None:
    numbers, values = RECURRENT[architecture]
    recipe = with_architecture(sound.without("llama.attention.head_count_kv"), architecture)
    recipe = recipe.without(f"{architecture}.attention.head_count")
    for key, value in (values | ({} if heads is None else {"attention.head_count": heads})).items():
        recipe = recipe.with_value(f"{architecture}.{key}", 4, struct.pack("<I", value))
    header = read_header(gguf_file(recipe))
    assert cache_per_token(header) == 0
    for context in (256, 100_000):
        need = needed(header, context)
        state = 2 * 4 * numbers
        assert need.recurrent and need.cache == state * (memory.STREAMS + 1)
        assert need.snapshots == state * (context // memory.CPU_CHUNK + memory.STARTING_POINTS)
        assert need.total == need.weights + need.cache + need.working + need.snapshots + need.kept_logits
    assert needed(header, 256).working == needed(header, 100_000).working
    assert needed(header, 10**9).snapshots == memory.SNAPSHOTS


def test_a_hybrid_keeps_a_state_in_some_layers_and_a_cache_in_the_others(sound: Any, gguf_file: Write) -> None:
    recipe = with_architecture(sound, "jamba")
    recipe = recipe.with_value("jamba.attention.head_count_kv", 9, struct.pack("<IQ2I", 4, 2, 0, 2))
    recipe = recipe.with_value("jamba.ssm.inner_size", 4, struct.pack("<I", 128))
    recipe = recipe.with_value("jamba.ssm.state_size", 4, struct.pack("<I", 16))
    need = needed(read_header(gguf_file(recipe)), 256)
    assert not need.recurrent and need.cache == 256 * 2 * 32 * 2 + 4 * 128 * 16 * (memory.STREAMS + 1)
    assert need.snapshots == 4 * 128 * 16 * (256 // memory.CPU_CHUNK + memory.STARTING_POINTS)


def test_a_large_state_leaves_room_for_fewer_streams(sound: Any, gguf_file: Write) -> None:
    def streams(inner: int) -> int:
        recipe = with_architecture(sound.without("llama.attention.head_count_kv"), "mamba")
        recipe = recipe.without("mamba.attention.head_count")
        recipe = recipe.with_value("mamba.ssm.inner_size", 4, struct.pack("<I", inner))
        found = memory.sizes(
            read_header(gguf_file(recipe.with_value("mamba.ssm.state_size", 4, struct.pack("<I", 16))))
        )
        assert memory.streams(found) == 1 or found.state * 2 * (memory.streams(found) + 1) <= memory.STREAM_STATES
        return memory.streams(found)

    sizes = [2**10, 2**17, 2**18, 2**19, 2**20]
    assert [streams(size) for size in sizes] == [16, 8, 4, 1, 1]
    assert memory.streams(memory.sizes(read_header(gguf_file(sound)))) == 16


def test_attention_in_every_nth_layer(sound: Any, gguf_file: Write) -> None:
    recipe = sound.with_value("llama.full_attention_interval", 4, struct.pack("<I", 2))
    assert cache_per_token(read_header(gguf_file(recipe))) == 2 * 32 * 2


def test_heads_of_attention_by_layer(sound: Any, gguf_file: Write) -> None:
    recipe = sound.without("llama.attention.head_count_kv")
    recipe = recipe.with_value("llama.attention.head_count", 9, struct.pack("<IQ2I", 4, 2, 0, 4))
    assert cache_per_token(read_header(gguf_file(recipe))) == 4 * 32 * 2


@pytest.mark.starter
def test_the_starter(starter: Path) -> None:
    # 18 layers × 1 head × (256 + 256) numbers × 2 bytes
    assert cache_per_token(read_header(starter)) == 18_432
