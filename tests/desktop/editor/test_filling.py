"""A long page in a document that is filled slice by slice: the part shown always equals the page."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from desktop.editor.editor import Editor
from desktop.page.chunks import Limits
from desktop.page.contents import written
from tests.desktop.editor.harness import CONTROL, SHIFT, EditorHarness

Key = Qt.Key
NewHarness = Callable[..., EditorHarness]
LINES = "".join(f"line {number} with some words\n" for number in range(2_000))
SLICE = 2_048


@pytest.fixture
def filling(new_harness: NewHarness) -> EditorHarness:
    """A page of many slices, of which the first is in the document."""
    harness = new_harness(slice_=SLICE, size=(700, 400))
    harness.page.put(written(LINES, Limits()))
    return harness


def turn(harness: EditorHarness) -> None:
    """One turn of the event loop."""
    QApplication.processEvents()


def test_a_long_text_comes_slice_by_slice(filling: EditorHarness) -> None:
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


def test_the_first_slice_is_there_at_once(filling: EditorHarness) -> None:
    turn(filling)
    assert filling.editor.filling
    assert filling.editor.firstVisibleBlock().text() == "line 0 with some words"
    assert filling.editor.page_selection() == (0, 0)


def test_the_view_stays_while_the_document_is_filled(filling: EditorHarness) -> None:
    place = LINES.index("line 1000")
    filling.editor.show_position(place)
    tops: set[str] = set()
    while filling.editor.filling:
        turn(filling)
        tops.add(filling.editor.firstVisibleBlock().text())
    assert len(tops) == 1


def test_a_key_that_goes_to_the_end_reaches_it_at_once(filling: EditorHarness) -> None:
    filling.press(Key.Key_End, "", CONTROL)
    assert filling.editor.page_position() == len(LINES)
    assert filling.editor.document().lastBlock().previous().text().startswith("line 1999")
    filling.type("x")
    assert filling.page.text() == LINES + "x"
    filling.press(Key.Key_Home, "", CONTROL)
    assert filling.editor.page_position() == 0
    filling.check()


def test_select_all_includes_text_that_is_not_loaded_yet(filling: EditorHarness) -> None:
    filling.press(Key.Key_A, "\x01", CONTROL)
    assert filling.editor.page_selection() == (0, len(LINES))
    assert filling.editor.createMimeDataFromSelection().text() == LINES
    turn(filling)
    assert filling.editor.page_selection() == (0, len(LINES))
    filling.press(Key.Key_Delete, "\x7f")
    assert filling.page.text() == ""


def test_a_command_selects_all_of_it(filling: EditorHarness) -> None:
    filling.editor.selectAll()
    assert filling.editor.page_selection() == (0, len(LINES))
    filling.check()
    assert filling.editor.page_selection() == (0, len(LINES))


@pytest.mark.parametrize("key", [Key.Key_Home, Key.Key_End])
def test_a_selection_to_an_end_reaches_it(filling: EditorHarness, key: Qt.Key) -> None:
    filling.caret(30_000)
    filling.press(key, "", CONTROL | SHIFT)
    assert filling.editor.page_selection() == ((0, 30_000) if key == Key.Key_Home else (30_000, len(LINES)))


def test_cutting_takes_all_that_was_selected(filling: EditorHarness) -> None:
    filling.editor.selectAll()
    filling.editor.cut()
    assert filling.page.text() == ""
    assert QApplication.clipboard().text() == LINES


def test_a_key_of_the_user_moves_the_caret_from_where_it_is(filling: EditorHarness) -> None:
    filling.editor.selectAll()
    filling.press(Key.Key_Right)
    assert filling.editor.page_selection() == (len(LINES), len(LINES))


def test_a_click_ends_the_wait_for_a_selection(filling: EditorHarness) -> None:
    filling.editor.selectAll()
    filling.editor.moveCursor(QTextCursor.MoveOperation.Start)
    assert filling.editor.page_selection() == (filling.editor.sync.breaks.first,) * 2


def test_the_model_writes_at_the_end_while_the_document_is_filled(filling: EditorHarness) -> None:
    filling.stream(" and", " more")
    while filling.editor.filling:
        turn(filling)
        filling.stream(" word")
        filling.check_held()
    filling.check()


def test_a_long_paste_in_the_middle_leaves_the_caret_behind_it(new_harness: NewHarness) -> None:
    harness = new_harness("before after", slice_=SLICE)
    harness.caret(7)
    harness.paste(LINES)
    assert harness.editor.page_position() == 7 + len(LINES)
    harness.check()
    harness.press(Key.Key_Z, "", CONTROL)
    assert (harness.page.text(), harness.editor.page_position()) == ("before after", 7)
    harness.check()
    harness.press(Key.Key_Z, "", CONTROL | SHIFT)
    turn(harness)
    assert harness.editor.page_position() == 7 + len(LINES)
    harness.check()


def test_the_view_follows_a_long_text_that_comes_at_the_end(new_harness: NewHarness) -> None:
    harness = new_harness("start\n", slice_=SLICE)
    harness.stream(LINES)
    while harness.editor.filling:
        turn(harness)
        assert harness.bar.value() == harness.bar.maximum()
    assert harness.editor.following
    harness.check()


def test_the_end_of_the_document_is_not_the_end_of_the_page(filling: EditorHarness) -> None:
    turn(filling)
    filling.bar.setValue(filling.bar.maximum())
    assert not filling.editor.following


def test_very_many_changes_are_shown_as_one(new_harness: NewHarness) -> None:
    harness = new_harness(LINES)
    harness.editor.show_position(LINES.index("line 1000"))
    harness.caret(LINES.index("line 1000"))
    top = harness.editor.firstVisibleBlock().text()
    moves: list[int] = []
    harness.editor.caret_moved.connect(moves.append)
    places = [at for at in range(len(LINES)) if LINES.startswith("some", at)]
    harness.page.write_many([(at, 4, "quite a few") for at in places])
    assert harness.editor.page_position() == harness.page.text().index("line 1000")
    turn(harness)
    assert harness.editor.firstVisibleBlock().text().replace("quite a few", "some") == top
    assert moves[-1] == harness.page.text().index("line 1000")
    harness.check()
    harness.page.undo()
    harness.press(Key.Key_Right)
    harness.check()


def random_text(chance: random.Random, size: int) -> str:
    pieces = ["word ", "and ", "\n", "\n\n", "😀", "한글", "longwordwithoutanyblank", "\r\n", "\ud83d", "\ude00"]
    return "".join(chance.choices(pieces, k=size))


@pytest.mark.parametrize("seed", range(8))
def test_view_and_page_agree_while_anything_happens(new_harness: NewHarness, seed: int) -> None:
    chance = random.Random(seed)
    harness = new_harness(limit=120, slice_=64, limits=Limits(units=256, tokens=64), size=(400, 300))
    page, editor = harness.page, harness.editor
    page.write(0, 0, random_text(chance, 300))
    for _ in range(120):
        start = chance.randint(0, page.length)
        removed = min(chance.choice([0, 1, 5, 200]), page.length - start)
        match chance.randint(0, 8):
            case 0 | 1:
                page.write(start, removed, random_text(chance, chance.choice([0, 1, 3, 30])))
            case 2:
                harness.stream(" token", "\n", " more")
            case 3:
                turn(harness)
            case 4:
                inside = "\ud800" <= page.text(start - 1, start) <= "\udbff"  # where no hand puts a caret
                editor.set_caret(start - inside)
                harness.type("x")
            case 5:
                editor.select(start, start + removed)
                assert editor.page_selection() == (start, start + removed)
            case 6:
                page.undo()
            case 7:
                page.redo()
            case _:
                wanted = chance.randint(0, page.length)
                harness.editor.show_position(wanted)
                assert editor.sync.breaks.holds(wanted)
        if not editor.behind:
            harness.check_held()
        assert 0 <= editor.page_position() <= page.length
    harness.check()


def test_a_page_put_into_a_new_window_is_read_from_its_start(new_harness: NewHarness) -> None:
    harness = new_harness(LINES, slice_=SLICE)
    other = Editor(harness.page, slice_=SLICE)
    other.resize(600, 400)
    other.show()
    turn(harness)
    assert other.firstVisibleBlock().text() == "line 0 with some words"
    assert not other.following
    other.close()
    other.deleteLater()
