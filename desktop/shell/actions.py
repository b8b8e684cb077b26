"""Makes a QAction of each command in commands.py, and from them the menus, the toolbar and the shortcuts."""

from collections.abc import Callable, Container, Iterable, Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from desktop.qt.plain_text import tip
from desktop.shell.command import Command, Conditions
from desktop.shell.commands import COMMANDS, SEPARATOR
from desktop.shell.toolbar import ToolBar

PORTABLE = QKeySequence.SequenceFormat.PortableText  # commands.py names keys in English


def key_text(key: str) -> str:
    """The name of a command's key in this system's style and language."""
    return QKeySequence(key, PORTABLE).toString(QKeySequence.SequenceFormat.NativeText)


class Actions:
    """One QAction a command. `connect` binds them to methods; `update` enables those that are possible now."""

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
        """The commands whose actions are visible."""
        return [command for command in COMMANDS if self._actions[command.name].isVisible()]

    def connect(self, runs: Mapping[str, Callable[[], object]], before: Callable[[], object] = lambda: None) -> None:
        """Bind every command to the function it runs. before: runs before each of them.

        Raises LookupError if a command has no function or a name is no command.
        """
        if missing := self._actions.keys() ^ runs.keys():
            raise LookupError(f"commands without a method, or methods without a command: {sorted(missing)}")
        for name, run in runs.items():
            self._actions[name].triggered.connect(lambda _checked=False, run=run: (before(), run()))

    def update(self, conditions: Conditions) -> None:
        for command in COMMANDS:
            self._actions[command.name].setEnabled(conditions.allow(command))

    def lend_keys(self, name: str, lent: bool) -> None:
        """Take the shortcuts from a command while a widget uses its keys (lent), or give them back."""
        keys = next(command.keys for command in COMMANDS if command.name == name)
        self._actions[name].setShortcuts([] if lent else [QKeySequence(key, PORTABLE) for key in keys])

    def submenu_after(self, name: str, title: str) -> QMenu:
        """Insert an empty submenu after a command, in the command's menu."""
        command = next(command for command in COMMANDS if command.name == name)
        menu = self._menus[command.menu]
        actions = menu.actions()
        below = actions.index(self._actions[name]) + 1
        submenu = QMenu(title, self._window, toolTipsVisible=True)
        menu.insertMenu(actions[below], submenu)
        return submenu

    def menu(self, names: Iterable[str], left_out: Container[str] = ()) -> QMenu:
        """Make a menu of these commands, SEPARATOR between groups, without those left out."""
        menu = QMenu(self._window, toolTipsVisible=True)
        for name in names:
            if name == SEPARATOR:
                menu.addSeparator()
            elif name not in left_out:
                menu.addAction(self._actions[name])
        return menu

    def fill(self, bar: ToolBar) -> None:
        """Put the commands that have a button into the toolbar, without those at its far end."""
        shown = [command for command in COMMANDS if command.toolbar and not command.at_end]
        replacing = {command.in_place_of: self._actions[command.name] for command in COMMANDS if command.in_place_of}
        for command in shown:
            if not command.spare:
                bar.add_command(self._actions[command.name], replacing.get(command.name))
        bar.add_spare([self._actions[command.name] for command in shown if command.spare])

    def fill_end(self, bar: ToolBar) -> None:
        """Put those into the toolbar whose button stands at its far end."""
        bar.add_spare([self._actions[command.name] for command in COMMANDS if command.toolbar and command.at_end])

    def _action(self, command: Command) -> QAction:
        action = QAction(command.title, self._window)
        action.setObjectName(command.name)
        action.setShortcuts([QKeySequence(key, PORTABLE) for key in command.keys])
        action.setCheckable(command.checkable)
        self._window.addAction(action)  # its keys work while the menu bar is hidden, too
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
