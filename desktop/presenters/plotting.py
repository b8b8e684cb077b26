"""Shows surprisal along the page: the map beside the scroll bar while colours or the plot are on, and the plot."""

from PySide6.QtCore import QEvent, QObject, QTimer

from desktop.editor.editor import Editor
from desktop.overview.plot import Plot
from desktop.overview.profiler import Profiler
from desktop.overview.surprisal_map import SurprisalMap
from desktop.page.columns import columns
from desktop.page.edit import Change
from desktop.page.page import Page
from desktop.shell.window import Window
from resources.colours import Colours

SOON = 60  # milliseconds from scrolling, typing or a selection to the new picture
PARTS = 600  # of the page, of the plot's line at most


class Plotting(QObject):
    """The map, the plot, and what they show."""

    def __init__(
        self, page: Page, editor: Editor, window: Window, profiler: Profiler, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page, self._editor, self._window, self._profiler = page, editor, window, profiler
        self.map, self.plot = SurprisalMap(editor), Plot()
        window.add_foot(self.plot)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._show)
        for signal in (
            editor.verticalScrollBar().valueChanged,
            editor.selectionChanged,
            editor.cursorPositionChanged,
        ):
            signal.connect(self._start)
        editor.viewport().installEventFilter(self)
        profiler.profiled.connect(self._show_along)
        page.listeners.append(self._page_changed)
        self.map.go_requested.connect(self._scroll)
        self.plot.go_requested.connect(self._go)
        self.plot.page_requested.connect(editor.setFocus)
        self.plot.select_requested.connect(self._select)
        self.plot.read_requested.connect(window.actions_["score"].trigger)

    def close(self) -> None:
        self._soon.stop()

    def set_colours(self, theme: Colours) -> None:
        self.map.set_colours(theme)
        self.plot.set_colours(theme)

    def show(self, coloured: bool, plot: bool) -> None:
        """coloured: whether colours are on. plot: whether the plot is shown."""
        self.map.setVisible(coloured or plot)
        self.plot.setVisible(plot)
        self._window.actions_["show_plot"].setChecked(plot)
        self._profiler.set_on(coloured or plot)
        self._show()
        self._show_along()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._start()
        return False

    def _start(self) -> None:
        if not self.map.isHidden() and not self._soon.isActive():
            self._soon.start()

    def _page_changed(self, _change: Change) -> None:
        self._start()

    def _show(self) -> None:
        """Show what is in view."""
        if self.map.isHidden():
            return
        view = self._editor.in_view()
        self.map.set_length(self._page.length)
        self.map.show_view(*view)
        if not self.plot.isHidden():
            start, end = self._editor.page_selection()
            self.plot.show_columns(columns(self._page, *((start, end) if start < end else view)))
            self.plot.show_caret(self._editor.page_position())

    def _show_along(self) -> None:
        """Show what lies along the whole page."""
        if self.map.isHidden():
            return
        self.map.set_length(self._page.length)
        self.map.show_numbers(*self._page.overview.along(self.map.parts))
        if not self.plot.isHidden():
            along = self._page.overview.along(min(PARTS, self.map.parts))
            self.plot.show_line(*along, self._page.length)

    def _scroll(self, position: int) -> None:
        self._editor.turn_away()
        self._editor.show_position(min(position, self._page.length))

    def _go(self, position: int) -> None:
        self._editor.turn_away()
        self._editor.set_caret(min(position, self._page.length))
        self._editor.setFocus()

    def _select(self, start: int, end: int) -> None:
        self._editor.turn_away()
        self._editor.select(min(start, self._page.length), min(end, self._page.length))
        self._editor.setFocus()
