"""A real editor on a real page, its keys, and a stream of given texts in the place of a model."""

from array import array
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.editor.editor import Editor
from desktop.editor.replacement_chars import shown
from desktop.page import utf16
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading
from tests.desktop.page.writing import write_spans

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
SOURCE = Source("a model")
VOCABULARY: dict[bytes, int] = {}  # ids in the order they are met: an id always has the same bytes


def reading(token: int, piece: bytes, raw: float = -1.0) -> Reading:
    """A reading with one alternative: the token itself."""
    alternatives = Alternatives(array("i", [token]), array("f", [raw]), array("f", [raw]), b"\0", (piece,))
    return Reading(token, piece, raw, 1, 1.0, raw, 0.5, 0.0, 1.0, alternatives)


def span(text: str, raw: float = -1.0) -> Span:
    """A token, or a run of one token a byte where the text is a single character of several bytes."""
    data = text.encode()
    pieces = [data] if len(text) > 1 or len(data) == 1 else [data[at : at + 1] for at in range(len(data))]
    return Span(text, tuple(reading(VOCABULARY.setdefault(piece, len(VOCABULARY)), piece, raw) for piece in pieces))


class EditorHarness:
    """An editor, its page, and what a user can do with both."""

    source = SOURCE

    def __init__(self, editor: Editor, page: Page) -> None:
        self.editor = editor
        self.page = page

    @property
    def view(self) -> str:
        """The text of the widget without soft breaks, once it holds all of the page."""
        self.editor.fill()
        return self.editor.sync.document.text()

    @property
    def bar(self) -> Any:
        return self.editor.verticalScrollBar()

    def press(self, key: Key, text: str = "", modifiers: Qt.KeyboardModifier = NONE) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(self.editor, QKeyEvent(kind, key, modifiers, text))

    def type(self, text: str) -> None:
        for character in text:
            self.press(Key.Key_Return if character == "\n" else Key.Key_A, "\r" if character == "\n" else character)

    def compose(self, preedit: str, commit: str = "") -> None:
        event = QInputMethodEvent(preedit, [])
        if commit:
            event.setCommitString(commit)
        QApplication.sendEvent(self.editor, event)

    def paste(self, text: str) -> None:
        QApplication.clipboard().setText(text)
        self.editor.paste()

    def stream(self, *texts: str, at: int | None = None) -> None:
        """Append one frame's batch to the open generation; opens one if there is none."""
        if not self.page.generating:
            self.page.begin_generation(SOURCE, at)
        write_spans(self.page, [span(text) for text in texts])

    def settle(self) -> None:
        QApplication.processEvents()

    def caret(self, position: int) -> None:
        self.editor.set_caret(position)

    def caret_without_scrolling(self, position: int) -> None:
        """Put the caret at a page position, as a click does, without scrolling."""
        cursor = self.editor.textCursor()
        cursor.setPosition(self.editor.sync.breaks.view(position))
        value = self.bar.value()
        self.editor.setTextCursor(cursor)
        self.bar.setValue(value)

    def select_from(self, anchor: int, position: int) -> None:
        """Select from one page position to another, which is where the caret is then."""
        breaks = self.editor.sync.breaks
        self.view_caret(breaks.view(position), breaks.view(anchor))

    def view_caret(self, position: int, anchor: int | None = None) -> None:
        """Put the caret at a position of the view, soft breaks counted."""
        cursor = self.editor.textCursor()
        cursor.setPosition(position if anchor is None else anchor)
        cursor.setPosition(position, QTextCursor.MoveMode.KeepAnchor)
        self.editor.setTextCursor(cursor)

    def check_held(self) -> None:
        """Check that the view shows the part of the page that it holds."""
        document, breaks = self.editor.sync.document, self.editor.sync.breaks
        assert document.text() == shown(self.page.text(breaks.first, breaks.last))
        raw = np.frombuffer(utf16.encode(document.raw(0, document.length)), np.uint16)
        assert (raw[breaks.positions] == 0x2029).all()

    def check(self) -> None:
        """Check that the view shows the page, and that the bytes of every token spell its span."""
        text = self.page.text()
        assert self.view == shown(text)
        self.check_held()
        units = utf16.encode(text)
        rows = self.page.tokens(0, self.page.length)
        for row in rows[rows["part"] == 0]:
            start, length = int(row["start"]), int(row["length"])
            readings = self.page.readings_at(start)
            spelled = b"".join(token.reading.bytes for token in readings)
            assert utf16.decode(units[2 * start : 2 * (start + length)]).encode() == spelled
