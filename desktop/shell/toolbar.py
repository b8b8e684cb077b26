"""The toolbar: hides its least important buttons if it is too narrow for all; their commands stay in the menus."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from resources.language import tr


class ToolBar(QToolBar):
    """Buttons for commands, and other widgets. Hides spare ones, the last added first, if it is too narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Write"), parent, movable=False, floatable=False)
        self._spare: list[QAction] = []
        self._switching: tuple[QToolButton, QAction, QAction] | None = None
        self.setObjectName("toolbar")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setIconSize(QSize(16, 16))

    def add_command(self, action: QAction, instead: QAction | None = None) -> None:
        """Add a button that is never hidden. instead: while that action is enabled, the button runs it."""
        button = QToolButton(autoRaise=True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setDefaultAction(action)
        if instead is not None:
            button.setObjectName("primary")
            instead.enabledChanged.connect(lambda: _switch(button, action, instead))
            self._switching = (button, action, instead)
        self.addWidget(button)
        self._measure()

    def _measure(self) -> None:
        """Make the button with two actions as wide as the wider title, so that its neighbours never move."""
        if self._switching is None:
            return
        button, action, instead = self._switching
        button.setMinimumWidth(0)
        widths: list[int] = []
        for one in (instead, action):
            button.setDefaultAction(one)
            widths.append(button.sizeHint().width())
        button.setMinimumWidth(max(widths))
        _switch(button, action, instead)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._measure()

    def begin_end(self) -> None:
        """Put what is added from now on at the far end."""
        room = QWidget()
        room.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(room)

    def add_lasting(self, widget: QWidget) -> None:
        """Add a widget that is the last to be hidden."""
        self._spare.append(self.addWidget(widget))

    def add_spare(self, actions: Sequence[QAction]) -> None:
        """Add buttons for these actions, of which the last is hidden first."""
        for action in actions:
            button = QToolButton(autoRaise=True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setDefaultAction(action)
            self._spare.insert(0, self.addWidget(button))

    def add_menu(self, action: QAction, menu: QMenu) -> None:
        """Open a menu at the button of an action, beside it."""
        for one in self._spare:
            button = self.widgetForAction(one)
            if isinstance(button, QToolButton) and button.defaultAction() is action:
                button.setObjectName(f"{action.objectName()}_button")
                button.setMenu(menu)
                button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:  # a button or its title has changed
            self._fit()
        return handled

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show as many of the spare buttons as there is room for."""
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


def _switch(button: QToolButton, action: QAction, instead: QAction) -> None:
    """Give the button `instead` if that is enabled, else `action`; never both, of which Qt would make a menu."""
    shown, other = (instead, action) if instead.isEnabled() else (action, instead)
    button.setDefaultAction(shown)
    button.removeAction(other)
