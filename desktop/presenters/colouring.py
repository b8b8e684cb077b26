"""Colours the text by a measure, as the settings say, and shows along the page what its readings come to."""

from PySide6.QtCore import QObject, QTimer

from desktop.editor.editor import Editor
from desktop.overview.legend import Legend
from desktop.overview.profiler import Profiler
from desktop.page.edit import Change
from desktop.page.measures import DIFFERENCE, MEASURES, Measure, with_layer, with_rank_classes
from desktop.page.page import Page
from desktop.presenters.plotting import Plotting
from desktop.settings.fields import Settings
from desktop.settings.preferences import Preferences
from desktop.shell.colour_menu import ColourMenu
from desktop.shell.window import Window
from resources.colours import Colours

SOON = 50  # milliseconds from a change of the selection to its sum


class Colouring(QObject):
    """The menu of measures, the legend and the numbers in it, the map and the plot. settings: the names of the fields
    that `apply` applies."""

    settings = frozenset({"heat", "measure", "underline", "rank_classes", "plot_shown"})

    def __init__(
        self, page: Page, editor: Editor, window: Window, preferences: Preferences, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._page, self._editor, self._window, self._preferences = page, editor, window, preferences
        self.legend = Legend()
        measures = [(one.name, one.title) for one in MEASURES.values()]
        self.menu = ColourMenu(measures, window.actions_, window.bar, self)
        self.profiler = Profiler(page, self)
        window.add_foot(self.legend)
        self.plotting = Plotting(page, editor, window, self.profiler, self)
        self.menu.chosen.connect(self._choose)
        self.menu.underline_chosen.connect(lambda on: preferences.change(underline=on))
        self.legend.band_hovered.connect(editor.marks.light_band)
        self._layer: tuple[str, str] | None = None  # fingerprint and name of a second model that has read the page
        self.menu.offer(DIFFERENCE, False)
        page.listeners += [self.profiler.page_changed, self._page_changed]
        self.profiler.profiled.connect(self._show_total)
        self._soon = QTimer(self, singleShot=True, interval=SOON)
        self._soon.timeout.connect(self._show_total)
        editor.selectionChanged.connect(self._soon.start)

    def give_up(self) -> None:
        """Another page comes."""
        self.profiler.give_up()

    def close(self) -> None:
        self._soon.stop()
        self.plotting.close()
        self.profiler.close()

    @property
    def measure(self) -> Measure | None:
        """What colours the text now."""
        return self._measure(self._preferences.value)

    def set_colours(self, theme: Colours) -> None:
        self.legend.set_colours(theme)
        self.plotting.set_colours(theme)

    def apply(self, settings: Settings) -> None:
        """Show the measure of these settings."""
        measure = self._measure(settings)
        self._editor.marks.set_measure(measure, settings.underline)
        self.legend.show_measure(measure, settings.underline)
        self.menu.show_measure(measure.name if measure else "", settings.underline)
        self._window.actions_["heat"].setChecked(settings.heat)
        self.plotting.show(settings.heat, settings.plot_shown)

    def _measure(self, settings: Settings) -> Measure | None:
        """The measure that colours the text; in place of a difference that the page cannot show, surprisal."""
        if not settings.heat:
            return None
        if settings.measure == "rank":
            return with_rank_classes(settings.rank_classes)
        if settings.measure == DIFFERENCE:
            return with_layer(*self._layer) if self._layer else MEASURES["surprisal"]
        return MEASURES[settings.measure]

    def _page_changed(self, change: Change) -> None:
        """Offer the difference of two models where a second one has read the page: the newest of them."""
        if change.cause not in ("read", "file"):
            return
        layers = [(layer.fingerprint, layer.name) for layer in self._page.layers]
        layer = layers[-1] if layers else None
        if layer != self._layer:
            self._layer = layer
            self.menu.offer(DIFFERENCE, layer is not None)
            self.apply(self._preferences.value)

    def _choose(self, name: str) -> None:
        """Colour the text by this measure; an empty name takes the colours off, and the last measure stays known."""
        self._preferences.change(heat=bool(name), measure=name or self._preferences.value.measure)

    def _show_total(self) -> None:
        if self.legend.isHidden():
            return
        start, end = self._editor.page_selection()
        selected = start < end
        total = self._page.overview.total(*((start, end) if selected else (0, self._page.length)))
        if total is not None or self.profiler.reading:  # else a chunk has just changed: the profiler is about to tell
            self.legend.show_total(total, selected)
