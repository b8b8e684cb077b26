"""Drag and drop, and the context menu."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from desktop.editor import transfer
from desktop.page.page import Page
from tests.desktop.editor.harness import EditorHarness

NewHarness = Callable[..., EditorHarness]


class Drop(QDropEvent):
    """A drop that says where it came from."""

    def __init__(self, harness: EditorHarness, position: int, data: QMimeData, ours: bool) -> None:
        cursor = harness.editor.textCursor()
        cursor.setPosition(position)
        action = Qt.DropAction.MoveAction if ours else Qt.DropAction.CopyAction
        button, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        place = QPointF(harness.editor.cursorRect(cursor).center())
        super().__init__(place, action, data, button, plain)
        self._data = data  # the event itself does not keep it alive
        self._source = harness.editor.viewport() if ours else QObject()

    def source(self) -> QObject:
        return self._source


def text_data(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def test_text_from_elsewhere_is_put_where_it_is_dropped(new_harness: NewHarness) -> None:
    harness = new_harness("one three")
    harness.editor.dropEvent(Drop(harness, 4, text_data("two\r\n"), ours=False))
    assert harness.page.text() == "one two\r\nthree"
    assert harness.editor.page_selection() == (4, 9)
    harness.check()


def test_text_of_the_page_is_moved(new_harness: NewHarness) -> None:
    harness = new_harness("one twothree")
    harness.editor.select(0, 4)
    harness.editor.dropEvent(Drop(harness, 7, text_data("one "), ours=True))
    assert harness.page.text() == "twoone three"
    assert harness.editor.page_selection() == (3, 7)
    harness.check()


def test_text_dropped_inside_itself_stays(new_harness: NewHarness) -> None:
    harness = new_harness("one two three")
    harness.editor.select(4, 7)
    harness.editor.dropEvent(Drop(harness, 5, text_data("two"), ours=True))
    assert harness.page.text() == "one two three"
    assert not harness.page.can_redo


def test_files_are_left_to_the_window(harness: EditorHarness) -> None:
    data = text_data("file:///a.gguf")
    data.setUrls([QUrl.fromLocalFile("/a.gguf")])
    event = Drop(harness, 0, data, ours=False)
    harness.editor.dropEvent(event)
    assert not event.isAccepted()
    copy, button, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(QPoint(5, 5), copy, data, button, plain)
    harness.editor.dragEnterEvent(entering)
    moving = QDragMoveEvent(QPoint(5, 5), copy, data, button, plain)
    harness.editor.dragMoveEvent(moving)
    assert not entering.isAccepted() and not moving.isAccepted()
    assert harness.page.text() == ""


def offered(text: str = "", html: str = "", addresses: tuple[str, ...] = ()) -> QMimeData:
    data = QMimeData()
    if text:
        data.setText(text)
    if html:
        data.setHtml(html)
    if addresses:
        data.setUrls([QUrl(address) for address in addresses])
    return data


ADDRESS = "https://example.org/a%20b?c=d#e"
MARKED = "<html><head><title>t</title><style>p { color: red }</style></head><body><!--StartFragment-->"
MARKED += "<p>One <b>two</b>&nbsp;&lt;3<br>four</p><p>f<img src='x.png'>ive</p><!--EndFragment--></body></html>"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (offered("the link", "<a href='x'>the link</a>", (ADDRESS,)), "the link"),  # copied in a browser
        (offered(ADDRESS, "", (ADDRESS,)), ADDRESS),
        (offered("", "<a href='https://example.org'>the link</a>", (ADDRESS,)), "the link"),
        (offered("", "", (ADDRESS,)), ADDRESS),
        (offered("", "", (ADDRESS, "mailto:a@b.c")), f"{ADDRESS}\nmailto:a@b.c"),
        (offered("", MARKED), "One two <3\nfour\nfive"),
        (offered("é\r\n\t한글 🙂\n", "<p>other</p>"), "é\r\n\t한글 🙂\n"),
        (offered("/home/me/a b.txt", "", ("file:///home/me/a%20b.txt",)), "/home/me/a b.txt"),
        (offered("", "", ("file:///home/me/a%20b.txt", "file:///c")), "/home/me/a b.txt\n/c"),
        (offered(f"{transfer.OF_NAUTILUS}\ncopy\nfile:///c\n", "", ("file:///c",)), "/c"),
        (offered("file:///home/me/a%20b", "", ("file:///home/me/a%20b",)), "/home/me/a b"),  # as Qt offers a file
        (offered("file:///c\nfile:///d\n", "", ("file:///c", "file:///d")), "/c\n/d"),
        (offered("file:///c"), "file:///c"),
        (offered("what a note says", "", ("file:///c",)), "what a note says"),
    ],
)
def test_text_that_comes_with_an_address_is_pasted(harness: EditorHarness, data: QMimeData, text: str) -> None:
    assert harness.editor.canInsertFromMimeData(data)
    harness.editor.insertFromMimeData(data)
    assert harness.page.text() == text
    harness.check()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (offered("the link", "<a href='x'>the link</a>", (ADDRESS,)), "the link"),
        (offered("", "", ("https://example.org/",)), "https://example.org/"),
        (offered("", MARKED), "One two <3\nfour\nfive"),
    ],
)
def test_it_is_dropped_as_its_text_too(new_harness: NewHarness, data: QMimeData, text: str) -> None:
    harness = new_harness("()")
    event = Drop(harness, 1, data, ours=False)
    harness.editor.dropEvent(event)
    assert event.isAccepted() and harness.page.text() == f"({text})"
    harness.check()


def test_a_picture_in_html_takes_nothing_away(new_harness: NewHarness) -> None:
    harness = new_harness("one two")
    harness.editor.select(0, 3)
    harness.editor.insertFromMimeData(offered("", "<img src='x.png'>"))
    assert harness.page.text() == "one two" and not harness.page.can_redo
    harness.check()


def test_a_picture_is_not_taken(harness: EditorHarness) -> None:
    data = QMimeData()
    data.setData("image/png", b"x")
    assert not harness.editor.canInsertFromMimeData(data)
    harness.editor.insertFromMimeData(data)
    assert harness.page.text() == "" and not harness.page.can_undo


@pytest.mark.parametrize("to", [0, 1, 2, 5, 6, 8])
def test_moving_on_the_page_is_a_cut_and_an_insertion(to: int) -> None:
    page = Page()
    page.write(0, 0, "abcdefgh")
    placed = transfer.move(page, 2, 5, to)
    assert page.text(placed.start, placed.end) == "cde"
    rest = "abfgh"
    at = to if to <= 2 else to - 3
    assert page.text() == rest[:at] + "cde" + rest[at:]
    page.undo()
    assert page.text() == "abcdefgh"


def test_half_a_character_is_replaced_in_the_clipboard() -> None:
    page = Page()
    page.write(0, 0, "a\ud83d")
    assert transfer.copied(page, 0, 2).text() == "a\ufffd"


def test_the_page_s_menu_is_asked_for_where_the_mouse_is(harness: EditorHarness) -> None:
    asked: list[QPoint] = []
    harness.editor.menu_requested.connect(asked.append)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(50, 50), QPoint(150, 250))
    QApplication.sendEvent(harness.editor.viewport(), event)
    assert asked == [QPoint(150, 250)]
    harness.settle()
