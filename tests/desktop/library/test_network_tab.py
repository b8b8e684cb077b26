"""The network tab: what was chosen, and what the environment's variables add."""

import pytest
from pytestqt.qtbot import QtBot

from desktop.library.network_tab import NetworkTab
from desktop.qt.background import Background
from models.library.hub.connection import HUGGING_FACE, Connection


@pytest.fixture
def tab(background: Background, qtbot: QtBot) -> NetworkTab:
    tab = NetworkTab(background, lambda: "It answers.")
    qtbot.addWidget(tab)
    return tab


def test_values_of_the_environment_are_shown_but_not_saved(tab: NetworkTab, qtbot: QtBot) -> None:
    tab.put(("", "", False), Connection("https://mirror.example", offline=True))
    assert (tab.endpoint.text(), tab.endpoint.placeholderText()) == ("", "https://mirror.example")
    assert "HF_HUB_OFFLINE" in tab.offline.text()
    with qtbot.waitSignal(tab.network_chosen) as wish:
        tab.proxy.setText("http://proxy:1")
        tab.proxy.editingFinished.emit()
    assert wish.args == ["", "http://proxy:1", False]


def test_the_chosen_values_are_shown(tab: NetworkTab) -> None:
    tab.put(("https://mirror.example", "http://proxy:1", True), Connection("https://mirror.example", offline=True))
    assert (tab.endpoint.text(), tab.proxy.text()) == ("https://mirror.example", "http://proxy:1")
    assert tab.offline.isChecked()
    assert "HF_HUB" not in tab.offline.text()
    tab.put(("", "", False), Connection())
    assert tab.endpoint.placeholderText() == HUGGING_FACE


def test_half_typed_text_stays_and_is_the_only_change_emitted(tab: NetworkTab, qtbot: QtBot) -> None:
    tab.put(("https://mirror.example", "", False), Connection())
    tab.proxy.setText("http://pro")
    tab.follow("https://other.example", "http://theirs:1", True)
    assert (tab.endpoint.text(), tab.proxy.text()) == ("https://other.example", "http://pro")
    with qtbot.waitSignal(tab.network_chosen) as wish:
        tab.proxy.editingFinished.emit()
    assert wish.args == ["https://other.example", "http://pro", True]
