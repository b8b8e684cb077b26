"""The tab of the catalogue: a list of good base models and what each is good for. Asks the hub only on a button."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.library import words
from desktop.library.filter import Filter
from desktop.library.fit_summary import FitSummary, rough_fit
from desktop.library.repository_panel import RepositoryPanel, title_font
from desktop.library.table import Column, Table
from desktop.qt.plain_text import Label
from desktop.qt.scrolled import scrolled
from desktop.qt.visible import lines
from models.library.catalogue import Entry, for_repo, licence_name
from models.library.downloadable import Downloadable
from models.library.fit import Machine
from resources.language import tr

COLUMNS: tuple[Column[Entry], ...] = (
    Column(tr("Model"), lambda entry: entry.name, tip=lambda entry: entry.repo),
    Column(tr("Parameters"), lambda entry: words.parameters(entry.parameters), number=True),
    Column(tr("Size"), lambda entry: words.size(entry.size), number=True),
    Column(tr("Good for"), lambda entry: entry.good_for, wide=True),
)


BITS = {"Q4_K_M": 5, "Q8_0": 9, "BF16": 16, "F16": 16, "F32": 32}  # about how many bits a weight takes


def _searchable_text(entry: Entry) -> str:
    return " ".join((entry.name, entry.maker, entry.family, entry.repo, entry.good_for, licence_name(entry.licence)))


class CatalogueTab(QWidget):
    """The list, and beside it a card of the current model and its repository."""

    def __init__(self, panel: RepositoryPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._machine: Machine | None = None
        self._exact: dict[str, FitSummary] = {}  # by repository: recommended files whose headers were read
        fits: Column[Entry] = Column(
            tr("On this machine", "how it would run"),
            lambda entry: self._fit_of(entry).words,
            tip=lambda entry: self._fit_of(entry).why,
            several=True,
        )
        self.table: Table[Entry] = Table(tr("Base models"), (*COLUMNS[:-1], fits, COLUMNS[-1]))
        self.filter: Filter[Entry] = Filter(self.table, _searchable_text, lambda entry: entry.repo)
        self.panel = panel
        panel.judged.connect(self._note_exact)
        self.card = EntryCard()
        self.card.files_requested.connect(self._show_files)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.card)
        column.addWidget(panel, 1)
        column.addStretch()  # while the panel is hidden
        left = QWidget()
        listed = QVBoxLayout(left)
        listed.setContentsMargins(12, 12, 0, 12)
        listed.addWidget(self.filter)
        listed.addWidget(self.table, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("catalogue")
        splitter.addWidget(left)
        splitter.addWidget(scrolled(side))
        splitter.setSizes([700, 380])
        splitter.setChildrenCollapsible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(splitter)
        self._shown: Entry | None = None
        self.card.put(None)
        self.table.current_changed.connect(self._show)
        self.table.chosen.connect(self._show_files)
        self.panel.hide()

    def put(self, entries: Sequence[Entry]) -> None:
        """Show these models."""
        self.filter.put(entries)

    def put_machine(self, machine: Machine) -> None:
        """Set the memory that is free now, and show how each model fits in it."""
        self._machine = machine
        self._exact.clear()  # computed for the memory that was free before
        self.table.reread()

    def _fit_of(self, entry: Entry) -> FitSummary:
        if entry.repo in self._exact:
            return self._exact[entry.repo]
        size = entry.size or entry.parameters * BITS.get(entry.quantisation, 5) // 8
        return rough_fit(size, self._machine) if self._machine else FitSummary("…", "")

    def _note_exact(self, item: Downloadable, fit: FitSummary) -> None:
        """Show the exact fit from now on if this is the file that the catalogue recommends."""
        entry = for_repo(item.repo)
        if entry is not None and entry.quantisation.lower() == item.quantisation.lower():
            self._exact[entry.repo] = fit
            self.table.reread()

    def _show(self, entry: Entry | None) -> None:
        if entry == self._shown:
            return  # only the filter changed
        self._shown = entry
        self.panel.clear("")
        self.panel.hide()
        self.card.put(entry)

    def _show_files(self, entry: Entry) -> None:
        self.panel.show()
        self.panel.show_repository(entry.repo, entry.parameters, entry.quantisation)


class EntryCard(QWidget):
    """The catalogue's text about one model. `files_requested` carries its Entry."""

    files_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._entry: Entry | None = None
        self._name, self._facts, self._good = Label(), Label(several=True), Label()
        self._name.setFont(title_font())
        self._facts.setObjectName("quiet")
        self.files = QPushButton(tr("Show its files"))
        self.files.setToolTip(tr("Asks the hub which quantisations there are, and how each would run on this machine."))
        self.files.clicked.connect(lambda: self.files_requested.emit(self._entry))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 0)
        for label in (self._name, self._good, self._facts):
            label.setWordWrap(True)
            label.setMinimumWidth(1)  # a long name in one word does not make the window wider
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        row = QHBoxLayout()
        row.addWidget(self.files)
        row.addStretch()
        column.addLayout(row)

    def put(self, entry: Entry | None) -> None:
        self._entry = entry
        self.setVisible(entry is not None)
        if entry is None:
            return
        self._name.setText(entry.name)
        self._good.setText(entry.good_for)
        self._facts.setText(lines(*facts(entry)))


def facts(entry: Entry) -> list[str]:
    """Return the lines of the card: maker, size, context, licence, repository."""
    context = tr("context of {context:,} tokens").format(context=entry.context) if entry.context else ""
    size = (
        tr("{quantisation}: about {size}").format(quantisation=entry.quantisation, size=words.size(entry.size))
        if entry.size
        else entry.quantisation
    )
    licence = (
        tr("licence: {licence}").format(licence=licence_name(entry.licence))
        if entry.licence
        else tr("licence: see the repository")
    )
    gated = tr("gated: its makers ask for their terms to be accepted") if entry.gated else ""
    found = [f"{entry.maker} · {entry.family}", _parameters(entry), context, size, licence, entry.repo, gated]
    return [line for line in found if line]


def _parameters(entry: Entry) -> str:
    count, active = words.parameters(entry.parameters), words.parameters(entry.active)
    if active:
        return tr("{count} parameters, {active} used for each token").format(count=count, active=active)
    return tr("{count} parameters").format(count=count)
