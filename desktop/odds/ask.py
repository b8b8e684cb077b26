"""The strings that the writer asks about, above the odds: a field for another one, and a row for each."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.odds.asked_row import AskedRow
from desktop.odds.string_words import StringView
from desktop.qt.plain_text import Label, tip
from resources.colours import LIGHT, Colours
from resources.language import tr

SIDE, FOOT = 8, 4  # pixels around the contents, and below them
GAP = 6  # pixels between field and rows, and between rows
LEAST_HEIGHT = 48  # pixels of the rows
MOST_ROWS = 12  # strings at a time: a further one takes the place of the oldest


class AskBox(QWidget):
    """Wishes: `asked` carries a string to ask about, `given_up` one to ask about no more. `opened`: the field was
    opened, `closed`: it was closed, the rows stay. `marks_changed` carries where they are on the coin's strip, as
    a tuple of string_words.Asked. `height_changed`: the box wants another height."""

    asked = Signal(str)
    given_up = Signal(str)
    opened = Signal()
    closed = Signal()
    marks_changed = Signal(object)
    height_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Odds of strings"))
        self._colours = LIGHT
        self._most = 300  # pixels: the height of the box
        self._on_strip = True  # whether the coin's strip is of the place that the strings are asked about
        self.field = _Field()
        self.field.entered.connect(self._enter)
        self.field.closed.connect(self._close_field)
        self.place = Label(wordWrap=True)
        self.place.setObjectName("quiet")
        self.place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.rows: dict[str, AskedRow] = {}
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        self.scroll_area = QScrollArea(widgetResizable=True)
        self.scroll_area.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll_area.setWidget(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, SIDE, SIDE, FOOT)
        column.setSpacing(GAP)
        column.addWidget(self.field)
        column.addWidget(self.place)
        column.addWidget(self.scroll_area)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.field.hide()
        self._fit()

    @property
    def in_use(self) -> bool:
        """Whether there is a field or a row."""
        return bool(self.rows) or not self.field.isHidden()

    def open(self) -> None:
        """Show the field with the focus in it."""
        self.field.show()
        self._fit()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()
        self.opened.emit()

    def show_place(self, words: str, on_strip: bool) -> None:
        """Show where the strings are asked about. on_strip: the coin's strip is of that place, too."""
        if words != self.place.text():
            self.place.setText(words)
            self.field.setAccessibleDescription(words)
            self._fit()
        if on_strip != self._on_strip:
            self._on_strip = on_strip
            self._tell_marks()

    def show_odds(self, text: str, view: StringView, other: StringView | None = None) -> None:
        """Show the odds of a string that was asked about. other: those with the other spacing (other_spacing)."""
        if row := self.rows.get(text):
            row.show_views(view, other)
            self._fit()
            self._tell_marks()

    def show_failure(self, text: str, sentence: str) -> None:
        """Show why a string has no odds."""
        if row := self.rows.get(text):
            row.show_failure(sentence)
            self._fit()
            self._tell_marks()

    def set_stale(self) -> None:
        """Grey all odds that are shown: they are those of another place."""
        for row in self.rows.values():
            row.set_current(False)
        self._tell_marks()

    def _tell_marks(self) -> None:
        rows = self.rows.values() if self._on_strip else ()
        self.marks_changed.emit(tuple(mark for row in rows for mark in row.marks))

    def set_colours(self, colours: Colours) -> None:
        self._colours = colours
        for row in self.rows.values():
            row.set_colours(colours)

    def limit_height(self, most: int) -> int:
        """Let the box be no higher than that, in pixels, but for its least height; its other rows are scrolled to.
        Returns the height that it takes, which its size hint tells only later."""
        self._most = most
        wanted = self._list.heightForWidth(self._list_width()) if self.rows else 0
        taken = SIDE + FOOT + (0 if self.field.isHidden() else self.field.sizeHint().height() + GAP)
        place = self.place.heightForWidth(self._list_width()) + GAP
        self.place.setVisible(most - taken - place >= LEAST_HEIGHT)
        taken += 0 if self.place.isHidden() else place
        rows = min(max(wanted, 0), max(most - taken, LEAST_HEIGHT))
        self.scroll_area.setFixedHeight(rows)
        return taken + rows

    def _list_width(self) -> int:
        return max(self.width() - 2 * SIDE, 1)

    def _fit(self) -> None:
        self.setVisible(self.in_use)
        self.scroll_area.setVisible(bool(self.rows))
        self.limit_height(self._most)
        self.height_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _enter(self) -> None:
        text = self.field.text()
        if not text:
            return
        self.field.selectAll()
        if text not in self.rows:
            if len(self.rows) >= MOST_ROWS:
                self._remove(next(iter(self.rows)))
            row = self.rows[text] = AskedRow(text, self._colours)
            row.removed.connect(lambda: self._remove(text))
            self._column.insertWidget(0, row)
            self._fit()
        self.asked.emit(text)

    def _remove(self, text: str) -> None:
        row = self.rows.pop(text)
        had_focus = row.close_button.hasFocus()
        self._column.removeWidget(row)
        row.deleteLater()
        self._fit()
        self._tell_marks()
        self.given_up.emit(text)
        if had_focus and not self.field.isHidden():
            self.field.setFocus()
        elif had_focus:
            self.closed.emit()

    def _close_field(self) -> None:
        self.field.hide()
        self._fit()
        self.closed.emit()


class _Field(QLineEdit):
    """`entered`: Enter was pressed; `closed`: Esc was."""

    entered = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setPlaceholderText(tr("How likely is…"))
        self.setAccessibleName(tr("How likely is this text"))
        help_ = tr(
            "Enter asks how likely this text is: next, where the cursor is at the end of the page, else in the place "
            "of the token that is shown. Esc closes the field."
        )
        self.setToolTip(tip(help_))

    def event(self, event: QEvent) -> bool:
        escape = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # Esc closes the field, and stops nothing
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)
