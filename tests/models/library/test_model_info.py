"""The information in a model's header, of one file and of several; and the text on a release, with its own numbers."""

import re
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library.header import HeaderError, read_header
from models.library.kind import KindFinding
from models.library.model_files import read_whole
from models.library.model_info import Beginning, ModelInfo, model_info
from models.library.release_numbers import release

Write = Callable[..., Path]
STRING, U32, U16 = 8, 4, 2


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def with_texts(recipe: Any, **values: str) -> Any:
    for key, value in values.items():
        recipe = recipe.with_value(key.replace("__", "."), STRING, text(value))
    return recipe


@pytest.fixture
def tiny(sound: Any, gguf_file: Write) -> ModelInfo:
    return model_info(gguf_file(sound))


def test_numbers_are_counted_from_the_tensors(tiny: ModelInfo) -> None:
    assert (tiny.name, tiny.architecture, tiny.layers, tiny.width) == ("Tiny", "llama", 2, 64)
    assert tiny.parameters == 64 * 4 + 64 * 64 == sum(share.entries for share in tiny.mix)
    assert tiny.weights == 1_024 + 4_352 == sum(share.size for share in tiny.mix)
    assert tiny.bits == pytest.approx(8 * 5_376 / 4_352)
    assert [(one.type, one.tensors, one.bits) for one in tiny.mix] == [("Q8_0", 1, 8.5), ("F32", 1, 32.0)]
    assert sum(share.share for share in tiny.mix) == pytest.approx(1.0)
    assert (tiny.vocabulary, tiny.trained_context, tiny.files, tiny.tensors) == (4, 512, 1, 2)
    assert tiny.size == tiny.path.stat().st_size


@pytest.mark.parametrize(
    ("tokenizer", "adds", "token", "expected"),
    [
        ("llama", None, None, Beginning(True, 1, "")),
        ("llama", False, 0, Beginning(False, 0, "<s>")),
        ("gpt2", None, 3, Beginning(None, 3, "日本")),
        ("gpt2", True, 2, Beginning(True, 2, "água")),
        ("gpt2", True, 4, Beginning(False, -1, "")),  # beyond the vocabulary
        ("gpt2", None, None, Beginning(False, -1, "")),
        ("gpt2", True, None, Beginning(False, -1, "")),
        ("t5", None, None, Beginning(False, -1, "")),
    ],
)
def test_the_rule_for_the_beginning(
    tokenizer: str, adds: bool | None, token: int | None, expected: Beginning, sound: Any, gguf_file: Write
) -> None:
    recipe = with_texts(sound.without("tokenizer.ggml.add_bos_token"), tokenizer__ggml__model=tokenizer)
    if adds is not None:
        recipe = recipe.with_value("tokenizer.ggml.add_bos_token", 7, bytes([adds]))
    if token is not None:
        recipe = recipe.with_value("tokenizer.ggml.bos_token_id", U32, struct.pack("<I", token))
    assert model_info(gguf_file(recipe)).beginning == expected


def test_licence_and_template(sound: Any, gguf_file: Write) -> None:
    recipe = with_texts(sound, general__license="apache-2.0", tokenizer__chat_template="{{ cycler.__init__ }}")
    found = model_info(gguf_file(recipe))
    assert (found.licence, found.licence_name, found.template) == ("apache-2.0", "Apache 2.0", "{{ cycler.__init__ }}")
    assert found.kind.kind == "unknown"
    named = with_texts(recipe, general__license="other", general__license__name="house-rules")
    assert model_info(gguf_file(named)).licence_name == "house-rules"


def test_the_users_mark_decides(sound: Any, gguf_file: Write) -> None:
    assert model_info(gguf_file(sound), overruled="chat").kind == KindFinding(
        "chat", "Marked by you as a chat model.", "certain"
    )


@pytest.fixture
def parts(sound: Any, tmp_path: Path) -> list[Path]:
    """A model in three files: the first without tensors, the later ones without a word of what they are."""
    counts = {"split.count": (U16, struct.pack("<H", 3))}
    empty = sound.but(values={**sound.values, **counts}, tensors={})
    rest = [sound.but(values=counts, tensors={name: tensor}) for name, tensor in sound.tensors.items()]
    paths = [tmp_path / f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    for path, recipe in zip(paths, (empty, *rest), strict=True):
        path.write_bytes(recipe.encode())
    return paths


def test_several_files_are_one_model(parts: list[Path], tiny: ModelInfo) -> None:
    found = model_info(parts[0])
    assert found.files == 3 and found.size == sum(path.stat().st_size for path in parts)
    assert (found.parameters, found.weights, found.mix) == (tiny.parameters, tiny.weights, tiny.mix)
    assert found.need.weights == tiny.need.weights


def test_a_missing_or_damaged_file_of_several_is_reported(parts: list[Path], tmp_path: Path) -> None:
    with pytest.raises(HeaderError, match="one of 3 files of a model: open the first one"):
        read_whole(parts[1])
    parts[2].write_bytes(parts[2].read_bytes()[:-1_000])
    with pytest.raises(HeaderError, match=r"big-00003-of-00003\.gguf is cut short"):
        read_whole(parts[0])
    parts[2].unlink()
    with pytest.raises(HeaderError, match=r"big-00003-of-00003\.gguf is not beside it"):
        read_whole(parts[0])
    assert read_header(parts[0]).parts == 3
    parts[0].rename(tmp_path / "renamed.gguf")
    with pytest.raises(HeaderError, match=r"was renamed: call it renamed-00001-of-00003\.gguf"):
        read_whole(tmp_path / "renamed.gguf")


def test_one_file_without_tensors_is_no_model(sound: Any, gguf_file: Write) -> None:
    with pytest.raises(HeaderError, match="holds no weights"):
        read_header(gguf_file(sound.but(tensors={})))


def test_a_release_text_has_the_models_own_numbers(tiny: ModelInfo) -> None:
    model = replace(
        tiny,
        name="Llama 3.1 8B",
        parameters=8_030_261_248,
        size=4_920_000_000,
        bits=4.9,
        layers=32,
        vocabulary=128_256,
        trained_context=131_072,
        licence_name="Llama 3.1 Community License",
        quantisation="Q4_K_M",
    )
    prose = release(model)
    for words in (
        "Llama 3.1 8B was released as two things",
        "8.0 billion numbers in one file, 4.9 GB",
        "4.9 bits on average (Q4_K_M)",
        "called llama: 32 layers, one after the other, and 128,256 tokens to choose",
        "with some 8.0 billion multiplications, looking back over up to 131,072 tokens",
        "It was not taught to answer.",
        "its licence: Llama 3.1 Community License.",
    ):
        assert words in prose
    assert not re.search(r"[{}]|  | ,|\.\.", prose)
    assert prose.count("\n\n") == prose.count("\n") / 2 == 6


def test_a_release_obeys_no_mark_of_the_header(tiny: ModelInfo) -> None:
    bait = "![x](file:///x.png) <img src='x'> **b** `c`"
    prose = release(replace(tiny, name=bait, architecture=bait, quantisation=bait, licence_name=bait))
    assert not set("[]<>`!") & set(prose) and prose.count("**") == release(tiny).count("**")


def test_a_release_that_says_little(tiny: ModelInfo) -> None:
    kind = KindFinding("unknown", "", "unknown")
    prose = release(
        replace(tiny, licence_name="", bits=16.0, quantisation="", files=3, layers=1, trained_context=0, kind=kind)
    )
    assert "numbers in 3 files" in prose and "one layer" in prose and "names no licence" in prose
    assert (
        "Each takes 16 bits" in prose and "looking back over the text so far" in prose and "not tell for sure" in prose
    )


def test_a_chat_model_and_a_mixture_of_experts(tiny: ModelInfo) -> None:
    prose = release(replace(tiny, kind=KindFinding("chat", ""), experts=128, experts_used=8))
    assert "no pure base model any more" in prose
    assert "in each of which 8 of 128 experts take part" in prose and "multiplications" not in prose


@given(st.text(max_size=300))
def test_a_name_out_of_a_file_commands_nothing(name: str) -> None:
    kind, need = KindFinding("base", ""), None
    fields = dict.fromkeys(ModelInfo.__slots__, 1) | {"bits": 4.0, "quantisation": "", "licence_name": name}
    fields |= {"name": name, "architecture": "llama", "kind": kind, "need": need}
    prose = release(ModelInfo(**fields))  # pyright: ignore[reportArgumentType]
    body = prose.split("\n\n", 1)[1]
    assert not set(body) & set("<>[]`#!\\\x1b\r") and body.count("**") == 2 * 5


@pytest.mark.starter
def test_the_starter(starter: Path) -> None:
    found = model_info(starter)
    assert (found.parameters, found.layers, found.trained_context) == (268_098_176, 18, 32_768)
    assert found.beginning == Beginning(True, 2, "<bos>")
    assert found.mix[0].type == "Q8_0" and found.mix[0].share > 0.7  # the vocabulary outweighs the layers
    assert found.licence_name == "Gemma Terms of Use" and found.kind.kind == "base"
    assert "268 million numbers in one file, 253 MB" in release(found)
