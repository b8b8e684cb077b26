"""What a person does with the models on this machine: list, remove, overrule, add a folder, look inside.

Joins the page to models/library, off the GUI thread. Opens no model: that is a wish.
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

LANE, CHANGE, INSIDE = "models on this machine", "change of a model", "look inside"
LOADED = "the model that is loaded"


def _same(loaded: Path | None, paths: Sequence[Path]) -> Path | None:
    """Which of the paths names the file that is loaded."""
    if loaded is None or loaded in paths:
        return loaded
    real = os.path.realpath(loaded)
    return next((path for path in paths if os.path.realpath(path) == real), None)


class LocalActions(QObject):
    """`model_chosen` is a wish that carries a path; `overruled` a path and the
    kind that the user says it is of, once that is noted."""

    model_chosen = Signal(str)
    overruled = Signal(str, str)

    def __init__(
        self,
        home: AppDirs,
        background: Background,
        parent: QObject | None = None,
        away: trash.Trash = trash.system_trash,
    ) -> None:
        """away: puts a file into the trash."""
        super().__init__(parent)
        self._away = away
        self.page = InstalledTab()
        self.loaded: Path | None = None
        self._home, self._background = home, background
        self._found: list[LocalModel] = []
        page = self.page
        page.open_requested.connect(lambda model: self.model_chosen.emit(str(model.path)))
        page.inspect_requested.connect(self._look_inside)
        page.remove_requested.connect(self._ask_to_remove)
        page.overrule_requested.connect(self._overrule)
        page.folder_requested.connect(self._add_folder)

    def set_loaded(self, path: Path | None) -> None:
        """That model runs now: it is marked, and not removed."""
        self.loaded = path
        self._mark()

    def _mark(self) -> None:
        """A link to the file is that model too; links are looked at off the GUI thread."""
        loaded, paths = self.loaded, [model.path for model in self._found]
        self._background.run(LOADED, lambda: _same(loaded, paths), self.page.mark)

    def refresh(self, sentence: str = "") -> None:
        """Look for the models anew. sentence: what is to be said when they are listed."""
        self._found = []
        self._background.stream(LANE, self._look, self._found.append, lambda: self._show(sentence), self.page.say)

    def _look(self) -> Iterator[LocalModel]:
        return described_models(self._home)

    def _show(self, sentence: str) -> None:
        self.page.put(with_distinct_names(sorted(self._found, key=lambda model: model.name.lower())))
        self._mark()
        if sentence:
            self.page.say(sentence)

    def _change(self, work: Callable[[], object]) -> None:
        self._background.run(CHANGE, work, lambda _done: self.refresh(), self.page.say)

    def _window(self) -> QWidget:
        return self.page.window()

    # ------------------------------------------------------------------------------------------------ removing

    def ask_to_remove(self, path: Path) -> None:
        """The same question for the model of that path, wherever it is listed."""

        def listed() -> LocalModel | None:
            return next((model for model in local_models(self._home) if path in model.files), None)

        def ask(model: LocalModel | None) -> None:
            if model is None:
                self.page.say(tr("{name} is not here any more.").format(name=path.name))
            else:
                self._ask_to_remove(model)

        self._background.run(CHANGE, listed, ask, self.page.say)

    def _ask_to_remove(self, model: LocalModel) -> None:
        def ask(consequence: str) -> None:
            self._ask(consequence, tr("Remove", "button"), lambda: self._remove(model, permanent=False))

        self._background.run(CHANGE, lambda: trash.consequence(model), ask, self.page.say)

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
                return trash.remove(model, self._home, self.loaded, permanent, self._away)
            except trash.NoTrashError as error:
                return error

        self._background.run(CHANGE, work, lambda done: self._removed(model, done), self.refresh)

    def _removed(self, model: LocalModel, done: trash.Removal | trash.NoTrashError) -> None:
        self.refresh("" if isinstance(done, trash.NoTrashError) else done.sentence)
        if isinstance(done, trash.NoTrashError):
            self._ask(str(done), tr("Delete permanently", "button"), lambda: self._remove(model, permanent=True))

    # ------------------------------------------------------------------------------------------------ saying more

    def _overrule(self, model: LocalModel) -> None:
        said: ModelKind = "base" if model.kind is not None and model.kind.kind == "chat" else "chat"

        def work() -> None:
            kind_overrides.overrule(fingerprint(model.path), said, self._home)

        def noted(_done: None) -> None:
            self.refresh()
            self.overruled.emit(str(model.path), said)

        self._background.run(CHANGE, work, noted, self.page.say)

    def _look_inside(self, model: LocalModel) -> None:
        def work() -> ModelInfo:
            return model_info(
                model.path, model.repo, kind_overrides.override_of(model.path, kind_overrides.read(self._home))
            )

        def show(found: ModelInfo) -> None:
            open_one(self._window(), "inside a model", lambda: ModelInfoDialog(found, self._window()))

        self._background.run(INSIDE, work, show, self.page.say)

    def _add_folder(self) -> None:
        def make() -> QFileDialog:
            dialog = QFileDialog(self._window(), tr("Add a folder of models"), str(Path.home()))
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.fileSelected.connect(
                lambda name: self._change(lambda: user_folders.add_folder(Path(name), self._home))
            )
            return dialog

        open_one(self._window(), "add a folder", make)
