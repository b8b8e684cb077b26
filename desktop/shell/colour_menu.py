"""The menu of measures that colour the text: in View, and at the toolbar's button."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup

from desktop.shell.actions import Actions
from desktop.shell.toolbar import ToolBar
from resources.language import tr


class ColourMenu(QObject):
    """`chosen` carries the name of the measure that the user chose, "" for no colours."""

    chosen = Signal(str)

    def __init__(
        self, measures: Sequence[tuple[str, str]], actions: Actions, bar: ToolBar, parent: QObject | None = None
    ) -> None:
        """measures: names and titles, in order."""
        super().__init__(parent)
        self.menu = actions.submenu_after("heat", tr("Colour &by"))
        self._group = QActionGroup(self)
        self._choices = {name: self._choice(name, title) for name, title in (("", tr("&Off")), *measures)}
        bar.add_menu(actions["heat"], self.menu)
        self.show_measure("")

    def show_measure(self, name: str) -> None:
        """Check this measure."""
        self._choices[name].setChecked(True)

    def _choice(self, name: str, title: str) -> QAction:
        action = self.menu.addAction(title)
        action.setCheckable(True)
        self._group.addAction(action)
        action.triggered.connect(lambda: self.chosen.emit(name))
        return action
