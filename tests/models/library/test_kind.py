"""Base or chat: every rule, with the reason."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library.header import read_header
from models.library.kind import kind

Write = Callable[..., Path]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


@pytest.mark.parametrize(
    ("values", "name", "expected", "words"),
    [
        ({"general.finetune": "Instruct"}, "m.gguf", "chat", "tuned for chat"),
        ({"general.finetune": "it"}, "m.gguf", "chat", "tuned for chat"),
        ({"general.finetune": "Base"}, "m.gguf", "base", "base model"),
        ({"general.finetune": "pt", "tokenizer.chat_template": "{{x}}"}, "m.gguf", "base", "base model"),
        ({"general.name": "Gemma 3 1b It"}, "m.gguf", "chat", "'it'"),
        ({}, "Llama-3-8B-Instruct.Q4.gguf", "chat", "'instruct'"),
        ({"tokenizer.chat_template": "{{x}}"}, "Qwen2.5-Base.gguf", "base", "'base'"),
        ({}, "gemma-3-270m.gguf", "base", "no chat template"),
        ({"tokenizer.chat_template": "{{x}}"}, "Qwen3-4B.gguf", "unknown", "chat template"),
        ({"general.finetune": "Magic"}, "bits.gguf", "base", "no chat template"),  # "it" inside a word says nothing
    ],
)
def test_kinds(values: dict[str, str], name: str, expected: str, words: str, sound: Any, gguf_file: Write) -> None:
    recipe = sound
    for key, value in values.items():
        recipe = recipe.with_value(key, 8, text(value))
    found = kind(read_header(gguf_file(recipe, name)))
    assert found.kind == expected
    assert words in found.reason and found.reason.endswith(".")


@pytest.mark.starter
def test_the_starter_is_a_base_model(starter: Path) -> None:
    assert kind(read_header(starter)).kind == "base"
