"""Valid GGUF files that are no language model, or cannot write: each has its own sentence."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library.header import HeaderError, UnusableError, read_header
from models.library.model_files import read_whole
from models.library.other_kinds import obstacle_by_architecture
from tests.models.library.conftest import BOOL, STRING, U32, Recipe, string_array, text, with_architecture

Write = Callable[..., Path]
TENSOR = ((64,), 0, 256)


def values(**given: str | int) -> dict[str, tuple[int, bytes]]:
    """Values of a header; two underscores stand for a point."""
    return {
        key.replace("__", "."): (STRING, text(value)) if isinstance(value, str) else (U32, struct.pack("<I", value))
        for key, value in given.items()
    }


def file(*names: str, **given: str | int) -> Recipe:
    """A file with those tensors and values."""
    return Recipe(values=values(**given), tensors=dict.fromkeys(names, TENSOR))


OTHERS = {
    "imatrix": (file("blk.0.attn_q.weight.in_sum2", general__type="imatrix"), "is an importance matrix"),
    "imatrix by its keys": (file("a", imatrix__chunk_count=10), "is an importance matrix"),
    "imatrix by its tensors": (file("blk.0.attn_q.weight.in_sum2", "b.counts"), "is an importance matrix"),
    "imatrix of old": (file("a", general__architecture="imatrix"), "is an importance matrix"),
    "lora": (file("a", general__architecture="llama", general__type="adapter", adapter__type="lora"), "LoRA adapter"),
    "lora by its tensors": (file("a.lora_a", "a.lora_b", general__architecture="llama"), "LoRA adapter"),
    "control vector": (file("direction.1", general__architecture="controlvector"), "is a control vector"),
    "control vector by its tensors": (file("direction.1", "direction.2"), "is a control vector"),
    "projector": (file("v.blk.0.a", "mm.0.weight", general__architecture="clip"), "is a projector"),
    "projector by its type": (file("a", general__architecture="qwen3vl", general__type="mmproj"), "is a projector"),
    "projector by its tensors": (file("v.blk.0.a", "mm.0.weight"), "is a projector"),
    "flux": (file("double_blocks.0.img_attn.qkv.weight", general__architecture="flux"), "is an image or video model"),
    "sdxl": (file("a", general__architecture="sdxl"), "is an image or video model"),
    "wan": (file("a", general__architecture="wan"), "is an image or video model"),
    "qwen_image": (file("a", general__architecture="qwen_image"), "is an image or video model"),
    "an image model without a name": (file("model.diffusion_model.input_blocks.0.0.weight"), "is an image or video"),
    "a new image model": (file("joint_blocks.0.x", general__architecture="sd9"), "is an image or video model"),
    "sound": (file("a", general__architecture="wavtokenizer-dec", tokenizer__ggml__model="none"), "is a sound model"),
    "a drafter": (file("a", general__architecture="eagle3", eagle3__block_count=1), "is a draft model"),
    "something new": (file("a", general__architecture="llama", general__type="topping"), "goes beside one"),
    "without a vocabulary": (file("a", general__architecture="weather"), "no vocabulary, and calls itself “weather”"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_files_that_are_no_language_model_are_named(what: str, gguf_file: Write) -> None:
    recipe, words = OTHERS[what]
    with pytest.raises(UnusableError, match="not a language model") as caught:
        read_header(gguf_file(recipe))
    assert words in str(caught.value) and str(caught.value).startswith("tiny model.gguf is ")
    assert "damaged" not in str(caught.value) and "again" not in str(caught.value)


def test_a_vocabulary_alone(sound: Any, gguf_file: Write) -> None:
    with pytest.raises(UnusableError, match="is only a vocabulary"):
        read_header(gguf_file(sound.but(tensors={}).with_value("tokenizer.ggml.tokens", 9, string_array(["a"]))))


def test_a_model_whose_tensors_are_called_alike_is_one(sound: Any, gguf_file: Write) -> None:
    recipe = sound.but(tensors={**sound.tensors, "img_in.weight": TENSOR, "mm.0.weight": TENSOR})
    assert read_header(gguf_file(recipe)).obstacle == ""


@pytest.mark.parametrize(
    ("architecture", "words"),
    [
        *((name, "is an encoder: ") for name in ("bert", "modern-bert", "nomic-bert-moe", "jina-bert-v3", "t5encoder")),
        ("gemma-embedding", "is an encoder: it reads text but can't continue it."),
        ("t5", "is an encoder-decoder: it turns one text into another but can't continue it."),
        *((name, "is a diffusion model: ") for name in ("dream", "llada", "llada-moe", "rnd1")),
    ],
)
def test_models_that_only_read_are_named(architecture: str, words: str, sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(with_architecture(sound, architecture)))
    assert header.obstacle.startswith("tiny model.gguf ") and words in header.obstacle
    assert words in obstacle_by_architecture(architecture)


@pytest.mark.parametrize(("causal", "can"), [(b"\0", False), (b"\1", True)])
def test_a_decoder_that_is_not_causal(causal: bytes, can: bool, sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound.with_value("llama.attention.causal", BOOL, causal)))
    assert (header.obstacle == "") is can
    assert can or "is not causal: it reads text in both directions" in header.obstacle


@pytest.mark.parametrize(
    ("pooling", "can"), [(0, True), (1, False), (2, False), (3, False), (4, False), (2**32 - 1, True)]
)
def test_an_embedding_model_that_is_causal(pooling: int, can: bool, sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound.with_value("llama.pooling_type", U32, pooling.to_bytes(4, "little"))))
    assert (header.obstacle == "") is can
    assert can or "is an embedding model: it turns text into numbers" in header.obstacle


@pytest.mark.parametrize("architecture", ["qwen3", "llama", "gemma3", "something-new"])
def test_only_its_own_pooling_makes_it_an_embedding_model(architecture: str, sound: Any, gguf_file: Write) -> None:
    made = with_architecture(sound, architecture)
    last = (3).to_bytes(4, "little")
    assert (
        "is an embedding model"
        in read_header(gguf_file(made.with_value(f"{architecture}.pooling_type", U32, last))).obstacle
    )
    assert read_header(gguf_file(made.with_value("bert.pooling_type", U32, last))).obstacle == ""


@pytest.mark.parametrize("architecture", ["llama", "mamba", "jamba", "rwkv7", "gemma3", "qwen2", "something-new"])
def test_models_that_write_have_no_obstacle(architecture: str, sound: Any, gguf_file: Write) -> None:
    assert read_header(gguf_file(with_architecture(sound, architecture))).obstacle == ""
    assert obstacle_by_architecture(architecture) == ""


@pytest.mark.parametrize("name", ["a.gguf.part2of3", "a.gguf-split-b", "a.gguf.part-ab", "a.gguf.002", "a.gguf.b"])
@pytest.mark.parametrize("first", [True, False])
def test_a_piece_of_a_file_is_to_be_joined(name: str, first: bool, sound: Any, gguf_file: Write) -> None:
    whole = sound.encode()
    piece = gguf_file(whole[:3_000] if first else whole[3_000:], name)
    with pytest.raises(UnusableError, match="is one piece of a file: join all of its pieces"):
        read_whole(piece)
    assert read_whole(gguf_file(whole, name)).parameters  # it is whole, whatever it is called


def test_a_file_that_is_not_there_is_no_piece(tmp_path: Path) -> None:
    with pytest.raises(HeaderError, match=r"There is no file a\.gguf\.part2of3"):
        read_whole(tmp_path / "a.gguf.part2of3")
