"""Models in several files: whole, or one sentence for each fault."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from models.launch import preflight
from models.launch.launch_cache import LaunchCache
from models.library.header import HeaderError, UnusableError, read_header
from models.library.model_files import read_whole
from tests.models.tiny import make


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """A real model in several files."""
    make(tmp_path / "big.gguf", "llama", split=8)
    return sorted(tmp_path.glob("big-*.gguf"))


def sentence(path: Path) -> str:
    """The sentence for it; a first load gives the same one."""
    with pytest.raises(UnusableError) as caught:
        read_whole(path)
    words = str(caught.value)
    assert words.startswith(path.name) or path.name in words
    assert words.endswith(".") and "\n" not in words and "damaged" not in words and "again" not in words
    log = path.with_name("log")
    preflight.check(path, LaunchCache(path.with_name("notes.json")), log, lambda: True)
    assert "GGML_ASSERT" not in log.read_text(encoding="utf-8")
    return words


def test_all_of_them(shards: list[Path]) -> None:
    header = read_whole(shards[0])
    assert header.parts == len(shards) > 2
    assert header.size == sum(shard.stat().st_size for shard in shards)


def test_a_later_one(shards: list[Path]) -> None:
    assert f"is one of {len(shards)} files of a model: open the first one" in sentence(shards[1])


def test_one_is_missing(shards: list[Path]) -> None:
    shards[2].unlink()
    assert f"and {shards[2].name} is not beside it" in sentence(shards[0])


def test_the_first_was_renamed(shards: list[Path]) -> None:
    renamed = shards[0].rename(shards[0].with_name("my model.gguf"))
    assert f"was renamed: call it my model-00001-of-{len(shards):05}.gguf" in sentence(renamed)


def test_the_first_was_given_other_numbers(shards: list[Path]) -> None:
    renamed = shards[0].rename(shards[0].with_name("big-00001-of-00002.gguf"))
    assert f"was renamed: call it big-00001-of-{len(shards):05}.gguf" in sentence(renamed)


def test_two_were_exchanged(shards: list[Path]) -> None:
    aside = shards[1].rename(shards[1].with_name("aside"))
    shards[2].rename(shards[1])
    aside.rename(shards[2])
    assert f"{shards[1].name} is not the file that belongs beside {shards[0].name}" in sentence(shards[0])


@pytest.mark.parametrize("named_like_the_first", [True, False])
def test_they_were_joined(shards: list[Path], tmp_path: Path, named_like_the_first: bool) -> None:
    joined = tmp_path / "joined"
    joined.write_bytes(b"".join(shard.read_bytes() for shard in shards))
    for shard in shards:
        shard.unlink()
    joined = joined.rename(shards[0] if named_like_the_first else tmp_path / "big.gguf")
    assert f"was joined out of the {len(shards)} files of a model: keep them apart" in sentence(joined)


def test_a_first_one_without_tensors_was_joined(shards: list[Path], tmp_path: Path) -> None:
    head = tmp_path / "head.gguf"
    found = read_header(shards[0])
    data = bytearray(shards[0].read_bytes()[: found.tensors[0].offset])
    data[8:16] = bytes(8)  # no tensors
    end = data.index(b"token_embd.weight") - 8
    head.write_bytes(bytes(data[:end]) + bytes(-end % 32) + shards[1].read_bytes())
    assert "was joined out of" in sentence(head)


def test_they_are_of_two_models(shards: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make(other / "big.gguf", "gemma3", split=9)
    stranger = next(path for path in other.iterdir() if path.name.startswith("big-00002"))
    shutil.copyfile(stranger, shards[1])
    assert shards[0].name in sentence(shards[0]) or shards[1].name in sentence(shards[0])


def test_one_of_them_is_cut_short(shards: list[Path]) -> None:
    os.truncate(shards[1], shards[1].stat().st_size - 100)
    with pytest.raises(HeaderError, match=f"{shards[1].name} is cut short"):
        read_whole(shards[0])
