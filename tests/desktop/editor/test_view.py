"""A read-only view of a page, by itself and beside an editor of the same page."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.editor.document_sync import SLICE
from desktop.editor.replacement_chars import shown
from desktop.editor.view import PageView
from desktop.page.measures import MEASURES
from desktop.page.page import Page
from desktop.pagefile.values import View
from tests.desktop.editor.harness import CONTROL, NONE, SOURCE, EditorHarness, Key, span
from tests.desktop.page.writing import write_spans

NewView = Callable[..., PageView]
LEFT = Qt.MouseButton.LeftButton
LONG = "a paragraph that has no end " * 400


@pytest.fixture
def page() -> Page:
    return Page(clock=lambda: 0.0)


@pytest.fixture
def new_view(qtbot: QtBot) -> Iterator[NewView]:
    views: list[PageView] = []

    def make(page: Page, limit: int = 1_500, slice_: int = SLICE) -> PageView:
        view = PageView(page, limit=limit, slice_=slice_)
        qtbot.addWidget(view)
        view.resize(500, 300)
        view.show()
        view.setFocus()
        QApplication.processEvents()
        views.append(view)
        return view

    yield make
    for view in views:
        view.detach()


def text_of(view: PageView) -> str:
    view.fill()
    return view.sync.document.text()


def press(view: PageView, key: Key, text: str = "", modifiers: Qt.KeyboardModifier = NONE) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(view, QKeyEvent(kind, key, modifiers, text))


def test_a_view_shows_the_page_and_every_change_of_it(page: Page, new_view: NewView) -> None:
    page.write(0, 0, "before\r\n" + LONG)
    view = new_view(page, limit=300, slice_=2_000)
    assert text_of(view) == shown(page.text())
    page.write(3, 2, "in the middle\n")
    page.begin_generation(SOURCE)
    write_spans(page, [span(" one"), span(" two")])
    assert text_of(view) == shown(page.text())
    page.end_generation()
    page.undo()
    page.undo()
    assert text_of(view) == shown(page.text())


def test_text_that_grows_at_several_places_is_shown(page: Page, new_view: NewView) -> None:
    page.write(0, 0, "first\nsecond\nthird")
    view = new_view(page)
    for _ in range(30):
        for line in ("first", "second", "third"):
            end = page.text().index(line) + len(line)
            page.write(end, 0, " more")
    assert text_of(view) == page.text()


def test_nothing_that_a_user_does_changes_the_page(page: Page, new_view: NewView) -> None:
    page.write(0, 0, "some words")
    view = new_view(page)
    view.select(0, 4)
    QApplication.clipboard().setText("pasted")
    press(view, Key.Key_X, "x")
    press(view, Key.Key_Return, "\r")
    press(view, Key.Key_Delete, "\x7f")
    press(view, Key.Key_Backspace, "\b")
    for key in (Key.Key_V, Key.Key_X, Key.Key_Z):
        press(view, key, "", CONTROL)
    QApplication.sendEvent(view, QInputMethodEvent("한", []))
    view.cut()
    view.paste()
    data = QMimeData()
    data.setText("dropped")
    place = QPointF(view.cursorRect().center())
    QApplication.sendEvent(view.viewport(), QDropEvent(place, Qt.DropAction.CopyAction, data, LEFT, NONE))
    assert page.text() == text_of(view) == "some words"


def test_a_copy_has_the_characters_of_the_page_and_no_soft_breaks(page: Page, new_view: NewView) -> None:
    page.write(0, 0, LONG + "\x00")
    view = new_view(page, limit=300)
    view.selectAll()
    view.copy()
    assert len(view.sync.breaks) > 3
    assert QApplication.clipboard().text() == page.text()


def test_a_view_keeps_its_place_while_another_follows_the_end(page: Page, new_view: NewView) -> None:
    page.write(0, 0, "line\n" * 200)
    reading, following = new_view(page), new_view(page)
    reading.restore_view(View(top=page.text().index("line", 300), following=False))
    following.follow()
    top = reading.view_state().top
    page.begin_generation(SOURCE)
    for _ in range(50):
        write_spans(page, [span(" a token\n")])
    page.end_generation()
    assert reading.view_state().top == top and not reading.following
    assert following.following
    assert following.verticalScrollBar().value() == following.verticalScrollBar().maximum()


def test_marks_and_looks_are_of_one_view(page: Page, new_view: NewView) -> None:
    page.write(0, 0, "written")
    page.begin_generation(SOURCE)
    write_spans(page, [span(" one"), span(" two")])
    page.end_generation()
    marked, plain = new_view(page), new_view(page)
    marked.marks.pin(8)
    marked.marks.set_measure(MEASURES["surprisal"])
    page.write(0, 0, "xx")
    assert marked.marks.current.pinned == (9, 13)
    assert (plain.marks.current.pinned, plain.marks.current.tinting.measure) == (None, None)


def test_typing_in_an_editor_is_shown_in_a_view_beside_it(harness: EditorHarness, new_view: NewView) -> None:
    view = new_view(harness.page)
    harness.editor.setFocus()
    harness.type("typed\ntext")
    harness.press(Key.Key_Backspace, "\b")
    assert text_of(view) == harness.page.text() == "typed\ntex"


def test_a_view_that_is_detached_shows_no_more_changes(page: Page, new_view: NewView) -> None:
    page.write(0, 0, "before")
    view = new_view(page)
    view.detach()
    page.write(6, 0, " and after")
    assert view.sync.document.text() == "before"
    view.detach()
