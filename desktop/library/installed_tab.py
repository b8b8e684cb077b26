"""The models on this machine: open one, look into it, remove it, add a folder."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.library import words
from desktop.library.filter import Filter
from desktop.library.table import Column, Table
from desktop.qt.plain_text import Label
from models.library.catalogue import licence_name
from models.library.kind import NAMES
from models.library.local_models import LocalModel
from resources.language import tr

COLUMNS: tuple[Column[LocalModel], ...] = (  # behind the name
    Column(
        tr("Parameters"), lambda model: words.parameters(model.summary.parameters) if model.summary else "", number=True
    ),
    Column(tr("Size"), lambda model: words.size(model.size), number=True),
    Column(tr("Kind"), lambda model: kind(model), tip=lambda model: why(model)),
    Column(tr("Licence"), lambda model: licence_name(model.summary.licence) if model.summary else ""),
    Column(tr("Where"), lambda model: WHERE[model.source], tip=lambda model: str(model.path.parent)),
)
WHERE = {
    "own": tr("Inkfall's folder"),
    "hub cache": tr("hub cache"),
    "folder": tr("added folder"),
    "link": tr("linked file"),
}


def kind(model: LocalModel) -> str:
    """One or two words."""
    if model.kind:
        return NAMES[model.kind.kind]
    return "" if not model.problem else tr("damaged") if model.damaged else tr("can't write")


def why(model: LocalModel) -> str:
    """What is to be said of a model: what is wrong with it, or how its kind is known."""
    return model.problem or (model.kind.reason if model.kind else "")


def _words_of(model: LocalModel) -> str:
    told = model.summary
    return f"{model.name} {model.path} {told.architecture if told else ''} {told.licence if told else ''}"


class InstalledTab(QWidget):
    """The wishes of the first four carry a LocalModel. The model that is loaded is marked."""

    open_requested = Signal(object)
    inspect_requested = Signal(object)
    remove_requested = Signal(object)
    overrule_requested = Signal(object)
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loaded: Path | None = None
        first = Column(tr("Model"), self._named, wide=True, tip=lambda model: str(model.path))
        self.table: Table[LocalModel] = Table(tr("Models on this machine"), (first, *COLUMNS))
        self.table.rows.is_marked = self._is_loaded
        self.filter: Filter[LocalModel] = Filter(self.table, _words_of, lambda model: model.path)
        self.filter.narrowed.connect(self._narrowed)
        self.said = Label(wordWrap=True)
        self.said.setObjectName("quiet")
        self.said.setMinimumWidth(1)  # a long name in one word does not make the window wider
        self.open = QPushButton(tr("Open", "button"))
        self.inspect = QPushButton(tr("About this model…"))
        self.overrule = QPushButton()
        self.remove = QPushButton(tr("Remove…"))
        self.folder = QPushButton(tr("Add a folder…"))
        for button, wish in (
            (self.open, self.open_requested),
            (self.inspect, self.inspect_requested),
            (self.overrule, self.overrule_requested),
            (self.remove, self.remove_requested),
        ):
            button.clicked.connect(lambda _on=False, wish=wish: wish.emit(self.table.current))
        self.folder.clicked.connect(self.folder_requested)
        self.table.current_changed.connect(self._offer)
        self.table.chosen.connect(self.open_requested)
        row = QHBoxLayout()
        for button in (self.open, self.inspect, self.overrule, self.remove):
            row.addWidget(button)
        row.addStretch()
        row.addWidget(self.folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        column.addWidget(self.said)
        column.addLayout(row)
        self._offer(None)

    def put(self, models: Sequence[LocalModel]) -> None:
        self.filter.put(models)
        if not models:
            self.say(tr("No models on this machine yet. Get one from the catalogue or the hub."))

    def mark(self, loaded: Path | None) -> None:
        """That one is loaded now."""
        self._loaded = loaded
        self.table.reread()

    def _is_loaded(self, model: LocalModel) -> bool:
        return model.path == self._loaded

    def _named(self, model: LocalModel) -> str:
        return tr("{name} (loaded)").format(name=model.name) if self._is_loaded(model) else model.name

    def _narrowed(self) -> None:
        if self.filter.text() and not self.table.rows.values:
            self.say(tr("No model matches the filter."))

    def say(self, sentence: str) -> None:
        self.said.setText(sentence)

    def _offer(self, model: LocalModel | None) -> None:
        for button in (self.open, self.inspect, self.remove):
            button.setEnabled(model is not None)
        self.overrule.setEnabled(model is not None and model.kind is not None)
        chat = model is not None and model.kind is not None and model.kind.kind == "chat"
        self.overrule.setText(tr("Mark as base model") if chat else tr("Mark as chat model"))
        if model is not None:
            self.say(why(model))
