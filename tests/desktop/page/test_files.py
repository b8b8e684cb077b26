"""Text files: readable ones are read, and there is a sentence for every other."""

from pathlib import Path

import pytest

from desktop.page.files import TextError, read_text


@pytest.mark.parametrize("text", ["", "a\nb", "é漢😀", "שלום", "a\rb\nc"])
def test_a_text_is_read_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ünï cødé.txt"
    path.write_bytes(text.encode())
    assert read_text(path) == text


def test_line_ends_of_windows_become_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\r\n")
    assert read_text(path) == "one\ntwo\n"


def test_mixed_line_ends_are_kept_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\n")
    assert read_text(path) == "one\r\ntwo\n"


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfhello", "hello".encode("utf-16")])
def test_byte_order_marks(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert read_text(path) == "hello"


@pytest.mark.parametrize(("data", "words"), [(b"caf\xe9", "not text in UTF-8"), (b"GGUF\0\0", "zero bytes")])
def test_no_text(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(TextError, match=words):
        read_text(path)


def test_missing_and_directory(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="no such file"):
        read_text(tmp_path / "none.txt")
    with pytest.raises(TextError, match="could not be read"):
        read_text(tmp_path)
