"""The tab that searches the hub: words, filters, a list that grows as it is scrolled, and the chosen repository.

A search begins when Return is pressed or, after a first search, a moment after the last key. Before that nothing is
contacted.
"""

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from desktop.library import words
from desktop.library.repository_panel import RepositoryPanel
from desktop.library.table import Column, Table
from desktop.qt.accessible import name_clear_button
from desktop.qt.background import Background
from desktop.qt.plain_text import Label
from models.library.downloadable import Listed
from models.library.hub.address import parsed
from models.library.hub.naming import parameters_in_name
from models.library.hub.search import Filters
from models.library.kind import NAMES, kind_of_listed
from resources.language import tr

LANE = "search"
REST = 400  # milliseconds after the last key until a changed search begins
SIZES = (
    (tr("Any size"), 0),
    (tr("Up to 1B"), 1_500_000_000),
    (tr("Up to 4B"), 4_500_000_000),
    (tr("Up to 9B"), 9_500_000_000),
    (tr("Up to 35B"), 36_000_000_000),
)
Batches = Iterator[tuple[Listed, ...]]  # repositories, as many at a time as the hub returns

COLUMNS: tuple[Column[Listed], ...] = (
    Column(tr("Repository"), lambda listed: listed.id, wide=True),
    Column(
        tr("Kind"), lambda listed: NAMES[kind_of_listed(listed).kind], tip=lambda listed: kind_of_listed(listed).reason
    ),
    Column(tr("Downloads", "how often"), lambda listed: words.short_count(listed.downloads), number=True),
    Column(tr("Updated"), lambda listed: listed.updated),
    Column(tr("Licence"), lambda listed: listed.licence),
    Column(tr("Gated"), lambda listed: tr("gated") if listed.gated else ""),
)


class SearchTab(QWidget):
    """Searches the hub and lists what it finds."""

    def __init__(
        self,
        background: Background,
        search: Callable[[str, Filters], Batches],
        fits: Callable[[str], bool],
        panel: RepositoryPanel,
        parent: QWidget | None = None,
    ) -> None:
        """search: returns an iterator of batches, which is advanced off the GUI thread. fits: whether a repository's
        models may fit this machine, by the size in its name.
        """
        super().__init__(parent)
        self._background, self._search, self._fits = background, search, fits
        self._batches: Batches | None = None  # what is still to come; None: nothing
        self._asking = self._searched = False
        self.panel = panel
        self.query = QLineEdit(placeholderText="gemma, llama 8b, pythia…", clearButtonEnabled=True)
        name_clear_button(self.query)
        self.query.setAccessibleName(tr("Search the hub"))
        self.button = QPushButton(tr("Search", "button"))
        self.base_only = QCheckBox(tr("Base models only"))
        self.base_only.setChecked(True)
        self.ungated = QCheckBox(tr("Not gated"))
        self.sizes = QComboBox()
        self.sizes.setAccessibleName(tr("Size"))
        self.sizes.setToolTip(tr("By the size in the repository's name."))
        for label, most in SIZES:
            self.sizes.addItem(label, most)
        self.fitting = QCheckBox(tr("Fits this machine"))
        self.fitting.setToolTip(tr("By the size in the repository's name, at about five bits a weight."))
        self.state = Label(tr("No request is sent until you search."), wordWrap=True)
        self.state.setObjectName("quiet")
        self.retry = QPushButton(tr("Retry"))
        self.retry.hide()
        self.table: Table[Listed] = Table(tr("Found repositories"), COLUMNS)
        self._rest = QTimer(self, interval=REST, singleShot=True)
        self._connect()
        self._lay_out()

    def _connect(self) -> None:
        self.query.returnPressed.connect(self.begin)
        self.button.clicked.connect(self.begin)
        self.retry.clicked.connect(self.begin)
        self.query.textEdited.connect(lambda _text: self._rest.start() if self._searched else None)
        self._rest.timeout.connect(self.begin)
        for box in (self.base_only, self.ungated, self.fitting):
            box.toggled.connect(lambda _on: self.begin() if self._searched else None)
        self.sizes.currentIndexChanged.connect(lambda _index: self.begin() if self._searched else None)
        self.table.end_reached.connect(self.more)
        self.table.current_changed.connect(lambda _listed: self.panel.clear())
        self.table.chosen.connect(lambda listed: self.panel.show_repository(listed.id))
        self.table.clicked.connect(lambda index: self.panel.show_repository(self.table.rows.values[index.row()].id))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        for widget in (self.query, self.button):
            top.addWidget(widget)
        filters = QHBoxLayout()
        for box in (self.base_only, self.ungated, self.fitting):
            filters.addWidget(box)
        size = Label(tr("Size"))
        size.setBuddy(self.sizes)
        filters.addWidget(size)
        filters.addWidget(self.sizes)
        filters.addStretch()
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setObjectName("search")
        found = QWidget()
        listed = QVBoxLayout(found)
        listed.setContentsMargins(0, 0, 0, 12)
        listed.addWidget(self.table)
        splitter.addWidget(found)
        splitter.addWidget(self.panel)
        splitter.setSizes([560, 440])
        splitter.setChildrenCollapsible(False)
        top.setContentsMargins(0, 0, 12, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 0, 0)
        column.addLayout(top)
        column.addLayout(filters)
        state = QHBoxLayout()
        state.setContentsMargins(0, 0, 12, 0)
        state.addWidget(self.state, 1)
        state.addWidget(self.retry)
        column.addLayout(state)
        column.addWidget(splitter, 1)

    def begin(self) -> None:
        """Search for the words in the line, or open the repository if they are an address; cancels the last search."""
        self._rest.stop()
        self.retry.hide()
        self.table.put(())
        self.panel.clear()
        address = parsed(self.query.text())
        if (address.is_address or address.file) and "/" in address.repo:
            self._background.cancel(LANE)
            self._batches, self._asking = None, False
            self.state.setText("")
            self.panel.show_address(address)
            return
        query, filters = (
            self.query.text(),
            Filters(ungated=self.ungated.isChecked(), base_only=self.base_only.isChecked()),
        )
        self._batches = self._search(query, filters)
        self._asking, self._searched = False, True
        self.more()

    def forget(self) -> None:
        """Cancel the search because the connection to the hub has changed, and say so."""
        if self._batches is not None:
            self._background.cancel(LANE)
            self._asking, self._batches = False, None
            self.retry.hide()
            self.state.setText(tr("The connection to the hub has changed: search again."))

    def more(self) -> None:
        """Ask for the next batch, unless one is being asked for."""
        batches = self._batches
        if batches is None or self._asking:
            return
        self._asking = True
        self.state.setText(tr("Searching…"))
        self._background.run(LANE, lambda: next(batches, None), self._arrived, self._failed)

    def _arrived(self, batch: tuple[Listed, ...] | None) -> None:
        self._asking = False
        if batch is not None:
            self.table.append([listed for listed in batch if self._wanted(listed.id)])
        count = len(self.table.rows.values)
        if batch is None:
            self.state.setText(
                tr("{count:,} found, all shown.").format(count=count) if count else tr("Nothing was found.")
            )
            self._batches = None
            return
        self.state.setText(tr("{count:,} found so far; scroll for more.").format(count=count))
        if count * max(self.table.sizeHintForRow(0), 1) < self.table.viewport().height():
            self.more()  # the list has room for another batch

    def _wanted(self, name: str) -> bool:
        most = self.sizes.currentData()
        if most and not 0 < parameters_in_name(name) <= most:
            return False
        return not self.fitting.isChecked() or self._fits(name)

    def _failed(self, sentence: str) -> None:
        self._asking, self._batches = False, None
        self.state.setText(sentence)
        self.retry.show()
