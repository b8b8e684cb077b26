"""Mouse events made to fit: between two lines, beside the column, and the third click.

Qt hits the letters' own height, so a click between two lines would go to the start of the lower one; and it lets events
in a viewport's margins fall. Knows lines, not the page."""

from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QInputEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from desktop.editor.lines import line_at

_FORWARDED = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
)


def on_letters(editor: QPlainTextEdit, event: QMouseEvent) -> QMouseEvent:
    """The event, moved up or down onto the letters of the line whose band it is in."""
    line = line_at(editor, event.position().y())
    if line is None:
        return event
    inset = (line.height - line.line.height()) / 2 + 1
    y = min(max(event.position().y(), line.top + inset), line.top + line.height - inset)
    return _at(event, QPointF(event.position().x(), y))


def in_viewport(editor: QPlainTextEdit, event: QEvent) -> QInputEvent | None:
    """An event of the margins as the viewport would see it, or None if it is no event of the mouse."""
    if event.type() not in _FORWARDED:
        return None
    offset = QPointF(editor.viewport().pos())
    if isinstance(event, QMouseEvent):
        return _at(event, event.position() - offset)
    return _wheel_at(event, event.position() - offset) if isinstance(event, QWheelEvent) else None


class Clicks:
    """Tells a third click from a first: soon after a double click, and at the same place."""

    def __init__(self) -> None:
        self._doubled: tuple[int, QPointF] | None = None

    def doubled(self, event: QMouseEvent) -> None:
        self._doubled = event.timestamp(), event.position()

    def is_third(self, event: QMouseEvent) -> bool:
        """Asked once for each press."""
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
