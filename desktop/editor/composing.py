"""The preedit: text that an input method composes and has not committed yet.

It is in the layout of the caret's block, not in the document. Qt expects that nothing else moves the caret or
changes the document meanwhile. Code that does either calls `finish`, `cancel` or `suspended` first.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.split_document import SplitDocument
from desktop.page import utf16

_Kind = QInputMethodEvent.AttributeType


class Composition:
    """The composition at the caret of one view; never active in a view that is read-only."""

    def __init__(self, view: QPlainTextEdit, document: SplitDocument) -> None:
        self._view = view
        self._document = document
        self._text = ""
        self._cursor = QTextCursor()  # where it is composed
        self._busy = False

    @property
    def active(self) -> bool:
        """Whether a text is being composed."""
        return bool(self._text)

    @property
    def busy(self) -> bool:
        """Whether the composition itself changes the document now."""
        return self._busy

    def handle(self, event: QInputMethodEvent, give: Callable[[QInputMethodEvent], None]) -> None:
        """Handle an input method's event. give: Qt's own handler, which gets the event as two that it can cope with:
        first the commit, then the preedit, with all positions inside the document."""
        with self._set_busy():
            if event.commitString() or event.replacementLength():
                self._remove()
                give(self._commit(event))
            give(self._preedit(event))
        self._text = event.preeditString()
        self._cursor = self._view.textCursor()

    def finish(self) -> None:
        """Commit the preedit: through the input method, else as it stands."""
        if not self.active or self._busy:
            return
        if QGuiApplication.focusObject() == self._view:
            QGuiApplication.inputMethod().commit()
        if text := self._text:
            with self._set_busy():
                self._remove()
                self._cursor.insertText(text)
                QGuiApplication.inputMethod().reset()

    def cancel(self) -> None:
        """Discard the preedit."""
        if self.active and not self._busy:
            with self._set_busy():
                self._remove()
                QGuiApplication.inputMethod().reset()

    def follow_caret(self) -> None:
        """Commit the preedit at its position, if the caret is elsewhere now."""
        if self.active and self._cursor.position() != self._view.textCursor().position():
            self.finish()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """While the document and the caret change: afterwards the composition is at the caret again."""
        if not self.active or self._busy:
            yield
            return
        text, layout = self._text, self._cursor.block().layout()
        at, formats = layout.preeditAreaPosition(), layout.formats()
        with self._set_busy():
            self._remove()
            yield
            self._text, self._cursor = text, self._view.textCursor()
            here = self._cursor.positionInBlock()
            for format_ in formats:
                format_.start += here - at  # pyright: ignore[reportAttributeAccessIssue]
            self._document.compose(self._cursor, text, formats)

    def _remove(self) -> None:
        if self.active:
            self._text = ""
            self._document.compose(self._cursor, "", [])

    @contextmanager
    def _set_busy(self) -> Iterator[None]:
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def _commit(self, event: QInputMethodEvent) -> QInputMethodEvent:
        cursor = self._view.textCursor()
        start, gone = cursor.selectionStart(), cursor.selectionEnd() - cursor.selectionStart()  # Qt removes it first
        length = self._document.length - gone
        first = min(max(0, start + event.replacementStart()), length)
        last = min(max(first, first + event.replacementLength()), length)
        if first < last:  # a character goes whole
            first, last = (
                first - self._splits_character(first, start, gone),
                last + self._splits_character(last, start, gone),
            )
        commit = QInputMethodEvent()
        commit.setCommitString(event.commitString(), first - start, last - first)
        return commit

    def _splits_character(self, position: int, start: int, gone: int) -> bool:
        """Whether a position is between the two halves of a character, once `gone` units at start are removed."""
        before, behind = (at if at < start else at + gone for at in (position - 1, position))
        unit = self._view.document().characterAt
        return before >= 0 and utf16.is_pair(unit(before), unit(behind))

    def _preedit(self, event: QInputMethodEvent) -> QInputMethodEvent:
        units = utf16.length(event.preeditString())
        block = self._view.textCursor().block().length() - 1
        attributes = [_inside(one, block if one.type == _Kind.Selection else units) for one in event.attributes()]
        return QInputMethodEvent(event.preeditString(), attributes)


def _inside(attribute: QInputMethodEvent.Attribute, units: int) -> QInputMethodEvent.Attribute:
    """The attribute, its range limited to a text of that many UTF-16 units."""
    start = min(max(0, attribute.start), units)
    length = attribute.length
    if attribute.type != _Kind.Cursor:
        length = min(max(0, start + length), units) - start
    return QInputMethodEvent.Attribute(attribute.type, start, length, attribute.value)
