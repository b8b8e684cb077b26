"""One repository: what it is, and its quantisations, a row each, with what they would be on this machine.

It asks for a repository and for verdicts off the GUI thread, through functions it is given. Knows no network.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.library import words
from desktop.library.fit_summary import FitSummary
from desktop.library.table import Column, Table
from desktop.qt.background import Background
from desktop.qt.plain_text import Label, caption
from models.library.catalogue import usual_quantisation
from models.library.downloadable import UNVERIFIED, Downloadable, Repository
from models.library.hub.address import Address
from models.library.hub.choosing import NotOneError, chosen
from models.library.hub.naming import bits_per_weight
from models.library.kind import kind_of_listed
from models.library.short_names import labels
from resources.language import tr


@dataclass(frozen=True, slots=True)
class _Row:
    item: Downloadable
    name: str
    bits: str
    verdict: FitSummary | None


COLUMNS: tuple[Column[_Row], ...] = (
    Column(tr("Quantisation"), lambda row: row.name, tip=lambda row: row.item.path),
    Column(tr("Bits"), lambda row: row.bits, number=True),
    Column(tr("Size"), lambda row: words.size(row.item.size), number=True),
    Column(
        tr("On this machine", "how it would run"),
        lambda row: row.verdict.words if row.verdict else "…",
        wide=True,
        tip=lambda row: row.verdict.why if row.verdict else "",
        several=True,
    ),
)


class RepositoryPanel(QWidget):
    """`download_requested` carries an Item; `judged` an Item and its Verdict."""

    download_requested = Signal(object)
    judged = Signal(object, object)

    def __init__(
        self,
        background: Background,
        lane: str,
        open_repository: Callable[[Address], Repository],
        judge: Callable[[Repository], Iterator[tuple[Downloadable, FitSummary]]],
        parent: QWidget | None = None,
    ) -> None:
        """lane: the panel's own. judge: verdicts of a repository's items, one after the other. Both functions are
        called off the GUI thread.
        """
        super().__init__(parent)
        self._background, self._open, self._judge = background, open_repository, judge
        self._lane, self._verdicts = f"{lane}: repository", f"{lane}: verdicts"
        self._repository: Repository | None = None
        self._parameters = 0
        self._wanted = Address("")  # what to choose when the list is there
        self._title, self._facts, self._kind, self._state = (_label(name) for name in ("title", "quiet", "quiet", ""))
        self._why = _label("quiet", several=True)
        self.table: Table[_Row] = Table(tr("Quantisations"), COLUMNS)
        self.get = QPushButton(tr("Download", "button"))
        self.get.setEnabled(False)
        self.retry = QPushButton(tr("Retry"))
        self.retry.clicked.connect(lambda: self.show_address(self._wanted, self._parameters))
        self.table.current_changed.connect(self._offer)
        self.table.chosen.connect(lambda row: self.download_requested.emit(row.item))
        self.get.clicked.connect(self._get)
        self._lay_out()
        self.clear()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        for label in (self._title, self._facts, self._kind, self._state):
            column.addWidget(label)
        column.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self.table, 1)
        column.addStretch()  # where there is no table
        column.addWidget(self._why)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.get)
        column.addLayout(row)

    @property
    def state(self) -> str:
        return self._state.text()

    def clear(self, sentence: str = tr("Choose a model to see its files.")) -> None:
        """Show nothing but a sentence."""
        self._background.cancel(self._lane)
        self._background.cancel(self._verdicts)
        self._repository = None
        for label in (self._title, self._facts, self._kind):
            label.hide()
        self._say(sentence)
        self.retry.hide()
        self.table.put(())
        self.table.hide()

    def show_repository(self, name: str, parameters: int = 0, quantisation: str = "") -> None:
        """Ask for it and show it. parameters: of the model where known, for bits a weight. quantisation: to choose."""
        self.show_address(Address(name, quantisation=quantisation), parameters)

    def show_address(self, wanted: Address, parameters: int = 0) -> None:
        """The same for what an address names: its file or quantisation is chosen, where there is such a one."""
        self.clear(tr("Asking the hub for {name}…").format(name=wanted.repo))
        self._parameters, self._wanted = parameters, wanted
        self._background.run(self._lane, lambda: self._open(wanted), self._opened, self._failed)

    def _failed(self, sentence: str) -> None:
        self._say(sentence)
        self.retry.show()

    def _opened(self, repository: Repository) -> None:
        self._repository = repository
        listed = repository.listed
        facts = [
            listed.licence,
            tr("{downloads} downloads").format(downloads=words.many(listed.downloads)),
            listed.updated,
        ]
        facts += [tr("gated: its makers' terms must be accepted")] if listed.gated else []
        self._put(self._title, listed.id)
        self._put(self._facts, " · ".join(fact for fact in facts if fact))
        self._put(self._kind, kind_of_listed(listed).reason)
        self._say("" if repository.items else tr("There is no GGUF model in this repository."))
        names = labels([item.path for item in repository.items])
        rows = [
            _Row(item, _label_of(item, name), self._bits(item), None)
            for item, name in zip(repository.items, names, strict=True)
        ]
        self.table.put(rows)
        self.table.setVisible(bool(rows))
        if rows:
            self.table.select(self._chosen(repository))
            if not isinstance(QApplication.focusWidget(), QLineEdit):  # nobody is torn out of typing the next words
                self.table.setFocus()
            self._background.stream(self._verdicts, lambda: self._judge(repository), self._judged, lambda: None)

    def _chosen(self, repository: Repository) -> int:
        """The row of what was asked for, else the first. A file that is not there is said."""
        wanted = self._wanted
        if not (wanted.file or wanted.folder or wanted.quantisation):
            return 0
        try:
            return repository.items.index(chosen(repository, wanted, usual_quantisation(wanted.repo)))
        except NotOneError as error:
            if wanted.file or wanted.folder:
                self._say(str(error))
            return 0

    def _judged(self, found: tuple[Downloadable, FitSummary]) -> None:
        item, verdict = found
        self.judged.emit(item, verdict)
        rows = self.table.rows.values
        self.table.put([replace(row, verdict=verdict) if row.item == item else row for row in rows])

    def _bits(self, item: Downloadable) -> str:
        parameters = self._parameters or (self._repository.parameters if self._repository else 0)
        bits = bits_per_weight(item, parameters)
        return f"{bits:.1f}" if bits else ""

    def _offer(self, row: _Row | None) -> None:
        self.get.setEnabled(row is not None)
        told = [row.verdict.why] if row and row.verdict else []  # has lines of its own
        told += [UNVERIFIED] if row and not row.item.verifiable else []
        self._why.setText("\n".join(filter(None, told)))
        self.get.setText(caption(_title(row.item)) if row else tr("Download", "button"))

    def _get(self) -> None:
        if row := self.table.current:
            self.download_requested.emit(row.item)

    def _say(self, sentence: str) -> None:
        self._state.setText(sentence)
        self._state.setVisible(bool(sentence))

    def _put(self, label: Label, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))


def _label_of(item: Downloadable, name: str) -> str:
    """The quantisation, with the folder where another file has the same name in another one."""
    folder = name.rpartition("/")[0]
    return f"{folder}/{item.quantisation}" if item.quantisation and folder else item.quantisation or name


def _title(item: Downloadable) -> str:
    """Of the button."""
    name = item.quantisation or item.name
    if item.size:
        return tr("Download {name} ({size})").format(name=name, size=words.size(item.size))
    return tr("Download {name}").format(name=name)


def title_font() -> QFont:
    """Of a model's name."""
    font = QFont()
    font.setBold(True)
    font.setPointSizeF(1.1 * font.pointSizeF())
    return font


def _label(name: str, several: bool = False) -> Label:
    label = Label(several=several, wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setObjectName(name)
    if name == "title":
        label.setFont(title_font())
    label.setMinimumWidth(1)  # a long name in one word does not make the window wider
    return label
