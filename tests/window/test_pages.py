"""Pages, as a user has them: they come back, they are listed, and none is ever lost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QFileDialog, QInputDialog, QMessageBox, QPushButton

from desktop.pagefile.store import Store
from desktop.pagefile.unopened import text_of
from desktop.pagefile.values import DiskFullError
from models.sampling.knobs import Sampling

Key = Qt.Key


def saved(hand: Any) -> None:
    """Wait until all that was typed is on the disk."""
    assert hand.program.open_page.save() == ""
    hand.until(lambda: hand.program.open_page.at_rest)


def titles(hand: Any) -> list[str]:
    rows = hand.program.pages
    return [entry.facts.title or entry.facts.line for entry in rows._entries if entry.facts and not entry.trashed]


def test_everything_is_back_after_a_restart(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=2000")
    hand.sets(length=1500, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    hand.writes()
    hand.types(", she said")
    hand.program.editor.select(2, 40)
    hand.program.editor.verticalScrollBar().setValue(9)
    text, tokens = hand.text, hand.program.page.token_count
    top = hand.program.editor.view_state().top
    again = start()
    assert again.text == text
    assert again.program.page.token_count == tokens
    assert again.program.editor.page_selection() == (2, 40)
    assert top > 0
    again.until(lambda: again.program.editor.view_state().top == top)
    assert again.program.page.readings_at(10)[0].reading.alternatives.ids
    again.ctrl(Key.Key_Z)
    assert again.text == text.removesuffix(", she said")
    again.ctrl(Key.Key_Z)
    assert again.text == "Once"
    again.ctrl(Key.Key_Y)
    assert again.text == text.removesuffix(", she said")


def test_continuations_are_back_after_a_restart(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=2000")
    hand.sets(length=20)
    hand.types("Once")
    hand.writes()
    first = hand.text
    hand.writes(Key.Key_R)
    second = hand.text
    again = start()
    assert again.text == second
    assert again.program.window.continuation.text() == "2 of 2"
    again.alt(Key.Key_Left)
    assert again.text == first


def test_the_key_for_a_new_page_leads_there_from_anywhere(hand: Any) -> None:
    hand.types("The first page")
    hand.program.pages.panel.field.setFocus()
    hand.qtbot.keyClick(hand.program.pages.panel.field, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    hand.until(lambda: hand.program.page.length == 0)
    assert hand.program.editor.hasFocus()


def test_a_new_page_and_back_through_the_list(hand: Any) -> None:
    hand.types("the first page")
    first = hand.program.open_page.path
    hand.ctrl(Key.Key_N)
    assert hand.text == ""
    hand.types("the second page")
    saved(hand)
    hand.until(lambda: titles(hand) == ["the second page", "the first page"])
    hand.program.pages.open_requested.emit(first, -1)
    hand.until(lambda: hand.text == "the first page")
    assert hand.program.window.windowTitle().startswith("the first page")
    hand.types(" goes on")
    saved(hand)
    assert "the first page" in text_of(first)
    assert "goes on" in text_of(first)


def test_the_page_changes_while_the_model_writes(hand: Any) -> None:
    hand.writes_on(rate=100, units=20)
    first = hand.program.open_page.path
    hand.ctrl(Key.Key_N)
    hand.until_ready()
    assert hand.text == ""
    saved(hand)
    text = text_of(first)
    assert text.startswith("Once")
    assert len(text) > 20
    hand.sets(length=5)
    hand.types("Twice")
    assert hand.writes()
    assert hand.text.startswith("Twice")


def test_a_text_is_opened_as_a_page_of_its_own(hand: Any, tmp_path: Path) -> None:
    file = tmp_path / "chapter one.txt"
    file.write_text("It was night.")
    hand.types("mine")
    hand.ctrl(Key.Key_O)
    choose(hand, file)
    hand.until(lambda: hand.text == "It was night.")
    assert "chapter one" in hand.program.window.windowTitle()
    saved(hand)
    assert hand.program.open_page.path.suffix == ".inkfall"
    assert file.read_text() == "It was night."


@pytest.mark.parametrize("how", ["menu", "command line"])
def test_a_long_text_is_opened_at_its_start_and_then_where_it_was_left(
    start: Callable[[], Any], tmp_path: Path, how: str
) -> None:
    file = tmp_path / "long.txt"
    file.write_text("".join(f"Line {number} of a long text.\n" for number in range(400)))
    hand = start()
    if how == "menu":
        hand.ctrl(Key.Key_O)
        choose(hand, file)
    else:
        hand.program.open_files([file])
    hand.until(lambda: hand.text.startswith("Line 0"))
    hand.qtbot.wait(50)
    editor = hand.program.editor
    assert (editor.page_position(), editor.in_view()[0], editor.verticalScrollBar().value()) == (0, 0, 0)
    assert not editor.following
    editor.set_caret(hand.text.index("Line 200"))
    top = editor.view_state().top
    saved(hand)
    again = start()
    again.until(lambda: again.program.editor.view_state().top == top)
    assert again.program.editor.page_position() == again.text.index("Line 200") and top > 0


def test_rename_save_as_and_where_the_page_is(hand: Any, tmp_path: Path) -> None:
    messages: list[str] = []
    hand.program.page_dialogs.finished.connect(messages.append)
    hand.types("words")
    hand.program.window.actions_["rename_page"].trigger()
    [dialog] = hand.program.window.findChildren(QInputDialog)
    dialog.setTextValue("  A   title ")
    dialog.accept()
    assert "A title" in hand.program.window.windowTitle()
    hand.ctrl(Key.Key_S)
    hand.until(lambda: bool(messages))
    assert str(hand.program.open_page.path) in messages[0]
    target = tmp_path / "elsewhere" / "my page 1.2"
    hand.program.window.actions_["save_page_as"].trigger()
    choose(hand, target)
    hand.until(lambda: hand.program.open_page.path == target.with_name("my page 1.2.inkfall"))
    saved(hand)
    assert text_of(hand.program.open_page.path) == "words"
    hand.until(lambda: titles(hand) == ["A title", "A title"])


def test_a_page_is_called_by_its_words(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The window's title, and the names that export, print and "save as" suggest, follow the text, then the title."""
    asked: list[Path] = []
    monkeypatch.setattr(hand.program.file_dialogs, "save", lambda _purpose, _title, path, *_rest: asked.append(path))
    program = hand.program

    def names() -> list[str]:
        asked.clear()
        program.window.actions_["export"].trigger()
        program.window.actions_["save_page_as"].trigger()
        return [*(path.stem for path in asked), program.export_print._printed_text().title]

    hand.types("The clock/struck")
    assert program.window.windowTitle().startswith("The clock/struck")
    assert names() == ["The clock struck", "The clock struck", "The clock/struck"]
    hand.types(" nine")
    assert program.window.windowTitle().startswith("The clock/struck nine")
    program.open_page.rename("A title")
    assert names() == ["A title"] * 3


def test_one_click_opens_a_page_and_typing_goes_there(hand: Any) -> None:
    hand.types("the first page")
    hand.ctrl(Key.Key_N)
    hand.types("the second page")
    saved(hand)
    rows = hand.program.pages.panel.list
    hand.until(lambda: titles(hand) == ["the second page", "the first page"])
    place = rows.visualRect(rows.rows.index(1)).center()
    hand.qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    hand.until(lambda: hand.text == "the first page")
    assert hand.program.editor.hasFocus() and rows.highlighted_row == 1
    hand.program.pages.panel.new.click()
    assert hand.program.editor.hasFocus() and rows.highlighted_row == -1


def test_empty_pages_do_not_pile_up(hand: Any) -> None:
    for _ in range(3):
        hand.types("a")
        saved(hand)
        hand.press(Key.Key_Backspace)
        hand.ctrl(Key.Key_N)
        hand.until(lambda: hand.program.open_page.at_rest)
    hand.types("kept")
    saved(hand)
    hand.until(lambda: titles(hand) == ["kept"])
    hand.until(lambda: len(list(hand.program.home.pages.glob("*.inkfall"))) == 1)


def test_the_open_page_is_moved_to_the_trash_and_back_from_the_list(hand: Any) -> None:
    """After Ctrl+N and a word, the row that is highlighted is that of the new page, and Actions act on it."""
    hand.types("the first page")
    hand.ctrl(Key.Key_N)
    hand.types("the second page")
    saved(hand)
    panel = hand.program.pages.panel
    hand.until(lambda: titles(hand) == ["the second page", "the first page"])
    hand.until(lambda: panel.list.highlighted_row == panel.list.currentIndex().row() == 0)
    panel._remove(panel.list.highlighted)
    notice = hand.program.window.notice
    hand.until(lambda: notice.sentence == "Moved to trash.")
    assert hand.text == "" and panel.list.highlighted_row == -1
    next(button for button in notice.findChildren(QPushButton) if button.text() == "Undo").click()
    hand.until(lambda: hand.text == "the second page")
    assert notice.sentence == ""


def test_the_panel_is_titled_by_what_it_shows(hand: Any) -> None:
    panel, dock = hand.program.pages.panel, hand.program.window.findChild(QDockWidget, "pages")
    assert dock.windowTitle() == "Pages"
    panel.trash.click()
    assert dock.windowTitle() == "Trash"
    panel.trash.click()
    assert dock.windowTitle() == "Pages"


def test_an_empty_page_has_nothing_for_the_trash(hand: Any) -> None:
    actions, notice = hand.program.window.actions_, hand.program.window.notice
    hand.types("first")
    saved(hand)
    first = hand.program.open_page.path
    for _ in range(2):
        actions["new_page"].trigger()
    actions["trash_page"].trigger()
    assert notice.sentence == "There is nothing on the page yet."
    hand.types("written later")
    hand.program.open_page.open(first)
    hand.until(lambda: hand.text == "first")
    hand.until(lambda: hand.program.open_page.at_rest and titles(hand) == ["written later", "first"])
    assert not (hand.program.home.pages / "trash").exists()


def test_the_open_page_goes_to_the_trash_and_comes_back(hand: Any) -> None:
    hand.types("not needed")
    saved(hand)
    path = hand.program.open_page.path
    hand.program.window.actions_["trash_page"].trigger()
    assert hand.text == ""
    hand.until(lambda: not path.exists())
    trashed = path.parent / "trash" / path.name
    assert text_of(trashed) == "not needed"
    hand.program.pages.panel.restore_requested.emit(trashed)
    hand.until(path.exists)
    hand.until(lambda: titles(hand) == ["not needed"])


def test_words_are_found_in_all_pages(hand: Any) -> None:
    hand.types("a lighthouse by the sea")
    hand.ctrl(Key.Key_N)
    hand.types("a garden")
    saved(hand)
    hand.until(lambda: len(titles(hand)) == 2)
    hand.press(Key.Key_F, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    found: list[Any] = []
    hand.program.pages.open_requested.connect(lambda path, position: found.append((path, position)))
    panel = hand.program.pages.panel
    hand.until(lambda: panel.focusWidget() is not None)
    hand.qtbot.keyClicks(panel.focusWidget(), "LIGHTHOUSE")
    hand.until(lambda: panel.searching)
    hand.qtbot.wait(600)
    hand.qtbot.keyClick(panel.focusWidget(), Key.Key_Return)
    hand.until(lambda: hand.text == "a lighthouse by the sea")
    assert found[0][1] == 2
    hand.until(lambda: hand.program.editor.page_position() == 2)


@pytest.mark.parametrize("suffix", [".html", ".txt", ".md", ".jsonl", ".pdf"])
def test_export(hand: Any, tmp_path: Path, suffix: str) -> None:
    hand.sets(length=12)
    hand.types("Once <upon>")
    hand.writes()
    target = tmp_path / f"exported{suffix}"
    messages: list[str] = []
    hand.program.export_print.finished.connect(messages.append)
    hand.ctrl(Key.Key_E)
    choose(hand, target)
    hand.until(lambda: bool(messages), 60)
    assert target.name in messages[0]
    data = target.read_bytes()
    if suffix == ".pdf":
        assert data.startswith(b"%PDF")
    elif suffix == ".html":
        assert b"Once &lt;upon&gt;" in data
    elif suffix == ".jsonl":
        kinds = [json.loads(line)["type"] for line in data.splitlines()]
        assert kinds.count("token") == 12
    else:
        assert data.decode() == hand.text


def test_a_page_that_cannot_be_saved_keeps_the_window_open(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hand.types("precious")
    saved(hand)
    monkeypatch.setattr(Store, "write", full)
    hand.types(" words")
    assert not hand.program.window.close()
    assert hand.program.window.isVisible()
    [box] = hand.program.window.findChildren(QMessageBox)
    assert "full" in box.text()
    press(box, "Go on writing")
    hand.types(" more")
    assert hand.text == "precious words more"
    path = hand.program.open_page.path
    assert not hand.program.window.close()
    monkeypatch.undo()
    [box] = [box for box in hand.program.window.findChildren(QMessageBox) if box.isVisible()]
    press(box, "Try again")
    hand.until(lambda: not hand.program.window.isVisible())
    assert text_of(path) == "precious words more"


def full(*_arguments: object) -> None:
    raise DiskFullError("The disk is full.")


def choose(hand: Any, file: Path) -> None:
    """Choose that file in the dialog that is open."""
    [dialog] = hand.program.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(file))
    dialog.close()


def press(box: QMessageBox, words: str) -> None:
    next(button for button in box.buttons() if button.text() == words).click()
