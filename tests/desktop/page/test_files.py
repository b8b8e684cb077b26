"""Text files: whole or not at all, and a sentence for everything that is no text."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.page.files import TextError, TextFile, encoded, read_text, replace_file, write_text


@pytest.mark.parametrize("text", ["", "a\nb", "é漢😀", "שלום", "a\rb\nc"])
def test_round_trip(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ünï cødé.txt"
    write_text(path, TextFile(text))
    assert read_text(path) == TextFile(text)


def test_windows_line_ends_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\r\n")
    file = read_text(path)
    assert file == TextFile("one\ntwo\n", "\r\n")
    write_text(path, file)
    assert path.read_bytes() == b"one\r\ntwo\r\n"


def test_mixed_line_ends_are_kept_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\ntwo\n")
    assert read_text(path) == TextFile("one\r\ntwo\n")


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfhello", "hello".encode("utf-16")])
def test_byte_order_marks(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert read_text(path).text == "hello"


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


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TextError, match="no space left on device"):
        write_text(path, TextFile("new"))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    replace_file(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_anything_on_a_page_can_be_saved(text: str) -> None:
    saved = encoded(text).decode("utf-8")
    units = text.encode("utf-16-le", "surrogatepass")
    assert saved == units.decode("utf-16-le", "replace")
