"""The keys of disabled commands never reach the page."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.shell.actions import PORTABLE, Actions
from desktop.shell.commands import COMMANDS
from desktop.shell.disabled_keys import DisabledKeys

KEYS = [(command.name, key) for command in COMMANDS for key in command.keys if key != "Esc"]
MODIFIERS = Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt
TEXT = "Once upon a time\nthere was a lamp"


class Field(QPlainTextEdit):
    """Notes the keys that reach it, without Ctrl, Shift and Alt themselves."""

    def __init__(self) -> None:
        super().__init__(TEXT)
        self.pressed: list[str] = []

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in MODIFIERS:
            self.pressed.append(QKeySequence(event.keyCombination()).toString(PORTABLE))
        super().keyPressEvent(event)


class Desk:
    """A window with a text, whose commands can be disabled."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window, self.field = QMainWindow(), Field()
        qtbot.addWidget(self.window)
        self.window.setCentralWidget(self.field)
        self.actions = Actions(self.window)
        self.field.installEventFilter(DisabledKeys(self.actions, self.window))
        self.window.show()
        qtbot.waitExposed(self.window)
        self.field.setFocus()
        cursor = self.field.textCursor()
        cursor.setPosition(6)
        self.field.setTextCursor(cursor)

    def presses(self, key: str) -> None:
        QTest.keySequence(self.field, QKeySequence(key, PORTABLE))


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


@pytest.mark.parametrize(("name", "key"), KEYS, ids=[f"{name} {key}" for name, key in KEYS])
def test_the_key_of_a_disabled_command_is_swallowed(desk: Desk, name: str, key: str) -> None:
    for action in desk.actions.all:
        action.setEnabled(False)
    ran: list[bool] = []
    desk.actions[name].triggered.connect(lambda: ran.append(True))
    desk.presses(key)
    cursor = desk.field.textCursor()
    assert desk.field.toPlainText() == TEXT and (cursor.anchor(), cursor.position()) == (6, 6)
    assert not desk.field.pressed and not ran


def test_other_keys_reach_the_text(desk: Desk) -> None:
    for action in desk.actions.all:
        action.setEnabled(False)
    for key in ("x", "Left", "Esc", "Ctrl+Left", "Shift+Home"):
        desk.presses(key)
    assert desk.field.toPlainText() == TEXT[:6] + "x" + TEXT[6:] and len(desk.field.pressed) == 5


ALL_KEYS = {key for _, key in KEYS}
WITH_SHIFT = [(name, key) for name, key in KEYS if "Shift+" in key and key.replace("Shift+", "") in ALL_KEYS]


@pytest.mark.parametrize(("name", "key"), WITH_SHIFT, ids=[f"{name} {key}" for name, key in WITH_SHIFT])
def test_the_key_of_an_enabled_command_passes_where_the_one_without_shift_is_disabled(
    desk: Desk, name: str, key: str
) -> None:
    """As X11 and Wayland send it: a letter with Ctrl has a control character as its text."""
    for action in desk.actions.all:
        action.setEnabled(action is desk.actions[name])
    pressed = QKeySequence(key, PORTABLE)[0]  # pyright: ignore[reportIndexIssue]
    event = QKeyEvent(QEvent.Type.KeyPress, pressed.key(), pressed.keyboardModifiers(), chr(pressed.key() & 31))
    assert not DisabledKeys(desk.actions).eventFilter(desk.field, event)
    desk.actions[name].setEnabled(False)
    assert DisabledKeys(desk.actions).eventFilter(desk.field, event)


def test_what_the_text_does_by_itself_is_left_to_it_while_the_command_is_enabled(desk: Desk) -> None:
    desk.actions["paste"].setEnabled(True)
    desk.presses("Ctrl+V")
    assert desk.field.pressed == ["Ctrl+V"]


def test_shift_that_a_keyboard_needs_for_a_sign_makes_no_difference(desk: Desk) -> None:
    for action in desk.actions.all:
        action.setEnabled(False)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(desk.field, Qt.Key.Key_Plus, control | shift)
    QTest.keyClick(desk.field, Qt.Key.Key_Plus, control | Qt.KeyboardModifier.KeypadModifier)
    assert not desk.field.pressed
