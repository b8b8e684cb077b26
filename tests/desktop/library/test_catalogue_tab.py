"""The catalogue: a card for each model, its files only when they are asked for."""

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.library.catalogue_tab import CatalogueTab, facts
from desktop.library.repository_panel import RepositoryPanel
from desktop.qt.background import Background
from models.library.catalogue import entries
from models.library.fit import Machine, MemoryPool


def test_every_model_has_its_card_and_nothing_is_asked(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    page.put(entries())
    for row, entry in enumerate(entries()):
        page.table.select(row)
        assert page.about.isVisibleTo(page)
        assert entry.repo in facts(entry)
    assert hub.asked == []


def test_its_files_are_shown_with_the_recommended_one_chosen(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    page.put([entry for entry in entries() if entry.quantisation == "Q8_0"])
    page.about.files.click()
    qtbot.waitUntil(lambda: len(page.panel.table.rows.values) == 2)
    row = page.panel.table.current
    assert row is not None
    assert row.item.quantisation == "Q8_0"
    assert hub.asked == [entries()[0].repo]
    qtbot.waitUntil(lambda: all(row.verdict for row in page.panel.table.rows.values))


def cells(page: CatalogueTab, column: int) -> list[str]:
    rows = page.table.rows
    return [rows.index(row, column).data() for row in range(rows.rowCount())]


def test_how_it_would_run_is_said_roughly_and_then_exactly(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    shown = [entry for entry in entries() if entry.quantisation == "Q8_0"][:2]
    page.put(shown)
    assert cells(page, 3) == ["…", "…"]
    page.put_machine(Machine(MemoryPool("CPU", "CPU", 8 * 10**9, 16 * 10**9)))
    assert all(words.startswith("CPU, about ") for words in cells(page, 3))
    assert hub.asked == []
    page.about.files.click()
    qtbot.waitUntil(lambda: cells(page, 3)[0] == "Q8_0 fits")
    assert cells(page, 3)[1].startswith("CPU, about ")
    page.put_machine(Machine(MemoryPool("CPU", "CPU", 2 * 10**8, 16 * 10**9)))
    assert all(words.startswith("too large, about ") for words in cells(page, 3))
    assert page.panel.isVisibleTo(page) and page.panel.table.rows.values  # what was asked for stays


def test_a_filter_narrows_the_list(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    page.put(entries())
    page.filter.setText("pythia 160")
    assert cells(page, 0) and all("160" in name for name in cells(page, 0))
    assert page.about.isVisibleTo(page)
    page.filter.setText("nothing of the kind")
    assert cells(page, 0) == [] and not page.about.isVisibleTo(page)
    page.filter.setText("")
    assert len(cells(page, 0)) == len(entries())


def test_what_a_model_is_good_for_can_be_read_whole(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    page.put(entries())
    page.resize(750, 460)
    with qtbot.waitExposed(page):
        page.show()
    table, advance = page.table, page.table.fontMetrics().horizontalAdvance
    last = len(table._columns) - 1
    assert table.columnWidth(last) >= max(advance(entry.good_for) for entry in entries()) + 14
    table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
    left, right = table.columnViewportPosition(last), table.columnViewportPosition(last) + table.columnWidth(last)
    mirrored = table.layoutDirection() == Qt.LayoutDirection.RightToLeft
    assert left >= 0 if mirrored else right <= table.viewport().width()
    page.resize(2_400, 460)
    assert table.header().length() == table.viewport().width()


def test_the_table_ends_above_the_edge_of_the_window(background: Background, hub: Any, qtbot: QtBot) -> None:
    page = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(page)
    page.resize(750, 460)
    with qtbot.waitExposed(page):
        page.show()
    table = page.table
    assert table.mapTo(page, table.rect().bottomLeft()).y() <= page.height() - 12
