"""Drag and drop, and the context menu."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from desktop.editor import transfer
from desktop.page.page import Page
from tests.desktop.editor.desk import Desk

Desks = Callable[..., Desk]


class Drop(QDropEvent):
    """A drop that says where it came from."""

    def __init__(self, desk: Desk, position: int, data: QMimeData, ours: bool) -> None:
        cursor = desk.editor.textCursor()
        cursor.setPosition(position)
        action = Qt.DropAction.MoveAction if ours else Qt.DropAction.CopyAction
        button, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        place = QPointF(desk.editor.cursorRect(cursor).center())
        super().__init__(place, action, data, button, plain)
        self._data = data  # the event itself does not keep it alive
        self._source = desk.editor.viewport() if ours else QObject()

    def source(self) -> QObject:
        return self._source


def text_data(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def test_text_from_elsewhere_is_put_where_it_is_dropped(new_desk: Desks) -> None:
    desk = new_desk("one three")
    desk.editor.dropEvent(Drop(desk, 4, text_data("two\r\n"), ours=False))
    assert desk.page.text() == "one two\r\nthree"
    assert desk.editor.page_selection() == (4, 9)
    desk.check()


def test_text_of_the_page_is_moved(new_desk: Desks) -> None:
    desk = new_desk("one twothree")
    desk.editor.select(0, 4)
    desk.editor.dropEvent(Drop(desk, 7, text_data("one "), ours=True))
    assert desk.page.text() == "twoone three"
    assert desk.editor.page_selection() == (3, 7)
    desk.check()


def test_text_dropped_inside_itself_stays(new_desk: Desks) -> None:
    desk = new_desk("one two three")
    desk.editor.select(4, 7)
    desk.editor.dropEvent(Drop(desk, 5, text_data("two"), ours=True))
    assert desk.page.text() == "one two three"
    assert not desk.page.can_redo


def test_files_are_left_to_the_window(desk: Desk) -> None:
    data = text_data("file:///a.gguf")
    data.setUrls([QUrl.fromLocalFile("/a.gguf")])
    assert not desk.editor.canInsertFromMimeData(data)
    event = Drop(desk, 0, data, ours=False)
    desk.editor.dropEvent(event)
    assert not event.isAccepted()
    assert desk.page.text() == ""


@pytest.mark.parametrize("to", [0, 1, 2, 5, 6, 8])
def test_moving_on_the_page_is_a_cut_and_an_insertion(to: int) -> None:
    page = Page()
    page.write(0, 0, "abcdefgh")
    placed = transfer.moved(page, 2, 5, to)
    assert page.text(placed.start, placed.end) == "cde"
    rest = "abfgh"
    at = to if to <= 2 else to - 3
    assert page.text() == rest[:at] + "cde" + rest[at:]
    page.undo()
    assert page.text() == "abcdefgh"


def test_half_a_character_goes_to_the_clipboard_as_what_can_be_written() -> None:
    page = Page()
    page.write(0, 0, "a\ud83d")
    assert transfer.taken(page, 0, 2).text() == "a\ufffd"


def test_the_page_s_menu_is_asked_for_where_the_mouse_is(desk: Desk) -> None:
    asked: list[QPoint] = []
    desk.editor.menu_requested.connect(asked.append)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(50, 50), QPoint(150, 250))
    QApplication.sendEvent(desk.editor.viewport(), event)
    assert asked == [QPoint(150, 250)]
    desk.settle()
