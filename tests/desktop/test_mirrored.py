"""Windows from right to left, and right-to-left text: painted widgets are mirrored, numbers are not, and the mouse hits
what it points at."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.editor.editor import Editor
from desktop.editor.lines import character_at, line_at
from desktop.exporting.printing import _is_right_to_left
from desktop.odds.panel import OddsPanel
from desktop.odds.rows import view_of_token
from desktop.page.page import Page
from desktop.shell.window import Window
from resources.colours import LIGHT
from tests.desktop.odds.conftest import STORY, make_reading, on_page

HEBREW = "שלום עולם, זה משפט"
MIXED = "שלום to the עולם 123"
LIGHT_FINAL = QColor(LIGHT.final)


@pytest.fixture
def mirrored(qapp: QApplication) -> Iterator[None]:
    before = qapp.layoutDirection()
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(before)


@pytest.fixture
def editor(qtbot: QtBot) -> Editor:
    editor = Editor(Page())
    qtbot.addWidget(editor)
    editor.resize(700, 400)
    with qtbot.waitExposed(editor):
        editor.show()
    return editor


def places(editor: Editor) -> tuple[float, float]:
    """The left and right end of the column, in pixels of the viewport."""
    margin = editor.document().documentMargin()
    return margin, editor.viewport().width() - margin


# ------------------------------------------------------------------------------------------------ text


def test_a_paragraph_begins_where_its_letters_do(editor: Editor) -> None:
    editor._page.write(0, 0, f"english\n{HEBREW}\nenglish again")
    left, right = places(editor)
    editor.set_caret(0)
    assert abs(editor.cursorRect().left() - left) < 3
    editor.set_caret(len("english\n"))
    assert abs(editor.cursorRect().left() - right) < 3
    editor.set_caret(len("english\n" + HEBREW + "\n"))
    assert abs(editor.cursorRect().left() - left) < 3


def test_it_stays_there_when_it_is_laid_out_again(editor: Editor, qtbot: QtBot) -> None:
    editor._page.write(0, 0, HEBREW)
    editor.resize(500, 300)
    editor.text_style.set_font(QFont(editor.font().family(), 20))
    qtbot.wait(10)
    editor.set_caret(0)
    assert abs(editor.cursorRect().left() - places(editor)[1]) < 3
    qtbot.keyClick(editor, Qt.Key.Key_A)  # a first letter of the other kind turns it
    editor.set_caret(0)
    assert abs(editor.cursorRect().left() - places(editor)[0]) < 3


@pytest.mark.parametrize("text", [HEBREW, MIXED, "abc שלום def", "مرحبا بالعالم 12"])
def test_the_mouse_finds_every_character(editor: Editor, text: str) -> None:
    """The middle of a character's box is that character."""
    editor._page.write(0, 0, text)
    line = line_at(editor, 40)
    assert line is not None
    for place, character in enumerate(text):
        if character == " ":
            continue
        (box,) = line.boxes(place, place + 1)
        assert character_at(editor, box.center()) == place


@pytest.mark.parametrize("text", [HEBREW, MIXED])
def test_a_click_puts_the_caret_there(editor: Editor, qtbot: QtBot, text: str) -> None:
    editor._page.write(0, 0, text)
    line = line_at(editor, 40)
    assert line is not None
    (box,) = line.boxes(2, 3)
    inside = QPointF(box.right() - 1, box.center().y())  # a letter begins at its right
    qtbot.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=inside.toPoint())
    assert editor.page_position() == 2
    qtbot.keyClick(editor, Qt.Key.Key_X)
    assert editor._page.text() == text[:2] + "x" + text[2:]


def test_boxes_stay_on_the_line_and_cover_it(editor: Editor) -> None:
    editor._page.write(0, 0, MIXED)
    line = line_at(editor, 40)
    assert line is not None
    whole = line.boxes(0, len(MIXED))
    extent = line.line.naturalTextRect().translated(line.left, 0)
    assert abs(min(box.left() for box in whole) - extent.left()) < 2
    assert abs(max(box.right() for box in whole) - extent.right()) < 2
    several = line.boxes(3, 9)  # the end of a word from the right and the beginning of one from the left
    assert len(several) == 2


def test_numbers_alone_in_a_mirrored_window(mirrored: None, editor: Editor) -> None:
    editor._page.write(0, 0, "12 34")
    line = line_at(editor, 40)
    assert line is not None
    for place in (0, 1, 3, 4):
        (box,) = line.boxes(place, place + 1)
        assert character_at(editor, box.center()) == place


def test_the_hint_of_an_empty_page_is_in_view(mirrored: None, editor: Editor) -> None:
    image = editor.viewport().grab().toImage()
    assert _inked(image, image.rect().adjusted(10, 10, -10, -10), QColor(editor.text_style.colours.paper))


# ------------------------------------------------------------------------------------------------ the window


def test_panels_change_sides(mirrored: None, qtbot: QtBot) -> None:
    window = Window(QWidget())
    qtbot.addWidget(window)
    dock = window.add_panel("odds", "Odds", QWidget(), Qt.DockWidgetArea.RightDockWidgetArea, 200)
    assert window.dockWidgetArea(dock) is Qt.DockWidgetArea.LeftDockWidgetArea


@pytest.fixture
def odds(mirrored: None, qtbot: QtBot) -> OddsPanel:
    panel = OddsPanel()
    qtbot.addWidget(panel)
    panel.resize(320, 600)
    panel.show_view(view_of_token([on_page(make_reading(STORY))], "caret", 1_000))
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def test_bars_grow_from_the_right(odds: OddsPanel) -> None:
    row = odds._list.visualRect(odds._rows.index(1, 0))
    image = odds._list.viewport().grab(row).toImage()
    coloured = [x for x in range(image.width()) for y in range(image.height()) if image.pixelColor(x, y) == LIGHT_FINAL]
    assert max(coloured) > image.width() * 0.9
    assert min(coloured) > image.width() * 0.5  # its share is 0.17


def test_the_coin_runs_from_0_at_the_left(odds: OddsPanel) -> None:
    image = odds._strip.grab().toImage()
    middle = 6 + 1 + 11
    first = next(x for x in range(12, image.width()) if image.pixelColor(x, middle) == LIGHT_FINAL)
    assert first < image.width() * 0.1


def test_help_is_for_the_fact_under_the_mouse(odds: OddsPanel) -> None:
    card = odds._card
    first = card._cell(0).center().toPoint()
    at_right = QPoint(card.width() - 15, first.y())
    assert card.help_at(at_right).startswith("Probability")


def _inked(image: QImage, room: QRect, ground: QColor) -> bool:
    return any(
        image.pixelColor(x, y) != ground
        for x in range(room.left(), room.right(), 2)
        for y in range(room.top(), room.bottom(), 2)
    )


# ------------------------------------------------------------------------------------------------ paper


@pytest.mark.parametrize(
    ("text", "expected"), [(HEBREW, True), ("12 — مرحبا", True), ("abc שלום", False), ("12", False)]
)
def test_paper_begins_where_the_letters_do(text: str, expected: bool) -> None:
    assert _is_right_to_left(text) is expected
