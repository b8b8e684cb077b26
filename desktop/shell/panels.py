"""Shows and hides the docked panels by their commands, and hides them all while the window is narrow.

In a narrow window toolbar buttons show them one at a time, so that the page keeps its width. That is not remembered: a
window that grows again shows its former panels in their former widths.
"""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QToolBar, QToolButton, QWidget

from desktop.qt.plain_text import tip

NARROW = 900  # pixels of the window's width, below which panels hide
PAGE = 400  # pixels of the page's least width beside panels
_SEAMS = 4  # pixels between page and panels
_DIGITS = 5  # most digits of a saved width
LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea


class Panels(QObject):
    """Docks by their names. `narrow`: whether the window is narrow, so that they are hidden."""

    def __init__(self, window: QMainWindow, page: QWidget, bar: QToolBar) -> None:
        super().__init__(window)
        self._window, self._page, self._bar = window, page, bar
        self.narrow = False
        self._docks: dict[str, QDockWidget] = {}
        self._actions: dict[str, QAction] = {}
        self._buttons: list[QAction] = []  # in the toolbar, for a narrow window
        self._wanted: dict[str, bool] = {}  # whether it is shown in a wide window
        self._widths: dict[str, int] = {}  # pixels, in a wide window
        self._before = bar.actions()[0]  # the buttons come before all others
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self._note_widths)

    def add(
        self,
        name: str,
        dock: QDockWidget,
        action: QAction,
        width: int,
        buttons: Iterable[tuple[str, QAction]],
    ) -> None:
        """Add a dock. action: shows and hides it. width: its first width in pixels. buttons: titles and actions of the
        toolbar buttons that show it in a narrow window."""
        action.setChecked(True)
        self._docks[name], self._actions[name], self._wanted[name] = dock, action, True
        self._widths[name] = width
        dock.installEventFilter(self)
        action.toggled.connect(lambda on: self._show(name, on))
        if not self._buttons:
            self._before = self._bar.insertSeparator(self._before)
            self._buttons.append(self._before)
        for title, command in buttons:
            self._buttons.append(self._bar.insertWidget(self._before, self._button(title, command)))
        for button in self._buttons:
            button.setVisible(self.narrow)

    def want(self, name: str, shown: bool) -> None:
        """Show or hide a panel, now or as soon as the window is wide enough."""
        self._wanted[name] = shown
        if not self.narrow:
            self._actions[name].setChecked(shown)
            self._docks[name].setVisible(shown)

    @property
    def widths(self) -> tuple[str, ...]:
        """The widths in a wide window, as `choose_widths` takes them: "name=pixels"."""
        return tuple(f"{name}={width}" for name, width in self._widths.items())

    def choose_widths(self, widths: Iterable[str]) -> None:
        """Widths as they were before; what does not fit is left out."""
        for name, _, width in (one.partition("=") for one in widths):
            if name in self._docks and width.isdecimal() and len(width) < _DIGITS:
                self._widths[name] = int(width)
        self._put_widths(self._window.width())

    def fit(self, width: int) -> None:
        """Adapt to the window's width, in pixels."""
        left, right = self._sides()
        narrow = width < max(NARROW, PAGE + left + right + _SEAMS)
        self._page.setMinimumWidth(PAGE if width >= PAGE + max(left, right) + _SEAMS else 0)
        if narrow == self.narrow:
            self._put_widths(width)
            return
        self.narrow = narrow
        for button in self._buttons:
            button.setVisible(narrow)
        for name, action in self._actions.items():
            if not self._docks[name].isFloating():
                action.setChecked(self._wanted[name] and not narrow)
        self._put_widths(width)

    def _put_widths(self, width: int) -> None:
        """Set the widths of the visible panels for a window of that width; the page's least width comes first."""
        if self.narrow:
            return
        shown = [name for name in self._docks if self._is_beside(name)]
        wanted, least = {LEFT: 0, RIGHT: 0}, dict(zip((LEFT, RIGHT), self._sides(), strict=True))
        sides = {name: self._window.dockWidgetArea(self._docks[name]) for name in shown}
        for name, side in sides.items():
            wanted[side] = max(wanted[side], self._widths[name])
        for side in (RIGHT, LEFT):  # the right side is made narrower first
            over = sum(wanted.values()) + PAGE + _SEAMS - width
            wanted[side] = max(min(least[side], wanted[side]), wanted[side] - max(0, over))
        if any(self._docks[name].width() != wanted[sides[name]] for name in shown):
            docks = [self._docks[name] for name in shown]
            self._window.resizeDocks(docks, [wanted[sides[name]] for name in shown], Qt.Orientation.Horizontal)

    def _is_beside(self, name: str) -> bool:
        """Whether the panel is docked and visible at the left or the right of the page."""
        dock = self._docks[name]
        return not dock.isHidden() and not dock.isFloating() and self._window.dockWidgetArea(dock) in (LEFT, RIGHT)

    def _note_widths(self) -> None:
        """Remember the widths that the user gave the panels; not while the page is at its least width."""
        if self.narrow or self._page.width() <= PAGE + _SEAMS or not self._window.isVisible():
            return
        for name, dock in self._docks.items():
            if self._is_beside(name):
                self._widths[name] = dock.width()

    def eventFilter(self, dock: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._soon.start()
        if event.type() == QEvent.Type.KeyPress and isinstance(dock, QDockWidget) and dock.isFloating():
            # pass on a key that the floating panel ignores, as from a docked panel
            return QApplication.sendEvent(self._window, event)
        return False

    def _sides(self) -> tuple[int, int]:
        """The least widths in pixels of the panels docked at the left and at the right."""
        widths = {LEFT: 0, RIGHT: 0}
        for dock in self._docks.values():
            side = self._window.dockWidgetArea(dock)
            if not dock.isFloating() and side in widths:
                widths[side] = max(widths[side], dock.minimumSizeHint().width())
        return widths[LEFT], widths[RIGHT]

    def _show(self, name: str, on: bool) -> None:
        dock = self._docks[name]
        dock.setVisible(on)
        if not self.narrow:
            self._wanted[name] = on
        elif on:
            for other, action in self._actions.items():
                if other != name and not self._docks[other].isFloating():
                    action.setChecked(False)
            width = max(dock.minimumSizeHint().width(), min(dock.sizeHint().width(), self._window.width() - PAGE))
            self._window.resizeDocks([dock], [width], Qt.Orientation.Horizontal)

    def _button(self, title: str, action: QAction) -> QToolButton:
        button = QToolButton(autoRaise=True)
        button.setCheckable(True)
        button.setChecked(action.isChecked())
        button.setText(title)
        button.setToolTip(tip(action.toolTip()))
        button.setAccessibleName(title)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(action.trigger)
        action.toggled.connect(button.setChecked)
        return button
