"""The tab of the models on this machine: open one, inspect it, remove it, add a folder."""

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

COLUMNS: tuple[Column[LocalModel], ...] = (  # after the name
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
    """The kind of a model, in one or two words."""
    if model.kind:
        return NAMES[model.kind.kind]
    return "" if not model.problem else tr("damaged") if model.damaged else tr("can't write")


def why(model: LocalModel) -> str:
    """The sentence below the list: what is wrong with the model, or how its kind is known."""
    return model.problem or (model.kind.reason if model.kind else "")


def _searchable_text(model: LocalModel) -> str:
    summary = model.summary
    return f"{model.name} {model.path} {summary.architecture if summary else ''} {summary.licence if summary else ''}"


class InstalledTab(QWidget):
    """The list of models. The first four signals carry the current LocalModel. The loaded model is marked."""

    open_requested = Signal(object)
    inspect_requested = Signal(object)
    remove_requested = Signal(object)
    overrule_requested = Signal(object)
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loaded: Path | None = None
        first = Column(tr("Model"), self._title, wide=True, tip=lambda model: str(model.path))
        self.table: Table[LocalModel] = Table(tr("Models on this machine"), (first, *COLUMNS))
        self.table.rows.is_marked = self._is_loaded
        self.filter: Filter[LocalModel] = Filter(self.table, _searchable_text, lambda model: model.path)
        self.filter.narrowed.connect(self._report_no_match)
        self.message_label = Label(wordWrap=True)
        self.message_label.setObjectName("quiet")
        self.message_label.setMinimumWidth(1)  # a long name in one word does not make the window wider
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
        column.addWidget(self.message_label)
        column.addLayout(row)
        self._offer(None)

    def put(self, models: Sequence[LocalModel]) -> None:
        self.filter.put(models)
        if not models:
            self.say(tr("No models on this machine yet. Get one from the catalogue or the hub."))

    def mark(self, loaded: Path | None) -> None:
        """Mark the loaded model; None: none is."""
        self._loaded = loaded
        self.table.reread()

    def _is_loaded(self, model: LocalModel) -> bool:
        return model.path == self._loaded

    def _title(self, model: LocalModel) -> str:
        return tr("{name} (loaded)").format(name=model.name) if self._is_loaded(model) else model.name

    def _report_no_match(self) -> None:
        if self.filter.text() and not self.table.rows.values:
            self.say(tr("No model matches the filter."))

    def say(self, sentence: str) -> None:
        self.message_label.setText(sentence)

    def _offer(self, model: LocalModel | None) -> None:
        for button in (self.open, self.inspect, self.remove):
            button.setEnabled(model is not None)
        self.overrule.setEnabled(model is not None and model.kind is not None)
        chat = model is not None and model.kind is not None and model.kind.kind == "chat"
        self.overrule.setText(tr("Mark as base model") if chat else tr("Mark as chat model"))
        if model is not None:
            self.say(why(model))
