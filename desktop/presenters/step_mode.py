"""Step mode: its controls in the odds panel, its row in the menu, its settings, and the pace of the session."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from desktop.generation.recipe import Recipe
from desktop.generation.session import Session
from desktop.generation.step_bar import StepBar
from desktop.settings.fields import Settings
from desktop.settings.preferences import Preferences
from desktop.shell.tabbed_dock import TabbedDock


class StepMode(QObject):
    """Keeps the controls, the menu's row, the settings and the session alike. recipe: gives the present one."""

    settings = frozenset({"step_speed", "step_hesitates", "step_bits"})

    def __init__(
        self,
        bar: StepBar,
        row: QAction,
        side_dock: TabbedDock,
        session: Session,
        preferences: Preferences,
        recipe: Callable[[], Recipe],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._bar, self._row, self._side_dock = bar, row, side_dock
        self._session, self._preferences = session, preferences
        bar.pace_chosen.connect(self._set_pace)
        bar.next_requested.connect(lambda: session.step(recipe()))
        session.steps.paused_changed.connect(lambda paused, _fork: bar.set_paused(paused))

    def apply(self, settings: Settings) -> None:
        self._bar.show_values(settings.step_speed, settings.step_hesitates, settings.step_bits)

    def switch(self) -> None:
        """The menu's row: step mode goes on or off, and its controls are shown."""
        on = self._row.isChecked()
        if on:
            self._side_dock.show("odds")
        self._bar.switch.setChecked(on)

    def _set_pace(self) -> None:
        self._session.steps.set_pace(self._bar.pace)
        self._row.setChecked(self._bar.switch.isChecked())
        speed, hesitates, bits = self._bar.values
        self._preferences.change(step_speed=speed, step_hesitates=hesitates, step_bits=bits)
