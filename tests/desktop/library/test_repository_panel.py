"""The panel of a repository: its items with sizes, bits and fits, and the request to download one."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.library.repository_panel import RepositoryPanel
from desktop.qt.background import Background
from models.library.downloadable import Repository
from models.library.hub.address import Address
from models.library.hub.errors import HubError


@pytest.fixture
def panel(background: Background, hub: Any, qtbot: QtBot) -> RepositoryPanel:
    panel = RepositoryPanel(background, "test", hub.open, hub.judge)
    qtbot.addWidget(panel)
    return panel


def words(panel: RepositoryPanel) -> list[list[str]]:
    rows = panel.table.rows
    return [[rows.index(row, column).data() for column in range(4)] for row in range(rows.rowCount())]


def test_items_have_bits_sizes_and_fits(panel: RepositoryPanel, qtbot: QtBot) -> None:
    panel.show_repository("someone/some", quantisation="q8_0")
    assert panel.state == "Asking the hub for someone/some…"
    qtbot.waitUntil(
        lambda: words(panel) == [["Q4_K_M", "5.0", "100 MB", "Q4_K_M fits"], ["Q8_0", "10.0", "200 MB", "Q8_0 fits"]]
    )
    assert panel.get.text() == "Download Q8_0 (200 MB)"
    with qtbot.waitSignal(panel.download_requested) as wish:
        panel.get.click()
    assert wish.args is not None
    assert wish.args[0].quantisation == "Q8_0"


def test_a_missing_repository_is_reported(panel: RepositoryPanel, qtbot: QtBot) -> None:
    panel.show_repository("someone/missing")
    qtbot.waitUntil(lambda: panel.state == "There is no someone/missing.")
    assert not panel.get.isEnabled()


def test_a_repository_without_models_says_so(panel: RepositoryPanel, qtbot: QtBot) -> None:
    panel.show_repository("someone/empty")
    qtbot.waitUntil(lambda: panel.state == "There is no GGUF model in this repository.")


def test_only_the_newest_repository_is_shown(panel: RepositoryPanel, qtbot: QtBot) -> None:
    for number in range(10):
        panel.show_repository(f"someone/number-{number}")
    qtbot.waitUntil(lambda: len(words(panel)) == 2)
    qtbot.wait(50)
    row = panel.table.current
    assert row is not None
    assert row.item.repo == "someone/number-9"


def test_a_failed_request_can_be_retried(panel: RepositoryPanel, hub: Any, qtbot: QtBot) -> None:
    opens = hub.open

    def fails(wanted: Address) -> Repository:
        raise HubError("The hub is out of order.")

    panel._open = fails
    panel.show_repository("someone/some", 160_000_000, "Q8_0")
    qtbot.waitUntil(lambda: panel.state == "The hub is out of order.")
    assert not panel.retry.isHidden()
    panel._open = opens
    panel.retry.click()
    assert panel.retry.isHidden()
    qtbot.waitUntil(lambda: len(panel.table.rows.values) == 2)
    assert panel.table.current is not None and panel.table.current.item.quantisation == "Q8_0"
