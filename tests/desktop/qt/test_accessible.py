"""Texts for screen readers: of painted widgets, of labels, and of the page."""

import gc
import math
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.editor.editor import Editor
from desktop.odds.panel import OddsPanel
from desktop.odds.rows import view_of_look, view_of_token
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.qt import accessible
from tests.desktop.odds.conftest import STORY, make_reading, on_page
from tests.desktop.page.writing import write_spans

Text = QAccessible.Text


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    accessible.install()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


def accessible_text(widget: QWidget, what: QAccessible.Text) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(what)


class Painted(QWidget):
    accessible_role = QAccessible.Role.Chart
    shown = "one"

    def accessible_name(self) -> str:
        return "Odds"

    def accessible_value(self) -> str:
        return self.shown


def test_the_value_of_a_painted_widget_is_current(qtbot: QtBot) -> None:
    widget = Painted()
    qtbot.addWidget(widget)
    interface = QAccessible.queryAccessibleInterface(widget)
    assert interface.role() is QAccessible.Role.Chart
    assert (interface.text(Text.Name), interface.text(Text.Value), interface.text(Text.Description)) == (
        "Odds",
        "one",
        "one",
    )
    widget.shown = "two"
    assert interface.text(Text.Value) == "two"


def test_reading_the_text_keeps_no_widget_alive(qtbot: QtBot) -> None:
    widget = Painted()
    assert accessible_text(widget, Text.Name) == "Odds"
    gone = weakref.ref(widget)
    del widget
    gc.collect()
    assert gone() is None


def test_a_fact_label_is_read_with_its_name(qtbot: QtBot) -> None:
    label = accessible.FactLabel("Speed")
    qtbot.addWidget(label)
    assert accessible_text(label, Text.Name) == "Speed"
    label.setText("80 tokens/s")
    assert accessible_text(label, Text.Name) == "Speed: 80 tokens/s"


def test_the_button_that_empties_a_line_has_a_name(qtbot: QtBot) -> None:
    line = QLineEdit(clearButtonEnabled=True)
    qtbot.addWidget(line)
    accessible.name_clear_button(line)
    assert accessible_text(line.findChildren(QToolButton)[0], Text.Name) == "Clear"


@pytest.fixture
def odds(qtbot: QtBot) -> OddsPanel:
    panel = OddsPanel()
    qtbot.addWidget(panel)
    return panel


def test_the_odds_follow_the_token(odds: OddsPanel) -> None:
    odds.show_view(view_of_token([on_page(make_reading(STORY, 1, draw=0.3))], "caret", 1_000))
    assert "Rank 2 of 1,000" in accessible_text(odds._card, Text.Description)
    assert "0.3000 was drawn" in accessible_text(odds._strip, Text.Value)
    assert "sea" in accessible_text(odds._strip, Text.Value)
    rows = QAccessible.queryAccessibleInterface(odds._list)
    assert "sea" in rows.child(1).text(Text.Name)
    assert "chosen" in rows.child(1).text(Text.Name)
    odds.show_view(view_of_look(make_reading(STORY, 0, draw=math.nan, token=-1), 1_000))
    assert accessible_text(odds._strip, Text.Value) == "Nothing was drawn here."


def test_a_long_list_is_read_row_by_row(odds: OddsPanel) -> None:
    odds.show_view(view_of_token([on_page(make_reading(STORY))], "caret", 1_000))
    rows = QAccessible.queryAccessibleInterface(odds._list)
    assert rows.childCount() == len(STORY) + 1


@pytest.mark.parametrize(
    "text",
    ["one\ntwo\n\nthree", "word " * 900 + "\nend", "a\r\x00b\u2029c 🌊 אבג café 한국", "x" * 4_000],
    ids=["lines", "long paragraph", "odd characters", "no blanks"],
)
def test_the_pages_text_is_what_the_view_shows(qtbot: QtBot, text: str) -> None:
    """Places are the view's: a soft break, which is the end of a line to the eye, reads as one."""
    page = Page()
    editor = Editor(page)
    qtbot.addWidget(editor)
    editor.resize(500, 300)
    editor.show()
    page.write(0, 0, text)
    editor.fill()
    text_interface = QAccessible.queryAccessibleInterface(editor).textInterface()
    assert text_interface.characterCount() == editor.sync.document.length == page.length + len(editor.sync.breaks)
    whole = text_interface.text(0, text_interface.characterCount())
    breaks = set(editor.sync.breaks.positions.tolist())
    units = whole.encode("utf-16-le")
    kept = b"".join(units[2 * n : 2 * n + 2] for n in range(len(units) // 2) if n not in breaks)
    shown = text.replace("\r", "␍").replace("\x00", "␀").replace("\u2029", "¶")
    assert kept.decode("utf-16-le") == shown
    assert all(whole.encode("utf-16-le")[2 * place : 2 * place + 2] == "\n".encode("utf-16-le") for place in breaks)


def test_the_caret_position_is_reported(qtbot: QtBot) -> None:
    page = Page()
    editor = Editor(page)
    qtbot.addWidget(editor)
    editor.resize(500, 300)
    editor.show()
    page.write(0, 0, "word " * 900)
    editor.fill()
    text_interface = QAccessible.queryAccessibleInterface(editor).textInterface()
    for place in (0, 700, 2_500, page.length):
        editor.set_caret(place)
        assert editor.sync.breaks.page(text_interface.cursorPosition()) == place
    text_interface.setCursorPosition(editor.sync.breaks.view(1_000))
    assert editor.page_position() == 1_000


def test_streamed_text_is_reported_once_a_frame(qtbot: QtBot, make_span: Callable[[str], Any]) -> None:
    """Each change of the document is one event to a screen reader: as many as appends, however many tokens they
    hold."""
    page = Page()
    editor = Editor(page)
    qtbot.addWidget(editor)
    editor.show()
    changes: list[int] = []
    editor.document().contentsChange.connect(lambda *_: changes.append(1))
    page.begin_generation(Source("a model"))
    for _frame in range(10):
        write_spans(page, [make_span(" word")] * 20)
    assert page.length == 1_000
    assert len(changes) <= 10
