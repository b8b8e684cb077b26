"""The search tab: no request before Return, a list that grows, filters, failures."""

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.library.repository_panel import RepositoryPanel
from desktop.library.search_tab import SearchTab
from desktop.qt.background import Background


@pytest.fixture
def tab(background: Background, hub: Any, qtbot: QtBot) -> SearchTab:
    panel = RepositoryPanel(background, "test", hub.open, hub.judge)
    tab = SearchTab(background, hub.search, lambda name: "1B" not in name, panel)
    qtbot.addWidget(tab)
    tab.resize(900, 500)
    tab.show()
    return tab


def test_no_request_before_return(tab: SearchTab, hub: Any, qtbot: QtBot) -> None:
    qtbot.keyClicks(tab.query, "llama")
    qtbot.wait(600)
    assert hub.asked == []
    qtbot.keyClick(tab.query, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(tab.table.rows.values) >= 30)
    assert hub.asked[0] == "llama 0"


def test_scrolling_to_the_end_asks_for_more_until_all_is_shown(tab: SearchTab, qtbot: QtBot) -> None:
    tab.query.setText("llama")
    tab.begin()
    for count in (30, 60, 90):
        qtbot.waitUntil(lambda count=count: len(tab.table.rows.values) >= count)
        tab.table.scrollToBottom()
    qtbot.waitUntil(lambda: tab.state.text() == "90 found, all shown.")


def test_a_changed_word_searches_again_when_the_keys_rest(tab: SearchTab, hub: Any, qtbot: QtBot) -> None:
    tab.query.setText("lla")
    tab.begin()
    qtbot.waitUntil(lambda: len(tab.table.rows.values) == 30)
    qtbot.keyClicks(tab.query, "ma")
    qtbot.waitUntil(lambda: bool(tab.table.rows.values) and "llama" in tab.table.rows.values[0].id)
    assert "llam 0" not in hub.asked


def test_a_failure_is_shown_in_place_of_the_count(tab: SearchTab, qtbot: QtBot) -> None:
    tab.query.setText("down")
    tab.begin()
    qtbot.waitUntil(lambda: tab.state.text() == "The hub cannot be reached.")


def test_models_that_do_not_fit_are_left_out_on_request(tab: SearchTab, qtbot: QtBot) -> None:
    tab.fitting.setChecked(True)
    tab.query.setText("llama")
    tab.begin()
    qtbot.waitUntil(lambda: bool(tab.table.rows.values))
    assert not [one.id for one in tab.table.rows.values if "1B" in one.id]


def test_only_sizes_that_are_wanted_are_listed(tab: SearchTab, qtbot: QtBot) -> None:
    tab.sizes.setCurrentText("Up to 4B")
    tab.query.setText("llama")
    tab.begin()
    qtbot.waitUntil(lambda: tab.state.text() == "4 found, all shown.")
    assert [one.id for one in tab.table.rows.values] == [f"someone/llama-{size}B" for size in (1, 2, 3, 4)]


def test_a_click_opens_the_repository(tab: SearchTab, qtbot: QtBot) -> None:
    tab.query.setText("llama")
    tab.begin()
    qtbot.waitUntil(lambda: len(tab.table.rows.values) == 30)
    rect = tab.table.visualRect(tab.table.rows.index(2, 0))
    qtbot.mouseClick(tab.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    qtbot.waitUntil(lambda: len(tab.panel.table.rows.values) == 2)


def test_a_failure_stays_shown_and_does_not_end_the_list(tab: SearchTab, hub: Any, qtbot: QtBot) -> None:
    hub.fails_at = 1
    tab.query.setText("llama")
    tab.begin()
    qtbot.waitUntil(lambda: len(tab.table.rows.values) == 30)
    tab.table.scrollToBottom()
    qtbot.waitUntil(lambda: tab.state.text() == "The hub is out of order.")
    tab.table.scrollToTop()
    tab.table.scrollToBottom()
    assert tab.state.text() == "The hub is out of order."
    hub.fails_at = -1
    qtbot.keyClicks(tab.query, "s")
    qtbot.waitUntil(lambda: "llamas 0" in hub.asked)
    qtbot.waitUntil(lambda: bool(tab.table.rows.values))


def test_a_failed_search_can_be_tried_again(tab: SearchTab, hub: Any, qtbot: QtBot) -> None:
    hub.fails_at = 0
    tab.query.setText("llama")
    assert tab.retry.isHidden()
    tab.begin()
    qtbot.waitUntil(lambda: tab.state.text() == "The hub is out of order.")
    assert not tab.retry.isHidden()
    hub.fails_at = -1
    tab.retry.click()
    assert tab.retry.isHidden()
    qtbot.waitUntil(lambda: len(tab.table.rows.values) == 30)
    tab.query.setText("down")
    tab.begin()
    qtbot.waitUntil(lambda: not tab.retry.isHidden())
    tab.forget()
    assert tab.state.text() == "The hub cannot be reached."


def test_a_change_of_the_connection_ends_the_search(tab: SearchTab, hub: Any, qtbot: QtBot) -> None:
    tab.query.setText("llama")
    tab.begin()
    qtbot.waitUntil(lambda: len(tab.table.rows.values) == 30)
    tab.forget()
    tab.table.scrollToBottom()
    assert tab.state.text() == "The connection to the hub has changed: search again."
    assert hub.asked == ["llama 0"]


def test_the_line_that_is_typed_in_keeps_the_focus(tab: SearchTab, qtbot: QtBot) -> None:
    tab.activateWindow()
    tab.query.setFocus()
    qtbot.waitUntil(tab.query.hasFocus)
    tab.panel.show_repository("someone/some")
    qtbot.waitUntil(lambda: len(tab.panel.table.rows.values) == 2)
    assert tab.query.hasFocus()


def test_a_narrow_window_leaves_room_for_names(tab: SearchTab, qtbot: QtBot) -> None:
    tab.resize(500, 400)
    tab.query.setText("llama")
    tab.begin()
    qtbot.waitUntil(lambda: len(tab.table.rows.values) == 30)
    assert tab.table.columnWidth(0) >= 150
    tab.resize(1600, 400)
    assert tab.table.header().length() == tab.table.viewport().width()
