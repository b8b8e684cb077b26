"""The welcome below the page: what Inkfall is, what to do first, and examples to try. Esc or typing dismisses it."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QInputMethodEvent, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop.qt.plain_text import Label, tip
from desktop.shell.actions import key_text
from desktop.shell.examples import EXAMPLES, Example
from resources.language import tr

WHAT = tr(
    "A base model was trained on a lot of text to do one thing: predict what comes next. It is not an "
    "assistant and does not answer questions; it continues the page that you begin."
)
STEPS = (
    (key_text("Ctrl+Enter"), tr("Type the beginning of a text, then let the model continue it. Esc stops it.")),
    (key_text("Ctrl+R"), tr("Tries again: the same beginning gives a different text each time, and none is lost.")),
    (tr("Mouse", "points at a word"), ""),
)
BESIDE = tr(
    "Point at a word that the model wrote: the panel beside the page shows which other words were "
    "possible, and how likely."
)
HIDDEN = tr(
    "Point at a word that the model wrote: the Odds panel ({key} opens it) shows which other words were "
    "possible, and how likely."
)
TRY = tr("Or try an example:")
FOLDERS = tr(
    "Pages save themselves in {pages}; models are in {models}. Nothing is sent over the network unless you ask for it."
)
WIDEST, NARROW = 680, 520  # pixels of the column's width; below NARROW the examples are in one column
LINE = 4  # pixels of the line above it, and of rounding in styles
LEAST = 120  # least pixels of height; below its full height it scrolls


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """Whether there is a model, for the user. sentence: what the state is. button: the title of the button."""

    sentence: str
    button: str


class Welcome(QFrame):
    """The welcome. `example_requested` carries an Example to try; `model_requested`: open the library;
    `empty_requested`: begin with an empty page; `dismissed`: it was hidden by the user."""

    example_requested = Signal(object)
    model_requested = Signal()
    empty_requested = Signal()
    dismissed = Signal()

    def __init__(self, pages: str, models: str, parent: QWidget | None = None) -> None:
        """pages, models: paths of the folders, as they are shown."""
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAccessibleName(tr("Welcome"))
        self.setAutoFillBackground(True)
        self._title = _words(tr("Welcome to Inkfall"))
        self.examples = [_ExampleButton(one, self) for one in EXAMPLES]
        for button in self.examples:
            button.clicked.connect(lambda _checked=False, one=button.example: self.example_requested.emit(one))
        self._cards = QGridLayout()
        self._cards.setSpacing(10)
        self._steps = _Steps()
        self.model = Label(wordWrap=True)
        self.button = QPushButton()
        self.button.clicked.connect(self.model_requested)
        self.close_button = QPushButton(tr("Start with an empty page"))
        self.close_button.clicked.connect(self.empty_requested)
        self._scroll, self._contents, self._column = QScrollArea(widgetResizable=True), QWidget(), QVBoxLayout()
        self._columns = 0
        self._lay_out(FOLDERS.format(pages=pages, models=models))
        self._arrange(WIDEST)

    def show_model_status(self, status: ModelStatus) -> None:
        self.model.setText(status.sentence)
        self.button.setText(status.button)

    def show_style(self, paper: str, font: QFont) -> None:
        """Apply the page's background colour and font."""
        palette = QPalette(self.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor(paper))
        self.setPalette(palette)
        title = QFont(font)
        title.setPointSizeF(min(max(font.pointSizeF(), 9.0), 16.0) * 1.6)
        self._title.setFont(title)
        excerpt = QFont(font)
        excerpt.setPointSizeF(self.font().pointSizeF())
        for button in self.examples:
            button.excerpt.setFont(excerpt)

    def show_panel(self, shown: bool, key: str) -> None:
        """Explain the odds panel. shown: whether it is visible; key: the one that shows it."""
        self._steps.point.setText(BESIDE if shown else HIDDEN.format(key=key))
        self.updateGeometry()

    def dismiss(self) -> None:
        if not self.isHidden():
            self.hide()
            self.dismissed.emit()

    # ------------------------------------------------------------------------------------------------ dismissing

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002, Qt's own signature
        """Watch the editor's events: Esc and typing dismiss the welcome; what is typed still reaches the page."""
        if self.isHidden():
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.dismiss()
                return True
            if _types(event):
                self.dismiss()
        elif isinstance(event, QInputMethodEvent) and (event.commitString() or event.preeditString()):
            self.dismiss()
        return False

    # ------------------------------------------------------------------------------------------------ layout

    def sizeHint(self) -> QSize:
        """The height of all its contents at its present width."""
        return QSize(WIDEST, self._column.totalHeightForWidth(min(self.width(), WIDEST)) + LINE)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(event.size().width())
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _lay_out(self, folders: str) -> None:
        inner = QWidget()
        inner.setAutoFillBackground(False)
        column = self._column
        column.setSpacing(10)
        column.addWidget(self._title)
        column.addWidget(_words(WHAT))
        column.addLayout(self._steps)
        column.addSpacing(4)
        column.addWidget(_words(TRY))
        column.addLayout(self._cards)
        column.addSpacing(4)
        self._line = self._last_line()
        column.addLayout(self._line)
        column.addWidget(_words(folders, quiet=True))
        column.addStretch()
        middle = QHBoxLayout(inner)
        middle.setContentsMargins(0, 0, 0, 0)
        self._contents.setLayout(column)
        self._contents.setMaximumWidth(WIDEST)
        middle.addStretch()
        middle.addWidget(self._contents, 1000)
        middle.addStretch()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inner)
        self._scroll.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._scroll)

    def _last_line(self) -> QBoxLayout:
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(10)
        row.addWidget(self.model, 1)
        row.addWidget(self.button)
        row.addWidget(self.close_button)
        return row

    def _arrange(self, width: int) -> None:
        """Arrange examples and keys in one column or two, by the width in pixels."""
        columns = 1 if width < NARROW else 2
        side = 16 if width < NARROW else 40
        self._column.setContentsMargins(side, 18, side, 16)
        self._steps.arrange(width < NARROW)
        direction = QBoxLayout.Direction.TopToBottom if width < NARROW else QBoxLayout.Direction.LeftToRight
        self._line.setDirection(direction)
        if columns != self._columns:
            self._columns = columns
            for number, button in enumerate(self.examples):
                self._cards.addWidget(button, number // columns, number % columns)
            self._cards.setColumnStretch(0, 1)
            self._cards.setColumnStretch(1, columns - 1)


class _Steps(QGridLayout):
    """Keys, and beside each (below it, if narrow) what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(12)
        self.setVerticalSpacing(6)
        self._rows = [(Label(key, alignment=Qt.AlignmentFlag.AlignCenter), _words(words)) for key, words in STEPS]
        self.point = self._rows[-1][1]  # explains pointing at a word
        self.point.setText(BESIDE)
        self._narrow: bool | None = None
        for cap, _ in self._rows:
            cap.setObjectName("key")

    def arrange(self, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for row, (cap, words) in enumerate(self._rows):
            side = Qt.AlignmentFlag.AlignTop | (Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag(0))
            self.addWidget(cap, 2 * row, 0, side)
            self.addWidget(words, 2 * row + (1 if narrow else 0), 0 if narrow else 1)
        self.setColumnStretch(0, 1 if narrow else 0)
        self.setColumnStretch(1, 0 if narrow else 1)


class _ExampleButton(QPushButton):
    """An example as a button: its title, its beginning, and its help."""

    def __init__(self, example: Example, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.example = example
        self.setObjectName("example")
        self.setAccessibleName(example.title)
        self.setAccessibleDescription(f"{example.help} {example.shown}")
        self.setToolTip(tip(example.help))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.excerpt = _words(example.shown)
        self.excerpt.setObjectName("excerpt")
        title = _words(example.title)
        title.setObjectName("heading")
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(12, 9, 12, 10)
        column.setSpacing(3)
        for label in (title, self.excerpt, _words(example.help, quiet=True)):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        column.addStretch()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._column.heightForWidth(width)

    def sizeHint(self) -> QSize:
        return self._column.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._column.minimumSize()


def _types(event: QKeyEvent) -> bool:
    """Whether the key event writes text on the page."""
    held = event.modifiers() & (
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    )
    writes = event.text().isprintable() or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    return not held and bool(event.text()) and writes


def _words(words: str, quiet: bool = False) -> Label:
    label = Label(words, wordWrap=True)
    if quiet:
        label.setObjectName("quiet")
    return label
