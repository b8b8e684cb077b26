"""The list of favoured and banned tokens in the sampling panel: one row an entry, and fields to add one."""

from collections.abc import Mapping

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from desktop.generation.controls import Control, NumberBox
from desktop.generation.recipe import format_stops, parse_stops
from desktop.qt.plain_text import Label, tip
from models.sampling import bias
from models.sampling.bias import MOST_NATS, BiasToken
from resources.language import tr

FAVOUR = 2.0  # nats, at first
BANNED = tr("banned")


def entry_of(token: int | str, nats: float) -> str:
    """The entry that shifts the logit of a token, given by its id or its text."""
    return f"{f'id:{token}' if isinstance(token, int) else token}={nats:g}"


def name_of(wanted: int | str, token: BiasToken | None) -> str:
    """The token of an entry as it is listed. wanted: its id or text. token: what that means to the loaded model; None
    where it is not known."""
    if isinstance(wanted, str):
        return f"“{format_stops((wanted,))}”"
    spelt = token.bytes.decode("utf-8", "replace") if token and token.id >= 0 else ""
    return f"id:{wanted} “{format_stops((spelt,))}”" if spelt else f"id:{wanted}"


class BiasRow(QWidget):
    """One entry. `changed` carries the entry with another number, `removed` nothing."""

    changed = Signal(str)
    removed = Signal()

    def __init__(self, entry: str) -> None:
        super().__init__()
        self.wanted, nats = bias.parse(entry)
        self.name = Label()
        self.name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.number = _number_box(nats if nats >= -MOST_NATS else 0)
        self.number.valueChanged.connect(lambda value: self.changed.emit(entry_of(self.wanted, value)))
        self.remove = QToolButton(autoRaise=True)
        self.remove.setText("×")
        self.remove.setToolTip(tip(tr("Removes this entry")))
        self.remove.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.name, 1)
        row.addWidget(self.number)
        if nats < -MOST_NATS:
            self.number.hide()
            row.addWidget(Label(BANNED))
        row.addWidget(self.remove)
        self.show_token(None)

    def show_token(self, token: BiasToken | None) -> None:
        """Show what the entry means to the loaded model; one that it cannot take is marked."""
        name, why = name_of(self.wanted, token), token.sentence if token else ""
        self.name.setText(f"⚠ {name}" if why else name)
        self.name.setToolTip(tip(why or name))
        self.name.setObjectName("complaint" if why else "")
        self.name.style().polish(self.name)
        self.number.setAccessibleName(tr("Nats for {token}").format(token=name))
        self.number.setAccessibleDescription(why)
        self.remove.setAccessibleName(tr("Remove {token}").format(token=name))
        self.remove.setAccessibleDescription(why)


def _number_box(nats: float) -> NumberBox:
    box = NumberBox(minimum=-MOST_NATS, maximum=MOST_NATS, singleStep=0.5, decimals=3, value=nats)
    box.setLocale(QLocale.c())
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box


class BiasControl(Control):
    """Entries of logit bias, in the order they were added; repeated ones stay. What is being typed is not applied."""

    def __init__(self, label: str, help: str) -> None:  # noqa: A002
        super().__init__(label, help, ())
        self._entries: tuple[str, ...] = ()
        self._tokens: Mapping[int | str, BiasToken] = {}
        self.rows: list[BiasRow] = []
        self.field = QLineEdit(placeholderText=tr("a token's text, or id:123"), maxLength=1_000)
        self.field.returnPressed.connect(lambda: self._add(self.number.value()))
        self.number = _number_box(FAVOUR)
        self.number.setAccessibleName(tr("Nats"))
        self.number.setToolTip(
            tip(tr("Nats that are added to the logit: above 0 favours, below 0 disfavours the token"))
        )
        self.favour, self.ban = QPushButton(tr("Favour")), QPushButton(tr("Ban"))
        self.favour.clicked.connect(lambda: self._add(self.number.value()))
        self.ban.clicked.connect(lambda: self._add(-float("inf")))
        self.field.textChanged.connect(self._enable)
        self.complaint = Label()
        self.complaint.setWordWrap(True)
        self.complaint.setObjectName("complaint")
        self._list = QVBoxLayout()
        self._label(self.field)
        self._arrange()
        self._enable()
        self._build()

    def add(self, entry: str) -> None:
        """Add an entry, as if it had been typed."""
        self._set((*self._entries, entry))

    def show_tokens(self, tokens: Mapping[int | str, BiasToken]) -> None:
        """Show what the ids and texts of the entries mean to the loaded model; what it cannot take is marked."""
        self._tokens = tokens
        for row in self.rows:
            row.show_token(tokens.get(row.wanted))
        known = [tokens[row.wanted] for row in self.rows if row.wanted in tokens]
        complaints = [token.sentence for token in known if token.sentence]
        self.complaint.setText(complaints[0] if complaints else "")
        self.complaint.setVisible(bool(complaints))

    def says(self, sentence: str) -> bool:
        """Whether that sentence is shown below the list."""
        return self.complaint.isVisible() and self.complaint.text() == sentence

    # -------------------------------------------------------------------------------------------- what is shown

    def _arrange(self) -> None:
        number = QHBoxLayout()
        number.setSpacing(4)
        for widget in (self.number, self.favour, self.ban):
            number.addWidget(widget)
        number.addStretch(1)
        self._list.setSpacing(2)
        column = self._lay_out_head()
        column.setSpacing(3)
        column.addLayout(self._list)
        column.addWidget(self.complaint)
        column.addWidget(self.field)
        column.addLayout(number)

    def _show(self, value: tuple[str, ...]) -> None:
        if value != self._entries:
            self._entries = value
            self._build()

    def _build(self) -> None:
        """Make the rows anew."""
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [BiasRow(entry) for entry in self._entries]
        for place, row in enumerate(self.rows):
            row.changed.connect(lambda entry, place=place: self._replace(place, entry))
            row.removed.connect(lambda place=place: self._remove(place))
            self._list.addWidget(row)
        self.show_tokens(self._tokens)

    # -------------------------------------------------------------------------------------------- what the user does

    def _enable(self) -> None:
        typed = bool(self.field.text())
        self.favour.setEnabled(typed)
        self.ban.setEnabled(typed)

    def _add(self, nats: float) -> None:
        if texts := parse_stops(self.field.text()):
            self.field.clear()
            self.add(entry_of(texts[0], nats))

    def _replace(self, place: int, entry: str) -> None:
        """Another number for an entry; its row stays, with the focus in it."""
        self._entries = (*self._entries[:place], entry, *self._entries[place + 1 :])
        self._choose(self._entries)

    def _remove(self, place: int) -> None:
        self._set((*self._entries[:place], *self._entries[place + 1 :]))
        self.field.setFocus()

    def _set(self, entries: tuple[str, ...]) -> None:
        self._entries = entries
        self._build()
        self._choose(entries)
