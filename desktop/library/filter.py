"""A line that narrows a table down to the rows that have all of its words."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from desktop.library.table import Table
from desktop.qt.accessible import name_clear_button
from resources.language import tr

T = TypeVar("T")


class Filter(QLineEdit, Generic[T]):
    """A search line above a table. `narrowed`: other rows are shown. The current row stays so while it is shown."""

    narrowed = Signal()

    def __init__(self, table: Table[T], text: Callable[[T], str], key: Callable[[T], object]) -> None:
        """text: returns the text of a value that is searched. key: identifies a value when it is put again."""
        super().__init__(placeholderText=tr("Filter models"), clearButtonEnabled=True)
        name_clear_button(self)
        self.setAccessibleName(tr("Filter models"))
        self._table, self._text, self._key = table, text, key
        self._values: tuple[T, ...] = ()
        self.textChanged.connect(lambda _text: self._narrow())

    def put(self, values: Sequence[T]) -> None:
        """Set all values; the table shows those that match."""
        self._values = tuple(values)
        self._narrow()

    def _narrow(self) -> None:
        words = self.text().casefold().split()
        current, row = self._table.current, self._table.currentIndex().row()
        shown = [value for value in self._values if has_all(self._text(value), words)]
        self._table.put(shown)
        keys = [self._key(value) for value in shown]
        if current is not None and self._key(current) in keys:
            self._table.select(keys.index(self._key(current)))
        elif shown:
            self._table.select(min(max(row, 0), len(shown) - 1))
        self.narrowed.emit()


def has_all(text: str, words: Sequence[str]) -> bool:
    """Whether every word, case folded, is in the text."""
    folded = text.casefold()
    return all(word in folded for word in words)
