"""Prompts from every source, and the refused ones."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop.terminal import texts
from desktop.terminal.exit_status import TerminalError


@pytest.mark.parametrize("text", ["", "plain", "a\r\nb\rc\n", "한국어 🙂 שלום", "\ufefftwo marks"])
def test_text_is_taken_as_it_is(text: str, tmp_path: Path) -> None:
    (tmp_path / "ünï cødé.txt").write_bytes(text.encode())
    assert texts.from_file(str(tmp_path / "ünï cødé.txt")) == text.removeprefix("\ufeff")
    assert texts.from_argument(text) == text


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO("né\r\n".encode())))
    assert texts.from_file("-") == "né\r\n"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"caf\xe9", "byte 3"),
        (b"GGUF\x00\x01", "binary"),
        ("wide".encode("utf-16"), "UTF-16"),
        (b"\xed\xa0\x80", "UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_refused(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(data)
    with pytest.raises(TerminalError, match=words) as caught:
        texts.from_file(str(tmp_path / "x.bin"))
    assert "\n" not in str(caught.value) and "x.bin" in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name in (str(tmp_path), str(tmp_path / "none.txt"), "a\0b"):
        with pytest.raises(TerminalError, match="cannot be read"):
            texts.from_file(name)


def test_a_file_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_BYTES", 10)
    (tmp_path / "long.txt").write_text("x" * 11)
    with pytest.raises(TerminalError, match="longer than"):
        texts.from_file(str(tmp_path / "long.txt"))


def test_arguments_that_were_no_utf8_are_refused() -> None:
    with pytest.raises(TerminalError, match="UTF-8"):
        texts.from_argument("\udcff")
