"""The catalogue: base models worth having, and what each is good for. Contacts nothing until a button is pressed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.library import words
from desktop.library.repository_panel import RepositoryPanel, title_font
from desktop.library.table import Column, Table
from desktop.plain import Label
from desktop.visible import lines
from models.library.catalogue import Entry, licence_name
from resources.language import tr

COLUMNS: tuple[Column[Entry], ...] = (
    Column(tr("Model"), lambda entry: entry.name, tip=lambda entry: entry.repo),
    Column(tr("Parameters"), lambda entry: words.parameters(entry.parameters), number=True),
    Column(tr("Size"), lambda entry: words.size(entry.size), number=True),
    Column(tr("Context"), lambda entry: words.tokens(entry.context), number=True),
    Column(tr("Good for"), lambda entry: entry.good_for, wide=True),
)


class CataloguePage(QWidget):
    """The list, and beside it the model that is chosen."""

    files_requested = Signal(object)  # Entry

    def __init__(self, panel: RepositoryPanel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: Table[Entry] = Table(tr("Base models"), COLUMNS)
        self.panel = panel
        self.about = EntryCard()
        self.about.files_requested.connect(self._show_files)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.about)
        column.addWidget(panel, 1)
        column.addStretch()  # where there is no panel
        scrolled = QScrollArea(widgetResizable=True)
        scrolled.setFrameShape(QFrame.Shape.NoFrame)
        scrolled.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scrolled.setWidget(side)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("catalogue")
        splitter.addWidget(self.table)
        splitter.addWidget(scrolled)
        splitter.setSizes([620, 380])
        splitter.setChildrenCollapsible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(splitter)
        self.table.current_changed.connect(self._show)
        self.table.chosen.connect(self._show_files)
        self._show(None)

    def put(self, entries: Sequence[Entry]) -> None:
        """Show these models."""
        self.table.put(entries)
        if entries:
            self.table.select(0)

    def _show(self, entry: Entry | None) -> None:
        self.panel.clear("")
        self.panel.hide()
        self.about.put(entry)

    def _show_files(self, entry: Entry) -> None:
        self.panel.show()
        self.panel.show_repository(entry.repo, entry.parameters, entry.quantisation)


class EntryCard(QWidget):
    """What the catalogue says of one model."""

    files_requested = Signal(object)  # Entry

    def __init__(self) -> None:
        super().__init__()
        self._entry: Entry | None = None
        self._name, self._facts, self._good = Label(), Label(several=True), Label()
        self._name.setFont(title_font())
        self._facts.setObjectName("quiet")
        self.files = QPushButton(tr("Show its files"))
        self.files.setToolTip(tr("Asks the hub which quantisations there are, and what they would be on this machine."))
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
    """What is known of a model, in lines."""
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
    told = [f"{entry.maker} · {entry.family}", _numbers(entry), context, size, licence, entry.repo, gated]
    return [line for line in told if line]


def _numbers(entry: Entry) -> str:
    count, active = words.parameters(entry.parameters), words.parameters(entry.active)
    if active:
        return tr("{count} parameters, {active} at work on each token").format(count=count, active=active)
    return tr("{count} parameters").format(count=count)
