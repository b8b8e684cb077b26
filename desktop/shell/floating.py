"""What floats over the page, at its foot or its head: nothing in the window moves when it comes or goes."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.qt.plain_text import tip

GAP = 12  # pixels from the edges of the page, and from one to the next
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class Floating(QObject):
    """Puts widgets in the middle over the foot of a page, the first one lowest; one may float over its head. They
    become the children of the page's parent: keys and clicks that they leave alone do not go to the page."""

    end_covered = Signal(int)  # pixels at the foot of the page, where its end may stand: more or fewer than before

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._widgets: list[QWidget] = []
        self._passing: set[QWidget] = set()  # those that are gone when the end of the page is in view
        self._told = 0  # pixels covered, as last told
        self._head: QWidget | None = None
        self._sunk = False  # what floats over the head floats over the foot for now
        self._placing = False
        page.installEventFilter(self)

    def add(self, widget: QWidget, *, leaves_end: bool = False) -> None:
        """Float that widget above those that float already. It is as wide as it likes, where the page has the room.
        leaves_end: it is never there when the end of the page is in view."""
        self._widgets.append(widget)
        if leaves_end:
            self._passing.add(widget)
        self._take(widget)

    def add_at_head(self, widget: QWidget) -> None:
        """Float that widget over the head of the page; over its foot where `avoid` says so, until it is shown again."""
        self._head = widget
        self._take(widget)

    def _take(self, widget: QWidget) -> None:
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
        if head is None or head.isHidden() or self._sunk:
            return 0
        return head.geometry().bottom() + 1 - self._page.y()

    def avoid(self, place_of: Callable[[], QRect]) -> None:
        """Have what floats over the head of the page leave a place of the page free, if it can: it goes to the other
        end. place_of: asked where it floats now."""
        head = self._head
        if head is None or head.isHidden():
            return
        place = place_of().translated(self._page.pos())
        if not head.geometry().intersects(place):
            return
        self._sunk = not self._sunk
        self._place()
        if head.geometry().intersects(place):
            self._sunk = not self._sunk
            self._place()

    def _at_foot(self) -> list[QWidget]:
        return [self._head, *self._widgets] if self._head and self._sunk else self._widgets

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._head and event.type() == QEvent.Type.Hide:
            self._sunk = False
        if event.type() in _MOVES and not self._placing:
            self._place()
        return False

    def _place(self) -> None:
        self._placing = True
        page = self._page.geometry()
        if self._head and not self._head.isHidden() and not self._sunk:
            self._put(self._head, page.top() + GAP)
        foot = page.bottom() + 1 - GAP
        for widget in self._at_foot():
            if not widget.isHidden():
                foot -= self._height(widget)
                self._put(widget, foot)
                foot -= GAP
        self._placing = False
        covered = self._covered_by(widget for widget in self._at_foot() if widget not in self._passing)
        if covered != self._told:
            self._told = covered
            self.end_covered.emit(covered)

    def _put(self, widget: QWidget, top: int) -> None:
        page, width = self._page.geometry(), self._width(widget)
        room = page.width() - width
        left = room // 2
        if widget is self._head:  # where lines end: less text is there
            left = min(2 * GAP, room - GAP) if self._page.isRightToLeft() else max(GAP, room - 2 * GAP)
        widget.setGeometry(page.left() + left, top, width, self._height(widget))
        widget.raise_()

    def _width(self, widget: QWidget) -> int:
        return max(1, min(widget.sizeHint().width(), self._page.width() - 2 * GAP))

    def _height(self, widget: QWidget) -> int:
        return widget.heightForWidth(self._width(widget)) if widget.hasHeightForWidth() else widget.sizeHint().height()


class Pill(QPushButton):
    """A round button over the page. It never has the keys: what it does has a key of its own."""

    def __init__(self, title: str, help_: str) -> None:
        super().__init__()
        self.setObjectName("pill")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.say(title, help_)
        self.hide()

    def say(self, title: str, help_: str) -> None:
        """Have it say that from now on."""
        self.setText(title)
        self.setToolTip(tip(help_))
        self.adjustSize()
