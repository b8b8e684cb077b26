"""The keys that choose a row of the odds table, on the page or in the table: Enter, Shift+Enter, and the digits by
their place on the keyboard."""

import sys
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

# Scan codes of the keys 1 to 0 above the letters, which type other signs on some keyboards (French: & é " …).
_DIGITS = {
    "xcb": range(10, 20),
    "wayland": range(10, 20),
    "windows": range(2, 12),
}
_MAC_DIGITS = (18, 19, 20, 21, 23, 22, 26, 28, 25, 29)  # virtual keys
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN = Qt.KeyboardModifier.NoModifier
_KEYPAD = Qt.KeyboardModifier.KeypadModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class RowKey(Enum):
    """What a key does to the previewed row, other than selecting it."""

    GO_ON = "put it on the page, and let the model go on"
    PUT = "put it on the page"
    OTHER = "nothing"


def row_key(event: QKeyEvent) -> RowKey | int:
    """What a key press means; a row's number, 0 for the first, where it selects that one."""
    modifiers = event.modifiers() & ~_KEYPAD
    if event.key() in _ENTER and modifiers in (_PLAIN, _SHIFT):
        return RowKey.PUT if modifiers == _SHIFT else RowKey.GO_ON
    digit = _digit(event) if modifiers == _PLAIN else None
    return RowKey.OTHER if digit is None else (digit - 1) % 10


def _digit(event: QKeyEvent) -> int | None:
    if Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9:
        return event.key() - Qt.Key.Key_0
    if sys.platform == "darwin":
        codes, code = _MAC_DIGITS, event.nativeVirtualKey()
    else:
        codes, code = _DIGITS.get(QGuiApplication.platformName(), ()), event.nativeScanCode()
    return (codes.index(code) + 1) % 10 if code in codes else None
