"""A stand-in for the library that imports and makes it on first use: most runs of the program never open it.

Calls made before creation are replayed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.qt.background import Background
from models.library import user_folders
from models.library.app_dirs import AppDirs
from models.library.hub.connection import Ledger
from models.library.load_options import LoadOptions
from models.library.model_ref import ModelRef

if TYPE_CHECKING:
    from desktop.library.library import Library
    from models.library.download.queue_store import StoredDownload
    from models.library.fit import Machine

    Imported = tuple[type[Library], Callable[[], Machine], tuple[StoredDownload, ...]]


class LazyLibrary(QObject):
    """The signals and setters of Library (library.py), before and after it exists."""

    model_chosen = Signal(str)
    overruled = Signal(str, str)
    network_chosen = Signal(str, str, bool)
    load_options_chosen = Signal(object)
    message = Signal(str)
    arranged = Signal(object, object)

    def __init__(self, home: AppDirs, parent: QWidget) -> None:
        super().__init__(parent)
        self._home, self._parent = home, parent
        self._network = ("", "", False)
        self._load_options = LoadOptions()
        self._loaded = ("", "")
        self._arrangement: tuple[bytes, tuple[str, ...]] = (b"", ())
        self._background = Background((OSError,), self)
        self._instance: Library | None = None
        self.ledger = Ledger()  # the hosts contacted in this run, by the library and by others

    @property
    def instance(self) -> Library:
        """The library itself, made on first use."""
        if self._instance is None:
            self._instance = self._make(_import_library(self._home.downloads))
        return self._instance

    def open(self) -> None:
        """Show its window where it was left."""
        self._when_made(lambda: self.instance.open())

    def open_catalogue(self) -> None:
        """Show the window with the catalogue: for a first start without a model."""
        self._when_made(lambda: self.instance.open_catalogue())

    def open_hardware(self) -> None:
        """Show the window with the tab of devices and load options."""
        self._when_made(lambda: self.instance.open_hardware())

    def open_network(self) -> None:
        """Show the window with the tab of the network."""
        self._when_made(lambda: self.instance.open_network())

    def arrange(self, geometry: bytes, lines: tuple[str, ...]) -> None:
        """Restore the window as `arranged` carried it; call before it is shown."""
        self._arrangement = (geometry, lines)

    def set_network(self, endpoint: str, proxy: str, offline: bool) -> None:
        """Set how the hub is reached. Empty endpoint or proxy: as the environment's variables say."""
        self._network = (endpoint, proxy, offline)
        if self._instance is not None:
            self._instance.set_network(endpoint, proxy, offline)

    def set_load_options(self, options: LoadOptions) -> None:
        """Set how models are loaded."""
        self._load_options = options
        if self._instance is not None:
            self._instance.set_load_options(options)

    def set_loaded(self, path: str, where: str = "") -> None:
        """Set which model is loaded (path, empty for none): it cannot be removed. where: where it runs and why.

        A model outside the program's folder is added to the list of models from now on."""
        self._loaded = (path, where)
        if self._instance is not None:
            self._instance.set_loaded(path, where)
        if path and not ModelRef(path).is_scripted and not Path(path).is_relative_to(self._home.models):
            self._background.run("link", lambda: user_folders.link(Path(path), self._home), self._refresh)

    def close(self) -> None:
        self._background.close()
        if self._instance is not None:
            self._instance.close()

    def _refresh(self, _added: object) -> None:
        if self._instance is not None:
            self._instance.refresh()

    def _when_made(self, then: Callable[[], None]) -> None:
        """Make the library if there is none yet, then call `then`. Imports and disk work run off the GUI thread."""

        def make(imported: Imported) -> None:
            self._instance = self._instance or self._make(imported)
            then()

        if self._instance is not None:
            then()
        else:
            self._background.run("make the library", lambda: _import_library(self._home.downloads), make)

    def _make(self, imported: Imported) -> Library:
        library_class, machine, queue = imported
        library = library_class(self._home, machine, self._parent, ledger=self.ledger, queue=queue)
        for name in ("model_chosen", "overruled", "network_chosen", "load_options_chosen", "message", "arranged"):
            getattr(library, name).connect(getattr(self, name))
        library.arrange(*self._arrangement)
        library.set_network(*self._network)
        library.set_load_options(self._load_options)
        library.set_loaded(*self._loaded)
        return library


def _import_library(downloads: Path) -> Imported:
    """Import the library's class and read the queue of downloads; the first time takes about a tenth of a second."""
    from desktop.library.library import Library
    from models.launch.device_probe import machine
    from models.library.download.queue_store import read

    return Library, machine, read(downloads)
