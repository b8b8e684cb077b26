"""`inkfall inspect`, in real processes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Inkfall = Callable[..., Any]


@pytest.mark.starter
def test_the_starter(starter: Path, inkfall: Inkfall) -> None:
    record = json.loads(inkfall("inspect", "--json", str(starter)).text)
    assert record["architecture"] == "gemma3" and record["layers"] == 18 and record["quantisation"] == "Q4_K_M"
    assert record["kind"] == "base" and record["kind_reason"].endswith(".")
    memory = record["memory"]
    assert memory["total"] == memory["weights"] + memory["cache"] + memory["working"]
    words = inkfall("inspect", str(starter)).text
    assert "262,144 tokens" in words and "base: " in words and "about 465 MB with 8,192 tokens" in words


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"PK\3\4", "zip"), (b"GGUF\3\0\0\0", "cut short")])
def test_what_is_no_model_has_its_sentence(content: bytes, words: str, tmp_path: Path, inkfall: Inkfall) -> None:
    (tmp_path / "ünï cødé.gguf").write_bytes(content)
    answer = inkfall("inspect", str(tmp_path / "ünï cødé.gguf"))
    assert answer.status == 1 and answer.text == ""
    assert answer.errors.startswith("inkfall: ünï cødé.gguf ") and words in answer.errors
