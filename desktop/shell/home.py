"""A home for several panels: tabs in one dock beside the page. The command of a tab shows the home at that tab, and
hides the home when that tab is in view already."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QTabWidget, QWidget


class Home(QObject):
    """`changed`: another tab is in front, or the home came or went."""

    changed = Signal()

    def __init__(self, tabs: QTabWidget, shown: QAction, commands: Mapping[str, QAction]) -> None:
        """tabs: widgets whose object names are those of the commands. shown: checked while the home is in view."""
        super().__init__(tabs)
        self._tabs, self._shown, self._commands = tabs, shown, commands
        tabs.currentChanged.connect(lambda _index: self._tell())
        shown.toggled.connect(lambda _on: self._tell())
        self._tell()

    @property
    def tab(self) -> str:
        """The name of the tab in front."""
        widget = self._tabs.currentWidget()
        return widget.objectName() if widget else ""

    @property
    def shown(self) -> bool:
        return self._shown.isChecked()

    def toggle(self, name: str) -> None:
        """Show the home at that tab; where it is in view already, hide the home."""
        if self.shown and self.tab == name:
            self._shown.setChecked(False)
        else:
            self.choose(name)
            self._shown.setChecked(True)
        self._tell()

    def choose(self, name: str) -> None:
        """Bring that tab to the front; the home stays hidden where it is."""
        if widget := self._tabs.findChild(QWidget, name):
            self._tabs.setCurrentWidget(widget)

    def _tell(self) -> None:
        for name, command in self._commands.items():
            command.setChecked(self.shown and self.tab == name)
        self.changed.emit()
