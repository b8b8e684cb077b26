"""Everything works without a mouse: Tab reaches every widget of every window and comes round, F6 goes from region to
region, the focus is visible, Esc leads back to the page."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from desktop.editor.editor import Editor
from tests.models.library.hub_stand_in import StandIn
from tests.window.windows import every_window

USED = (QAbstractButton, QAbstractItemView, QLineEdit, QAbstractSpinBox, QComboBox, QTabBar, QPlainTextEdit)
Key = Qt.Key


def _every_active_window(hand: Any, hub: StandIn) -> Iterator[tuple[str, QWidget]]:
    """Each that the program can show, with the keys in it."""
    for name, window in every_window(hand, hub):
        window.activateWindow()
        hand.until(window.isActiveWindow)
        yield name, window


def test_tab_reaches_every_widget_of_every_window(hand: Any, hub: StandIn) -> None:
    complaints: list[str] = []
    for name, window in _every_active_window(hand, hub):
        complaints += [f"{name}: {line}" for line in _unreached(window)]
    assert not complaints, "\n".join(complaints)


def _unreached(window: QWidget) -> Iterator[str]:
    """The widgets that Tab does not reach, starting from each region of F6 if Tab does not leave a text."""
    wanted = {widget for widget in window.findChildren(QWidget) if _is_to_be_reached(window, widget)}
    for key in (Key.Key_Tab, Key.Key_Backtab):
        reached = _walked(window, key, wanted)
        for widget in wanted - reached:
            yield f"{key.name} does not reach {type(widget).__name__} {_name(widget)!r}"


def _walked(window: QWidget, key: Qt.Key, wanted: set[QWidget]) -> set[QWidget]:
    """The widgets that a key reaches, with F6 often enough to reach each region."""
    reached: set[QWidget] = set()
    turn = 0
    for _press in range(400):
        focus = QApplication.focusWidget()
        if focus is not None:
            reached.add(focus)
            holder = focus.parentWidget()
            if isinstance(holder, QAbstractSpinBox):
                reached.add(holder)
        if wanted <= reached:
            break
        if isinstance(focus, Editor) and focus.window() is window:
            turn += 1
            for _part in range(turn % 8):
                press(Key.Key_F6)
        else:
            QTest.keyClick(focus if focus and focus.window() is window else window, key)
    return reached


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press it where the keys go."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def _is_to_be_reached(window: QWidget, widget: QWidget) -> bool:
    inside_spin = isinstance(widget.parentWidget(), QAbstractSpinBox)
    inside_line = isinstance(widget.parentWidget(), QLineEdit)
    usable = widget.window() is window and widget.isVisibleTo(window) and widget.isEnabled()
    names = ("qt_tableview", "qt_menubar", "qt_dockwidget")
    part_of_qt = widget.objectName().startswith(names) or isinstance(widget, QMenu | QHeaderView)
    return isinstance(widget, USED) and usable and not inside_spin and not inside_line and not part_of_qt


def _name(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


# ------------------------------------------------------------------------------------------------ parts


def test_f6_goes_round_and_back(hand: Any) -> None:
    program = hand.program
    hand.press(Key.Key_F6)
    parts = [_part(program)]
    while parts[-1] != "page" and len(parts) < 10:
        press(Key.Key_F6)
        parts.append(_part(program))
    assert sorted(parts) == ["bar", "beside", "page", "pages"]
    back = []
    for _part_of_the_window in parts:
        press(Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
        back.append(_part(program))
    assert back == [*parts[-2::-1], "page"]


def _part(program: Any) -> str:
    focus = QApplication.focusWidget()
    if focus is program.editor:
        return "page"
    for dock in program.window.findChildren(QDockWidget):
        if dock.isAncestorOf(focus):
            return dock.objectName()
    return "bar" if program.window.bar.isAncestorOf(focus) else type(focus).__name__


def test_f6_comes_back_to_where_one_was(hand: Any) -> None:
    program = hand.program
    program.window.actions_["show_sampling"].trigger()
    box = program.sampling.controls["temperature"].box
    box.setFocus()
    press(Key.Key_F6)
    press(Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is box


def test_escape_in_a_panel_goes_back_to_the_page(hand: Any) -> None:
    hand.program.window.actions_["show_sampling"].trigger()
    for widget in (hand.program.pages.panel.list, hand.program.sampling.controls["temperature"].box):
        widget.setFocus()
        press(Key.Key_Escape)
        assert QApplication.focusWidget() is hand.program.editor


@pytest.mark.parametrize("command", ["settings", "keys", "rename_page"])
def test_escape_closes_a_dialog_and_gives_the_keys_back(hand: Any, command: str) -> None:
    hand.program.window.actions_[command].trigger()
    hand.until(lambda: QApplication.activeModalWidget() is not None)
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, QDialog)
    hand.until(dialog.isActiveWindow)
    press(Key.Key_Escape)
    assert not dialog.isVisible()
    hand.program.window.activateWindow()
    hand.until(lambda: QApplication.focusWidget() is hand.program.editor)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of the menu's hold on the keyboard
def test_the_list_of_pages_works_by_keys(hand: Any) -> None:
    hand.types("one")
    hand.ctrl(Key.Key_N)
    hand.types("two")
    pages = hand.program.pages.panel.list
    hand.until(lambda: len(pages.rows.values) == 2)
    pages.setFocus()
    press(Key.Key_End)
    press(Key.Key_Return)
    hand.until(lambda: hand.text == "one")
    pages.setFocus()
    press(Key.Key_Menu)
    hand.until(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert len([action for action in menu.actions() if not action.isSeparator()]) >= 4
    menu.close()
    press(Key.Key_Delete)
    hand.until(lambda: len(pages.rows.values) == 1)


# ------------------------------------------------------------------------------------------------ being seen


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_is_visible(hand: Any, hub: StandIn, theme: str) -> None:
    hand.program.preferences.change(theme=theme)
    QApplication.setCursorFlashTime(0)
    complaints: list[str] = []
    for name, window in _every_active_window(hand, hub):
        complaints += [f"{name}: {line}" for line in _unseen(window)]
    assert not complaints, "\n".join(complaints)


def _unseen(window: QWidget) -> Iterator[str]:
    window.setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)  # as a press of Tab does
    for widget in window.findChildren(QWidget):
        if not _is_to_be_reached(window, widget) or not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            continue
        if not any(_differs(window, widget) for _try in range(2)):  # what came meanwhile has its own looks
            yield f"{type(widget).__name__} {_name(widget)!r} looks alike with the keys and without"


def _differs(window: QWidget, widget: QWidget) -> bool:
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    focused = _picture(window, widget)
    widget.clearFocus()
    return focused != _picture(window, widget)


def _picture(window: QWidget, widget: QWidget) -> QImage:
    return widget.grab().toImage()
