"""The page's file and draft: opening loses nothing, saving says what went wrong, the draft comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from desktop.page.page import Page
from desktop.shell.document import Document


@pytest.fixture
def page() -> Page:
    return Page()


@pytest.fixture
def document(page: Page, tmp_path: Path, qtbot: QtBot) -> Iterator[Document]:
    window = QWidget()
    qtbot.addWidget(window)
    document = Document(page, tmp_path / "data" / "draft.txt", window)
    document.sentences = []  # pyright: ignore
    document.told.connect(document.sentences.append)  # pyright: ignore
    yield document
    document.close()


def sentences(document: Document) -> list[str]:
    return document.sentences  # pyright: ignore


def test_opening_a_file_is_one_step_back(document: Document, page: Page, tmp_path: Path) -> None:
    page.write(0, 0, "mine")
    file = tmp_path / "b.txt"
    file.write_text("theirs")
    document.open(file)
    assert page.text() == "theirs"
    page.undo()
    assert page.text() == "mine"


def test_a_file_that_is_no_text_leaves_the_page(document: Document, page: Page, tmp_path: Path) -> None:
    page.write(0, 0, "mine")
    file = tmp_path / "b.txt"
    file.write_bytes(b"\xff\xfe\xfd")
    document.open(file)
    document.open(tmp_path / "none.txt")
    document.open(tmp_path)
    assert page.text() == "mine"
    assert len(sentences(document)) == 3
    assert not page.can_redo


def test_save_and_save_as(document: Document, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    titles: list[tuple[str, bool]] = []
    document.title_changed.connect(lambda file, modified: titles.append((file, modified)))
    target = tmp_path / "ünï cødé.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    page.write(0, 0, "one\n")
    document.save()
    assert target.read_text() == "one\n"
    assert titles[-1] == (target.name, False)
    page.write(0, 0, "two ")
    assert titles[-1] == (target.name, True)
    document.save()
    assert target.read_text() == "two one\n"


def test_a_folder_that_cannot_be_written(document: Document, page: Page, tmp_path: Path) -> None:
    page.write(0, 0, "mine")
    document._save(tmp_path / "none" / "b.txt")
    assert "could not be saved" in sentences(document)[0]
    assert page.text() == "mine"


def test_the_draft_comes_back(document: Document, page: Page, qtbot: QtBot) -> None:
    page.write(0, 0, "kept 😀\n")
    document.keep()
    again = Page()
    window = QWidget()
    qtbot.addWidget(window)
    other = Document(again, document._draft, window)
    other.recover()
    assert again.text() == "kept 😀\n"
    assert not again.can_undo
    other.close()


def test_the_draft_is_written_by_itself(document: Document, page: Page, qtbot: QtBot) -> None:
    page.write(0, 0, "a second later")
    qtbot.waitUntil(lambda: document._draft.exists() and document._draft.read_text() == "a second later", timeout=5000)


def test_a_draft_that_cannot_be_kept_is_told(page: Page, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").write_text("")
    window = QWidget()
    qtbot.addWidget(window)
    document = Document(page, tmp_path / "file" / "draft.txt", window)
    told: list[str] = []
    document.told.connect(told.append)
    page.write(0, 0, "x")
    document.close()
    assert "could not be kept" in told[0]


def test_windows_line_ends_are_saved_as_they_came(document: Document, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "b.txt"
    file.write_bytes(b"one\r\ntwo")
    document.open(file)
    assert page.text() == "one\ntwo"
    page.write(3, 0, "!")
    document.save()
    assert file.read_bytes() == b"one!\r\ntwo"
