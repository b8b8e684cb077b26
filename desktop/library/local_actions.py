"""Actions on the models of this machine: list, remove, overrule the kind, add a folder, show what a file says.

Connects the tab of installed models to models/library, off the GUI thread. Does not open models itself: it emits
`model_chosen`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.library.installed_tab import InstalledTab
from desktop.library.model_info_dialog import ModelInfoDialog
from desktop.qt.background import Background
from desktop.qt.one_dialog import open_one
from desktop.qt.plain_text import MessageBox
from models.library import kind_overrides, trash, user_folders
from models.library.app_dirs import AppDirs
from models.library.fingerprint import fingerprint
from models.library.kind import ModelKind
from models.library.local_models import LocalModel, local_models, with_distinct_names
from models.library.model_facts import described_models
from models.library.model_info import ModelInfo, model_info
from resources.language import tr

LANE, CHANGE, INFO = "models on this machine", "change of a model", "model info"
LOADED = "the model that is loaded"


def _same(loaded: Path | None, paths: Sequence[Path]) -> Path | None:
    """The one of the paths that leads to the loaded file, through links too; None if none does."""
    if loaded is None or loaded in paths:
        return loaded
    real = os.path.realpath(loaded)
    return next((path for path in paths if os.path.realpath(path) == real), None)


class LocalActions(QObject):
    """The installed tab and what its buttons do.

    `model_chosen` carries the path of a model to open; `overruled` a path and the kind that the user says it is of
    (base or chat), after that was written to the disk."""

    model_chosen = Signal(str)
    overruled = Signal(str, str)

    def __init__(
        self,
        home: AppDirs,
        background: Background,
        parent: QObject | None = None,
        move_to_trash: trash.Trash = trash.system_trash,
    ) -> None:
        super().__init__(parent)
        self.move_to_trash = move_to_trash
        self.tab = InstalledTab()
        self.loaded: Path | None = None
        self._home, self._background = home, background
        self._found: list[LocalModel] = []
        tab = self.tab
        tab.open_requested.connect(lambda model: self.model_chosen.emit(str(model.path)))
        tab.inspect_requested.connect(self._show_info)
        tab.remove_requested.connect(self._ask_to_remove)
        tab.overrule_requested.connect(self._overrule)
        tab.folder_requested.connect(self._add_folder)

    def set_loaded(self, path: Path | None) -> None:
        """Set the loaded model (None: none is): it is marked and cannot be removed."""
        self.loaded = path
        self._mark()

    def _mark(self) -> None:
        """Mark the loaded model, also where the list has a link to its file; links are resolved off the GUI thread."""
        loaded, paths = self.loaded, [model.path for model in self._found]
        self._background.run(LOADED, lambda: _same(loaded, paths), self.tab.mark)

    def refresh(self, sentence: str = "") -> None:
        """List the models again, then show the sentence, if one is given, below the list."""
        self._found = []
        self._background.stream(LANE, self._models, self._found.append, lambda: self._show(sentence), self.tab.say)

    def _models(self) -> Iterator[LocalModel]:
        return described_models(self._home)

    def _show(self, sentence: str) -> None:
        self.tab.put(with_distinct_names(sorted(self._found, key=lambda model: model.name.lower())))
        self._mark()
        if sentence:
            self.tab.say(sentence)

    def _change(self, work: Callable[[], object]) -> None:
        self._background.run(CHANGE, work, lambda _done: self.refresh(), self.tab.say)

    def _window(self) -> QWidget:
        return self.tab.window()

    # ------------------------------------------------------------------------------------------------ removing

    def ask_to_remove(self, path: Path) -> None:
        """Ask whether to remove the model that this file belongs to."""

        def listed() -> LocalModel | None:
            return next((model for model in local_models(self._home) if path in model.files), None)

        def ask(model: LocalModel | None) -> None:
            if model is None:
                self.tab.say(tr("{name} is not here any more.").format(name=path.name))
            else:
                self._ask_to_remove(model)

        self._background.run(CHANGE, listed, ask, self.tab.say)

    def _ask_to_remove(self, model: LocalModel) -> None:
        def ask(consequence: str) -> None:
            self._ask(consequence, tr("Remove", "button"), lambda: self._remove(model, permanent=False))

        self._background.run(CHANGE, lambda: trash.consequence(model), ask, self.tab.say)

    def _ask(self, question: str, yes: str, then: Callable[[], None]) -> None:
        def make() -> MessageBox:
            box = MessageBox(MessageBox.Icon.Question, tr("Remove a model"), question, self._window())
            button = box.addButton(yes, MessageBox.ButtonRole.AcceptRole)
            box.addButton(MessageBox.StandardButton.Cancel)
            box.buttonClicked.connect(lambda clicked: then() if clicked is button else None)
            return box

        open_one(self._window(), "remove a model", make)

    def _remove(self, model: LocalModel, permanent: bool) -> None:
        def work() -> trash.Removal | trash.NoTrashError:
            try:
                return trash.remove(model, self._home, self.loaded, permanent, self.move_to_trash)
            except trash.NoTrashError as error:
                return error

        self._background.run(CHANGE, work, lambda done: self._removed(model, done), self.refresh)

    def _removed(self, model: LocalModel, done: trash.Removal | trash.NoTrashError) -> None:
        self.refresh("" if isinstance(done, trash.NoTrashError) else done.sentence)
        if isinstance(done, trash.NoTrashError):
            self._ask(str(done), tr("Delete permanently", "button"), lambda: self._remove(model, permanent=True))

    # ------------------------------------------------------------------------------------------------ other actions

    def _overrule(self, model: LocalModel) -> None:
        kind: ModelKind = "base" if model.kind is not None and model.kind.kind == "chat" else "chat"

        def work() -> None:
            kind_overrides.overrule(fingerprint(model.path), kind, self._home)

        def written(_done: None) -> None:
            self.refresh()
            self.overruled.emit(str(model.path), kind)

        self._background.run(CHANGE, work, written, self.tab.say)

    def _show_info(self, model: LocalModel) -> None:
        def work() -> ModelInfo:
            return model_info(
                model.path, model.repo, kind_overrides.override_of(model.path, kind_overrides.read(self._home))
            )

        def show(found: ModelInfo) -> None:
            open_one(self._window(), "inside a model", lambda: ModelInfoDialog(found, self._window()))

        self._background.run(INFO, work, show, self.tab.say)

    def _add_folder(self) -> None:
        def make() -> QFileDialog:
            dialog = QFileDialog(self._window(), tr("Add a folder of models"), str(Path.home()))
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.fileSelected.connect(
                lambda name: self._change(lambda: user_folders.add_folder(Path(name), self._home))
            )
            return dialog

        open_one(self._window(), "add a folder", make)
