"""Floats widgets over the foot or the head of the page, so that nothing moves when they come and go."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.qt.plain_text import tip

GAP = 12  # pixels from the edges of the page, and between two widgets
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class Floating(QObject):
    """Places widgets over the foot of a page, the first one lowest, and one over its head.

    They become children of the page's parent, so that keys and clicks which they ignore do not go to the page.
    `end_covered` carries the pixels that are now covered at the foot of the page when its end is in view."""

    end_covered = Signal(int)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._widgets: list[QWidget] = []
        self._leaving_end: set[QWidget] = set()  # hidden whenever the end of the page is in view
        self._emitted = 0  # pixels covered, as last emitted
        self._head: QWidget | None = None
        self._head_at_foot = False  # the head's widget floats over the foot for now
        self._placing = False
        page.installEventFilter(self)

    def add(self, widget: QWidget, *, leaves_end: bool = False) -> None:
        """Float a widget above those at the foot. It gets the width of its size hint, if the page is wide enough.
        leaves_end: the widget is hidden whenever the end of the page is in view."""
        self._widgets.append(widget)
        if leaves_end:
            self._leaving_end.add(widget)
        self._adopt(widget)

    def add_at_head(self, widget: QWidget) -> None:
        """Float a widget over the head of the page. `avoid` may move it to the foot until it is hidden."""
        self._head = widget
        self._adopt(widget)

    def _adopt(self, widget: QWidget) -> None:
        hidden = widget.isHidden()
        widget.setParent(self._page.parentWidget())
        widget.setHidden(hidden)
        widget.installEventFilter(self)
        self._place()

    def covered(self) -> int:
        """Pixels at the foot of the page that are covered now."""
        return self._covered_by(self._at_foot())

    def _covered_by(self, widgets: Iterable[QWidget]) -> int:
        tops = [widget.y() for widget in widgets if not widget.isHidden()]
        return self._page.geometry().bottom() + 1 - min(tops) if tops else 0

    def covered_above(self) -> int:
        """Pixels at the head of the page that are covered now."""
        head = self._head
        if head is None or head.isHidden() or self._head_at_foot:
            return 0
        return head.geometry().bottom() + 1 - self._page.y()

    def avoid(self, place_of: Callable[[], QRect]) -> None:
        """Move the head's widget to the other end of the page if it covers a place and the other end does not.
        place_of: returns the place, in the page's pixels; called only if the widget is shown."""
        head = self._head
        if head is None or head.isHidden():
            return
        place = place_of().translated(self._page.pos())
        if not head.geometry().intersects(place):
            return
        self._head_at_foot = not self._head_at_foot
        self._place()
        if head.geometry().intersects(place):
            self._head_at_foot = not self._head_at_foot
            self._place()

    def _at_foot(self) -> list[QWidget]:
        return [self._head, *self._widgets] if self._head and self._head_at_foot else self._widgets

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._head and event.type() == QEvent.Type.Hide:
            self._head_at_foot = False
        if event.type() in _MOVES and not self._placing:
            self._place()
        return False

    def _place(self) -> None:
        self._placing = True
        page = self._page.geometry()
        if self._head and not self._head.isHidden() and not self._head_at_foot:
            self._put(self._head, page.top() + GAP)
        foot = page.bottom() + 1 - GAP
        for widget in self._at_foot():
            if not widget.isHidden():
                foot -= self._height(widget)
                self._put(widget, foot)
                foot -= GAP
        self._placing = False
        covered = self._covered_by(widget for widget in self._at_foot() if widget not in self._leaving_end)
        if covered != self._emitted:
            self._emitted = covered
            self.end_covered.emit(covered)

    def _put(self, widget: QWidget, top: int) -> None:
        page, width = self._page.geometry(), self._width(widget)
        room = page.width() - width
        left = room // 2
        if widget is self._head:  # at the ends of lines, where there is less text
            left = min(2 * GAP, room - GAP) if self._page.isRightToLeft() else max(GAP, room - 2 * GAP)
        widget.setGeometry(page.left() + left, top, width, self._height(widget))
        widget.raise_()

    def _width(self, widget: QWidget) -> int:
        return max(1, min(widget.sizeHint().width(), self._page.width() - 2 * GAP))

    def _height(self, widget: QWidget) -> int:
        return widget.heightForWidth(self._width(widget)) if widget.hasHeightForWidth() else widget.sizeHint().height()


class Pill(QPushButton):
    """A round button over the page. It never takes the focus: its command has a key."""

    def __init__(self, title: str, help_: str) -> None:
        super().__init__()
        self.setObjectName("pill")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.say(title, help_)
        self.hide()

    def say(self, title: str, help_: str) -> None:
        """Set its title and tooltip."""
        self.setText(title)
        self.setToolTip(tip(help_))
        self.adjustSize()
