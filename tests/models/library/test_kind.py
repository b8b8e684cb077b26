"""Base or chat: every rule, with the reason."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library.downloadable import Listed
from models.library.header import read_header
from models.library.kind import ModelKind, kind, kind_of_listed

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
        ({"general.name": "Gemma 3 1b It"}, "m.gguf", "chat", "“it”"),
        ({}, "Llama-3-8B-Instruct.Q4.gguf", "chat", "“instruct”"),
        ({"tokenizer.chat_template": "{{x}}"}, "Qwen2.5-Base.gguf", "base", "“base”"),
        ({}, "any-1b.gguf", "base", "no chat template"),
        ({"tokenizer.chat_template": "{{x}}"}, "any-1b.gguf", "unknown", "chat template"),
        ({"tokenizer.chat_template": "{{x}}"}, "Qwen3-4B.Q4_K_M.gguf", "chat", "made of Qwen3 4B Base"),
        ({"tokenizer.chat_template": "{{x}}"}, "Qwen2.5-1.5B.Q4_K_M.gguf", "base", "named like Qwen2.5 1.5B"),
        ({"tokenizer.chat_template": "{{x}}", "general.name": "Qwen3 8B"}, "x.gguf", "chat", "made of Qwen3 8B Base"),
        ({"general.name": "Gemma 3 270m"}, "x.gguf", "base", "named like Gemma 3 270M"),
        ({}, "gemma-3-270m-storyteller.gguf", "base", "no chat template"),
        ({}, "Llama-3.1-8B-uncensored.gguf", "chat", "“uncensored”"),
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


def test_the_catalogue_comes_before_the_header_and_the_user_before_the_catalogue(sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound.with_value("general.finetune", 8, text("Instruct")), "some file.gguf"))
    assert kind(header).kind == "chat"
    found = kind(header, "mradermacher/Qwen3-4B-Base-GGUF")
    assert (found.kind, found.sure) == ("base", "certain") and "Qwen3 4B Base" in found.reason
    marks: tuple[ModelKind, ...] = ("base", "chat")
    for mark in marks:
        found = kind(header, "mradermacher/Qwen3-4B-Base-GGUF", mark)
        assert (found.kind, found.sure, found.reason) == (mark, "certain", f"Marked by you as a {mark} model.")


def test_the_folder_gives_the_repository(sound: Any, tmp_path: Path) -> None:
    template = sound.with_value("tokenizer.chat_template", 8, text("{{x}}"))
    for folder in (
        "QuantFactory--Qwen2.5-7B-GGUF",
        "hub/models--QuantFactory--Qwen2.5-7B-GGUF/snapshots/0123abc",
        "hub/models--QuantFactory--Qwen2.5-7B-GGUF/snapshots/0123abc/deep",
    ):
        path = tmp_path / folder / "m.gguf"
        path.parent.mkdir(parents=True)
        path.write_bytes(template.encode())
        assert kind(read_header(path)).reason == "The catalogue has its repository as Qwen2.5 7B."


@pytest.mark.parametrize(
    ("values", "sure"),
    [
        ({"general.finetune": "it"}, "certain"),
        ({"general.name": "A chat model"}, "likely"),
        ({}, "likely"),
        ({"tokenizer.chat_template": "{{x}}"}, "unknown"),
    ],
)
def test_how_sure(values: dict[str, str], sure: str, sound: Any, gguf_file: Write) -> None:
    recipe = sound
    for key, value in values.items():
        recipe = recipe.with_value(key, 8, text(value))
    assert kind(read_header(gguf_file(recipe))).sure == sure


@pytest.mark.parametrize(
    ("repo", "tags", "expected", "sure"),
    [
        ("mradermacher/gpt2-xl-GGUF", (), "base", "certain"),
        ("x/SmolLM3-3B-GGUF", ("base_model:quantized:HuggingFaceTB/SmolLM3-3B",), "chat", "likely"),
        ("x/Qwen3-4B-GGUF", ("conversational",), "chat", "likely"),
        ("x/mine", ("base_model:quantized:qwen/qwen2.5-1.5b", "conversational"), "base", "likely"),
        ("x/Llama-3.1-8B-Instruct-GGUF", ("base_model:quantized:meta-llama/Llama-3.1-8B",), "chat", "likely"),
        ("x/StoryWriter-GGUF", ("base_model:finetune:meta-llama/Llama-3.1-8B",), "unknown", "unknown"),
        ("x/Something-Base-GGUF", ("conversational",), "base", "likely"),
        ("x/Something-GGUF", ("conversational",), "unknown", "unknown"),
        ("x/Something-GGUF", (), "base", "likely"),
    ],
)
def test_kinds_in_a_search(repo: str, tags: tuple[str, ...], expected: str, sure: str) -> None:
    found = kind_of_listed(Listed(repo, 1, 0, False, "2026-01-01", "mit", ("gguf", *tags), ()))
    assert (found.kind, found.sure) == (expected, sure) and found.reason.endswith(".")


@pytest.mark.starter
def test_the_starter_is_a_base_model(starter: Path) -> None:
    assert kind(read_header(starter)).kind == "base"
