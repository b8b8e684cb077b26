"""The mouse over tokens: hovering, clicking, and the marks that show it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resources.colours import LIGHT
from tests.desktop.editor.harness import EditorHarness

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def tokens(harness: EditorHarness) -> EditorHarness:
    """The writer's text, then three tokens: [0, 6) and [6, 10), [10, 16), [16, 17)."""
    harness.type("writer")
    harness.stream(" one", " three", ".")
    harness.settle()
    return harness


def over(harness: EditorHarness, position: int) -> QPoint:
    """The middle of the character at a page position."""
    cursor = harness.editor.textCursor()
    cursor.setPosition(harness.editor.sync.breaks.view(position))
    here = harness.editor.cursorRect(cursor)
    cursor.setPosition(cursor.position() + 1)
    return QPoint((here.left() + harness.editor.cursorRect(cursor).left()) // 2, here.center().y())


def hover(harness: EditorHarness, point: QPoint) -> None:
    place, none = QPointF(point), Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(harness.editor.viewport(), event)


def test_token_hovered_carries_the_start_of_a_token_once(tokens: EditorHarness) -> None:
    facts: list[int | None] = []
    tokens.editor.token_hovered.connect(facts.append)
    for position in (2, 7, 8, 12, 3):
        hover(tokens, over(tokens, position))
    assert facts == [6, 10, None]


def test_nothing_is_hovered_beside_the_text_or_once_it_scrolled_away(tokens: EditorHarness) -> None:
    facts: list[int | None] = []
    tokens.editor.token_hovered.connect(facts.append)
    hover(tokens, over(tokens, 7))
    hover(tokens, QPoint(600, 400))
    hover(tokens, over(tokens, 7))
    QApplication.sendEvent(tokens.editor.viewport(), QEvent(QEvent.Type.Leave))
    assert facts == [6, None, 6, None]


def test_the_hovered_token_is_marked_and_the_one_before_no_longer(tokens: EditorHarness) -> None:
    def marked(position: int) -> bool:
        tokens.settle()
        point = over(tokens, position)
        return tokens.editor.viewport().grab().toImage().pixelColor(point.x(), point.y() - 11) != QColor(LIGHT.paper)

    hover(tokens, over(tokens, 7))
    assert marked(7) and not marked(12)
    hover(tokens, over(tokens, 12))
    assert marked(12) and not marked(7)


def test_a_click_moves_the_caret_and_a_double_click_chooses_the_token_too(tokens: EditorHarness, qtbot: QtBot) -> None:
    chosen: list[int] = []
    tokens.editor.token_chosen.connect(chosen.append)
    viewport = tokens.editor.viewport()
    qtbot.mouseClick(viewport, LEFT, pos=over(tokens, 8))
    assert tokens.editor.page_position() in (8, 9)
    assert chosen == []
    qtbot.mouseDClick(viewport, LEFT, pos=over(tokens, 12))
    assert chosen == [10]
    assert tokens.page.text(*tokens.editor.page_selection()) == "three"
    qtbot.mouseDClick(viewport, LEFT, pos=over(tokens, 2))  # the writer's own word
    assert tokens.page.text(*tokens.editor.page_selection()) == "writer"
    qtbot.mouseDClick(viewport, Qt.MouseButton.RightButton, pos=over(tokens, 8))
    assert chosen == [10]


def test_a_click_between_two_lines_stays_on_the_upper_one(
    new_harness: Callable[..., EditorHarness], qtbot: QtBot
) -> None:
    harness = new_harness("first line\nsecond line")
    below = over(harness, 4) + QPoint(0, 13)  # in the space under the letters, still in the line's band
    qtbot.mouseClick(harness.editor.viewport(), LEFT, pos=below)
    assert harness.editor.page_position() in (4, 5)


def test_a_pinned_token_is_marked_and_follows_the_text(tokens: EditorHarness) -> None:
    def marked(position: int) -> bool:
        tokens.settle()
        image = tokens.editor.viewport().grab().toImage()
        point = over(tokens, position)
        return image.pixelColor(point.x(), point.y() - 11) != QColor(LIGHT.paper)

    tokens.editor.marks.pin(12)
    assert marked(12) and not marked(7)
    tokens.page.write(0, 0, "wwww")
    assert marked(16) and not marked(11)
    tokens.page.write(15, 1, "x")
    assert not marked(16)
    tokens.editor.marks.pin(7)
    tokens.editor.marks.pin(None)
    assert not marked(7)


@pytest.mark.parametrize("text", ["مرحبا بالعالم", "שלום עולם"])
def test_right_to_left_text_is_hit_at_its_painted_position(text: str, harness: EditorHarness) -> None:
    first, second = text.split(" ")
    harness.stream(first, " " + second)
    harness.settle()
    facts: list[int | None] = []
    harness.editor.token_hovered.connect(facts.append)
    hover(harness, over(harness, 2))
    hover(harness, over(harness, len(first) + 3))
    assert facts == [0, len(first)]
