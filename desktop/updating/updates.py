"""Checks for updates in the window: asks off the GUI thread, and shows the answer in a dialog.

The dialog and the client are imported on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from desktop.qt.background import Background
from desktop.updating.address import ADDRESS
from models.library.hub.connection import Connection, Ledger
from resources.language import tr

if TYPE_CHECKING:
    from desktop.updating.dialog import UpdateDialog
    from desktop.updating.newest import Release

LANE = "newest"
LIMIT = 30_000  # milliseconds that a check may take altogether


class Updates(QObject):
    """Runs one check at a time. Opens the web page of a newer release in the browser if the user wants that."""

    def __init__(
        self,
        version: Callable[[], str],
        ledger: Ledger,
        parent: QWidget,
        address: str = "",
        limit: int = LIMIT,
        open_url: Callable[[str], object] = lambda url: QDesktopServices.openUrl(QUrl(url)),
    ) -> None:
        """version: returns the version of this program. ledger: the record of hosts contacted. address: overrides the
        one in address.py. limit: in milliseconds."""
        super().__init__(parent)
        self._version, self._ledger, self._window = version, ledger, parent
        self._address, self._open_url = address, open_url
        self._proxy, self._offline = "", False
        self._background: Background | None = None
        self._limit = QTimer(self, interval=limit, singleShot=True)
        self._limit.timeout.connect(self._too_long)
        self.dialog: UpdateDialog | None = None

    def set_network(self, proxy: str, offline: bool) -> None:
        """Set the proxy and the offline flag; see Connection."""
        self._proxy, self._offline = proxy, offline

    def check(self) -> None:
        """Open the dialog and ask."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        from desktop.updating.dialog import UpdateDialog
        from desktop.updating.newest import UpdateError, newest
        from models.library.hub.errors import host_of

        address = self._address or ADDRESS
        dialog = self.dialog = UpdateDialog(host_of(address), self._window)
        dialog.cancelled.connect(self._cancel)
        dialog.web_page_requested.connect(self._open_url)
        dialog.finished.connect(self._closed)
        dialog.open()
        connection = Connection(proxy=self._proxy, offline=self._offline, ledger=self._ledger)
        self._background = self._background or Background((UpdateError,), self)
        self._limit.start()
        self._background.run(LANE, lambda: newest(connection, address), self._show, self._show_failure)

    def close(self) -> None:
        self._cancel()
        if self._background is not None:
            self._background.close()

    def _show(self, release: Release) -> None:
        from desktop.updating.newest import is_newer

        self._limit.stop()
        if self.dialog is not None:
            ours = self._version()
            self.dialog.show_newest(release, ours, is_newer(release.version, ours))

    def _show_failure(self, sentence: str) -> None:
        self._limit.stop()
        if self.dialog is not None:
            self.dialog.show_failure(sentence)

    def _too_long(self) -> None:
        self._cancel()
        sentence = tr("{host} did not answer in time: try again later, or check the network.")
        self._show_failure(sentence.format(host=self.dialog.host if self.dialog else ""))

    def _cancel(self) -> None:
        """Drop the answer that is still to come."""
        self._limit.stop()
        if self._background is not None:
            self._background.cancel(LANE)

    def _closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()
