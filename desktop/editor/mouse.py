"""The mouse over an editor: the token under it, clicks between lines and beside the column, and the third click.

Qt hit-tests the letters' own height, so a click between two lines would go to the start of the lower one; and it drops
events in a viewport's margins.
"""

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QInputEvent, QMouseEvent, QTextCursor, QWheelEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from desktop.editor.lines import line_at
from desktop.editor.pointing import Pointing
from desktop.editor.view import PageView
from desktop.page.page import Page

_NOTCH = 120  # the angle of one step of the wheel, in eighths of a degree

_FORWARDED = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
)


class MouseInput(QObject):
    """Handles the mouse over one editor.

    token_hovered carries the position of the token under the mouse, or None; token_chosen where the token starts that
    was double-clicked; end_chosen where the model ended the text, when the mark there was clicked; zoom_requested
    steps, positive for larger text."""

    token_hovered = Signal(object)
    token_chosen = Signal(int)
    end_chosen = Signal(int)
    zoom_requested = Signal(int)

    def __init__(self, view: PageView, page: Page) -> None:
        super().__init__(view)
        self._view = view
        self._clicks = _Clicks()
        view.viewport().setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # the editor would send it back
        self.pointing = Pointing(view, page, view.sync.breaks)
        self.pointing.hovered.connect(self._on_hovered)
        view.verticalScrollBar().valueChanged.connect(self.pointing.leave)

    def press(self, event: QMouseEvent) -> None:
        self._view.composition.finish()
        if event.button() == Qt.MouseButton.LeftButton and self._clicks.is_third(event):
            self._select_paragraph()
            return
        QPlainTextEdit.mousePressEvent(self._view, _on_letters(self._view, event))

    def double_click(self, event: QMouseEvent) -> None:
        self._view.composition.finish()
        self._clicks.note_double(event)
        QPlainTextEdit.mouseDoubleClickEvent(self._view, _on_letters(self._view, event))
        token = self.pointing.token_under(event.position())
        if event.button() == Qt.MouseButton.LeftButton and token is not None:
            self.token_chosen.emit(token[0])

    def move(self, event: QMouseEvent) -> None:
        if event.buttons():
            self._view.composition.finish()
        QPlainTextEdit.mouseMoveEvent(self._view, _on_letters(self._view, event) if event.buttons() else event)
        self.pointing.move(event.position())

    def release(self, event: QMouseEvent) -> None:
        self._view.composition.finish()
        QPlainTextEdit.mouseReleaseEvent(self._view, _on_letters(self._view, event))
        end = self._view.marks.end_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and end is not None:
            self.end_chosen.emit(end)

    def leave(self) -> None:
        """Handle that the mouse has left the viewport."""
        self.pointing.leave()

    def wheel(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = event.angleDelta().y() // _NOTCH
            if steps:
                self.zoom_requested.emit(steps)
            event.accept()
            return
        bar = self._view.verticalScrollBar()
        before = bar.value()
        QPlainTextEdit.wheelEvent(self._view, event)
        if bar.value() < before:
            self._view.turn_away()

    def _select_paragraph(self) -> None:
        """Select the paragraph of the page that the caret is in, across its soft breaks."""
        cursor, breaks = self._view.textCursor(), self._view.sync.breaks
        first = last = cursor.block()
        while breaks.at(first.position() - 1):
            first = first.previous()
        while breaks.at(last.position() + last.length() - 1):
            last = last.next()
        cursor.setPosition(first.position())
        cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
        self._view.setTextCursor(cursor)

    def _on_hovered(self, token: tuple[int, int] | None) -> None:
        self._view.marks.hover(token)
        self.token_hovered.emit(token[0] if token else None)


def _on_letters(editor: QPlainTextEdit, event: QMouseEvent) -> QMouseEvent:
    """The event, moved up or down onto the letters of the line whose band it is in."""
    line = line_at(editor, event.position().y())
    if line is None:
        return event
    top = line.top + line.lead
    y = min(max(event.position().y(), top + 1), top + line.line.height() - 1)
    return _at(event, QPointF(event.position().x(), y))


def in_viewport(editor: QPlainTextEdit, event: QEvent) -> QInputEvent | None:
    """A mouse event in the viewport's margins, in coordinates of the viewport; None for any other event."""
    if event.type() not in _FORWARDED:
        return None
    offset = QPointF(editor.viewport().pos())
    if isinstance(event, QMouseEvent):
        return _at(event, event.position() - offset)
    return _wheel_at(event, event.position() - offset) if isinstance(event, QWheelEvent) else None


class _Clicks:
    """Recognises a third click: a press soon after a double click, at the same place."""

    def __init__(self) -> None:
        self._doubled: tuple[int, QPointF] | None = None

    def note_double(self, event: QMouseEvent) -> None:
        self._doubled = event.timestamp(), event.position()

    def is_third(self, event: QMouseEvent) -> bool:
        """Whether a press is a third click. Call it once for each press."""
        doubled, self._doubled = self._doubled, None
        if doubled is None:
            return False
        when, where = doubled
        near = (event.position() - where).manhattanLength() < QApplication.startDragDistance()
        return near and event.timestamp() - when < QApplication.doubleClickInterval()


def _at(event: QMouseEvent, position: QPointF) -> QMouseEvent:
    moved = QMouseEvent(
        event.type(),
        position,
        event.scenePosition(),
        event.globalPosition(),
        event.button(),
        event.buttons(),
        event.modifiers(),
        event.source(),
        event.pointingDevice(),
    )
    moved.setTimestamp(event.timestamp())
    return moved


def _wheel_at(event: QWheelEvent, position: QPointF) -> QWheelEvent:
    return QWheelEvent(
        position,
        event.globalPosition(),
        event.pixelDelta(),
        event.angleDelta(),
        event.buttons(),
        event.modifiers(),
        event.phase(),
        event.inverted(),
    )
