"""No tooltip of any window shows a sign in place of a line break."""

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QAbstractListModel, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget

from tests.models.library.hub_stand_in import StandIn
from tests.window.windows import every_window


def tooltips(window: QWidget) -> Iterator[str]:
    for widget in (window, *window.findChildren(QWidget)):
        yield widget.toolTip()
        if isinstance(widget, QLabel):
            yield widget.text()
        if isinstance(widget, QAbstractItemView) and (model := widget.model()) is not None:
            for row in range(min(model.rowCount(), 30)):
                for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount()):
                    yield str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or "")
    for action in window.findChildren(QAction):
        yield action.toolTip()


def test_no_tooltip_shows_the_sign_of_a_line_break(hand: Any, hub: StandIn) -> None:
    shown = {
        f"{name}: {words}" for name, window in every_window(hand, hub) for words in tooltips(window) if "↵" in words
    }
    assert sorted(shown) == []
