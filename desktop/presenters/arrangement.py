"""Remembers how the window is arranged (its place, its panels, their widths, the library's window) and restores it."""

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QObject

from desktop.library.lazy_library import LazyLibrary
from desktop.settings.fields import Settings
from desktop.settings.preferences import Preferences
from desktop.shell.tabbed_dock import TabbedDock
from desktop.shell.window import Window

PANELS = {"beside_shown": "beside", "pages_shown": "pages"}  # names of settings to names of docks


class Arrangement(QObject):
    """Keeps the arrangement in the settings."""

    def __init__(
        self,
        window: Window,
        side_dock: TabbedDock,
        library: LazyLibrary,
        preferences: Preferences,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window, self._side_dock, self._library, self._preferences = window, side_dock, library, preferences
        window.arrangement.changed.connect(self.remember)
        side_dock.changed.connect(self.remember_panels)
        library.arranged.connect(
            lambda geometry, lines: preferences.remember(library_geometry=geometry, library_lines=lines)
        )

    def restore(self) -> None:
        """Arrange everything as the last run left it."""
        settings = self._preferences.value
        self._window.restore(settings.geometry, settings.state, settings.panel_widths)
        self._library.arrange(settings.library_geometry, settings.library_lines)

    def remember(self) -> None:
        """Save the geometry of the window and its panels."""
        window, saved = self._window, self._preferences.value
        geometry, state = bytes(window.saveGeometry().data()), bytes(window.saveState().data())
        widths = window.panels.widths
        if (geometry, state, widths) != (saved.geometry, saved.state, saved.panel_widths):
            self._preferences.remember(geometry=geometry, state=state, panel_widths=widths)

    def remember_panels(self) -> None:
        """Save which panels are shown; not in a narrow window, where they are hidden for the moment."""
        dock = self._side_dock
        if not self._window.panels.narrow:
            pages_shown = self._window.actions_["show_pages"].isChecked()
            self._preferences.change(beside_tab=dock.tab, pages_shown=pages_shown, beside_shown=dock.shown)

    def sections(self) -> Iterator[tuple[frozenset[str], Callable[[Settings], object]]]:
        """Sets of fields of the settings, each with the function that applies them."""
        yield frozenset({"beside_tab"}), lambda now: self._side_dock.choose(now.beside_tab)
        for name, panel in PANELS.items():
            yield frozenset({name}), partial(self._show_panel, panel, name)

    def _show_panel(self, panel: str, setting: str, settings: Settings) -> None:
        self._window.panels.want(panel, getattr(settings, setting))
