"""Where a page was left, put back: in the same window, before it is shown, in another size, on a page of slices."""

import random
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from desktop.editor.editor import Editor
from desktop.editor.lines import visible_lines
from desktop.editor.scrolling import top_line
from desktop.page.chunks import Limits
from desktop.page.contents import written
from desktop.page.page import Page
from desktop.pagefile.values import View
from tests.desktop.editor.desk import Desk

Desks = Callable[..., Desk]
PROSE = "The old house stood at the edge of a quiet town where nobody had lived for a very long time. " * 3
PARAGRAPHS = "\n".join(f"{number} {PROSE}" for number in range(200))
ONE = PARAGRAPHS.replace("\n", " ")
MIXED = "\n".join(["", "short", PROSE, PROSE * 9, "한국어 문장입니다. " * 20, "שלום עולם " * 30, "x" * 400] * 20)


def first_line(editor: Editor) -> str:
    """The text of the line at the top of the view."""
    block, number = top_line(editor)
    line = block.layout().lineAt(number)
    return block.text()[line.textStart() : line.textStart() + line.textLength()]


def stand_at(desk: Desk, position: int) -> None:
    """Scroll to a place and let the lines there come to rest."""
    desk.editor.show_position(position)
    for _ in range(5):
        desk.settle()


def lines_from(editor: Editor, top: int) -> list[tuple[int, int]]:
    """The page ranges of the lines in view, from the one that holds a place."""
    page = editor.sync.breaks.page
    lines = visible_lines(editor, editor.viewport().rect())
    return [(page(line.start), page(line.end)) for line in lines if page(line.end) > top]


@pytest.mark.parametrize("text", [PARAGRAPHS, ONE], ids=["paragraphs", "one"])
@pytest.mark.parametrize("slice_", [16_384, 262_144])
@pytest.mark.parametrize("at", [0, 1_500, 30_000, 50_000])
def test_the_same_line_is_at_the_top_again(new_desk: Desks, text: str, slice_: int, at: int) -> None:
    left = new_desk(text)
    stand_at(left, at)
    left.caret_without_scrolling(1_234)
    view, line = left.editor.view_state(), first_line(left.editor)
    assert (view.caret, view.anchor, view.following) == (1_234, 1_234, False)
    other = new_desk("another page", slice_=slice_)
    other.page.put(written(text, Limits()))
    other.editor.restore_view(view)
    for _ in range(400):
        assert first_line(other.editor) == line
        assert other.editor.view_state() == view
        if not other.editor.filling:
            break
        other.settle()
    other.settle()
    assert first_line(other.editor) == line
    other.check()


@pytest.mark.parametrize("text", [PARAGRAPHS, ONE], ids=["paragraphs", "one"])
@pytest.mark.parametrize("following", [True, False])
def test_before_it_is_shown(new_desk: Desks, qtbot: QtBot, text: str, following: bool) -> None:
    left = new_desk(text)
    stand_at(left, 40_000)
    if following:
        left.editor.follow()
    view, line = left.editor.view_state(), first_line(left.editor)
    page = Page()
    editor = Editor(page)
    qtbot.addWidget(editor)
    page.put(written(text, Limits()))
    editor.restore_view(view)
    assert editor.view_state() == view
    editor.resize(700, 500)
    editor.show()
    left.settle()
    assert editor.view_state().following == following
    assert editor.view_state().top == view.top
    assert first_line(editor) == line


def test_a_selection_is_selected_again(new_desk: Desks) -> None:
    desk = new_desk(PARAGRAPHS, slice_=16_384)
    desk.settle()
    view = View(caret=100, anchor=40_000, top=desk.page.text().index("100 The"), following=False)
    desk.editor.restore_view(view)
    assert desk.editor.page_selection() == (100, 40_000)
    assert desk.editor.view_state() == view
    desk.check()
    assert desk.editor.view_state() == view
    cursor = desk.editor.textCursor()
    assert cursor.position() < cursor.anchor()


@pytest.mark.parametrize("text", [PARAGRAPHS, ONE], ids=["paragraphs", "one"])
def test_in_another_size_the_place_is_on_the_first_line(new_desk: Desks, text: str) -> None:
    desk = new_desk(text)
    view = View(caret=5, anchor=5, top=text.index("120 The") + 41, following=False)
    desk.editor.restore_view(view)
    start = text[view.top : view.top + 5]  # a word
    for width, height in ((420, 300), (380, 600), (900, 350), (701, 500)):
        desk.editor.resize(width, height)
        desk.settle()
        assert desk.editor.view_state() == view
        assert start in first_line(desk.editor)
    desk.check()


def test_many_widths_one_after_the_other_do_not_move_the_view(new_desk: Desks) -> None:
    desk = new_desk(PARAGRAPHS)
    desk.bar.setValue(200)
    before = first_line(desk.editor)
    for width in (*range(700, 400, -7), *range(400, 700, 11), 700):
        desk.editor.resize(width, 500)
        desk.settle()
    assert first_line(desk.editor) == before


def test_the_end_is_followed_again(new_desk: Desks) -> None:
    desk = new_desk(PARAGRAPHS, slice_=16_384)
    desk.editor.restore_view(View(caret=3, anchor=3, top=0, following=True))
    assert desk.bar.value() == desk.bar.maximum()
    desk.check()
    assert desk.editor.following
    assert desk.bar.value() == desk.bar.maximum()
    desk.stream("\n".join("many more lines"))
    assert desk.bar.value() == desk.bar.maximum()


def test_a_view_of_a_longer_page_ends_at_the_end(new_desk: Desks) -> None:
    desk = new_desk("short")
    desk.editor.restore_view(View(caret=99, anchor=-4, top=50, following=False))
    assert desk.editor.page_selection() == (0, 5)
    desk.check()


@pytest.mark.parametrize("column", [0, 30, 74])
@pytest.mark.parametrize("spacing", [1.0, 1.45, 2.0])
def test_another_typography_keeps_the_line_at_the_top(new_desk: Desks, column: int, spacing: float) -> None:
    desk = new_desk(PARAGRAPHS, size=(1_400, 600))
    place = PARAGRAPHS.index("120 The")
    desk.editor.restore_view(View(caret=0, anchor=0, top=place, following=False))
    desk.editor.text_style.set_typography(desk.editor.font(), spacing, column)
    desk.settle()
    assert first_line(desk.editor).startswith("120 The")


@pytest.mark.parametrize("text", [PARAGRAPHS, ONE, MIXED], ids=["paragraphs", "one", "mixed"])
@pytest.mark.parametrize("seed", range(12))
def test_any_looks_bring_the_same_lines_back(new_desk: Desks, qtbot: QtBot, text: str, seed: int) -> None:
    chance = random.Random(seed)
    size = chance.choice([330, 700, 811, 1_400]), chance.choice([200, 333, 500, 901])
    left = new_desk(text, size=size)
    font = left.editor.font()
    font.setPointSizeF(chance.choice([7, 9, 12.5, 13.3, 23, 40, 72]))
    looks = font, chance.choice([1.0, 1.1, 1.45, 2.0]), chance.choice([0, 30, 74])
    left.editor.text_style.set_typography(*looks)
    left.bar.setValue(round(chance.uniform(0, 0.9) * left.bar.maximum()))
    for _ in range(chance.randrange(20)):
        left.bar.setValue(left.bar.value() + chance.choice([-1, 1, 7]))
    left.settle()
    view = left.editor.view_state()
    lines = lines_from(left.editor, view.top)
    editor = Editor(Page(), slice_=chance.choice([65_536, 262_144]))
    qtbot.addWidget(editor)
    editor.text_style.set_typography(*looks)
    if chance.random() < 0.5:  # else it is shown with the page already on it
        editor.resize(*size)
        editor.show()
    editor._page.put(written(text, Limits()))
    editor.restore_view(view)
    editor.resize(*size)
    editor.show()
    while True:
        assert editor.view_state() == view
        again = lines_from(editor, view.top)
        shorter = min(len(lines), len(again))  # where the first begins its block, half a line less may be in view
        assert again[:shorter] == lines[:shorter]
        assert abs(len(lines) - len(again)) <= 1
        if not editor.filling:
            return
        left.settle()


def test_text_does_not_move_when_the_page_outgrows_the_window(new_desk: Desks) -> None:
    desk = new_desk("a line of text that is as wide as the window " * 4)
    before = lines_from(desk.editor, 0)
    desk.page.write(desk.page.length, 0, "\nmore" * 50)
    desk.settle()
    assert lines_from(desk.editor, 0)[: len(before)] == before


def test_a_window_narrower_than_the_margins_it_had(new_desk: Desks) -> None:
    desk = new_desk(PROSE, size=(1_400, 500))
    desk.editor.text_style.set_typography(desk.editor.font(), 1.45, 30)
    width = desk.editor.viewport().width()
    for narrow in (300, 60, 0):
        desk.editor.resize(narrow, 500)
    desk.editor.resize(width + 40, 500)
    assert desk.editor.viewport().width() == width


def test_the_end_is_followed_through_another_font_of_a_whole_window(new_desk: Desks) -> None:
    desk = new_desk()
    for _ in range(60):
        desk.stream("line", "\n")
    for size in (20, 8, 30):
        font = desk.editor.font()
        font.setPointSizeF(size)
        desk.editor.text_style.set_typography(font, 1.45, 0)
        desk.settle()
        assert desk.bar.value() == desk.bar.maximum()
