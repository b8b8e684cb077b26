"""The memory a model needs, against numbers worked out by hand."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library.header import HeaderError, read_header
from models.library.memory import cache_per_token, needed

Write = Callable[[Any], Path]


def test_one_number_of_heads_for_all_layers(sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound))
    # 2 layers × 2 heads × (16 + 16) numbers × 2 bytes
    assert cache_per_token(header) == 256
    need = needed(header)
    assert (need.context, need.cache, need.weights) == (512, 512 * 256, 5376)
    assert need.total == need.weights + need.cache + need.working
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


@pytest.mark.starter
def test_the_starter(starter: Path) -> None:
    # 18 layers × 1 head × (256 + 256) numbers × 2 bytes
    assert cache_per_token(read_header(starter)) == 18_432
