"""The field below the alternatives: any text, to be put in the place of the token that is shown, or to come next."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.odds.row_keys import RowKey, row_key
from desktop.qt.plain_text import tip
from resources.language import tr

SIDE = 8  # pixels around the field


class OwnText(QWidget):
    """`text_chosen`, a wish: put that text there, and whether the model goes on behind it. `in_use`: whether the field
    has the focus."""

    text_chosen = Signal(str, bool)
    in_use = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = _Field()
        self.field.chosen.connect(self._choose)
        self.field.in_use.connect(self.in_use)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SIDE, 2, SIDE, 4)
        self._row.addWidget(self.field, 1)

    def show_place(self, token: str) -> None:
        """Show in the place of which token the text would be put; "": as the next one."""
        self.field.show_place(token)

    def add(self, button: QWidget) -> None:
        """Put a button behind the field."""
        self._row.addWidget(button)

    def _choose(self, write_on: bool) -> None:
        text = self.field.text()
        if text:
            self.field.clear()
            self.text_chosen.emit(text, write_on)


class _Field(QLineEdit):
    chosen = Signal(bool)
    in_use = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.show_place("")

    def show_place(self, token: str) -> None:
        """As of OwnText."""
        self.setPlaceholderText(tr("In place of “{token}”…").format(token=token) if token else tr("Next text…"))
        self.setAccessibleName(tr("Other text in place of the token") if token else tr("Next text"))
        here = tr("Enter puts the text in place of the token, and the model goes on. Shift+Enter only puts it there.")
        next_ = tr("Enter puts the text there as the next one, and the model goes on. Shift+Enter only puts it there.")
        self.setToolTip(tip(here if token else next_))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.in_use.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason):
            self.in_use.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = row_key(event)
        if isinstance(key, RowKey) and key is not RowKey.OTHER:
            self.chosen.emit(key is RowKey.GO_ON)
        else:
            super().keyPressEvent(event)
