"""Several panels as tabs in one dock beside the page: each tab's command shows the dock at that tab, or hides it."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QWidget


class TabbedDock(QObject):
    """Joins tabs with their commands. `changed`: another tab is in front, or the dock was shown or hidden."""

    changed = Signal()

    def __init__(self, tabs: QTabWidget, shown: QAction, commands: Mapping[str, QAction]) -> None:
        """tabs: its widgets' object names are the keys of `commands`. shown: checked while the dock is visible."""
        super().__init__(tabs)
        self._tabs, self._shown, self._commands = tabs, shown, commands
        tabs.currentChanged.connect(lambda _index: self._update_commands())
        shown.toggled.connect(lambda _on: self._update_commands())
        self._update_commands()

    @property
    def tab(self) -> str:
        """The object name of the tab in front."""
        widget = self._tabs.currentWidget()
        return widget.objectName() if widget else ""

    @property
    def shown(self) -> bool:
        return self._shown.isChecked()

    def toggle(self, name: str) -> None:
        """Show the dock at that tab, or hide it if that tab is visible."""
        if self.shown and self.tab == name:
            self._shown.setChecked(False)
            self._update_commands()
        else:
            self.show(name)

    def show(self, name: str) -> None:
        """Show the dock at that tab."""
        self.choose(name)
        self._shown.setChecked(True)
        self._update_commands()

    def choose(self, name: str) -> None:
        """Bring that tab to the front without showing the dock."""
        if widget := self._tabs.findChild(QWidget, name):
            self._tabs.setCurrentWidget(widget)

    def _update_commands(self) -> None:
        for name, command in self._commands.items():
            command.setChecked(self.shown and self.tab == name)
        self.changed.emit()
