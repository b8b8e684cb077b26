"""The library's room: what a person does about models, from finding one to removing it.

Joins the pages to what models/library does; all of that runs off the GUI thread. Opens no model itself: that is a wish.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from desktop.library.catalogue_tab import CatalogueTab
from desktop.library.downloads_tab import DownloadsTab
from desktop.library.fit_summary import FitSummary, verdict_of
from desktop.library.hardware_tab import HardwareTab, Outlook
from desktop.library.local_actions import LocalActions
from desktop.library.network_tab import NetworkTab
from desktop.library.repository_panel import RepositoryPanel
from desktop.library.search_tab import Pages, SearchTab
from desktop.library.table import Table
from desktop.library.window import LibraryWindow
from desktop.qt.background import Background
from models.library import fit
from models.library.app_dirs import AppDirs
from models.library.catalogue import entries
from models.library.download.progress import RefusedError
from models.library.download.queue import AT_REST, Download, Downloads
from models.library.download.queue_store import StoredDownload
from models.library.downloadable import UNVERIFIED, Downloadable, Repository
from models.library.forecast import forecasts
from models.library.header import Header, HeaderError
from models.library.hub.address import Address
from models.library.hub.connection import Connection, Ledger
from models.library.hub.connection_settings import connection, test_connection
from models.library.hub.errors import HubError
from models.library.hub.far_header import far_header
from models.library.hub.naming import parameters_in_name
from models.library.hub.repository import open_repository
from models.library.hub.search import Filters, search
from models.library.hub.token import Tokens
from models.library.load_options import LoadOptions
from models.library.model_files import read_whole
from models.library.trash import RemovalError
from resources.language import tr

PAUSED_OFFLINE = tr("Inkfall is set to offline. Resume the download when it is online again.")
POLL = 250  # milliseconds between two looks at the downloads and the ledger
BYTES_A_PARAMETER = 0.7  # at four to five bits a weight


class Library(QObject):
    """Signals: wishes; `message` carries a sentence for the notice."""

    model_chosen = Signal(str)
    overruled = Signal(str, str)  # a model's path, and the kind that the user says it is of: base or chat
    network_chosen = Signal(str, str, bool)  # endpoint, proxy, offline: to be kept with the settings
    choices_made = Signal(object)  # Choices: to be kept with the settings, and the model loaded again
    message = Signal(str)
    arranged = Signal(object, object)  # how the window stands: to be kept with the settings

    def __init__(
        self,
        home: AppDirs,
        machine: Callable[[], fit.Machine],
        parent: QWidget,
        tokens: Tokens | None = None,
        ledger: Ledger | None = None,
        queue: Iterable[StoredDownload] | None = None,
    ) -> None:
        """machine: what is free now; called off the GUI thread. tokens: None for those of the system's keyring. ledger:
        who was contacted, where others contact somebody too. queue: the downloads of the last run, where they were read
        already.
        """
        super().__init__(parent)
        self._home, self._ask_machine, self._parent = home, machine, parent
        self._seen: fit.Machine | None = None  # what was free when it was last asked
        self._network = ("", "", False)  # endpoint, proxy, offline
        self._loaded: Path | None = None
        self._where, self._choices = "", LoadOptions()
        self._arranged: tuple[bytes, tuple[str, ...]] = (b"", ())
        self._tokens, self._ledger = tokens or Tokens(), ledger or Ledger()
        self._background = Background((HubError, HeaderError, RemovalError, OSError), self)
        self._downloads = Downloads(home.models, home.downloads, self._connect, queue=queue)
        self._done = _done(self._downloads.snapshot())
        self._poll = QTimer(self, interval=POLL)
        self._poll.timeout.connect(self._look)
        self._window: LibraryWindow | None = None

    # ------------------------------------------------------------------------------------------------ the window

    def open(self) -> None:
        """Show the window where it was left."""
        self._made().show_page()
        self._local.refresh()
        self._running.refresh()
        self._poll.start()

    def open_catalogue(self) -> None:
        """Show what there is to have: for a first start without a model."""
        self.open()
        self._made().show_page(self._catalogue)

    def open_hardware(self) -> None:
        """Show how models are loaded, and on what."""
        self.open()
        self._made().show_page(self._running)

    def open_network(self) -> None:
        """Show how the hub is reached."""
        self.open()
        self._made().show_page(self._net)

    def set_network(self, endpoint: str, proxy: str, offline: bool) -> None:
        """How the hub is to be reached from now on; empty is the environment's way."""
        if (endpoint, proxy, offline) == self._network:
            return  # another setting changed: what is half typed on the page stays
        self._network = (endpoint, proxy, offline)
        if offline:
            self._pause_all()
        if self._window is not None:
            self._search.forget()
            self._net.follow(*self._network)
            self._show_network()

    def arrange(self, geometry: bytes, lines: tuple[str, ...]) -> None:
        """Have the window stand as `arranged` told it before; called before it is made."""
        self._arranged = (geometry, lines)

    def _tables(self) -> dict[str, Table[Any]]:
        """The tables whose columns are remembered, by names that stay."""
        return {
            "catalogue": self._catalogue.table,
            "local": self._local.page.table,
            "search": self._search.table,
            "downloads": self._queue.table,
            "devices": self._running.table,
            "hosts": self._net.table,
        }

    def set_choices(self, choices: LoadOptions) -> None:
        """How models are loaded from now on."""
        if choices == self._choices:
            return  # another setting changed: what is half chosen on the page stays
        self._choices = choices
        if self._window is not None:
            self._running.put(choices)

    def set_loaded(self, path: str, where: str = "") -> None:
        """That model is loaded now, or none; it is not removed. where: where it runs and why, in words."""
        self._where = where
        self._loaded = Path(path) if path else None
        if self._window is not None:
            self._local.set_loaded(self._loaded)
            self._running.show_where(where)
            self._running.refresh()  # what is free has changed

    def refresh(self) -> None:
        """The models on this machine have changed."""
        if self._window is not None:
            self._local.refresh()

    def close(self) -> None:
        if self._window is not None:
            self._window.arrangement.stop()
        self._poll.stop()
        self._background.close()
        self._downloads.close()

    def _made(self) -> LibraryWindow:
        """The window, made when it is first wanted."""
        if self._window is not None:
            return self._window
        self._local = LocalActions(self._home, self._background, self)
        self._local.set_loaded(self._loaded)
        self._local.model_chosen.connect(self._open_model)
        self._local.overruled.connect(self.overruled)
        self._catalogue = CatalogueTab(self._panel("catalogue"))
        self._background.run("catalogue", entries, self._catalogue.put)
        self._search = SearchTab(self._background, self._pages, self._may_fit, self._panel("search"))
        self._queue = self._downloads_page()
        self._running = HardwareTab(self._background, self._machine, self._outlook)
        self._running.choices_made.connect(self.choices_made)
        self._running.machine_seen.connect(self._catalogue.put_machine)
        self._running.put(self._choices)
        self._running.show_where(self._where)
        self._net = NetworkTab(self._background, lambda: test_connection(self._connect()))
        self._net.follow(*self._network)
        self._net.network_chosen.connect(self._choose_network)
        self._net.token_chosen.connect(self._keep_token)
        pages = {
            tr("Catalogue"): self._catalogue,
            tr("Installed"): self._local.page,
            tr("Search"): self._search,
            tr("Downloads"): self._queue,
            tr("Hardware"): self._running,
            tr("Network"): self._net,
        }
        for name, table in self._tables().items():
            table.setObjectName(name)
        self._window = LibraryWindow(pages, self._parent)
        self._window.arrange(*self._arranged)
        self._window.arranged.connect(self.arranged)
        self._show_network()
        self._look()
        return self._window

    def _panel(self, lane: str) -> RepositoryPanel:
        panel = RepositoryPanel(self._background, lane, self._repository, self._judge)
        panel.download_requested.connect(self._download)
        return panel

    def _downloads_page(self) -> DownloadsTab:
        page, downloads = DownloadsTab(), self._downloads
        page.pause_requested.connect(lambda download: downloads.pause(download.item))
        page.resume_requested.connect(lambda download: downloads.resume(download.item))
        page.cancel_requested.connect(lambda download: downloads.cancel(download.item))
        page.remove_requested.connect(lambda download: downloads.remove(download.item))
        page.delete_requested.connect(lambda download: self._local.ask_to_remove(download.path))
        page.page_requested.connect(lambda download: QDesktopServices.openUrl(QUrl(download.url)))
        page.open_requested.connect(lambda download: self._open_model(str(download.path)))
        return page

    def _open_model(self, path: str) -> None:
        """The window steps aside: what comes of it is told beside the page."""
        self._made().hide()
        self.model_chosen.emit(path)

    # ------------------------------------------------------------------------------------------------ the hub
    # These run off the GUI thread.

    def _connect(self) -> Connection:
        endpoint, proxy, offline = self._network
        return connection(tokens=self._tokens, endpoint=endpoint, proxy=proxy, offline=offline, ledger=self._ledger)

    def _pages(self, query: str, filters: Filters) -> Pages:
        yield from search(query, self._connect(), filters)

    def _repository(self, wanted: Address) -> Repository:
        return open_repository(wanted.repo, self._connect(), revision=wanted.revision)

    def _judge(self, repository: Repository) -> Iterator[tuple[Downloadable, FitSummary]]:
        reached = self._connect()

        def read(item: Downloadable) -> Header:
            return far_header(item, reached, self._home)

        for forecast in forecasts(repository, self._machine(), read, self._choices):
            yield forecast.item, verdict_of(forecast)

    def _outlook(self, choices: LoadOptions) -> Outlook | None:
        if self._loaded is None or not self._loaded.is_file():
            return None
        machine = self._seen or self._machine()
        return Outlook(self._loaded.name, fit.plan(read_whole(self._loaded), machine, choices), machine)

    def _machine(self) -> fit.Machine:
        self._seen = self._ask_machine()
        return self._seen

    def _may_fit(self, name: str) -> bool:
        """On the GUI thread, by what was seen last: the devices are asked for whenever the window opens."""
        machine = self._seen or fit.this_machine()
        return parameters_in_name(name) * BYTES_A_PARAMETER < machine.memory.usable + machine.usable

    # ------------------------------------------------------------------------------------------------ downloads

    def _download(self, item: Downloadable) -> None:
        try:
            self._downloads.add(item)
        except RefusedError as error:
            self._made().show_page(self._queue)
            self._queue.say(str(error))
            return
        self._poll.start()
        self._look()
        self._made().show_page(self._queue)

    def _pause_all(self) -> None:
        for download in self._downloads.snapshot():
            self._downloads.pause(download.item, PAUSED_OFFLINE)

    def _look(self) -> None:
        """What the downloads and the ledger say now; a model that has come is told of once."""
        found = self._downloads.snapshot()
        for download in found:
            if download.phase == "done" and download.item not in self._done:
                self.message.emit(_arrived(download))
                if self._window is not None:
                    self._local.refresh()
        self._done = _done(found)
        if self._window is not None:
            self._queue.put(found)
            self._net.put_contacts(self._ledger.contacts())
            under_way = sum(download.phase not in AT_REST for download in found)
            self._window.name(
                self._queue, tr("Downloads ({count})").format(count=under_way) if under_way else tr("Downloads")
            )
            if not under_way and not self._window.isVisible():
                self._poll.stop()

    # ------------------------------------------------------------------------------------------------ the network

    def _choose_network(self, endpoint: str, proxy: str, offline: bool) -> None:
        if (endpoint, proxy, offline) != self._network:
            self.set_network(endpoint, proxy, offline)
            self.network_chosen.emit(endpoint, proxy, offline)

    def _keep_token(self, token: str) -> None:
        def work() -> str:
            endpoint = self._connect().endpoint
            kept = self._tokens.save(token, endpoint) if token else self._tokens.forget(endpoint)
            return kept.sentence

        self._background.run("token", work, self._show_network, self._show_network)

    def _show_network(self, sentence: str = "") -> None:
        """Asks the keyring whether there is a token: off the GUI thread."""
        chosen = self._network
        self._background.run("network", self._connect, lambda reached: self._net.put(chosen, reached, sentence))


def _arrived(download: Download) -> str:
    """What is said of a download that is done."""
    if not download.usable:
        return download.sentence
    sentence = tr("{name} was downloaded: open it in File, Models.").format(name=download.item.name)
    return sentence if download.item.verifiable else f"{sentence} {UNVERIFIED}"


def _done(downloads: tuple[Download, ...]) -> set[Downloadable]:
    return {download.item for download in downloads if download.phase == "done"}
