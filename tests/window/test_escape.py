"""Each press of Esc ends one layer: composition, find bar, writing, pin, notice; then the focus returns to the page."""

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from desktop.generation.state import Phase

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
NEVER = Qt.FocusPolicy.NoFocus


def press() -> None:
    """Esc, where the keys go."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, Key.Key_Escape)


def middle_of(hand: Any, position: int) -> QPoint:
    editor = hand.program.editor
    cursor = editor.textCursor()
    cursor.setPosition(editor.sync.breaks.view(position))
    return editor.cursorRect(cursor).center() + QPoint(3, 0)


def pinned(hand: Any) -> bool:
    return hand.program.editor.marks.current.pinned is not None


def test_one_layer_a_press(hand: Any) -> None:
    program = hand.program
    hand.writes_on(rate=100, units=40)
    program.window.notice.say("Something is the matter.")
    QTest.mouseDClick(program.editor.viewport(), LEFT, pos=middle_of(hand, 12))
    assert pinned(hand)
    hand.press(Key.Key_Right)  # else what is composed takes the place of the word
    hand.ctrl(Key.Key_F)
    assert program.find_bar.isVisible()
    program.editor.setFocus()
    QApplication.sendEvent(program.editor, QInputMethodEvent("ha", []))

    def layers() -> tuple[bool, bool, bool, bool, bool]:
        writing = hand.phase in (Phase.READING, Phase.WRITING)
        composing = program.editor.composition.active
        return composing, program.find_bar.isVisible(), writing, pinned(hand), bool(program.window.notice.sentence)

    assert layers() == (True, True, True, True, True)
    press()
    composing, *others = layers()
    assert not composing
    assert others[0] and others[1] and others[3]
    if not pinned(hand):  # what was composed was typed, and that releases the pin
        QTest.mouseDClick(program.editor.viewport(), LEFT, pos=middle_of(hand, 20))
    press()
    assert layers() == (False, False, True, True, True)
    press()
    hand.until_ready()
    assert layers() == (False, False, False, True, True)
    press()
    assert layers() == (False, False, False, False, True)
    press()
    assert layers() == (False, False, False, False, False)
    program.sampling.neutral_button.setFocus()
    press()
    assert program.editor.hasFocus()


def test_the_find_bar_closes_before_writing_stops_wherever_the_keys_are(hand: Any) -> None:
    program = hand.program
    hand.writes_on(rate=100, units=10)
    for widget in (program.find_bar.words, program.pages.panel.list, program.editor):
        hand.ctrl(Key.Key_F)
        widget.setFocus()
        press()
        assert not program.find_bar.isVisible()
        assert hand.phase is Phase.WRITING
    assert program.window.actions_["stop"].shortcut().toString() == "Esc"
    press()
    hand.until_ready()


def test_stop_in_the_toolbar_stops_while_the_find_bar_is_open(hand: Any) -> None:
    hand.writes_on(rate=100, units=10)
    hand.ctrl(Key.Key_F)
    hand.program.window.actions_["stop"].trigger()
    hand.until_ready()
    assert hand.program.find_bar.isVisible()


def test_a_generation_that_begins_releases_a_pin(hand: Any) -> None:
    hand.sets(length=20)
    hand.types("Once")
    hand.writes()
    hand.ctrl(Key.Key_Home)
    for key in (Key.Key_Return, Key.Key_R):
        QTest.mouseDClick(hand.program.editor.viewport(), LEFT, pos=middle_of(hand, 10))
        assert pinned(hand)
        hand.ctrl(key)
        assert not pinned(hand)
        hand.until_ready()


def test_a_click_pins_nothing_and_a_key_and_a_button_do(hand: Any) -> None:
    program = hand.program
    hand.sets(length=20)
    hand.types("Once")
    hand.writes()
    QTest.mouseClick(program.editor.viewport(), LEFT, pos=middle_of(hand, 10))
    assert not pinned(hand)
    hand.until(lambda: program.odds.view is not None)
    button = program.odds._card.pin
    assert button.text() == "Pin"
    hand.press(Key.Key_P, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    assert pinned(hand)
    assert "×" in button.text()
    hand.ctrl(Key.Key_End)
    assert pinned(hand)
    button.click()
    assert not pinned(hand)
    button.click()
    assert pinned(hand)
    hand.types("x")
    assert not pinned(hand)


def docks(hand: Any) -> list[QDockWidget]:
    return hand.program.window.findChildren(QDockWidget)


@pytest.mark.parametrize(
    ("panel", "where"),
    [(panel, where) for panel in ("pages", "sampling", "odds") for where in ("docked", "narrow")]
    + [("pages", "floating")],
)
def test_one_layer_a_press_wherever_the_keys_are(hand: Any, panel: str, where: str) -> None:
    program = hand.program
    [dock] = [dock for dock in docks(hand) if dock.objectName() == ("pages" if panel == "pages" else "beside")]
    hand.sets(length=20)
    hand.types("Once")
    hand.writes()
    hand.sets(length=None)
    if where == "narrow":
        program.window.resize(700, 480)
    if not program.window.actions_[f"show_{panel}"].isChecked():
        program.window.actions_[f"show_{panel}"].trigger()
    dock.setFloating(where == "floating")
    hand.qtbot.wait(20)
    parts = [one for one in dock.findChildren(QWidget) if one.isVisible() and one.focusPolicy() != NEVER]
    parts = [one for one in parts if one.isEnabled()]
    assert parts
    for part in parts:
        program.window.notice.say("Something is the matter.")
        program.focus.pin(6)
        assert pinned(hand)
        dock.window().activateWindow()
        part.setFocus()
        hand.until(lambda: QApplication.focusWidget() is not None)
        if not (part.hasFocus() or part.focusProxy()):
            continue
        press()
        assert not pinned(hand), part
        assert program.window.notice.sentence
        press()
        assert not program.window.notice.sentence, part
        press()
        hand.until(program.editor.hasFocus)
    program.find_bar.open("", None)
    program.focus.pin(6)
    dock.window().activateWindow()
    parts[0].setFocus()
    press()
    assert not program.find_bar.isVisible() and pinned(hand)
    dock.setFloating(False)


def test_writing_stops_before_a_pin_goes_where_the_keys_are_in_a_floating_panel(hand: Any) -> None:
    hand.writes_on(rate=100, units=20)
    [dock] = [dock for dock in docks(hand) if dock.objectName() == "pages"]
    dock.setFloating(True)
    hand.qtbot.wait(20)
    hand.program.focus.pin(6)
    hand.program.window.notice.say("Something is the matter.")
    dock.activateWindow()
    hand.program.pages.panel.list.setFocus()
    for _ in range(2):
        assert pinned(hand)
        press()
        hand.until_ready()
    assert not pinned(hand) and hand.program.window.notice.sentence
    press()
    assert not hand.program.window.notice.sentence
    dock.setFloating(False)
