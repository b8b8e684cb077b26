"""`inkfall inspect`, in real processes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library import kind_overrides, user_folders
from models.library.app_dirs import under
from models.library.fingerprint import fingerprint
from tests.models import tiny_kinds
from tests.models.tiny import make

Inkfall = Callable[..., Any]


@pytest.mark.starter
def test_the_starter(starter: Path, inkfall: Inkfall) -> None:
    record = json.loads(inkfall("inspect", "--json", str(starter)).text)
    assert record["architecture"] == "gemma3" and record["layers"] == 18 and record["quantisation"] == "Q4_K_M"
    assert record["kind"] == "base" and record["kind_reason"].endswith(".")
    memory = record["memory"]
    assert memory["total"] == memory["weights"] + memory["cache"] + memory["working"] + memory["kept_logits"]
    assert record["bos"] == {"added": True, "id": 2, "text": "<bos>"} and record["chat_template"] is None
    assert sum(one["size"] for one in record["mix"]) == memory["weights"]
    words = inkfall("inspect", str(starter)).text
    assert "262,144 tokens" in words and "base: " in words and "Gemma Terms of Use" in words
    assert re.search(r"Q8_0 +72\.9% of the bytes, 10 tensors at 8\.5 bits", words)
    assert re.search(r"about \d+ MB with 8,192 tokens", words)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return make(tmp_path / "models" / "tiny.gguf", "gpt2", template="{{ x }}\x1b[2J\n\tänd", finetune="Instruct")


def test_a_template_is_shown_as_it_is(tiny: Path, inkfall: Inkfall) -> None:
    assert inkfall("inspect", "--template", str(tiny)).text == "{{ x }}\x1b[2J\n\tänd\n"
    assert "characters (--template shows it)" in inkfall("inspect", str(tiny)).text
    plain = make(tiny.with_name("plain.gguf"), "llama")
    answer = inkfall("inspect", "--template", str(plain))
    assert answer.status == 1 and answer.errors.endswith("has no chat template.\n")


def test_the_parameters_and_the_code(tiny: Path, inkfall: Inkfall) -> None:
    written = inkfall("inspect", "--release", str(tiny)).text
    assert written.startswith("# The parameters and the code\n\n") and "called gpt2" in written
    assert max(map(len, written.splitlines())) <= 100


def test_an_overruled_kind_and_a_model_by_its_name(tiny: Path, tmp_path: Path, inkfall: Inkfall) -> None:
    home = under(tmp_path)
    user_folders.add_folder(tiny.parent, home)
    assert json.loads(inkfall("inspect", "--json", "tiny", INKFALL_HOME=str(tmp_path)).text)["kind"] == "chat"
    kind_overrides.overrule(fingerprint(tiny), "base", home)
    record = json.loads(inkfall("inspect", "--json", "tiny", INKFALL_HOME=str(tmp_path)).text)
    assert (record["kind"], record["kind_sure"]) == ("base", "certain")
    assert record["chat_template"] == "{{ x }}\x1b[2J\n\tänd"
    answer = inkfall("inspect", "teeny", INKFALL_HOME=str(tmp_path))
    assert answer.status == 1 and "(installed: tiny)" in answer.errors


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"PK\3\4", "zip"), (b"GGUF\3\0\0\0", "cut short")])
def test_files_that_are_no_models(content: bytes, words: str, tmp_path: Path, inkfall: Inkfall) -> None:
    (tmp_path / "ünï cødé.gguf").write_bytes(content)
    answer = inkfall("inspect", str(tmp_path / "ünï cødé.gguf"))
    assert answer.status == 1 and answer.text == ""
    assert answer.errors.startswith("inkfall: ünï cødé.gguf ") and words in answer.errors


def test_a_recurrent_model_and_one_that_cannot_write(tmp_path: Path, inkfall: Inkfall) -> None:
    words = inkfall("inspect", str(tiny_kinds.make(tmp_path / "mamba.gguf", "mamba"))).text
    assert re.search(
        r"memory +about 1\.4 MB for a text of any length \(344 kB weights \+ 331 kB state \+ 680 kB working\)", words
    )
    encoder = tiny_kinds.make(tmp_path / "bert.gguf", "bert")
    sentence = "bert.gguf is an encoder: it reads text but can't continue it."
    assert re.search(rf"kind +{re.escape(sentence)}", inkfall("inspect", str(encoder)).text)
    assert json.loads(inkfall("inspect", "--json", str(encoder)).text)["obstacle"] == sentence
    for command in ("complete", "score"):
        answer = inkfall(command, "--model", str(encoder), "-", stdin=b"the house")
        assert answer.status == 1 and answer.errors == f"inkfall: {sentence}\n"
