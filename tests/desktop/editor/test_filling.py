"""A long page in a document that is filled slice by slice: what is shown is always the page's, and nothing waits."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.editor.editor import Editor
from desktop.page.chunks import Limits
from desktop.page.contents import written
from tests.desktop.editor.desk import CONTROL, SHIFT, Desk

Key = Qt.Key
Desks = Callable[..., Desk]
LINES = "".join(f"line {number} with some words\n" for number in range(2_000))
SLICE = 2_048


@pytest.fixture
def filling(new_desk: Desks) -> Desk:
    """A page of many slices, of which the first is in the document."""
    desk = new_desk(slice_=SLICE, size=(700, 400))
    desk.page.put(written(LINES, Limits()))
    return desk


def turn(desk: Desk) -> None:
    """One turn of the event loop."""
    QApplication.processEvents()


def test_a_long_text_comes_slice_by_slice(filling: Desk) -> None:
    turns = 0
    lengths: list[int] = []
    while filling.editor.filling:
        turn(filling)
        filling.check_held()
        lengths.append(filling.editor.sync.document.length)
        turns += 1
    assert turns > 5
    assert lengths == sorted(lengths)
    filling.check()


def test_the_first_slice_is_there_at_once(filling: Desk) -> None:
    turn(filling)
    assert filling.editor.filling
    assert filling.editor.firstVisibleBlock().text() == "line 0 with some words"
    assert filling.editor.page_selection() == (0, 0)


def test_what_is_in_view_stays_while_the_rest_comes(filling: Desk) -> None:
    place = LINES.index("line 1000")
    filling.editor.show_position(place)
    tops: set[str] = set()
    while filling.editor.filling:
        turn(filling)
        tops.add(filling.editor.firstVisibleBlock().text())
    assert len(tops) == 1


def test_the_end_is_there_as_soon_as_it_is_asked_for(filling: Desk) -> None:
    filling.press(Key.Key_End, "", CONTROL)
    assert filling.editor.page_position() == len(LINES)
    assert filling.editor.document().lastBlock().previous().text().startswith("line 1999")
    filling.type("x")
    assert filling.page.text() == LINES + "x"
    filling.press(Key.Key_Home, "", CONTROL)
    assert filling.editor.page_position() == 0
    filling.check()


def test_all_is_selected_though_it_is_not_all_there(filling: Desk) -> None:
    filling.press(Key.Key_A, "\x01", CONTROL)
    assert filling.editor.page_selection() == (0, len(LINES))
    assert filling.editor.createMimeDataFromSelection().text() == LINES
    turn(filling)
    assert filling.editor.page_selection() == (0, len(LINES))
    filling.press(Key.Key_Delete, "\x7f")
    assert filling.page.text() == ""


def test_a_command_selects_all_of_it(filling: Desk) -> None:
    filling.editor.selectAll()
    assert filling.editor.page_selection() == (0, len(LINES))
    filling.check()
    assert filling.editor.page_selection() == (0, len(LINES))


@pytest.mark.parametrize("key", [Key.Key_Home, Key.Key_End])
def test_a_selection_to_an_end_reaches_it(filling: Desk, key: Qt.Key) -> None:
    filling.caret(30_000)
    filling.press(key, "", CONTROL | SHIFT)
    assert filling.editor.page_selection() == ((0, 30_000) if key == Key.Key_Home else (30_000, len(LINES)))


def test_cutting_takes_all_that_was_selected(filling: Desk) -> None:
    filling.editor.selectAll()
    filling.editor.cut()
    assert filling.page.text() == ""
    assert QApplication.clipboard().text() == LINES


def test_a_key_of_the_user_moves_the_caret_from_where_it_is(filling: Desk) -> None:
    filling.editor.selectAll()
    filling.press(Key.Key_Right)
    assert filling.editor.page_selection() == (len(LINES), len(LINES))


def test_a_click_ends_the_wait_for_a_selection(filling: Desk) -> None:
    filling.editor.selectAll()
    filling.editor.moveCursor(QTextCursor.MoveOperation.Start)
    assert filling.editor.page_selection() == (filling.editor.sync.breaks.first,) * 2


def test_the_model_writes_at_the_end_while_the_page_comes(filling: Desk) -> None:
    filling.stream(" and", " more")
    while filling.editor.filling:
        turn(filling)
        filling.stream(" word")
        filling.check_held()
    filling.check()


def test_a_long_paste_in_the_middle_leaves_the_caret_behind_it(new_desk: Desks) -> None:
    desk = new_desk("before after", slice_=SLICE)
    desk.caret(7)
    desk.paste(LINES)
    assert desk.editor.page_position() == 7 + len(LINES)
    desk.check()
    desk.press(Key.Key_Z, "", CONTROL)
    assert (desk.page.text(), desk.editor.page_position()) == ("before after", 7)
    desk.check()
    desk.press(Key.Key_Z, "", CONTROL | SHIFT)
    turn(desk)
    assert desk.editor.page_position() == 7 + len(LINES)
    desk.check()


def test_the_view_follows_a_long_text_that_comes_at_the_end(new_desk: Desks) -> None:
    desk = new_desk("start\n", slice_=SLICE)
    desk.stream(LINES)
    while desk.editor.filling:
        turn(desk)
        assert desk.bar.value() == desk.bar.maximum()
    assert desk.editor.following
    desk.check()


def test_the_bottom_of_what_is_there_is_not_the_end_of_the_page(filling: Desk) -> None:
    turn(filling)
    filling.bar.setValue(filling.bar.maximum())
    assert not filling.editor.following


def test_very_many_changes_are_shown_as_one(new_desk: Desks) -> None:
    desk = new_desk(LINES)
    desk.editor.show_position(LINES.index("line 1000"))
    desk.caret(LINES.index("line 1000"))
    top = desk.editor.firstVisibleBlock().text()
    told: list[int] = []
    desk.editor.caret_moved.connect(told.append)
    places = [at for at in range(len(LINES)) if LINES.startswith("some", at)]
    desk.page.write_many([(at, 4, "quite a few") for at in places])
    assert desk.editor.page_position() == desk.page.text().index("line 1000")
    turn(desk)
    assert desk.editor.firstVisibleBlock().text().replace("quite a few", "some") == top
    assert told[-1] == desk.page.text().index("line 1000")
    desk.check()
    desk.page.undo()
    desk.press(Key.Key_Right)
    desk.check()


def random_text(chance: random.Random, size: int) -> str:
    pieces = ["word ", "and ", "\n", "\n\n", "😀", "한글", "longwordwithoutanyblank", "\r\n", "\ud83d", "\ude00"]
    return "".join(chance.choices(pieces, k=size))


@pytest.mark.parametrize("seed", range(8))
def test_view_and_page_agree_while_anything_happens(new_desk: Desks, seed: int) -> None:
    chance = random.Random(seed)
    desk = new_desk(limit=120, slice_=64, limits=Limits(units=256, tokens=64), size=(400, 300))
    page, editor = desk.page, desk.editor
    page.write(0, 0, random_text(chance, 300))
    for _ in range(120):
        start = chance.randint(0, page.length)
        removed = min(chance.choice([0, 1, 5, 200]), page.length - start)
        match chance.randint(0, 8):
            case 0 | 1:
                page.write(start, removed, random_text(chance, chance.choice([0, 1, 3, 30])))
            case 2:
                desk.stream(" token", "\n", " more")
            case 3:
                turn(desk)
            case 4:
                inside = "\ud800" <= page.text(start - 1, start) <= "\udbff"  # where no hand puts a caret
                editor.set_caret(start - inside)
                desk.type("x")
            case 5:
                editor.select(start, start + removed)
                assert editor.page_selection() == (start, start + removed)
            case 6:
                page.undo()
            case 7:
                page.redo()
            case _:
                wanted = chance.randint(0, page.length)
                desk.editor.show_position(wanted)
                assert editor.sync.breaks.holds(wanted)
        if not editor.behind:
            desk.check_held()
        assert 0 <= editor.page_position() <= page.length
    desk.check()


def test_a_page_put_into_a_new_window_is_read_from_its_start(new_desk: Desks) -> None:
    desk = new_desk(LINES, slice_=SLICE)
    other = Editor(desk.page, slice_=SLICE)
    other.resize(600, 400)
    other.show()
    turn(desk)
    assert other.firstVisibleBlock().text() == "line 0 with some words"
    assert not other.following
    other.close()
    other.deleteLater()
