"""The commands as menus, toolbar buttons and keys. Makes them from the rows of commands.py; runs nothing itself."""

from collections.abc import Callable, Container, Iterable, Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from desktop.qt.plain_text import tip
from desktop.shell.commands import COMMANDS, SEPARATOR, Command, Conditions
from desktop.shell.toolbar import ToolBar

PORTABLE = QKeySequence.SequenceFormat.PortableText  # keys are said in English, whatever Qt's own words are in


def key_text(key: str) -> str:
    """A key of a command as this system and language write it."""
    return QKeySequence(key, PORTABLE).toString(QKeySequence.SequenceFormat.NativeText)


class Actions:
    """One QAction a command. `connect` binds them to what they run; `update` enables those that can be done now."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self._actions = {command.name: self._action(command) for command in COMMANDS}
        self._fill_menus()
        self.update(Conditions())

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    @property
    def offered(self) -> list[Command]:
        """The commands that are not hidden."""
        return [command for command in COMMANDS if self._actions[command.name].isVisible()]

    def connect(self, runs: Mapping[str, Callable[[], object]], before: Callable[[], object] = lambda: None) -> None:
        """Bind every command to what it runs, and to what is done before any of them.

        A command without one, or a name that is no command, is a mistake of ours.
        """
        if missing := self._actions.keys() ^ runs.keys():
            raise LookupError(f"commands without a method, or methods without a command: {sorted(missing)}")
        for name, run in runs.items():
            self._actions[name].triggered.connect(lambda _checked=False, run=run: (before(), run()))

    def update(self, conditions: Conditions) -> None:
        for command in COMMANDS:
            self._actions[command.name].setEnabled(conditions.allow(command))

    def lend_keys(self, name: str, lent: bool) -> None:
        """While something in the window uses the keys of that command for itself, the command has none."""
        keys = next(command.keys for command in COMMANDS if command.name == name)
        self._actions[name].setShortcuts([] if lent else [QKeySequence(key, PORTABLE) for key in keys])

    def submenu_behind(self, name: str, title: str) -> QMenu:
        """An empty menu below that command, in the same menu."""
        command = next(command for command in COMMANDS if command.name == name)
        menu = self._menus[command.menu]
        actions = menu.actions()
        below = actions.index(self._actions[name]) + 1
        submenu = QMenu(title, self._window, toolTipsVisible=True)
        menu.insertMenu(actions[below], submenu)
        return submenu

    def menu(self, names: Iterable[str], left_out: Container[str] = ()) -> QMenu:
        """A menu of these commands, SEPARATOR between groups; but for those left out."""
        menu = QMenu(self._window, toolTipsVisible=True)
        for name in names:
            if name == SEPARATOR:
                menu.addSeparator()
            elif name not in left_out:
                menu.addAction(self._actions[name])
        return menu

    def fill(self, bar: ToolBar) -> None:
        """Put the commands that have a button into the toolbar."""
        shown = [command for command in COMMANDS if command.toolbar]
        turning = {command.in_place_of: self._actions[command.name] for command in COMMANDS if command.in_place_of}
        for command in shown:
            if not command.spare:
                bar.add_command(self._actions[command.name], turning.get(command.name))
        bar.add_spare([self._actions[command.name] for command in shown if command.spare])

    def _action(self, command: Command) -> QAction:
        action = QAction(command.title, self._window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key, PORTABLE) for key in command.keys])
        action.setCheckable(command.checkable)
        self._window.addAction(action)  # its keys work where the menu bar is hidden, too
        action.setIconText(command.plain_title.rstrip("…"))
        action.setToolTip(tip(f"{command.help} ({key_text(command.keys[0])})" if command.keys else command.help))
        action.setWhatsThis(tip(command.help))
        return action

    def _fill_menus(self) -> None:
        for command in COMMANDS:
            menu = self._menus.get(command.menu)
            if menu is None:
                menu = self._menus[command.menu] = self._window.menuBar().addMenu(command.menu)
                menu.setToolTipsVisible(True)
            if command.separated:
                menu.addSeparator()
            menu.addAction(self._actions[command.name])
