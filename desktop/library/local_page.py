"""The models on this machine: open one, look into it, remove it, add a folder."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.library import words
from desktop.library.table import Column, Table
from desktop.plain import Label
from models.library.catalogue import licence_name
from models.library.kind import NAMES
from models.library.sources import LocalModel
from resources.language import tr

COLUMNS: tuple[Column[LocalModel], ...] = (
    Column(tr("Model"), lambda model: model.name, wide=True, tip=lambda model: str(model.path)),
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


class LocalPage(QWidget):
    """The wishes of the first four carry a LocalModel."""

    open_requested = Signal(object)
    inspect_requested = Signal(object)
    remove_requested = Signal(object)
    overrule_requested = Signal(object)
    folder_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: Table[LocalModel] = Table(tr("Models on this machine"), COLUMNS)
        self.said = Label(wordWrap=True)
        self.said.setObjectName("quiet")
        self.said.setMinimumWidth(1)  # a long name in one word does not make the window wider
        self.open = QPushButton(tr("Open", "button"))
        self.inspect = QPushButton(tr("Look inside…"))
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
        column.addWidget(self.table, 1)
        column.addWidget(self.said)
        column.addLayout(row)
        self._offer(None)

    def put(self, models: Sequence[LocalModel]) -> None:
        self.table.put(models)
        if not models:
            self.say(tr("No model is on this machine yet: the catalogue and the hub have some."))
        if models and self.table.current is None:
            self.table.select(0)

    def say(self, sentence: str) -> None:
        self.said.setText(sentence)

    def _offer(self, model: LocalModel | None) -> None:
        for button in (self.open, self.inspect, self.remove):
            button.setEnabled(model is not None)
        self.overrule.setEnabled(model is not None and model.kind is not None)
        chat = model is not None and model.kind is not None and model.kind.kind == "chat"
        self.overrule.setText(tr("It is a base model") if chat else tr("It is a chat model"))
        if model is not None:
            self.say(why(model))
