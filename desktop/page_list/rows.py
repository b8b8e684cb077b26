"""Pages and hits as rows of a list: their texts. painting.py says how they look."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.page_list import words
from desktop.page_list.page_store import Entry
from desktop.page_list.search import Hit
from desktop.qt.plain_text import tip
from desktop.qt.visible import lines, visible

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
VALUE = Qt.ItemDataRole.UserRole  # an Entry or a Hit


class PageRows(QAbstractListModel):
    """Entries, the one written last first, or hits in the order in which they were found. renamed: a path, and the
    title that the user typed for it."""

    renamed = Signal(object, str)

    def __init__(self, now: Callable[[], float], parent: QObject | None = None) -> None:
        """now: seconds since 1970."""
        super().__init__(parent)
        self._now = now
        self.values: list[Entry] | list[Hit] = []
        self.opened: Path | None = None

    # -------------------------------------------------------------------------------------------- what is shown

    def set_values(self, values: Sequence[Entry] | Sequence[Hit]) -> None:
        self.beginResetModel()
        self.values = list(values)  # type: ignore[assignment]
        self.endResetModel()

    def append(self, hits: Sequence[Hit]) -> None:
        if hits:
            self.beginInsertRows(NOWHERE, len(self.values), len(self.values) + len(hits) - 1)
            self.values.extend(hits)  # type: ignore[arg-type]
            self.endInsertRows()

    def update_entry(self, entry: Entry) -> None:
        """Update a page that was written: move its row to the place of its time, or add one."""
        row = self.row_of(entry.path)
        others = [entry_of(value) for at, value in enumerate(self.values) if at != row]
        target = sum(other.modified > entry.modified for other in others)
        if row < 0:
            self.beginInsertRows(NOWHERE, target, target)
            self.values.insert(target, entry)  # type: ignore[arg-type]
            self.endInsertRows()
            return
        if row != target:
            self.beginMoveRows(NOWHERE, row, row, NOWHERE, target + (target > row))
            self.values.insert(target, self.values.pop(row))  # type: ignore[arg-type]
            self.endMoveRows()
        shown, self.values[target] = entry_of(self.values[target]), entry  # type: ignore[call-overload]
        if self._words(shown) != self._words(entry):  # else it is painted once more each time that the page is saved
            self.dataChanged.emit(self.index(target), self.index(target))

    def retain(self, paths: set[Path]) -> None:
        """Remove the rows of all other pages."""
        for row in reversed(range(len(self.values))):
            if entry_of(self.values[row]).path not in paths:
                self.beginRemoveRows(NOWHERE, row, row)
                del self.values[row]
                self.endRemoveRows()

    def set_opened(self, opened: Path | None) -> None:
        """Mark that page as open."""
        for path in {self.opened, opened}:
            self.opened = opened
            if (row := self.row_of(path)) >= 0:
                self.dataChanged.emit(self.index(row), self.index(row))

    @property
    def are_pages(self) -> bool:
        """Whether the rows are pages outside the trash, not hits."""
        return all(isinstance(value, Entry) and not value.trashed for value in self.values[:1])

    def row_of(self, path: Path | None) -> int:
        """The first row of that page; -1 where there is none."""
        return next((row for row, value in enumerate(self.values) if entry_of(value).path == path), -1)

    # -------------------------------------------------------------------------------------------- for the view

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.values)

    def flags(self, index: Index) -> Qt.ItemFlag:
        value = self.values[index.row()]
        editable = isinstance(value, Entry) and value.facts is not None and not value.trashed
        return super().flags(index) | (Qt.ItemFlag.ItemIsEditable if editable else Qt.ItemFlag.NoItemFlags)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        value = self.values[index.row()]
        entry = entry_of(value)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return words.heading(entry)[0]
            case Qt.ItemDataRole.EditRole:
                return entry.facts.title if entry.facts else ""
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._accessible_text(value)
            case Qt.ItemDataRole.ToolTipRole:
                return tip(lines(words.heading(entry)[0], entry.problem, str(entry.path)), several=True)
            case Qt.ItemDataRole.UserRole:  # VALUE
                return value
            case _:
                return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Emit `renamed`; the row changes when the page was renamed."""
        entry = entry_of(self.values[index.row()])
        title = " ".join(str(value).split())
        if role == Qt.ItemDataRole.EditRole and entry.facts and title != entry.facts.title:
            self.renamed.emit(entry.path, title)
        return False

    def _words(self, entry: Entry) -> tuple[object, ...]:
        return *words.heading(entry), self.details(entry), entry.problem

    def details(self, entry: Entry) -> str:
        """The third line of a row: words, model, time."""
        return words.details(entry, self._now())

    def _accessible_text(self, value: Entry | Hit) -> str:
        if isinstance(value, Hit):
            return visible(f"{words.heading(value.entry)[0]}: {value.line}")
        return words.accessible_text(value, self._now(), value.path == self.opened)


def entry_of(value: Entry | Hit) -> Entry:
    """The page of a row."""
    return value.entry if isinstance(value, Hit) else value
