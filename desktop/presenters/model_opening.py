"""Opens models: a file that was named or chosen, the one used last, the starter."""

from dataclasses import asdict

from PySide6.QtCore import QObject

from desktop.generation.second_model import SecondModel, mapped_weights
from desktop.generation.session import Session
from desktop.library.lazy_library import LazyLibrary
from desktop.library.starter_model import StarterModel
from desktop.presenters.from_settings import load_options
from desktop.presenters.status_presenter import StatusPresenter
from desktop.presenters.welcome_presenter import WelcomePresenter
from desktop.qt.file_dialogs import FileDialogs
from desktop.settings.preferences import Preferences
from models.library import installed
from models.library.app_dirs import AppDirs
from models.library.load_options import LoadOptions
from resources.language import tr


class ModelOpening(QObject):
    """Loads models into the session with the load options of the settings."""

    def __init__(
        self,
        home: AppDirs,
        preferences: Preferences,
        session: Session,
        second: SecondModel,
        starter: StarterModel,
        library: LazyLibrary,
        status: StatusPresenter,
        welcome: WelcomePresenter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._home, self._preferences, self._session, self._second = home, preferences, session, second
        self._starter, self._library, self._status, self._welcome = starter, library, status, welcome
        library.model_chosen.connect(self.open)
        library.load_options_chosen.connect(self._open_again_with)
        starter.installed.connect(lambda path: self.open(str(path)))
        starter.failed.connect(self.starter_failed)
        starter.progressed.connect(status.preparing_starter)

    def open(self, path: str) -> None:
        """Load that file in place of the present model."""
        second = self._second.state.model
        beside = mapped_weights(second) if second else 0
        self._session.open_model(path, load_options(self._preferences.value), beside)

    def open_usual(self) -> None:
        """Open the model used last, else the starter."""
        self._welcome.prepare(True)
        self._starter.install(instead=lambda: installed.last_used(self._home))

    def open_starter(self) -> None:
        self._starter.install()

    def ask(self, dialogs: FileDialogs) -> None:
        """Let the user choose a file."""
        kinds = tr("Models") + " (*.gguf)"
        dialogs.open("models", tr("Open model"), self._home.models, kinds, lambda path: self.open(str(path)))

    def starter_failed(self, why: str) -> None:
        """Say why, and show the catalogue."""
        self._welcome.prepare(False)
        self._status.no_starter(why)
        if self._session.state.model is None and not self._welcome.wanted:
            self._library.open_catalogue()

    def _open_again_with(self, options: LoadOptions) -> None:
        """Save the load options, and load the present model again with them."""
        self._preferences.change(**asdict(options))
        if model := self._session.state.model:
            self.open(model.path)
