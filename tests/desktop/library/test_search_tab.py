"""Searching: nothing before it is asked for, a list that grows, filters, failures."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.library.repository_panel import RepositoryPanel
from desktop.library.search_tab import SearchTab
from desktop.qt.background import Background


@pytest.fixture
def page(background: Background, hub: Any, qtbot: QtBot) -> SearchTab:
    panel = RepositoryPanel(background, "test", hub.open, hub.judge)
    page = SearchTab(background, hub.search, lambda name: "1B" not in name, panel)
    qtbot.addWidget(page)
    page.resize(900, 500)
    page.show()
    return page


def test_nothing_is_asked_before_return(page: SearchTab, hub: Any, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.query, "llama")
    qtbot.wait(600)
    assert hub.asked == []
    qtbot.keyClick(page.query, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.table.rows.values) >= 30)
    assert hub.asked[0] == "llama 0"


def test_scrolling_to_the_end_asks_for_more_until_all_is_shown(page: SearchTab, qtbot: QtBot) -> None:
    page.query.setText("llama")
    page.begin()
    for count in (30, 60, 90):
        qtbot.waitUntil(lambda count=count: len(page.table.rows.values) >= count)
        page.table.scrollToBottom()
    qtbot.waitUntil(lambda: page.state.text() == "90 found, all shown.")


def test_a_changed_word_searches_again_when_the_keys_rest(page: SearchTab, hub: Any, qtbot: QtBot) -> None:
    page.query.setText("lla")
    page.begin()
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 30)
    qtbot.keyClicks(page.query, "ma")
    qtbot.waitUntil(lambda: bool(page.table.rows.values) and "llama" in page.table.rows.values[0].id)
    assert "llam 0" not in hub.asked


def test_a_failure_is_told_where_the_count_stands(page: SearchTab, qtbot: QtBot) -> None:
    page.query.setText("down")
    page.begin()
    qtbot.waitUntil(lambda: page.state.text() == "The hub cannot be reached.")


def test_what_does_not_fit_is_left_out_on_request(page: SearchTab, qtbot: QtBot) -> None:
    page.fitting.setChecked(True)
    page.query.setText("llama")
    page.begin()
    qtbot.waitUntil(lambda: bool(page.table.rows.values))
    assert not [one.id for one in page.table.rows.values if "1B" in one.id]


def test_only_sizes_that_are_wanted_are_listed(page: SearchTab, qtbot: QtBot) -> None:
    page.sizes.setCurrentText("Up to 4B")
    page.query.setText("llama")
    page.begin()
    qtbot.waitUntil(lambda: page.state.text() == "4 found, all shown.")
    assert [one.id for one in page.table.rows.values] == [f"someone/llama-{size}B" for size in (1, 2, 3, 4)]


def test_a_click_opens_the_repository(page: SearchTab, qtbot: QtBot) -> None:
    page.query.setText("llama")
    page.begin()
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 30)
    rect = page.table.visualRect(page.table.rows.index(2, 0))
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    qtbot.waitUntil(lambda: len(page.panel.table.rows.values) == 2)


def test_a_failure_stays_told_and_is_no_end_of_the_list(page: SearchTab, hub: Any, qtbot: QtBot) -> None:
    hub.fails_at = 1
    page.query.setText("llama")
    page.begin()
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 30)
    page.table.scrollToBottom()
    qtbot.waitUntil(lambda: page.state.text() == "The hub is out of order.")
    page.table.scrollToTop()
    page.table.scrollToBottom()
    assert page.state.text() == "The hub is out of order."
    hub.fails_at = -1
    qtbot.keyClicks(page.query, "s")
    qtbot.waitUntil(lambda: "llamas 0" in hub.asked)
    qtbot.waitUntil(lambda: bool(page.table.rows.values))


def test_a_failed_search_can_be_tried_again(page: SearchTab, hub: Any, qtbot: QtBot) -> None:
    hub.fails_at = 0
    page.query.setText("llama")
    assert page.retry.isHidden()
    page.begin()
    qtbot.waitUntil(lambda: page.state.text() == "The hub is out of order.")
    assert not page.retry.isHidden()
    hub.fails_at = -1
    page.retry.click()
    assert page.retry.isHidden()
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 30)
    page.query.setText("down")
    page.begin()
    qtbot.waitUntil(lambda: not page.retry.isHidden())
    page.forget()
    assert page.state.text() == "The hub cannot be reached."


def test_nothing_more_is_asked_of_a_hub_that_is_no_longer_reached(page: SearchTab, hub: Any, qtbot: QtBot) -> None:
    page.query.setText("llama")
    page.begin()
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 30)
    page.forget()
    page.table.scrollToBottom()
    assert page.state.text() == "The connection to the hub has changed: search again."
    assert hub.asked == ["llama 0"]


def test_who_is_typing_is_not_torn_out_of_it(page: SearchTab, qtbot: QtBot) -> None:
    page.activateWindow()
    page.query.setFocus()
    qtbot.waitUntil(page.query.hasFocus)
    page.panel.show_repository("someone/some")
    qtbot.waitUntil(lambda: len(page.panel.table.rows.values) == 2)
    assert page.query.hasFocus()


def test_a_narrow_window_leaves_room_for_names(page: SearchTab, qtbot: QtBot) -> None:
    page.resize(500, 400)
    page.query.setText("llama")
    page.begin()
    qtbot.waitUntil(lambda: len(page.table.rows.values) == 30)
    assert page.table.columnWidth(0) >= 150
    page.resize(1600, 400)
    assert page.table.header().length() == page.table.viewport().width()
