"""One repository of the hub: facts about it, and a table of its quantisations with how each would run on this machine.

Asks for the repository and for the fits off the GUI thread, through functions passed in. Does no network work itself.
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
    fit: FitSummary | None  # None: not known yet


COLUMNS: tuple[Column[_Row], ...] = (
    Column(tr("Quantisation"), lambda row: row.name, tip=lambda row: row.item.path),
    Column(tr("Bits"), lambda row: row.bits, number=True),
    Column(tr("Size"), lambda row: words.size(row.item.size), number=True),
    Column(
        tr("On this machine", "how it would run"),
        lambda row: row.fit.words if row.fit else "…",
        wide=True,
        tip=lambda row: row.fit.why if row.fit else "",
        several=True,
    ),
)


class RepositoryPanel(QWidget):
    """One repository. `download_requested` carries a Downloadable; `judged` a Downloadable and its FitSummary."""

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
        """lane: a name of this panel's own, for its background work. judge: yields each item of a repository with its
        fit. Both functions are called off the GUI thread and may raise errors of the Background.
        """
        super().__init__(parent)
        self._background, self._open, self._judge = background, open_repository, judge
        self._lane, self._fit_lane = f"{lane}: repository", f"{lane}: fits"
        self._repository: Repository | None = None
        self._parameters = 0
        self._wanted = Address("")  # what to select when the list has come
        self._title, self._facts, self._kind, self._state = (_label(name) for name in ("title", "quiet", "quiet", ""))
        self.why = _label("quiet", several=True)
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
        column.addStretch()  # while the table is hidden
        column.addWidget(self.why)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.get)
        column.addLayout(row)

    @property
    def state(self) -> str:
        return self._state.text()

    def clear(self, sentence: str = tr("Choose a model to see its files.")) -> None:
        """Empty the panel, but for a sentence."""
        self._background.cancel(self._lane)
        self._background.cancel(self._fit_lane)
        self._repository = None
        for label in (self._title, self._facts, self._kind):
            label.hide()
        self._say(sentence)
        self.retry.hide()
        self.table.put(())
        self.table.hide()

    def show_repository(self, name: str, parameters: int = 0, quantisation: str = "") -> None:
        """Ask for a repository and show it. parameters: of the model, 0 if not known; gives the bits a weight.
        quantisation: the one to select."""
        self.show_address(Address(name, quantisation=quantisation), parameters)

    def show_address(self, wanted: Address, parameters: int = 0) -> None:
        """Ask for the repository of an address and show it, with the file or quantisation of the address selected."""
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
            tr("{downloads} downloads").format(downloads=words.short_count(listed.downloads)),
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
            if not isinstance(QApplication.focusWidget(), QLineEdit):  # the user may be typing the next search
                self.table.setFocus()
            self._background.stream(self._fit_lane, lambda: self._judge(repository), self._judged, lambda: None)

    def _chosen(self, repository: Repository) -> int:
        """The row of what was asked for, else the first. Shows a sentence if the file asked for does not exist."""
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
        item, fit = found
        self.judged.emit(item, fit)
        rows = self.table.rows.values
        self.table.put([replace(row, fit=fit) if row.item == item else row for row in rows])

    def _bits(self, item: Downloadable) -> str:
        parameters = self._parameters or (self._repository.parameters if self._repository else 0)
        bits = bits_per_weight(item, parameters)
        return f"{bits:.1f}" if bits else ""

    def _offer(self, row: _Row | None) -> None:
        self.get.setEnabled(row is not None)
        sentences = [row.fit.why] if row and row.fit else []  # of several lines
        sentences += [UNVERIFIED] if row and not row.item.verifiable else []
        self.why.setText("\n".join(filter(None, sentences)))
        self.get.setText(caption(_button_title(row.item)) if row else tr("Download", "button"))

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
    """The quantisation, with its folder if files in other folders have the same name."""
    folder = name.rpartition("/")[0]
    return f"{folder}/{item.quantisation}" if item.quantisation and folder else item.quantisation or name


def _button_title(item: Downloadable) -> str:
    name = item.quantisation or item.name
    if item.size:
        return tr("Download {name} ({size})").format(name=name, size=words.size(item.size))
    return tr("Download {name}").format(name=name)


def title_font() -> QFont:
    """The font of a model's name as a title."""
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
