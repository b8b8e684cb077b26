"""Whether there is a newer Inkfall, in the window: asks off the GUI thread when the user asks, and shows the answer.

What it needs is imported when the user asks.
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
LIMIT = 30_000  # milliseconds that asking may take altogether


class Updates(QObject):
    """One question at a time. A newer release's page is opened in the browser where the user wants that."""

    def __init__(
        self,
        version: Callable[[], str],
        ledger: Ledger,
        parent: QWidget,
        address: str = "",
        limit: int = LIMIT,
        open_page: Callable[[str], object] = lambda url: QDesktopServices.openUrl(QUrl(url)),
    ) -> None:
        """version: of this program. ledger: where it is noted who was contacted. address: another one than
        that of address.py."""
        super().__init__(parent)
        self._version, self._ledger, self._window = version, ledger, parent
        self._address, self._open_page = address, open_page
        self._proxy, self._offline = "", False
        self._background: Background | None = None
        self._limit = QTimer(self, interval=limit, singleShot=True)
        self._limit.timeout.connect(self._too_long)
        self.dialog: UpdateDialog | None = None

    def set_network(self, proxy: str, offline: bool) -> None:
        """How anybody is reached from now on; see Connection."""
        self._proxy, self._offline = proxy, offline

    def check(self) -> None:
        """Ask now, in a window that can be cancelled."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        from desktop.updating.dialog import UpdateDialog
        from desktop.updating.newest import UpdateError, newest
        from models.library.hub.errors import host_of

        address = self._address or ADDRESS
        dialog = self.dialog = UpdateDialog(host_of(address), self._window)
        dialog.cancelled.connect(self._cancel)
        dialog.page_requested.connect(self._open_page)
        dialog.finished.connect(self._closed)
        dialog.open()
        reached = Connection(proxy=self._proxy, offline=self._offline, ledger=self._ledger)
        self._background = self._background or Background((UpdateError,), self)
        self._limit.start()
        self._background.run(LANE, lambda: newest(reached, address), self._show, self._show_failure)

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
        """Nobody wants the answer: what still comes is dropped."""
        self._limit.stop()
        if self._background is not None:
            self._background.cancel(LANE)

    def _closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()
