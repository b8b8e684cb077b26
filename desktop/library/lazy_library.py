"""The library as the program holds it: behind a door that opens when it is first wanted.

Most starts of the program never want it, and it brings everything that reaches the hub. What the program said to it
before it was there is said to it then. Knows nothing of what it does.
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

    Parts = tuple[type[Library], Callable[[], Machine], tuple[StoredDownload, ...]]


class LazyLibrary(QObject):
    """The signals of Library (library.py), and what the program says to it."""

    model_chosen = Signal(str)
    overruled = Signal(str, str)
    network_chosen = Signal(str, str, bool)
    choices_made = Signal(object)
    message = Signal(str)
    arranged = Signal(object, object)

    def __init__(self, home: AppDirs, parent: QWidget) -> None:
        super().__init__(parent)
        self._home, self._parent = home, parent
        self._network = ("", "", False)
        self._choices = LoadOptions()
        self._loaded = ("", "")
        self._arranged: tuple[bytes, tuple[str, ...]] = (b"", ())
        self._background = Background((OSError,), self)
        self._inside: Library | None = None
        self.ledger = Ledger()  # who was contacted in this run, by the library and by others

    @property
    def inside(self) -> Library:
        """The library itself, made when it is first asked for."""
        if self._inside is None:
            self._inside = self._made(_parts(self._home.downloads))
        return self._inside

    def open(self) -> None:
        """Show its window where it was left."""
        self._come_in(lambda: self.inside.open())

    def open_catalogue(self) -> None:
        """Show what there is to have: for a first start without a model."""
        self._come_in(lambda: self.inside.open_catalogue())

    def open_hardware(self) -> None:
        """Show how models are loaded, and on what."""
        self._come_in(lambda: self.inside.open_hardware())

    def open_network(self) -> None:
        """Show how the hub is reached."""
        self._come_in(lambda: self.inside.open_network())

    def arrange(self, geometry: bytes, lines: tuple[str, ...]) -> None:
        """How its window stood when it was told last by `arranged`."""
        self._arranged = (geometry, lines)

    def set_network(self, endpoint: str, proxy: str, offline: bool) -> None:
        """How the hub is to be reached from now on; empty is the environment's way."""
        self._network = (endpoint, proxy, offline)
        if self._inside is not None:
            self._inside.set_network(endpoint, proxy, offline)

    def set_choices(self, choices: LoadOptions) -> None:
        """How models are loaded from now on."""
        self._choices = choices
        if self._inside is not None:
            self._inside.set_choices(choices)

    def set_loaded(self, path: str, where: str = "") -> None:
        """That model is loaded now, or none; it is not removed. where: where it runs and why, in words."""
        self._loaded = (path, where)
        if self._inside is not None:
            self._inside.set_loaded(path, where)
        if path and not ModelRef(path).is_scripted and not Path(path).is_relative_to(self._home.models):
            self._background.run("link", lambda: user_folders.link(Path(path), self._home), self._list_again)

    def close(self) -> None:
        self._background.close()
        if self._inside is not None:
            self._inside.close()

    def _list_again(self, _added: object) -> None:
        """A model that was opened from elsewhere is listed from now on, where it lies; where the list cannot be
        written, that is done without."""
        if self._inside is not None:
            self._inside.refresh()

    def _come_in(self, then: Callable[[], None]) -> None:
        """What it needs is imported, and the queue of downloads read, in a thread: the page goes on meanwhile."""

        def come_in(parts: Parts) -> None:
            self._inside = self._inside or self._made(parts)
            then()

        if self._inside is not None:
            then()
        else:
            self._background.run("come in", lambda: _parts(self._home.downloads), come_in)

    def _made(self, parts: Parts) -> Library:
        of_library, machine, queue = parts
        library = of_library(self._home, machine, self._parent, ledger=self.ledger, queue=queue)
        for name in ("model_chosen", "overruled", "network_chosen", "choices_made", "message", "arranged"):
            getattr(library, name).connect(getattr(self, name))
        library.arrange(*self._arranged)
        library.set_network(*self._network)
        library.set_choices(self._choices)
        library.set_loaded(*self._loaded)
        return library


def _parts(downloads: Path) -> Parts:
    """What the library is made of; the first time takes about a tenth of a second."""
    from desktop.library.library import Library
    from models.launch.device_probe import machine
    from models.library.download.queue_store import read

    return Library, machine, read(downloads)
