"""The panel of pages: its contents, its keys, its signals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.page_list.page_store import Entry
from desktop.page_list.panel import NO_PAGES, NO_TRASH, PagesPanel
from desktop.page_list.search import Hit
from desktop.pagefile.values import Facts

NOW = 1_800_000_000.0
Key = Qt.Key


def entry(name: str, age: float = 0.0, title: str | None = None, **about: Any) -> Entry:
    facts = Facts(name if title is None else title, f"line of {name}", 3, 20, 5, "gemma", 0.0, NOW - age)
    return Entry(Path(f"/pages/{name}.inkfall"), facts, modified=NOW - age, **about)


@pytest.fixture
def panel(qtbot: QtBot) -> PagesPanel:
    panel = PagesPanel(lambda: NOW)
    qtbot.addWidget(panel)
    panel.resize(264, 400)
    panel.show()
    panel.set_entries(
        [entry("old", 90), entry("new", 1), entry("far", 50, elsewhere=True), entry("gone", 9, trashed=True)]
    )
    panel.list.setFocus()
    return panel


@pytest.fixture
def wishes(panel: PagesPanel) -> list[tuple[str, Any]]:
    emitted: list[tuple[str, Any]] = []

    def listen(name: str) -> Callable[..., None]:
        return lambda *values: emitted.append((name, *[v.stem if isinstance(v, Path) else v for v in values]))

    for name in (
        "open",
        "new",
        "duplicate",
        "rename",
        "trash",
        "forget",
        "restore",
        "delete",
        "show_in_folder",
        "search",
    ):
        getattr(panel, f"{name}_requested").connect(listen(name))
    return emitted


def names(panel: PagesPanel) -> list[str]:
    rows = panel.list.rows
    return [str(rows.data(rows.index(row))) for row in range(rows.rowCount())]


def choose(panel: PagesPanel, name: str) -> None:
    panel.list.select(names(panel).index(name))


def titles(panel: PagesPanel) -> list[str]:
    menu = panel.menu(panel.list.current or entry("none"))
    found = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
    menu.deleteLater()
    return found


def test_the_page_written_last_comes_first_and_the_trash_apart(panel: PagesPanel) -> None:
    assert names(panel) == ["new", "far", "old"]
    assert panel.trash.text() == "Trash (1)"
    panel.trash.click()
    assert names(panel) == ["gone"] and panel.trash.text() == "‹ Pages"
    panel.trash.click()
    assert names(panel) == ["new", "far", "old"] and panel.trash.text() == "Trash (1)"


def test_its_title_says_what_it_shows(panel: PagesPanel, qtbot: QtBot) -> None:
    emitted = list[tuple[str, str]]()
    panel.titled.connect(lambda title: emitted.append((title, panel.list.accessibleName())))
    trash, pages = ("Trash", "Pages in the trash"), ("Pages", "Pages")
    panel.trash.click()
    assert emitted[-1] == trash
    panel.set_entries([entry("old")])
    assert emitted[-1] == trash
    qtbot.keyClicks(panel.field, "words")  # the hits are of the pages
    qtbot.keyClick(panel.field, Key.Key_Return)
    assert emitted[-1] == pages
    panel.field.clear()
    qtbot.keyClick(panel.field, Key.Key_Return)
    assert emitted[-1] == trash
    panel.trash.click()
    assert emitted[-1] == pages


def test_the_open_page_is_marked(panel: PagesPanel) -> None:
    panel.set_opened(Path("/pages/old.inkfall"))
    rows = panel.list.rows
    assert panel.list.currentIndex().row() == panel.list.highlighted_row == 2
    assert "open" in rows.data(rows.index(2), Qt.ItemDataRole.AccessibleTextRole)


def test_keys(panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot) -> None:
    qtbot.keyClick(panel.list, Key.Key_Return)
    qtbot.keyClick(panel.list, Key.Key_Delete)
    qtbot.keyClick(panel.list, Key.Key_Down)
    qtbot.keyClick(panel.list, Key.Key_Delete)
    assert wishes == [("open", "new", -1), ("trash", "new"), ("forget", "far")]


def click(panel: PagesPanel, row: int, qtbot: QtBot, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
    place = panel.list.visualRect(panel.list.rows.index(row)).center()
    qtbot.mouseClick(panel.list.viewport(), button, pos=place)


def test_one_click_opens(panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot) -> None:
    click(panel, 2, qtbot)
    assert wishes == [("open", "old", -1)]


def test_in_the_trash_one_click_chooses_and_two_restore(
    panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot
) -> None:
    panel.set_entries([entry("gone", 9, trashed=True), entry("away", 10, trashed=True)])
    panel.trash.click()
    click(panel, 1, qtbot)
    assert wishes == [] and panel.list.highlighted_row == 1 and panel.more.isEnabled()
    place = panel.list.visualRect(panel.list.rows.index(1)).center()
    qtbot.mouseDClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert wishes == [("restore", "away")]


def test_the_menu_of_another_row_leaves_the_current_one(panel: PagesPanel, qtbot: QtBot) -> None:
    panel.set_opened(Path("/pages/new.inkfall"))
    click(panel, 2, qtbot, Qt.MouseButton.RightButton)
    assert panel.list.currentIndex().row() == 0


def test_the_actions_act_on_the_open_page(panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot) -> None:
    panel.set_opened(Path("/pages/old.inkfall"))
    qtbot.keyClick(panel.list, Key.Key_Up)
    assert panel.list.currentIndex().row() == 1 and panel.list.highlighted_row == 2
    assert panel.list.highlighted is not None
    menu = panel.menu(panel.list.highlighted)
    next(action for action in menu.actions() if action.text().startswith("Move to trash")).trigger()
    assert wishes == [("trash", "old")]


def test_a_new_page_takes_the_highlight_with_it(panel: PagesPanel) -> None:
    panel.list.clearFocus()
    panel.grab()
    panel.set_opened(Path("/pages/old.inkfall"))
    panel.set_opened(None)  # a new page, which has no file
    assert panel.list.highlighted_row == -1 and not panel.more.isEnabled()
    panel.set_opened(Path("/pages/fresh.inkfall"))
    panel.update_entry(entry("fresh"))
    assert panel.list.highlighted_row == panel.list.currentIndex().row() == 0 and panel.more.isEnabled()
    panel.set_entries([entry("a", 5), entry("fresh", 9)])
    assert panel.list.highlighted_row == panel.list.currentIndex().row() == 1


def grounds(panel: PagesPanel) -> list[str]:
    """The colour at the right end of each row."""
    rows, picture = panel.list.rows, panel.list.viewport().grab().toImage()
    places = [panel.list.visualRect(rows.index(row)) for row in range(rows.rowCount())]
    return [picture.pixelColor(place.right() - 4, place.center().y()).name() for place in places]


@pytest.mark.parametrize("keys_in_it", [True, False])
def test_one_row_is_highlighted_and_no_more(panel: PagesPanel, qtbot: QtBot, keys_in_it: bool) -> None:
    panel.set_opened(Path("/pages/old.inkfall"))
    qtbot.keyClick(panel.list, Key.Key_Up)
    if not keys_in_it:
        panel.list.clearFocus()
    seen = grounds(panel)
    assert seen[0] == seen[1] != seen[2]


def test_the_trash_s_keys(panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot) -> None:
    panel.trash.click()
    qtbot.keyClick(panel.list, Key.Key_Delete)
    qtbot.keyClick(panel.list, Key.Key_Return)
    qtbot.keyClick(panel.list, Key.Key_F2)
    assert wishes == [("delete", "gone"), ("restore", "gone")] and not panel.list.typing


def test_menus(panel: PagesPanel) -> None:
    choose(panel, "new")
    assert titles(panel) == ["Open", "Rename", "Duplicate", "Move to trash", "Show in folder"]
    choose(panel, "far")
    assert titles(panel) == ["Open", "Rename", "Duplicate", "Remove from the list", "Show in folder"]
    panel.trash.click()
    assert titles(panel) == ["Restore", "Delete permanently…", "Show in folder"]


def editor_of(panel: PagesPanel) -> QLineEdit:
    return next(editor for editor in panel.list.viewport().findChildren(QLineEdit) if editor.isVisible())


def test_a_title_is_typed_in_place(panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot) -> None:
    choose(panel, "old")
    qtbot.keyClick(panel.list, Key.Key_F2)
    assert editor_of(panel).text() == "old"
    editor_of(panel).selectAll()
    qtbot.keyClicks(editor_of(panel), "older  still")
    panel.set_entries([entry("old", 90), entry("new", 1), entry("late", 0)])  # the list waits while one types
    panel.update_entry(entry("later"))
    assert "late" not in names(panel)
    qtbot.keyClick(editor_of(panel), Key.Key_Return)
    qtbot.waitUntil(lambda: wishes == [("rename", "old", "older still")])
    qtbot.waitUntil(lambda: names(panel) == ["later", "late", "new", "old"])
    assert panel.list.hasFocus()


def test_esc_leaves_the_title_and_an_empty_one_is_none(
    panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot
) -> None:
    qtbot.keyClick(panel.list, Key.Key_F2)
    qtbot.keyClicks(editor_of(panel), "x")
    qtbot.keyClick(editor_of(panel), Key.Key_Escape)
    qtbot.waitUntil(lambda: not panel.list.typing)
    assert wishes == []
    qtbot.keyClick(panel.list, Key.Key_F2)
    editor_of(panel).clear()
    qtbot.keyClick(editor_of(panel), Key.Key_Return)
    qtbot.waitUntil(lambda: wishes == [("rename", "new", "")] and not panel.list.typing)


def test_a_saved_page_goes_first_and_the_selection_stays(panel: PagesPanel) -> None:
    choose(panel, "far")
    panel.update_entry(entry("old", title="renamed"))
    assert names(panel) == ["renamed", "new", "far"]
    assert panel.list.current is not None and panel.list.current.path.stem == "far"  # type: ignore[union-attr]
    panel.update_entry(entry("fresh"))
    assert names(panel)[0] == "fresh"


def test_the_choice_stays_where_the_list_is_read_anew(panel: PagesPanel) -> None:
    choose(panel, "old")
    panel.set_entries([entry("a", 0), entry("old", 90), entry("b", 1)])
    assert panel.list.currentIndex().row() == 2
    panel.set_entries([entry("a", 0), entry("b", 1)])
    assert panel.list.currentIndex().row() == 1


def test_empty_lists_say_so(panel: PagesPanel) -> None:
    panel.set_entries([])
    assert panel.list.placeholder == NO_PAGES and not panel.more.isEnabled()
    panel.trash.click()
    assert panel.list.placeholder == NO_TRASH and panel.list.accessibleDescription() == NO_TRASH


def hit(name: str, position: int) -> Hit:
    return Hit(entry(name), position, "a line with words", 12, 17)


def test_hits_replace_the_list(panel: PagesPanel, wishes: list[tuple[str, Any]], qtbot: QtBot) -> None:
    panel.begin_search()
    qtbot.keyClicks(panel.field, "words")
    qtbot.waitUntil(lambda: wishes == [("search", "words")])
    panel.start_hits()
    assert panel.list.placeholder == "Searching…"
    panel.add_hits([hit("old", 5), hit("new", 70)])
    panel.end_hits()
    assert names(panel) == ["old", "new"]
    qtbot.keyClick(panel.field, Key.Key_Down)
    qtbot.keyClick(panel.field, Key.Key_Return)
    assert wishes[1:] == [("open", "new", 70)]
    panel.update_entry(entry("late"))
    panel.set_entries([entry("old")])  # the other page went to the trash
    assert names(panel) == ["old"]
    qtbot.keyClick(panel.list, Key.Key_Delete)  # of a hit, nothing is thrown away
    assert len(wishes) == 2
    qtbot.keyClick(panel.field, Key.Key_Escape)
    qtbot.waitUntil(lambda: wishes[-1] == ("search", ""))
    assert names(panel) == ["old"] and isinstance(panel.list.current, Entry)


def test_nothing_found(panel: PagesPanel, qtbot: QtBot) -> None:
    panel.field.setText("zebra")
    panel.start_hits()
    panel.end_hits()
    assert panel.list.placeholder == "Nothing found for “zebra”."


def test_a_page_that_cannot_be_read_says_why(panel: PagesPanel) -> None:
    panel.set_entries([Entry(Path("/pages/bad.inkfall"), None, "It is damaged.", NOW)])
    tip = panel.list.rows.data(panel.list.rows.index(0), Qt.ItemDataRole.ToolTipRole)
    assert names(panel) == ["bad"] and "It is damaged." in tip
    assert not panel.list.rows.flags(panel.list.rows.index(0)) & Qt.ItemFlag.ItemIsEditable


def test_rows_are_painted_in_every_state(panel: PagesPanel, qapp: QApplication) -> None:
    panel.set_entries([entry("x" * 300), Entry(Path("/bad.inkfall"), None, "No.")])
    panel.set_opened(Path("/bad.inkfall"))
    before = painted(panel)
    panel.set_opened(entry("x" * 300).path)
    assert painted(panel) != before
    chosen = painted(panel)
    panel.list.clearFocus()
    assert painted(panel) != chosen  # quieter, where no keys come
    panel.field.setText("words")
    panel.start_hits()
    panel.add_hits([Hit(entry("🎉"), 3, "🎉 " * 90 + "words", 180, 185), hit("old", 1)])
    assert painted(panel) != before


def painted(panel: PagesPanel) -> QImage:
    return panel.grab().toImage()


def test_everything_has_a_name_for_who_hears_it(panel: PagesPanel) -> None:
    for widget in (panel.field, panel.list, panel.new, panel.trash, panel.more):
        assert widget.accessibleName()
