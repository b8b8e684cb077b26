"""A list shows that it has the focus, with any contents and any scroll position."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from desktop.odds.alternative_list import AlternativeList
from desktop.odds.alternatives import AlternativesBlock
from desktop.page_list.list import PageList
from tests.desktop.page_list.test_panel import entry


def pages(count: int) -> PageList:
    made = PageList(lambda: 0.0)
    made.set_entries([entry(f"page {number}") for number in range(count)])
    return made


LISTS: dict[str, Callable[[], QAbstractItemView]] = {
    "no pages": lambda: pages(0),
    "a page": lambda: pages(1),
    "many pages": lambda: pages(40),
    "no alternatives": lambda: AlternativeList(AlternativesBlock()),
}


@pytest.mark.parametrize("make", LISTS.values(), ids=LISTS)
def test_the_focus_of_a_list_is_visible(qtbot: QtBot, make: Callable[[], QAbstractItemView]) -> None:
    view = make()
    qtbot.addWidget(view)
    view.resize(200, 150)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    for place in (0, view.verticalScrollBar().maximum()):
        view.verticalScrollBar().setValue(place)
        view.setFocus()
        with_keys = picture(view)
        view.clearFocus()
        assert picture(view) != with_keys


def picture(view: QAbstractItemView) -> QImage:
    return view.grab().toImage()
