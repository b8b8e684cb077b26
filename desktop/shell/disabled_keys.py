"""Keeps the keys of disabled commands from a text field, which would take them for its own: on X11 Ctrl+K deletes to
the end of the line, and Alt+. types a full stop.
"""

import sys

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from desktop.shell.actions import Actions

_PAD = Qt.KeyboardModifier.KeypadModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_PASSED = Qt.Key.Key_Escape  # it ends one layer after the other, and not only what a command ends


class DisabledKeys(QObject):
    """Watches the field that it is installed on as an event filter."""

    def __init__(self, actions: Actions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = actions

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """Swallow the key of a command that is disabled."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or event.key() == _PASSED:
            return False
        for key in _names(event):
            owners = [action for action in self._actions.all if key in action.shortcuts()]
            if owners:
                return not any(action.isEnabled() for action in owners)
        return False


def _names(event: QKeyEvent) -> list[QKeySequence]:
    """What the key may be called, its own name first: Ctrl++ is Ctrl+Shift++ on some keyboards. A letter has one name:
    Ctrl+Shift+Z is not Ctrl+Z. The text of the event does not tell letters: with Ctrl it is a control character.
    """
    modifiers = event.modifiers() & ~_PAD
    is_letter = event.key() <= sys.maxunicode and chr(event.key()).isalpha()
    names = [modifiers] if is_letter else [modifiers, modifiers & ~_SHIFT]
    return [QKeySequence(QKeyCombination(name, Qt.Key(event.key()))) for name in names]
