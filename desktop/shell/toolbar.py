"""The toolbar: leaves out the buttons that are needed least where it is too narrow for all. Their commands keep their
keys and their places in the menus."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from resources.language import tr


class ToolBar(QToolBar):
    """Holds buttons for commands, and what else is added to it. Made narrow, it leaves out spare ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Write"), parent, movable=False, floatable=False)
        self._spare: list[QAction] = []
        self._turning: tuple[QToolButton, QAction, QAction] | None = None
        self.setObjectName("toolbar")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setIconSize(QSize(16, 16))

    def add_command(self, action: QAction, instead: QAction | None = None) -> None:
        """A button for that command, which is never left out; for the other one while that can be done."""
        button = QToolButton(autoRaise=True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setDefaultAction(action)
        if instead is not None:
            button.setObjectName("primary")
            instead.enabledChanged.connect(lambda: _turn(button, action, instead))
            self._turning = (button, action, instead)
        self.addWidget(button)
        self._measure()

    def _measure(self) -> None:
        """Have the button that turns as wide as either of its titles: what stands behind it does not move."""
        if self._turning is None:
            return
        button, action, instead = self._turning
        button.setMinimumWidth(0)
        widths: list[int] = []
        for one in (instead, action):
            button.setDefaultAction(one)
            widths.append(button.sizeHint().width())
        button.setMinimumWidth(max(widths))
        _turn(button, action, instead)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._measure()

    def add_at_end(self, widget: QWidget) -> None:
        """Put a widget at the far end; where it is too narrow for all, it goes last."""
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)
        self._spare.append(self.addWidget(widget))

    def add_spare(self, actions: Sequence[QAction]) -> None:
        """Buttons for these commands, of which the last is left out first."""
        for action in actions:
            button = QToolButton(autoRaise=True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setDefaultAction(action)
            self._spare.insert(0, self.addWidget(button))

    def event(self, event: QEvent) -> bool:
        told = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a button came or went, or says something else
            self._fit()
        return told

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As many of the spare buttons as there is room for."""
        layout = self.layout()
        gap = layout.spacing() if layout else 0
        widths = [self.widgetForAction(one).sizeHint().width() + gap for one in self._spare]
        needed = self.sizeHint().width() + sum(
            width for one, width in zip(self._spare, widths, strict=True) if not one.isVisible()
        )
        for one, width in zip(self._spare, widths, strict=True):
            fits = needed <= self.width()
            if one.isVisible() != fits:
                one.setVisible(fits)
            needed -= 0 if fits else width


def _turn(button: QToolButton, action: QAction, instead: QAction) -> None:
    """Have the button run `instead` while that can be done. It keeps one action: of two it would make a menu."""
    shown, other = (instead, action) if instead.isEnabled() else (action, instead)
    button.setDefaultAction(shown)
    button.removeAction(other)
