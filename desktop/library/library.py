"""The library: connects the tabs of the models window to models/library.

All disk and network work runs off the GUI thread. Does not open models itself: it emits `model_chosen`.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from desktop.library.catalogue_tab import CatalogueTab
from desktop.library.downloads_tab import DownloadsTab
from desktop.library.fit_summary import FitSummary, fit_summary_of
from desktop.library.hardware_tab import HardwareTab, Outlook
from desktop.library.local_actions import LocalActions
from desktop.library.network_tab import NetworkTab
from desktop.library.repository_panel import RepositoryPanel
from desktop.library.search_tab import Batches, SearchTab
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
POLL = 250  # milliseconds between two updates of the downloads and of the hosts contacted
BYTES_A_PARAMETER = 0.7  # at four to five bits a weight, with a little for the cache


class Library(QObject):
    """Finds, downloads, lists and removes models. Its window and tabs are made when they are first shown."""

    model_chosen = Signal(str)  # path of a model to open
    overruled = Signal(str, str)  # path of a model, and the kind that the user says it is of: base or chat
    network_chosen = Signal(str, str, bool)  # endpoint, proxy, offline: to be saved with the settings
    load_options_chosen = Signal(object)  # LoadOptions: to be saved with the settings, and the model loaded again
    message = Signal(str)  # a sentence for the user
    arranged = Signal(object, object)  # LibraryWindow.arranged: to be saved with the settings

    def __init__(
        self,
        home: AppDirs,
        machine: Callable[[], fit.Machine],
        parent: QWidget,
        tokens: Tokens | None = None,
        ledger: Ledger | None = None,
        queue: Iterable[StoredDownload] | None = None,
    ) -> None:
        """machine: returns the memory that is free now; called off the GUI thread. tokens: None for the system's
        keyring. ledger: the record of hosts contacted, if it is shared with others. queue: the downloads of the last
        run, if they were read already.
        """
        super().__init__(parent)
        self._home, self._ask_machine, self._parent = home, machine, parent
        self._last_machine: fit.Machine | None = None  # as `machine` returned it last
        self._network = ("", "", False)  # endpoint, proxy, offline
        self._loaded: Path | None = None
        self._placement, self._load_options = "", LoadOptions()
        self._arrangement: tuple[bytes, tuple[str, ...]] = (b"", ())
        self._tokens, self._ledger = tokens or Tokens(), ledger or Ledger()
        self._background = Background((HubError, HeaderError, RemovalError, OSError), self)
        self._downloads = Downloads(home.models, home.downloads, self._connect, queue=queue)
        self._finished = _finished(self._downloads.snapshot())
        self._poll = QTimer(self, interval=POLL)
        self._poll.timeout.connect(self._refresh_downloads)
        self.window: LibraryWindow | None = None

    # ------------------------------------------------------------------------------------------------ the window

    def open(self) -> None:
        """Show the window where it was left."""
        self._ensure_window().show_tab()
        self.local_actions.refresh()
        self.hardware_tab.refresh()
        self._poll.start()

    def open_catalogue(self) -> None:
        """Show the window with the catalogue: for a first start without a model."""
        self.open()
        self._ensure_window().show_tab(self.catalogue_tab)

    def open_hardware(self) -> None:
        """Show the window with the tab of devices and load options."""
        self.open()
        self._ensure_window().show_tab(self.hardware_tab)

    def open_network(self) -> None:
        """Show the window with the tab of the network."""
        self.open()
        self._ensure_window().show_tab(self.network_tab)

    def set_network(self, endpoint: str, proxy: str, offline: bool) -> None:
        """Set how the hub is reached. Empty endpoint or proxy: as the environment's variables say."""
        if (endpoint, proxy, offline) == self._network:
            return  # another setting changed: text that is half typed on the tab stays
        self._network = (endpoint, proxy, offline)
        if offline:
            self._pause_all()
        if self.window is not None:
            self.search_tab.forget()
            self.network_tab.follow(*self._network)
            self._show_network()

    def arrange(self, geometry: bytes, lines: tuple[str, ...]) -> None:
        """Restore the window as `arranged` carried it; call before it is made."""
        self._arrangement = (geometry, lines)

    def _tables(self) -> dict[str, Table[Any]]:
        """The tables whose column widths are remembered, by the names in the settings' file."""
        return {
            "catalogue": self.catalogue_tab.table,
            "local": self.local_actions.tab.table,
            "search": self.search_tab.table,
            "downloads": self.downloads_tab.table,
            "devices": self.hardware_tab.table,
            "hosts": self.network_tab.table,
        }

    def set_load_options(self, options: LoadOptions) -> None:
        """Set how models are loaded."""
        if options == self._load_options:
            return  # another setting changed: values that are half chosen on the tab stay
        self._load_options = options
        if self.window is not None:
            self.hardware_tab.put(options)

    def set_loaded(self, path: str, where: str = "") -> None:
        """Set which model is loaded (path, empty for none): it cannot be removed. where: where it runs and why."""
        self._placement = where
        self._loaded = Path(path) if path else None
        if self.window is not None:
            self.local_actions.set_loaded(self._loaded)
            self.hardware_tab.show_where(where)
            self.hardware_tab.refresh()  # the free memory has changed

    def refresh(self) -> None:
        """List the models on this machine again."""
        if self.window is not None:
            self.local_actions.refresh()

    def close(self) -> None:
        if self.window is not None:
            self.window.arrangement.stop()
        self._poll.stop()
        self._background.close()
        self._downloads.close()

    def _ensure_window(self) -> LibraryWindow:
        """Return the window and make it with its tabs if there is none yet."""
        if self.window is not None:
            return self.window
        self.local_actions = LocalActions(self._home, self._background, self)
        self.local_actions.set_loaded(self._loaded)
        self.local_actions.model_chosen.connect(self._open_model)
        self.local_actions.overruled.connect(self.overruled)
        self.catalogue_tab = CatalogueTab(self._panel("catalogue"))
        self._background.run("catalogue", entries, self.catalogue_tab.put)
        self.search_tab = SearchTab(self._background, self._search_hub, self._may_fit, self._panel("search"))
        self.downloads_tab = self._make_downloads_tab()
        self.hardware_tab = HardwareTab(self._background, self._machine, self._outlook)
        self.hardware_tab.load_options_chosen.connect(self.load_options_chosen)
        self.hardware_tab.machine_seen.connect(self.catalogue_tab.put_machine)
        self.hardware_tab.put(self._load_options)
        self.hardware_tab.show_where(self._placement)
        self.network_tab = NetworkTab(self._background, lambda: test_connection(self._connect()))
        self.network_tab.follow(*self._network)
        self.network_tab.network_chosen.connect(self._take_network)
        self.network_tab.token_chosen.connect(self._save_token)
        tabs = {
            tr("Catalogue"): self.catalogue_tab,
            tr("Installed"): self.local_actions.tab,
            tr("Search"): self.search_tab,
            tr("Downloads"): self.downloads_tab,
            tr("Hardware"): self.hardware_tab,
            tr("Network"): self.network_tab,
        }
        for name, table in self._tables().items():
            table.setObjectName(name)
        self.window = LibraryWindow(tabs, self._parent)
        self.window.arrange(*self._arrangement)
        self.window.arranged.connect(self.arranged)
        self._show_network()
        self._refresh_downloads()
        return self.window

    def _panel(self, lane: str) -> RepositoryPanel:
        panel = RepositoryPanel(self._background, lane, self._open_repository, self._judge)
        panel.download_requested.connect(self._download)
        return panel

    def _make_downloads_tab(self) -> DownloadsTab:
        tab, downloads = DownloadsTab(), self._downloads
        tab.pause_requested.connect(lambda download: downloads.pause(download.item))
        tab.resume_requested.connect(lambda download: downloads.resume(download.item))
        tab.cancel_requested.connect(lambda download: downloads.cancel(download.item))
        tab.remove_requested.connect(lambda download: downloads.remove(download.item))
        tab.delete_requested.connect(lambda download: self.local_actions.ask_to_remove(download.path))
        tab.web_page_requested.connect(lambda download: QDesktopServices.openUrl(QUrl(download.url)))
        tab.open_requested.connect(lambda download: self._open_model(str(download.path)))
        return tab

    def _open_model(self, path: str) -> None:
        """Hide the library; load progress shows in the main window."""
        self._ensure_window().hide()
        self.model_chosen.emit(path)

    # ------------------------------------------------------------------------------------------------ the hub
    # All but `_may_fit` run off the GUI thread.

    def _connect(self) -> Connection:
        endpoint, proxy, offline = self._network
        return connection(tokens=self._tokens, endpoint=endpoint, proxy=proxy, offline=offline, ledger=self._ledger)

    def _search_hub(self, query: str, filters: Filters) -> Batches:
        yield from search(query, self._connect(), filters)

    def _open_repository(self, wanted: Address) -> Repository:
        return open_repository(wanted.repo, self._connect(), revision=wanted.revision)

    def _judge(self, repository: Repository) -> Iterator[tuple[Downloadable, FitSummary]]:
        reached = self._connect()

        def read(item: Downloadable) -> Header:
            return far_header(item, reached, self._home)

        for forecast in forecasts(repository, self._machine(), read, self._load_options):
            yield forecast.item, fit_summary_of(forecast)

    def _outlook(self, options: LoadOptions) -> Outlook | None:
        if self._loaded is None or not self._loaded.is_file():
            return None
        machine = self._last_machine or self._machine()
        return Outlook(self._loaded.name, fit.plan(read_whole(self._loaded), machine, options), machine)

    def _machine(self) -> fit.Machine:
        self._last_machine = self._ask_machine()
        return self._last_machine

    def _may_fit(self, name: str) -> bool:
        """Whether a model with the parameters in this name may fit, by the machine as it was last seen (GUI thread)."""
        machine = self._last_machine or fit.this_machine()
        return parameters_in_name(name) * BYTES_A_PARAMETER < machine.memory.usable + machine.usable

    # ------------------------------------------------------------------------------------------------ downloads

    def _download(self, item: Downloadable) -> None:
        try:
            self._downloads.add(item)
        except RefusedError as error:
            self._ensure_window().show_tab(self.downloads_tab)
            self.downloads_tab.say(str(error))
            return
        self._poll.start()
        self._refresh_downloads()
        self._ensure_window().show_tab(self.downloads_tab)

    def _pause_all(self) -> None:
        for download in self._downloads.snapshot():
            self._downloads.pause(download.item, PAUSED_OFFLINE)

    def _refresh_downloads(self) -> None:
        """Show the downloads and the hosts contacted as they are now; emit one message for each finished download."""
        found = self._downloads.snapshot()
        for download in found:
            if download.phase == "done" and download.item not in self._finished:
                self.message.emit(_finished_message(download))
                if self.window is not None:
                    self.local_actions.refresh()
        self._finished = _finished(found)
        if self.window is not None:
            self.downloads_tab.put(found)
            self.network_tab.put_contacts(self._ledger.contacts())
            active = sum(download.phase not in AT_REST for download in found)
            self.window.set_title(
                self.downloads_tab, tr("Downloads ({count})").format(count=active) if active else tr("Downloads")
            )
            if not active and not self.window.isVisible():
                self._poll.stop()

    # ------------------------------------------------------------------------------------------------ the network

    def _take_network(self, endpoint: str, proxy: str, offline: bool) -> None:
        if (endpoint, proxy, offline) != self._network:
            self.set_network(endpoint, proxy, offline)
            self.network_chosen.emit(endpoint, proxy, offline)

    def _save_token(self, token: str) -> None:
        def work() -> str:
            endpoint = self._connect().endpoint
            saved = self._tokens.save(token, endpoint) if token else self._tokens.forget(endpoint)
            return saved.sentence

        self._background.run("token", work, self._show_network, self._show_network)

    def _show_network(self, sentence: str = "") -> None:
        """Show the connection on its tab. The keyring is asked for a token off the GUI thread."""
        chosen = self._network
        self._background.run("network", self._connect, lambda reached: self.network_tab.put(chosen, reached, sentence))


def _finished_message(download: Download) -> str:
    """The sentence for a download that is done."""
    if not download.usable:
        return download.sentence
    sentence = tr("{name} was downloaded: open it in File, Models.").format(name=download.item.name)
    return sentence if download.item.verifiable else f"{sentence} {UNVERIFIED}"


def _finished(downloads: tuple[Download, ...]) -> set[Downloadable]:
    return {download.item for download in downloads if download.phase == "done"}
