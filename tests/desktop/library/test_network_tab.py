"""How the hub is reached: what was chosen, and what the environment makes of the rest."""

import pytest
from pytestqt.qtbot import QtBot

from desktop.library.network_tab import NetworkTab
from desktop.qt.background import Background
from models.library.hub.connection import HUGGING_FACE, Connection


@pytest.fixture
def page(background: Background, qtbot: QtBot) -> NetworkTab:
    page = NetworkTab(background, lambda: "It answers.")
    qtbot.addWidget(page)
    return page


def test_what_the_environment_says_is_shown_and_not_made_a_setting(page: NetworkTab, qtbot: QtBot) -> None:
    page.put(("", "", False), Connection("https://mirror.example", offline=True))
    assert (page.endpoint.text(), page.endpoint.placeholderText()) == ("", "https://mirror.example")
    assert "HF_HUB_OFFLINE" in page.offline.text()
    with qtbot.waitSignal(page.network_chosen) as wish:
        page.proxy.setText("http://proxy:1")
        page.proxy.editingFinished.emit()
    assert wish.args == ["", "http://proxy:1", False]


def test_what_was_chosen_is_shown(page: NetworkTab) -> None:
    page.put(("https://mirror.example", "http://proxy:1", True), Connection("https://mirror.example", offline=True))
    assert (page.endpoint.text(), page.proxy.text()) == ("https://mirror.example", "http://proxy:1")
    assert page.offline.isChecked()
    assert "HF_HUB" not in page.offline.text()
    page.put(("", "", False), Connection())
    assert page.endpoint.placeholderText() == HUGGING_FACE


def test_what_is_half_typed_stays_and_is_all_that_is_told(page: NetworkTab, qtbot: QtBot) -> None:
    page.put(("https://mirror.example", "", False), Connection())
    page.proxy.setText("http://pro")
    page.follow("https://other.example", "http://theirs:1", True)
    assert (page.endpoint.text(), page.proxy.text()) == ("https://other.example", "http://pro")
    with qtbot.waitSignal(page.network_chosen) as wish:
        page.proxy.editingFinished.emit()
    assert wish.args == ["https://other.example", "http://pro", True]
