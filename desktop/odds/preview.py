"""The choice of another token: which row of the odds table, or which extra flip of the coin, is previewed, and what the
keys do meanwhile.

The panel goes on showing the token while a row is previewed, while the mouse is over the rows, and while other text is
typed for its place. Watches the widget
that it is installed on as an event filter (the page): a key that does not belong to the preview ends it, and types.
"""

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent

from desktop.odds.choices import Choice, row_of
from desktop.odds.focus import Focus
from desktop.odds.panel import OddsPanel
from desktop.odds.row_keys import RowKey, row_key
from desktop.page.choosing import Place
from desktop.page.edit import Change
from desktop.page.page import Page
from models.sampling.readings import Reading

_MODIFIERS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta)


class Preview(QObject):
    """`ghost_changed` carries a choices.Ghost, or None. `previewed` carries the Choice that is previewed, or None where
    that ends; not that which is only under the mouse. `put_requested`, a wish, carries a Place, a Chosen or a text,
    and whether the model goes on. `nothing_to_choose`: where the text has no odds."""

    ghost_changed = Signal(object)
    previewed = Signal(object)
    put_requested = Signal(object, object, bool)
    nothing_to_choose = Signal()

    def __init__(self, focus: Focus, panel: OddsPanel, page: Page, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._focus, self._panel = focus, panel
        self._row: int | None = None
        self._flip: Reading | None = None  # previewed, whose token's row is `_row`
        self._added: dict[int, Reading] = {}
        self._held_for = set[str]()  # what the panel goes on showing the token for, other than the preview
        panel.row_selected.connect(self.select)
        panel.row_chosen.connect(self.put)
        panel.row_pointed.connect(self._point)
        panel.mouse_inside.connect(partial(self._hold_for, "rows"))
        panel.all_tokens.mouse_inside.connect(partial(self._hold_for, "all tokens"))
        panel.text_in_use.connect(partial(self._hold_for, "text"))
        panel.text_chosen.connect(self._put_text)
        panel.view_shown.connect(self._show_text_place)
        page.listeners.append(self._page_changed)

    @property
    def row(self) -> int | None:
        """The number of the row that is previewed; None where none is."""
        return self._row

    def select(self, row: int) -> None:
        """Preview that row; a row that stands for no token is left out."""
        if self._focus.choice(self._added.get(row, row), self._panel.part) is not None:
            self._preview(row, None)

    def select_flip(self, flip: Reading) -> None:
        """Preview the token of an extra flip of the coin that is shown."""
        coin = self._focus.coin(self._panel.part)
        if coin is not None:
            self._preview(row_of(coin.reading, flip), flip)

    def _preview(self, row: int, flip: Reading | None) -> None:
        self._focus.hold()
        self._set_flip(flip)
        self._row = row
        self._panel.mark(row)
        self._show(row)

    def _set_flip(self, flip: Reading | None) -> None:
        if flip is not self._flip:
            self._flip = flip
            self._panel.show_flip(flip)

    def step(self, by: int) -> None:
        """Preview the next row (1) or the one before (-1), at first beside the token that stands there; behind the last
        row comes the first."""
        view = self._focus.current()
        if view is None:
            self.nothing_to_choose.emit()
            return
        rows = self._panel.rows_of(view)
        start = next((number for number, row in enumerate(rows) if row.chosen), -1 if by > 0 else len(rows))
        if rows:
            self.select(((start if self._row is None else self._row) + by) % len(rows))

    def put(self, row: int, write_on: bool) -> None:
        """Ask for the token of that row to be put on the page. write_on: the model goes on behind it."""
        choice = self._choice(row)
        if choice is not None:
            self.end()
            self.put_requested.emit(choice.place, choice.chosen, write_on)

    def take(self) -> None:
        """Ask for what is previewed to be put on the page; the model goes on behind it."""
        if self._row is not None:
            self.put(self._row, write_on=True)

    def _choice(self, row: int) -> Choice | None:
        """What that row stands for: the flip that fell on it, where one is previewed."""
        flip = self._flip if row == self._row else None
        return self._focus.choice(self._added.get(row, row) if flip is None else flip, self._panel.part)

    def add_rows(self, rows: dict[int, Reading]) -> None:
        """Take rows below those of the view, by their numbers, each with the reading of its token."""
        self._added = rows

    def end(self) -> bool:
        """Preview nothing. False where nothing was."""
        if self._row is None:
            return False
        self._row = None
        self._set_flip(None)
        self._panel.mark(None)
        self.ghost_changed.emit(None)
        self.previewed.emit(None)
        if not self._held_for:
            self._focus.release()
        return True

    def _text_place(self) -> Place:
        return self._focus.text_place(self._panel.part)

    def _show_text_place(self) -> None:
        self._panel.show_text_place(replaces=self._text_place().token is not None)

    def _put_text(self, text: str, write_on: bool) -> None:
        place = self._text_place()
        self.end()
        self.put_requested.emit(place, text, write_on)

    def point(self, choice: Choice | None) -> None:
        """Show the ghost of a choice that is pointed at outside the rows, unless a row is previewed."""
        if self._row is None:
            self.ghost_changed.emit(choice.ghost if choice else None)

    # -------------------------------------------------------------------------------------------- mouse and keys

    def _point(self, row: int) -> None:
        """The mouse moves over that row, -1 for none: its ghost is shown unless another is previewed."""
        if self._row is None:
            if self._held_for:
                self._focus.hold()  # again, where what was held has been changed
            self._show(row)

    def _show(self, row: int) -> None:
        choice = self._choice(row)
        self.ghost_changed.emit(choice.ghost if choice else None)
        if self._row is not None:
            self.previewed.emit(choice)

    def _hold_for(self, what: str, on: bool) -> None:
        if on:
            self._held_for.add(what)
            self._focus.hold()
            self._show_text_place()
            return
        self._held_for.discard(what)
        if self._row is None and not self._held_for:
            self._focus.release()

    def _page_changed(self, change: Change) -> None:
        if (change.removed or change.units) and (change.cause != "generation" or not self._focus.holds):
            if not self.end():
                self.ghost_changed.emit(None)  # of a row under the mouse
        elif self._row is not None:
            self._show(self._row)  # where the text before has changed, the place has moved

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: ARG002
        """Take the keys of the preview."""
        if self._row is None:
            return False
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if row_key(event) is not RowKey.OTHER:
                event.accept()
                return True
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._press(event)
        elif event.type() in (QEvent.Type.InputMethod, QEvent.Type.MouseButtonPress):
            self.end()
        return False

    def _press(self, event: QKeyEvent) -> bool:
        key = row_key(event)
        if isinstance(key, int):
            self.select(key)
        elif key is not RowKey.OTHER and self._row is not None:
            self.put(self._row, write_on=key is RowKey.GO_ON)
        elif event.key() == Qt.Key.Key_Escape or event.key() in _MODIFIERS:
            return False  # Esc ends one layer a press: the window says which
        else:
            self.end()
            return False
        return True
