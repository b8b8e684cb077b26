"""The catalogue's tab: a card for each model, its files only on request."""

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.library.catalogue_tab import CatalogueTab, facts
from desktop.library.repository_panel import RepositoryPanel
from desktop.qt.background import Background
from models.library.catalogue import entries
from models.library.fit import Machine, MemoryPool


def test_every_model_has_a_card_and_the_hub_is_not_asked(background: Background, hub: Any, qtbot: QtBot) -> None:
    tab = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(tab)
    tab.put(entries())
    for row, entry in enumerate(entries()):
        tab.table.select(row)
        assert tab.card.isVisibleTo(tab)
        assert entry.repo in facts(entry)
    assert hub.asked == []


def test_the_recommended_file_is_selected_among_the_files(background: Background, hub: Any, qtbot: QtBot) -> None:
    tab = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(tab)
    tab.put([entry for entry in entries() if entry.quantisation == "Q8_0"])
    tab.card.files.click()
    qtbot.waitUntil(lambda: len(tab.panel.table.rows.values) == 2)
    row = tab.panel.table.current
    assert row is not None
    assert row.item.quantisation == "Q8_0"
    assert hub.asked == [entries()[0].repo]
    qtbot.waitUntil(lambda: all(row.fit for row in tab.panel.table.rows.values))


def cells(tab: CatalogueTab, column: int) -> list[str]:
    rows = tab.table.rows
    return [rows.index(row, column).data() for row in range(rows.rowCount())]


def test_the_fit_is_estimated_first_and_exact_once_the_header_is_read(
    background: Background, hub: Any, qtbot: QtBot
) -> None:
    tab = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(tab)
    shown = [entry for entry in entries() if entry.quantisation == "Q8_0"][:2]
    tab.put(shown)
    assert cells(tab, 3) == ["…", "…"]
    tab.put_machine(Machine(MemoryPool("CPU", "CPU", 8 * 10**9, 16 * 10**9)))
    assert all(words.startswith("CPU, about ") for words in cells(tab, 3))
    assert hub.asked == []
    tab.card.files.click()
    qtbot.waitUntil(lambda: cells(tab, 3)[0] == "Q8_0 fits")
    assert cells(tab, 3)[1].startswith("CPU, about ")
    tab.put_machine(Machine(MemoryPool("CPU", "CPU", 2 * 10**8, 16 * 10**9)))
    assert all(words.startswith("too large, about ") for words in cells(tab, 3))
    assert tab.panel.isVisibleTo(tab) and tab.panel.table.rows.values  # the files stay shown


def test_a_filter_narrows_the_list(background: Background, hub: Any, qtbot: QtBot) -> None:
    tab = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(tab)
    tab.put(entries())
    tab.filter.setText("pythia 160")
    assert cells(tab, 0) and all("160" in name for name in cells(tab, 0))
    assert tab.card.isVisibleTo(tab)
    tab.filter.setText("nothing of the kind")
    assert cells(tab, 0) == [] and not tab.card.isVisibleTo(tab)
    tab.filter.setText("")
    assert len(cells(tab, 0)) == len(entries())


def test_the_last_column_shows_its_whole_text(background: Background, hub: Any, qtbot: QtBot) -> None:
    tab = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(tab)
    tab.put(entries())
    tab.resize(750, 460)
    with qtbot.waitExposed(tab):
        tab.show()
    table, advance = tab.table, tab.table.fontMetrics().horizontalAdvance
    last = len(table._columns) - 1
    assert table.columnWidth(last) >= max(advance(entry.good_for) for entry in entries()) + 14
    table.horizontalScrollBar().setValue(table.horizontalScrollBar().maximum())
    left, right = table.columnViewportPosition(last), table.columnViewportPosition(last) + table.columnWidth(last)
    mirrored = table.layoutDirection() == Qt.LayoutDirection.RightToLeft
    assert left >= 0 if mirrored else right <= table.viewport().width()
    tab.resize(2_400, 460)
    assert table.header().length() == table.viewport().width()


def test_the_table_ends_above_the_edge_of_the_window(background: Background, hub: Any, qtbot: QtBot) -> None:
    tab = CatalogueTab(RepositoryPanel(background, "test", hub.open, hub.judge))
    qtbot.addWidget(tab)
    tab.resize(750, 460)
    with qtbot.waitExposed(tab):
        tab.show()
    table = tab.table
    assert table.mapTo(tab, table.rect().bottomLeft()).y() <= tab.height() - 12
