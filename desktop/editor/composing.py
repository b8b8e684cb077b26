"""What an input method composes and has not committed yet (the preedit).

It stands in the layout of the caret's block, not in the document. Qt expects nothing else to move the caret or to
change the document meanwhile, so whoever does either says so here first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from desktop.editor.document_sync import DocumentSync
from desktop.page import utf16

_Kind = QInputMethodEvent.AttributeType


class Composition:
    """The composition at the caret of one editor."""

    def __init__(self, editor: QPlainTextEdit, mirror: DocumentSync) -> None:
        self._editor = editor
        self._mirror = mirror
        self._text = ""
        self._place = QTextCursor()
        self._busy = False

    @property
    def active(self) -> bool:
        """Whether a text is being composed."""
        return bool(self._text)

    @property
    def busy(self) -> bool:
        """Whether the input method is changing the document now."""
        return self._busy

    def take(self, event: QInputMethodEvent, give: Callable[[QInputMethodEvent], None]) -> None:
        """What an input method says, given to Qt as what it can cope with: first what is committed, then what is
        composed, with all positions inside the document."""
        with self._busily():
            if event.commitString() or event.replacementLength():
                self._remove()
                give(self._commit(event))
            give(self._preedit(event))
        self._text = event.preeditString()
        self._place = self._editor.textCursor()

    def finish(self) -> None:
        """Commit what is being composed: by the input method, else as it stands."""
        if not self.active or self._busy:
            return
        if QGuiApplication.focusObject() == self._editor:
            QGuiApplication.inputMethod().commit()
        if text := self._text:
            with self._busily():
                self._remove()
                self._place.insertText(text)
                QGuiApplication.inputMethod().reset()

    def cancel(self) -> None:
        """Take away what is being composed."""
        if self.active and not self._busy:
            with self._busily():
                self._remove()
                QGuiApplication.inputMethod().reset()

    def follow_caret(self) -> None:
        """The caret was moved by a hand that did not ask: what was composed is committed where it stands."""
        if self.active and self._place.position() != self._editor.textCursor().position():
            self.finish()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While the document changes and the caret with it; then the composition is at the caret again."""
        if not self.active or self._busy:
            yield
            return
        text, layout = self._text, self._place.block().layout()
        at, formats = layout.preeditAreaPosition(), layout.formats()
        with self._busily():
            self._remove()
            yield
            self._text, self._place = text, self._editor.textCursor()
            here = self._place.positionInBlock()
            for one in formats:
                one.start += here - at  # pyright: ignore[reportAttributeAccessIssue]
            self._mirror.compose(self._place, text, formats)

    def _remove(self) -> None:
        if self.active:
            self._text = ""
            self._mirror.compose(self._place, "", [])

    @contextmanager
    def _busily(self) -> Iterator[None]:
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def _commit(self, event: QInputMethodEvent) -> QInputMethodEvent:
        cursor = self._editor.textCursor()
        start, gone = cursor.selectionStart(), cursor.selectionEnd() - cursor.selectionStart()  # Qt removes it first
        length = self._mirror.length - gone
        first = min(max(0, start + event.replacementStart()), length)
        last = min(max(first, first + event.replacementLength()), length)
        if first < last:  # a character goes whole
            first, last = first - self._parts(first, start, gone), last + self._parts(last, start, gone)
        commit = QInputMethodEvent()
        commit.setCommitString(event.commitString(), first - start, last - first)
        return commit

    def _parts(self, position: int, start: int, gone: int) -> bool:
        """Whether a position stands between the two halves of a character, when `gone` units at start are away."""
        before, behind = (at if at < start else at + gone for at in (position - 1, position))
        unit = self._editor.document().characterAt
        return before >= 0 and utf16.is_pair(unit(before), unit(behind))

    def _preedit(self, event: QInputMethodEvent) -> QInputMethodEvent:
        units = utf16.length(event.preeditString())
        block = self._editor.textCursor().block().length() - 1
        attributes = [_inside(one, block if one.type == _Kind.Selection else units) for one in event.attributes()]
        return QInputMethodEvent(event.preeditString(), attributes)


def _inside(attribute: QInputMethodEvent.Attribute, units: int) -> QInputMethodEvent.Attribute:
    """The attribute with its range inside a text of so many units."""
    start = min(max(0, attribute.start), units)
    length = attribute.length
    if attribute.type != _Kind.Cursor:
        length = min(max(0, start + length), units) - start
    return QInputMethodEvent.Attribute(attribute.type, start, length, attribute.value)
