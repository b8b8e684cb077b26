"""Small and magnified windows: the page keeps its width, nothing is wider than the screen, and a wide window does not
remember any of it."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QDockWidget, QMenu

from desktop.shell.commands import PAGE_MENU, SEPARATOR
from tests.models.library.hub_stand_in import StandIn
from tests.window.windows import every_window

MAGNIFIED = 800  # pixels of a screen of 1,600 at 200 %


def shown(hand: Any) -> set[str]:
    docks = hand.program.window.findChildren(QDockWidget)
    return {dock.objectName() for dock in docks if dock.isVisible()}


def test_panels_of_a_narrow_window_are_not_remembered(start: Callable[[], Any]) -> None:
    hand = start()
    window = hand.program.window
    window.actions_["show_pages"].trigger()
    assert shown(hand) == {"beside"}
    window.resize(700, 480)
    window.actions_["show_pages"].trigger()
    assert shown(hand) == {"pages"} and hand.program.editor.width() >= 400
    window.actions_["show_sampling"].trigger()
    assert shown(hand) == {"beside"} and hand.program.editor.width() >= 400
    again = start()
    assert again.program.window.width() == 700 and shown(again) == set()
    again.program.window.resize(1180, 760)
    assert shown(again) == {"beside"}


def test_no_window_is_wider_than_a_magnified_screen(hand: Any, hub: StandIn) -> None:
    hand.program.window.resize(MAGNIFIED, 450)
    wide = {
        f"{name}: {window.width()}, at least {window.minimumWidth()}"
        for name, window in every_window(hand, hub)
        if window.width() > MAGNIFIED or window.minimumWidth() > MAGNIFIED
    }
    assert not wide


@pytest.mark.parametrize(("width", "height"), [(640, 480), (640, 360)])
def test_no_window_opens_larger_than_a_small_screen(
    hand: Any, hub: StandIn, monkeypatch: pytest.MonkeyPatch, width: int, height: int
) -> None:
    monkeypatch.setattr(QScreen, "availableGeometry", lambda _screen: QRect(0, 0, width, height))
    hand.program.window.resize(width, height)
    large = {
        f"{name}: {window.width()} × {window.height()}"
        for name, window in every_window(hand, hub)
        if window.width() > width or window.height() > height
    }
    assert not large


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)  # which no window offscreen can
@pytest.mark.parametrize("selected", [False, True])
def test_the_menu_of_the_page_is_made_of_commands(hand: Any, selected: bool) -> None:
    hand.types("words")
    if selected:
        hand.program.editor.select(0, 3)
    editor = hand.program.editor
    editor.menu_requested.emit(editor.mapToGlobal(editor.rect().center()))
    [menu] = [menu for menu in hand.program.window.findChildren(QMenu) if menu.isVisible()]
    names = [action.objectName() for action in menu.actions() if not action.isSeparator()]
    known = [name for name in PAGE_MENU if name != SEPARATOR]
    clipboard = {"cut", "copy", "paste"}
    assert [name for name in names if name not in clipboard] == [name for name in known if name not in clipboard]
    assert ({"cut", "copy"} <= set(names)) == selected
    menu.close()


def test_eight_alternatives_are_in_view_in_a_low_window(hand: Any) -> None:
    program, rows = hand.program, hand.program.odds._list
    hand.types("Once")
    hand.sets(length=20)
    hand.writes()
    for width, height in ((700, 480), (1180, 600)):
        program.window.resize(width, height)
        if not program.window.actions_["show_odds"].isChecked():
            hand.ctrl(Qt.Key.Key_1)
        hand.until(lambda: rows.isVisible() and rows.viewport().height() >= 8 * rows.sizeHintForRow(0))


def test_strings_that_were_asked_about_leave_room_in_a_low_window(hand: Any) -> None:
    program, rows = hand.program, hand.program.odds._list
    hand.types("Once")
    hand.sets(length=20)
    hand.writes()
    program.window.resize(700, 480)
    hand.ctrl(Qt.Key.Key_K)
    field = program.odds.ask.field
    for text in ("upon", "a time"):
        field.setText(text)
        hand.qtbot.keyClick(field, Qt.Key.Key_Return)
    hand.until(lambda: all("rank" in row.odds.whole.text() for row in program.odds.ask.rows.values()))
    hand.until(lambda: rows.viewport().height() >= 3 * rows.sizeHintForRow(0))
    foot = program.odds.mapTo(program.window, program.odds.rect().bottomLeft()).y()
    assert foot < program.window.status.y() and program.window.height() == 480
    below = rows.mapTo(program.odds, rows.rect().bottomLeft()).y()
    assert below <= program.odds.height()
