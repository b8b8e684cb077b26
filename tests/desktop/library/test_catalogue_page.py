"""The catalogue: a card for each model, its files only when they are asked for."""

from typing import Any

from pytestqt.qtbot import QtBot

from desktop.background import Background
from desktop.library.catalogue_page import CataloguePage, facts
from desktop.library.repository_panel import RepositoryPanel
from models.library.catalogue import entries


def test_every_model_has_its_card_and_nothing_is_asked(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CataloguePage(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    page.put(entries())
    for row, entry in enumerate(entries()):
        page.table.select(row)
        assert page.about.isVisibleTo(page)
        assert entry.repo in facts(entry)
    assert hub.asked == []


def test_its_files_are_shown_with_the_recommended_one_chosen(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CataloguePage(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    page.put([entry for entry in entries() if entry.quantisation == "Q8_0"])
    page.about.files.click()
    qtbot.waitUntil(lambda: len(page.panel.table.rows.values) == 2)
    row = page.panel.table.current
    assert row is not None
    assert row.item.quantisation == "Q8_0"
    assert hub.asked == [entries()[0].repo]
    qtbot.waitUntil(lambda: all(row.verdict for row in page.panel.table.rows.values))
