"""The docked panels: shown and hidden by their commands; where the window is narrow they hide by themselves.

In a narrow window a button of the toolbar brings each back, one at a time, so that the page keeps its width. What is
shown and hidden there is not remembered: a window that grows again shows the panels that it had.
"""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolBar, QToolButton, QWidget

from desktop.plain import tip

NARROW = 900  # pixels of the window's width, below which panels hide by themselves
PAGE = 400  # pixels that the page keeps beside them
_SEAMS = 4  # pixels between page and panels
LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea


class Panels(QObject):
    """Docks by their names. `narrow`: whether they hide by themselves now."""

    def __init__(self, window: QMainWindow, page: QWidget, bar: QToolBar) -> None:
        super().__init__(window)
        self._window, self._page, self._bar = window, page, bar
        self.narrow = False
        self._docks: dict[str, QDockWidget] = {}
        self._actions: dict[str, QAction] = {}
        self._buttons: list[QAction] = []  # of the toolbar
        self._wanted: dict[str, bool] = {}  # what is shown where there is room
        self._before = bar.actions()[0]  # the buttons stand before all others

    def add(self, name: str, title: str, dock: QDockWidget, action: QAction) -> None:
        """action: the command that shows and hides it."""
        action.setChecked(True)
        self._docks[name], self._actions[name], self._wanted[name] = dock, action, True
        action.toggled.connect(lambda on: self._show(name, on))
        if not self._buttons:
            self._before = self._bar.insertSeparator(self._before)
            self._buttons.append(self._before)
        self._buttons.append(self._bar.insertWidget(self._before, self._button(title, action)))
        for button in self._buttons:
            button.setVisible(self.narrow)

    def want(self, name: str, shown: bool) -> None:
        """Show or hide it, now or as soon as there is room."""
        self._wanted[name] = shown
        if not self.narrow:
            self._actions[name].setChecked(shown)
            self._docks[name].setVisible(shown)

    def fit(self, width: int) -> None:
        """The window has that width."""
        left, right = self._sides()
        narrow = width < max(NARROW, PAGE + left + right + _SEAMS)
        self._page.setMinimumWidth(PAGE if width >= PAGE + max(left, right) + _SEAMS else 0)
        if narrow == self.narrow:
            return
        self.narrow = narrow
        for button in self._buttons:
            button.setVisible(narrow)
        for name, action in self._actions.items():
            if not self._docks[name].isFloating():
                action.setChecked(self._wanted[name] and not narrow)

    def _sides(self) -> tuple[int, int]:
        """The least width of what is docked at the left and at the right."""
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
