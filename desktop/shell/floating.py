"""What floats over the foot of the page: nothing in the window moves when it comes or goes."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from desktop.plain import tip

GAP = 12  # pixels from the edges of the page, and from one to the next
_MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class Floating(QObject):
    """Puts widgets in the middle over the foot of a page, the first one lowest. They become the children of its
    parent: keys and clicks that they leave alone do not go to the page."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._widgets: list[QWidget] = []
        self._placing = False
        page.installEventFilter(self)

    def add(self, widget: QWidget) -> None:
        """Float that widget above those that float already. It is as wide as it likes, where the page has the room."""
        hidden = widget.isHidden()
        widget.setParent(self._page.parentWidget())
        widget.setHidden(hidden)
        self._widgets.append(widget)
        widget.installEventFilter(self)
        self._place()

    def covered(self) -> int:
        """Pixels at the foot of the page that are covered now."""
        tops = [widget.y() for widget in self._widgets if not widget.isHidden()]
        return self._page.geometry().bottom() + 1 - min(tops) if tops else 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and not self._placing:
            self._place()
        return False

    def _place(self) -> None:
        self._placing = True
        page = self._page.geometry()
        foot = page.bottom() + 1 - GAP
        for widget in self._widgets:
            if widget.isHidden():
                continue
            width = max(1, min(widget.sizeHint().width(), page.width() - 2 * GAP))
            height = widget.heightForWidth(width) if widget.hasHeightForWidth() else widget.sizeHint().height()
            foot -= height
            widget.setGeometry(page.left() + (page.width() - width) // 2, foot, width, height)
            widget.raise_()
            foot -= GAP
        self._placing = False


class Pill(QPushButton):
    """A round button over the page. It never has the keys: what it does has a key of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pill")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def say(self, title: str, help_: str = "") -> None:
        """Show it with that title; without one, hide it."""
        if title:
            self.setText(title)
            self.setToolTip(tip(help_))
            self.adjustSize()
        self.setVisible(bool(title))
