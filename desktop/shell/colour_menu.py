"""The menu of measures that colour the text, and of how they do: in View, and at the toolbar's button."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup

from desktop.shell.actions import Actions
from desktop.shell.toolbar import ToolBar
from resources.language import tr


class ColourMenu(QObject):
    """chosen carries the name of the measure that the user chose, "" for no colours; underline_chosen whether bars
    below the letters take the place of fills."""

    chosen = Signal(str)
    underline_chosen = Signal(bool)

    def __init__(
        self, measures: Sequence[tuple[str, str]], actions: Actions, bar: ToolBar, parent: QObject | None = None
    ) -> None:
        """measures: names and titles, in order."""
        super().__init__(parent)
        self.menu = actions.submenu_after("heat", tr("Colour &by"))
        self._group = QActionGroup(self)
        self._choices = {name: self._choice(name, title) for name, title in (("", tr("&Off")), *measures)}
        self.menu.addSeparator()
        self._underline = self.menu.addAction(tr("&Underline instead of filling"))
        self._underline.setCheckable(True)
        self._underline.triggered.connect(self.underline_chosen)
        bar.add_menu(actions["heat"], self.menu)
        self.show_measure("", False)

    def show_measure(self, name: str, underlined: bool) -> None:
        """Check this measure, and how it is shown."""
        self._choices[name].setChecked(True)
        self._underline.setChecked(underlined)

    def offer(self, name: str, offered: bool) -> None:
        """Offer a measure, or hide it."""
        self._choices[name].setVisible(offered)

    def _choice(self, name: str, title: str) -> QAction:
        action = self.menu.addAction(title)
        action.setCheckable(True)
        self._group.addAction(action)
        action.triggered.connect(lambda: self.chosen.emit(name))
        return action
