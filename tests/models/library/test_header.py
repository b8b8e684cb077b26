"""The header reader: the values it reads, and one sentence for every invalid file."""

import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.library.header import Header, HeaderError, read_array, read_header
from models.library.tensor_types import TENSOR_TYPES

Write = Callable[[Any], Path]
FUZZ = settings(max_examples=150, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sentence(path: str | Path) -> str:
    """The reader's sentence about an invalid file."""
    with pytest.raises(HeaderError) as caught:
        read_header(path)
    words = str(caught.value)
    assert words.endswith(".") and "\n" not in words and len(words) < 300
    return words


def u32(value: int) -> bytes:
    return struct.pack("<I", value)


def test_reads_the_fields_of_the_file(sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound))
    assert (header.name, header.architecture, header.layers) == ("Tiny", "llama", 2)
    assert (header.trained_context, header.vocabulary, header.quantisation) == (512, 4, "Q4_K_M")
    assert header.parameters == 64 * 4 + 64 * 64
    assert header.weights == 1024 + 4352
    assert header.values["llama.rope.freq_base"] == 10_000.0
    assert header.values["tokenizer.ggml.add_bos_token"] is True
    assert [tensor.name for tensor in header.tensors] == ["token_embd.weight", "blk.0.attn_q.weight"]
    assert header.tensors[1].offset - header.tensors[0].offset == 1024


def test_arrays_are_read_when_asked_for(sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound))
    assert read_array(header, "tokenizer.ggml.tokens") == [b"<s>", b"", "água".encode(), "日本".encode()]
    assert read_array(header, "tokenizer.ggml.scores") == [0.0, -1.0, -2.0, -3.0]


def test_an_array_of_a_file_that_vanished(sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound))
    header.path.unlink()
    with pytest.raises(HeaderError, match="has changed"):
        read_array(header, "tokenizer.ggml.tokens")


def test_long_string_arrays_are_walked_in_windows(sound: Any, gguf_file: Write) -> None:
    items = [chr(97 + index % 26) * (index % 40_000) for index in range(0, 2_000_000, 9973)]
    data = struct.pack("<IQ", 8, len(items)) + b"".join(struct.pack("<Q", len(i)) + i.encode() for i in items)
    header = read_header(gguf_file(sound.with_value("long", 9, data)))
    assert read_array(header, "long") == [item.encode() for item in items]


@pytest.mark.parametrize("architecture", ["gemma3", "qwen2", "phi-3", "t5.encoder"])
def test_any_architecture_name(architecture: str, sound: Any, gguf_file: Write) -> None:
    recipe = sound.with_value("general.architecture", 8, struct.pack("<Q", len(architecture)) + architecture.encode())
    assert read_header(gguf_file(recipe.with_value(f"{architecture}.block_count", 4, u32(7)))).layers == 7


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder" in sentence(tmp_path)


def test_no_file(tmp_path: Path) -> None:
    assert sentence(tmp_path / "none.gguf") == "There is no file none.gguf."


def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    assert "not an ordinary file" in sentence(tmp_path / "pipe.gguf")


def test_zero_bytes(gguf_file: Write) -> None:
    assert "is empty" in sentence(gguf_file(b""))


def test_unreadable(sound: Any, gguf_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = gguf_file(sound)
    path.chmod(0)
    if os.geteuid() == 0:  # root reads everything: stand in for the refusal
        refusal = PermissionError(13, "Permission denied")
        monkeypatch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(refusal))
    assert "may not be read" in sentence(path)


def test_a_name_that_no_file_can_have() -> None:
    assert "cannot be read" in sentence("a\0b.gguf")


def test_a_name_that_is_no_utf8(sound: Any, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"\xff.gguf")
    path.write_bytes(b"nonsense")
    sentence(path).encode("utf-8")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\3\4 and so on", "zip"),
        (b"version https://git-lfs.github.com/spec/v1", "pointer"),
        (b"<!doctype html>", "web page"),
        (b"just some text", "is not a GGUF"),
        (b"GGU", "is not a GGUF"),
    ],
)
def test_other_files(data: bytes, words: str, gguf_file: Write) -> None:
    assert words in sentence(gguf_file(data))


@pytest.mark.parametrize("version", [0, 1, 4, 99])
def test_versions_that_are_not_known(version: int, sound: Any, gguf_file: Write) -> None:
    assert f"version is {version}" in sentence(gguf_file(sound.but(version=version)))


def test_big_endian(sound: Any, gguf_file: Write) -> None:
    assert "big-endian" in sentence(gguf_file(sound.but(version=0x03000000)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda r: r.but(value_count=1 << 40), "values"),
        (lambda r: r.but(tensor_count=1 << 20), "tensors"),
        (lambda r: r.but(value_count=3), "damaged"),
        (lambda r: r.but(tensors={}), "no weights"),
        (lambda r: r.but(shift=32), "not where it must be"),
        (lambda r: r.but(cut=1500), "missing"),
        (lambda r: r.without("llama.block_count"), "block_count"),
        (lambda r: r.with_value("llama.block_count", 4, u32(0)), "block_count"),
        (lambda r: r.with_value("llama.block_count", 4, u32(513)), "block_count"),
        (lambda r: r.with_value("llama.block_count", 6, struct.pack("<f", 2.0)), "block_count"),
        (lambda r: r.with_value("llama.context_length", 4, u32(0)), "context_length"),
        (lambda r: r.with_value("llama.attention.head_count", 4, u32(0)), "head_count"),
        (lambda r: r.without("general.architecture"), "architecture"),
        (lambda r: r.with_value("general.architecture", 8, struct.pack("<Q", 3) + b"a b"), "architecture"),
        (lambda r: r.with_value("general.architecture", 8, struct.pack("<Q", 4) + b"clip"), "not a language model"),
        (lambda r: r.with_value("general.type", 8, struct.pack("<Q", 7) + b"adapter"), "not a language model"),
        (lambda r: r.with_value("general.alignment", 4, u32(33)), "alignment"),
        (lambda r: r.with_value("x", 8, struct.pack("<Q", 1 << 63)), "bytes long"),
        (lambda r: r.with_value("x", 8, struct.pack("<Q", 100_000)), "cut short"),
        (lambda r: r.with_value("x", 99, b""), "unknown type 99"),
        (lambda r: r.with_value("x", 9, struct.pack("<IQ", 4, 1 << 40)), "entries"),
        (lambda r: r.with_value("x", 9, struct.pack("<IQ", 8, 1 << 20)), "cut short"),
        (lambda r: r.with_value("x", 9, struct.pack("<IQ", 9, 1)), "list of the unknown type"),
        (lambda r: r.with_value("x", 9, struct.pack("<IQ", 8, 1) + struct.pack("<Q", 1 << 62)), "bytes long"),
        (lambda r: r.but(tensors={"a": ((64, 4, 1, 1, 1), 0, 1024)}), "name or shape"),
        (lambda r: r.but(tensors={"a": ((), 0, 4)}), "name or shape"),
        (lambda r: r.but(tensors={"": ((64,), 0, 256)}), "name or shape"),
        (lambda r: r.but(tensors={"a": ((64, 0), 0, 0)}), "sensible shape"),
        (lambda r: r.but(tensors={"a": ((33,), 8, 34)}), "sensible shape"),
        (lambda r: r.but(tensors={"a": ((1 << 40, 1 << 40), 0, 0)}), "sensible shape"),
        (lambda r: r.but(tensors={"a": ((1 << 33, 1 << 28), 0, 0)}), "missing"),
        (lambda r: r.but(tensors={"a": ((64,), 77, 256)}), "type 77"),
    ],
)
def test_every_wrong_header_has_its_sentence(
    change: Callable[[Any], Any], words: str, sound: Any, gguf_file: Write
) -> None:
    assert words in sentence(gguf_file(change(sound)))


def test_a_key_that_is_there_twice(sound: Any, gguf_file: Write) -> None:
    data = sound.with_value("aa", 4, u32(1)).with_value("ab", 4, u32(1)).encode().replace(b"ab", b"aa")
    assert "twice" in sentence(gguf_file(data))


def test_two_tensors_of_one_name(sound: Any, gguf_file: Write) -> None:
    recipe = sound.but(tensors={"one": ((8,), 0, 32), "two": ((8,), 0, 32)})
    assert "one name" in sentence(gguf_file(recipe.encode().replace(b"two", b"one")))


def test_very_long_texts_are_dropped(sound: Any, gguf_file: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.library.gguf_reader.MAX_TEXT_BYTES", 50)
    assert "too long" in sentence(gguf_file(sound))


def read_or_sentence(path: Path) -> Header | str:
    """Either a header or a sentence: nothing else may come out."""
    try:
        return read_header(path)
    except HeaderError as error:
        return str(error)


@FUZZ
@given(data=st.data())
def test_flipped_bytes_never_do_worse_than_a_sentence(data: st.DataObject, sound: Any, gguf_file: Write) -> None:
    whole = bytearray(sound.encode())
    head = len(whole) - 1024 - 4352
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, head - 1))] = data.draw(st.integers(0, 255))
    found = read_or_sentence(gguf_file(bytes(whole)))
    if isinstance(found, Header):
        assert found.tensors[-1].offset + found.tensors[-1].size <= found.size
        assert 1 <= found.layers <= 512
    else:
        assert found.endswith(".")


@FUZZ
@given(length=st.integers(0, 6500))
def test_every_truncation_is_noticed(length: int, sound: Any, gguf_file: Write) -> None:
    whole = sound.encode()
    if length < len(whole):
        assert isinstance(read_or_sentence(gguf_file(whole[:length])), str)


@FUZZ
@given(tail=st.binary(max_size=2000))
def test_any_bytes_behind_the_magic(tail: bytes, gguf_file: Write) -> None:
    assert isinstance(read_or_sentence(gguf_file(b"GGUF\3\0\0\0" + tail)), str)


def test_tensor_sizes_are_those_of_the_gguf_package() -> None:
    theirs = {int(kind): sizes for kind, sizes in gguf.constants.GGML_QUANT_SIZES.items()}
    theirs.pop(9)  # Q8_1 is never stored; the package and the library disagree about it
    for kind, (block, size) in theirs.items():
        assert TENSOR_TYPES[kind][1:] == (block, size)


def test_another_reader_reads_the_same(sound: Any, gguf_file: Write) -> None:
    header = read_header(gguf_file(sound))
    other = gguf.GGUFReader(header.path)
    assert [(t.name, tuple(int(n) for n in t.shape), int(t.tensor_type)) for t in other.tensors] == [
        (tensor.name, tensor.shape, tensor.type) for tensor in header.tensors
    ]
    assert [int(t.data_offset) for t in other.tensors] == [tensor.offset for tensor in header.tensors]
    for key, value in header.values.items():
        assert other.fields[key].contents() == value
    for key in header.arrays:
        items = [item.decode() if isinstance(item, bytes) else item for item in read_array(header, key)]
        assert other.fields[key].contents() == items


@pytest.mark.starter
def test_the_starters_header(starter: Path) -> None:
    header = read_header(starter)
    assert header.architecture == "gemma3" and header.vocabulary == 262_144 and header.layers == 18
    assert header.parameters == 268_098_176 and len(header.tensors) == 236
    last = header.tensors[-1]
    assert last.offset + last.size == header.size
    tokens = read_array(header, "tokenizer.ggml.tokens")
    assert tokens[:3] == [b"<pad>", b"<eos>", b"<bos>"] and len(tokens) == header.vocabulary


@pytest.mark.starter
def test_a_truncated_starter_is_noticed_before_it_is_loaded(starter: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.gguf"
    with starter.open("rb") as source:
        short.write_bytes(source.read(20_000_000))
    assert "cut short" in sentence(short)
