"""The bar of find and replace, which floats over the page. It emits what the user asks for; the finder searches."""

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QPushButton, QWidget

from desktop.finding.matching import Query
from desktop.page.edit import Change
from desktop.qt.accessible import name_clear_button
from desktop.qt.plain_text import Label, tip
from resources.language import tr

LEAST = 90  # pixels: the least width of the two input fields
SIDES = 28  # pixels beside the bar's contents, both sides together


class FindBar(QFrame):
    """`query_changed` carries the new Query, `shown` whether the bar is visible now; the other signals are wishes."""

    query_changed = Signal(object)
    next_requested = Signal()
    previous_requested = Signal()
    replace_requested = Signal()
    replace_all_requested = Signal()
    closed = Signal()
    shown = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("floating")
        self.setAutoFillBackground(True)
        self.setAccessibleName(tr("Find and replace"))
        self.words = QLineEdit(placeholderText=tr("Find"), clearButtonEnabled=True)
        self.replacement = QLineEdit(placeholderText=tr("Replace with"))
        self.match_case = QCheckBox(tr("Match case"))
        self.whole_words = QCheckBox(tr("Whole words"))
        self.expression = QCheckBox(tr("Expression"))
        self.expression.setToolTip(tr("A regular expression; in the replacement \\1 is its first group."))
        self.selection = QCheckBox(tr("In selection"))
        self.message = Label()
        self.message.setObjectName("quiet")
        self._within: tuple[int, int] | None = None
        self._columns = 0  # check boxes in a row
        name_clear_button(self.words)
        for line, name in ((self.words, tr("Find")), (self.replacement, tr("Replace with"))):
            line.setAccessibleName(name)
        self.words.textChanged.connect(self._emit_query)
        for box in (self.match_case, self.whole_words, self.expression, self.selection):
            box.toggled.connect(self._emit_query)
        self._lay_out()
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.closed.emit)  # wherever in the window the focus is
        self.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(SIDES - 12, 8, 12, 8)
        grid.setHorizontalSpacing(8)
        grid.addWidget(self.words, 0, 0)
        grid.addLayout(
            _row(
                self._button(tr("Previous"), "Shift+Enter", self.previous_requested),
                self._button(tr("Next"), "Enter", self.next_requested),
                self.message,
            ),
            0,
            1,
        )
        grid.addWidget(self.replacement, 1, 0)
        grid.addLayout(
            _row(
                self._button(tr("Replace"), "", self.replace_requested),
                self._button(tr("Replace all"), "", self.replace_all_requested),
                self._button(tr("Close"), "Esc", self.closed),
            ),
            1,
            1,
        )
        self._boxes = QGridLayout()
        self._boxes.setHorizontalSpacing(12)
        grid.addLayout(self._boxes, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        for line in (self.words, self.replacement):
            line.setMinimumWidth(LEAST)
        self._fit(1 << 20)

    def _fit(self, width: int) -> None:
        """Put the check boxes into one row, or into two if one does not fit into this width, in pixels."""
        boxes = (self.match_case, self.whole_words, self.expression, self.selection)
        margins = self.contentsMargins().left() + self.contentsMargins().right() + SIDES
        needed = sum(box.sizeHint().width() for box in boxes) + 3 * self._boxes.horizontalSpacing() + margins
        columns = 4 if needed <= width else 2
        if columns != self._columns:
            self._columns = columns
            for number, box in enumerate(boxes):
                self._boxes.addWidget(box, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(event.size().width())

    def _button(self, title: str, key: str, wish: SignalInstance) -> QPushButton:
        button = QPushButton(title)
        button.setToolTip(tip(key))
        button.clicked.connect(wish)
        return button

    @property
    def query(self) -> Query:
        """The query that the user entered."""
        within = self._within if self.selection.isChecked() else None
        return Query(
            self.words.text(),
            self.match_case.isChecked(),
            self.whole_words.isChecked(),
            self.expression.isChecked(),
            within,
        )

    def open(self, words: str, within: tuple[int, int] | None) -> None:
        """Show the bar. words: what to search for, unless empty. within: the selection to search in, or None."""
        self._within = within
        self.selection.setEnabled(within is not None)
        self.selection.setChecked(within is not None)
        if words:
            self.words.setText(words)
        self.show()
        self.words.setFocus()
        self.words.selectAll()
        self._emit_query()

    def follow(self, change: Change) -> None:
        """Move the selection to search in with a change of the page."""
        if self._within is not None:
            self._within = change.after(self._within[0]), change.after(self._within[1], along=False)

    def forget_selection(self) -> None:
        """Drop the selection to search in: another page is shown."""
        self._within = None
        self.selection.setChecked(False)
        self.selection.setEnabled(False)

    def show_message(self, sentence: str) -> None:
        """Show a sentence about the search beside the buttons."""
        self.message.setText(sentence)

    def neighbour(self) -> QWidget:
        """The field, for lost_focus.py."""
        return self.words

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.shown.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                (self.previous_requested if shift else self.next_requested).emit()
            case _:
                super().keyPressEvent(event)

    def _emit_query(self) -> None:
        self.query_changed.emit(self.query)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch()
    return row
