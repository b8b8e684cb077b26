"""The view of a page restored: in the same window, before it is shown, in another size, on a page of slices."""

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
from tests.desktop.editor.harness import EditorHarness

NewHarness = Callable[..., EditorHarness]
PROSE = "The old house stood at the edge of a quiet town where nobody had lived for a very long time. " * 3
PARAGRAPHS = "\n".join(f"{number} {PROSE}" for number in range(200))
ONE = PARAGRAPHS.replace("\n", " ")
MIXED = "\n".join(["", "short", PROSE, PROSE * 9, "한국어 문장입니다. " * 20, "שלום עולם " * 30, "x" * 400] * 20)


def first_line(editor: Editor) -> str:
    """The text of the line at the top of the view."""
    block, number = top_line(editor)
    line = block.layout().lineAt(number)
    return block.text()[line.textStart() : line.textStart() + line.textLength()]


def stand_at(harness: EditorHarness, position: int) -> None:
    """Scroll to a place and let the lines there come to rest."""
    harness.editor.show_position(position)
    for _ in range(5):
        harness.settle()


def lines_from(editor: Editor, top: int) -> list[tuple[int, int]]:
    """The page ranges of the lines in view, from the one that holds a place."""
    page = editor.sync.breaks.page
    lines = visible_lines(editor, editor.viewport().rect())
    return [(page(line.start), page(line.end)) for line in lines if page(line.end) > top]


@pytest.mark.parametrize("text", [PARAGRAPHS, ONE], ids=["paragraphs", "one"])
@pytest.mark.parametrize("slice_", [16_384, 262_144])
@pytest.mark.parametrize("at", [0, 1_500, 30_000, 50_000])
def test_the_same_line_is_at_the_top_again(new_harness: NewHarness, text: str, slice_: int, at: int) -> None:
    left = new_harness(text)
    stand_at(left, at)
    left.caret_without_scrolling(1_234)
    view, line = left.editor.view_state(), first_line(left.editor)
    assert (view.caret, view.anchor, view.following) == (1_234, 1_234, False)
    other = new_harness("another page", slice_=slice_)
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
def test_before_it_is_shown(new_harness: NewHarness, qtbot: QtBot, text: str, following: bool) -> None:
    left = new_harness(text)
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


def test_a_selection_is_selected_again(new_harness: NewHarness) -> None:
    harness = new_harness(PARAGRAPHS, slice_=16_384)
    harness.settle()
    view = View(caret=100, anchor=40_000, top=harness.page.text().index("100 The"), following=False)
    harness.editor.restore_view(view)
    assert harness.editor.page_selection() == (100, 40_000)
    assert harness.editor.view_state() == view
    harness.check()
    assert harness.editor.view_state() == view
    cursor = harness.editor.textCursor()
    assert cursor.position() < cursor.anchor()


@pytest.mark.parametrize("text", [PARAGRAPHS, ONE], ids=["paragraphs", "one"])
def test_in_another_size_the_place_is_on_the_first_line(new_harness: NewHarness, text: str) -> None:
    harness = new_harness(text)
    view = View(caret=5, anchor=5, top=text.index("120 The") + 41, following=False)
    harness.editor.restore_view(view)
    start = text[view.top : view.top + 5]  # a word
    for width, height in ((420, 300), (380, 600), (900, 350), (701, 500)):
        harness.editor.resize(width, height)
        harness.settle()
        assert harness.editor.view_state() == view
        assert start in first_line(harness.editor)
    harness.check()


def test_many_widths_one_after_the_other_do_not_move_the_view(new_harness: NewHarness) -> None:
    harness = new_harness(PARAGRAPHS)
    harness.bar.setValue(200)
    before = first_line(harness.editor)
    for width in (*range(700, 400, -7), *range(400, 700, 11), 700):
        harness.editor.resize(width, 500)
        harness.settle()
    assert first_line(harness.editor) == before


def test_the_end_is_followed_again(new_harness: NewHarness) -> None:
    harness = new_harness(PARAGRAPHS, slice_=16_384)
    harness.editor.restore_view(View(caret=3, anchor=3, top=0, following=True))
    assert harness.bar.value() == harness.bar.maximum()
    harness.check()
    assert harness.editor.following
    assert harness.bar.value() == harness.bar.maximum()
    harness.stream("\n".join("many more lines"))
    assert harness.bar.value() == harness.bar.maximum()


def test_a_view_of_a_longer_page_ends_at_the_end(new_harness: NewHarness) -> None:
    harness = new_harness("short")
    harness.editor.restore_view(View(caret=99, anchor=-4, top=50, following=False))
    assert harness.editor.page_selection() == (0, 5)
    harness.check()


@pytest.mark.parametrize("column", [0, 30, 74])
@pytest.mark.parametrize("spacing", [1.0, 1.45, 2.0])
def test_another_typography_keeps_the_line_at_the_top(new_harness: NewHarness, column: int, spacing: float) -> None:
    harness = new_harness(PARAGRAPHS, size=(1_400, 600))
    place = PARAGRAPHS.index("120 The")
    harness.editor.restore_view(View(caret=0, anchor=0, top=place, following=False))
    harness.editor.text_style.set_typography(harness.editor.font(), spacing, column)
    harness.settle()
    assert first_line(harness.editor).startswith("120 The")


@pytest.mark.parametrize("text", [PARAGRAPHS, ONE, MIXED], ids=["paragraphs", "one", "mixed"])
@pytest.mark.parametrize("seed", range(12))
def test_any_looks_bring_the_same_lines_back(new_harness: NewHarness, qtbot: QtBot, text: str, seed: int) -> None:
    chance = random.Random(seed)
    size = chance.choice([330, 700, 811, 1_400]), chance.choice([200, 333, 500, 901])
    left = new_harness(text, size=size)
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
    page = Page()
    editor = Editor(page, slice_=chance.choice([65_536, 262_144]))
    qtbot.addWidget(editor)
    editor.text_style.set_typography(*looks)
    if chance.random() < 0.5:  # else it is shown with the page already on it
        editor.resize(*size)
        editor.show()
    page.put(written(text, Limits()))
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


def test_text_does_not_move_when_the_page_outgrows_the_window(new_harness: NewHarness) -> None:
    harness = new_harness("a line of text that is as wide as the window " * 4)
    before = lines_from(harness.editor, 0)
    harness.page.write(harness.page.length, 0, "\nmore" * 50)
    harness.settle()
    assert lines_from(harness.editor, 0)[: len(before)] == before


def test_a_window_narrower_than_the_margins_it_had(new_harness: NewHarness) -> None:
    harness = new_harness(PROSE, size=(1_400, 500))
    harness.editor.text_style.set_typography(harness.editor.font(), 1.45, 30)
    width = harness.editor.viewport().width()
    for narrow in (300, 60, 0):
        harness.editor.resize(narrow, 500)
    harness.editor.resize(width + 40, 500)
    assert harness.editor.viewport().width() == width


def test_the_end_is_followed_through_another_font_of_a_whole_window(new_harness: NewHarness) -> None:
    harness = new_harness()
    for _ in range(60):
        harness.stream("line", "\n")
    for size in (20, 8, 30):
        font = harness.editor.font()
        font.setPointSizeF(size)
        harness.editor.text_style.set_typography(font, 1.45, 0)
        harness.settle()
        assert harness.bar.value() == harness.bar.maximum()
