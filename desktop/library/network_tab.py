"""The tab of the network: how the hub is reached, and which hosts were contacted in this run and why."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.library.table import Column, Table
from desktop.qt.background import Background
from desktop.qt.form import Form
from desktop.qt.plain_text import Label, tip
from models.library.hub.connection import HUGGING_FACE, LONGEST_ADDRESS, Connection, Contact
from resources.language import tr

LANE = "test connection"
OFFLINE = tr("Offline: contact nothing")
OFFLINE_ANYWAY = tr("Offline: contact nothing (always on: HF_HUB_OFFLINE is set)")

COLUMNS: tuple[Column[Contact], ...] = (
    Column(tr("When"), lambda contact: time.strftime("%H:%M:%S", time.localtime(contact.when))),
    Column(tr("Host"), lambda contact: contact.host),
    Column(tr("Why"), lambda contact: contact.why, wide=True),
)


class NetworkTab(QWidget):
    """How the hub is reached. Its values take effect through signals.

    `network_chosen` carries endpoint and proxy (empty: as the environment's variables say) and offline; `token_chosen`
    a token to save, empty to forget the one that is saved.
    """

    network_chosen = Signal(str, str, bool)
    token_chosen = Signal(str)

    def __init__(self, background: Background, test: Callable[[], str], parent: QWidget | None = None) -> None:
        """test: contacts the hub and returns a sentence for the user; called off the GUI thread."""
        super().__init__(parent)
        self._background, self._test = background, test
        self.offline = QCheckBox(OFFLINE)
        self.endpoint = QLineEdit(placeholderText=HUGGING_FACE, maxLength=LONGEST_ADDRESS)
        self.offline.setToolTip(tip(tr("Sends no requests: no search, no download. Writing needs no network.")))
        self.endpoint.setToolTip(
            tip(tr("Another address for the Hugging Face hub, such as a mirror; empty for its own."))
        )
        self.proxy = QLineEdit(placeholderText=tr("System"), maxLength=LONGEST_ADDRESS)
        self.proxy.setToolTip(tip(tr("As in http://host:port; empty for the system's proxy.")))
        self.token = QLineEdit(placeholderText=tr("hf_… (only for gated models)"), echoMode=QLineEdit.EchoMode.Password)
        self.save_token = QPushButton(tr("Keep token"))
        self.forget_token = QPushButton(tr("Forget token"))
        self.test = QPushButton(tr("Test connection"))
        self.message_label = Label(wordWrap=True)
        self.table: Table[Contact] = Table(tr("Hosts that were contacted"), COLUMNS)
        self._chosen, self._form = {"endpoint": "", "proxy": "", "offline": False}, Form()
        self._connect()
        self._lay_out()

    def _connect(self) -> None:
        self._form.add("endpoint", lambda: self.endpoint.text().strip().rstrip("/"), self.endpoint.setText)
        self._form.add("proxy", lambda: self.proxy.text().strip(), self.proxy.setText)
        self._form.add("offline", self.offline.isChecked, self.offline.setChecked)
        self._form.follow(self._chosen)
        self.offline.clicked.connect(lambda _on: self._choose())
        for line in (self.endpoint, self.proxy):
            line.editingFinished.connect(self._choose)
        self.save_token.clicked.connect(self._save_token)
        self.forget_token.clicked.connect(lambda: self.token_chosen.emit(""))
        self.test.clicked.connect(self._run_test)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.addRow("", self.offline)
        form.addRow(tr("Hub address"), self.endpoint)
        form.addRow(tr("Proxy"), self.proxy)
        token = Label(tr("Token"))
        token.setBuddy(self.token)
        self.token.setAccessibleName(tr("Token"))  # a label that is not its sibling does not name it
        form.addRow(token, _row(self.token, self.save_token, self.forget_token))
        form.addRow("", _row(self.test, self.message_label))
        title = Label(tr("Hosts that were contacted in this run, and why"))
        title.setObjectName("quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addLayout(form)
        column.addSpacing(8)
        column.addWidget(title)
        column.addWidget(self.table, 1)

    def follow(self, endpoint: str, proxy: str, offline: bool) -> None:
        """Show what is chosen now; text that the user is typing stays."""
        self._chosen = {"endpoint": endpoint, "proxy": proxy, "offline": offline}
        self._form.follow(self._chosen)

    def put(self, chosen: tuple[str, str, bool], connection: Connection, sentence: str = "") -> None:
        """Show what was chosen (endpoint, proxy, offline) and the connection that results with the environment's
        variables. sentence: what happened to the token, empty for nothing.
        """
        self.follow(*chosen)
        self.offline.setText(OFFLINE_ANYWAY if connection.offline and not chosen[2] else OFFLINE)
        self.endpoint.setPlaceholderText(connection.endpoint)
        self.forget_token.setEnabled(bool(connection.token))
        self.token.setPlaceholderText(tr("a token is set") if connection.token else tr("hf_… (only for gated models)"))
        if sentence:
            self.message_label.setText(sentence)

    def put_contacts(self, contacts: Sequence[Contact]) -> None:
        if tuple(contacts) != self.table.rows.values:
            self.table.put(contacts)

    def _choose(self) -> None:
        chosen = self._chosen | self._form.changes
        self.network_chosen.emit(chosen["endpoint"], chosen["proxy"], chosen["offline"])

    def _save_token(self) -> None:
        if token := self.token.text().strip():
            self.token.clear()
            self.token_chosen.emit(token)

    def _run_test(self) -> None:
        self._choose()
        self.message_label.setText(tr("Asking…"))
        self._background.run(LANE, self._test, self.message_label.setText, self.message_label.setText)


def _row(*widgets: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        layout.addWidget(widget, 1 if isinstance(widget, Label | QLineEdit) else 0)
    return row
