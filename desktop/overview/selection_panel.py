"""Shows the statistics of the selected text, or of the whole page, and copies them."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPixmap, QShowEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop.overview.histogram import Histogram, paint_bar
from desktop.overview.selection_words import (
    HEADINGS,
    HELP,
    LONGEST,
    ROWS,
    as_csv,
    as_text,
    cells,
    histograms,
    rank_names,
)
from desktop.page.statistics import BARS, Report, Statistics
from desktop.qt.accessible import FactLabel
from desktop.qt.plain_text import Label, tip
from desktop.qt.scrolled import scrolled
from resources.colours import LIGHT, Colours
from resources.language import tr

_SWATCH = 9  # pixels
_TENTHS = ["0", "", "", "", "", "", "", "", "", "1"]
_BITS = [*map(str, range(BARS - 1)), f"{BARS - 1}+"]
_NOTHING = Report(Statistics(), Statistics(), Statistics())


class SelectionPanel(QWidget):
    """shown carries whether the panel is visible now. select_requested carries start and end of a stretch of the page.
    copied carries a sentence for the status bar."""

    shown = Signal(bool)
    select_requested = Signal(int, int)
    copied = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report: Report | None = None
        self._what = ""
        self._classes: Sequence[int] = ()
        self._heading = Label()
        self._heading.setObjectName("heading")
        self._heading.setWordWrap(True)
        self._titles = [Label(words) for words in HEADINGS]
        self._marks = [Label(), Label()]
        self._facts = [[FactLabel(f"{row.title}, {one}") for one in HEADINGS] for row in ROWS]
        self.longest = QToolButton()
        self.longest.setToolTip(tip(tr("Selects these tokens.")))
        self.longest.setObjectName("small")
        self.longest.setText(tr("Select"))
        self.longest.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.longest.setAccessibleName(tr("Select the longest confident run"))
        self.longest.clicked.connect(self._select_longest)
        self.histograms = [Histogram() for _ in range(3)]
        self.copy_text = self._button(tr("Copy as text"), lambda report: as_text(report, self._what, self._classes))
        self.copy_csv = self._button(tr("Copy as CSV"), lambda report: as_csv(report, self._classes))
        self._lay_out()
        self.set_colours(LIGHT)
        self.show_report(None, "", (10, 100, 1_000))

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addLayout(self._table())
        for one in self.histograms:
            column.addWidget(one)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 0, 10, 8)
        foot.addWidget(self.copy_text)
        foot.addWidget(self.copy_csv)
        foot.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(0, 0, 0, 0)
        outside.addWidget(scrolled(inside), 1)
        outside.addLayout(foot)

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        for place, title in enumerate(self._titles):
            title.setObjectName("quiet")
            cell = QHBoxLayout()
            cell.setSpacing(4)
            cell.addStretch(1)
            if place:
                cell.addWidget(self._marks[place - 1])
            cell.addWidget(title)
            grid.addLayout(cell, 0, 1 + place)
        for line, (row, help_) in enumerate(zip(ROWS, HELP, strict=True), 1):
            name = Label(row.title)
            name.setObjectName("quiet")
            name.setToolTip(tip(help_))
            name.setWordWrap(True)
            grid.addWidget(name, line, 0)
            for place, fact in enumerate(self._facts[line - 1]):
                fact.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                fact.setToolTip(tip(help_))
                grid.addWidget(fact, line, 1 + place)
        grid.addWidget(self.longest, LONGEST + 2, 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
        return grid

    def _button(self, title: str, text: Callable[[Report], str]) -> QToolButton:
        """A button that copies the text."""
        button = QToolButton()
        button.setText(title)
        button.setObjectName("small")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._copy(text))
        return button

    # -------------------------------------------------------------------------------------------- shown

    def show_report(self, report: Report | None, what: str, classes: Sequence[int]) -> None:
        """Show the statistics; None: they are not known yet. what: whose they are, in words. classes: of ranks."""
        self._report, self._what, self._classes = report, what, tuple(sorted(classes))
        self._heading.setText(what if report is None or report.done else tr("{what} (counting…)").format(what=what))
        found = cells(report or _NOTHING)
        for facts, numbers in zip(self._facts, found, strict=True):
            for fact, words in zip(facts, numbers, strict=True):
                fact.setText(words)
        self.longest.setEnabled(report is not None and report.all.longest > 0)
        for button in (self.copy_text, self.copy_csv):
            button.setEnabled(report is not None and report.done)
        ranks = [f"{one:,}" for one in self._classes]
        ticks = rank_names(ranks, "1", "≤{rank}", f">{ranks[-1]}"), _TENTHS, _BITS
        shown = histograms(report or _NOTHING, self._classes)
        for histogram, (title, names, model, own), tick in zip(self.histograms, shown, ticks, strict=True):
            histogram.show_counts(title, names, tick, model, own)

    def set_colours(self, colours: Colours) -> None:
        for mark, is_model in zip(self._marks, (True, False), strict=True):
            mark.setPixmap(self._swatch(colours, is_model))
        for histogram in self.histograms:
            histogram.set_colours(colours)

    def _swatch(self, colours: Colours, is_model: bool) -> QPixmap:
        """What the bars of the model, or one's own, look like."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(_SWATCH * ratio), round(_SWATCH * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_bar(painter, QRectF(0, 0, _SWATCH, _SWATCH), colours, is_model)
        painter.end()
        return picture

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.shown.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.shown.emit(False)

    # -------------------------------------------------------------------------------------------- done

    def _copy(self, text: Callable[[Report], str]) -> None:
        if self._report is not None:
            QApplication.clipboard().setText(text(self._report))
            self.copied.emit(tr("The statistics are in the clipboard."))

    def _select_longest(self) -> None:
        if self._report is not None:
            self.select_requested.emit(self._report.all.longest_start, self._report.all.longest_end)
