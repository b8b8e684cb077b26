"""Which token the odds panel shows."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.odds.focus import Focus
from desktop.odds.rows import OddsView
from desktop.page.page import Page
from desktop.page.sources import Source


@pytest.fixture
def page(make_span: Any) -> Page:
    """`Once` by the writer; ` upon`, ` a`, ` time` by the model."""
    page = Page()
    page.write(0, 0, "Once")
    page.begin_generation(Source("f"))
    page.append([make_span(" upon", 11), make_span(" a", 12), make_span(" time", 13)])
    page.end_generation()
    return page


@pytest.fixture
def focus(page: Page, qtbot: QtBot) -> Iterator[Focus]:
    focus = Focus(page)
    yield focus
    focus.deleteLater()


def shown(focus: Focus) -> tuple[str, str] | None:
    view = focus.current()
    return (view.token, view.state.split(" ·")[0]) if view else None


def test_the_caret(focus: Focus) -> None:
    assert shown(focus) is None
    focus.move_caret(4)
    assert shown(focus) == ("␣upon", "at the cursor")
    focus.move_caret(9)
    assert shown(focus) == ("␣upon", "at the cursor")
    focus.move_caret(11)
    assert shown(focus) == ("␣a", "at the cursor")


def test_hovering_goes_before_the_caret_and_ends(focus: Focus) -> None:
    focus.move_caret(9)
    focus.hover(12)
    assert shown(focus) == ("␣time", "under the mouse")
    focus.hover(None)
    assert shown(focus) == ("␣upon", "at the cursor")


def test_a_pin_goes_before_all_and_is_let_go_by_a_second_click(focus: Focus) -> None:
    focus.click(5)
    focus.hover(12)
    assert shown(focus) == ("␣upon", "pinned")
    focus.click(6)
    assert shown(focus) == ("␣time", "under the mouse")


def test_a_pin_moves_with_its_text_and_goes_with_it(focus: Focus, page: Page) -> None:
    focus.click(10)
    page.write(0, 0, "😀! ")
    assert shown(focus) == ("␣a", "pinned")
    page.write(page.length - 7, 1, "")
    assert focus._pinned is None


def test_a_pin_on_the_writers_words_is_none(focus: Focus) -> None:
    pins: list[object] = []
    focus.pinned_changed.connect(pins.append)
    focus.click(1)
    assert pins == []


def test_the_newest_while_writing(focus: Focus, page: Page, make_span: Any) -> None:
    focus.move_caret(9)
    page.begin_generation(Source("f"))
    page.append([make_span(" there", 14)])
    focus.follow(page.length - 1)
    assert shown(focus) == ("␣there", "just written")
    page.end_generation()
    focus.rest()
    assert shown(focus) == ("␣upon", "at the cursor")


def test_a_look_stays_until_the_page_changes(focus: Focus, page: Page, make_span: Any) -> None:
    focus.show_look(make_span("x").readings[0])
    assert shown(focus) == ("x", "next token (not chosen yet)")
    page.write(0, 0, "a")
    assert shown(focus) is None


def test_at_most_one_view_a_frame(focus: Focus, qtbot: QtBot) -> None:
    views: list[OddsView | None] = []
    focus.view_changed.connect(views.append)
    for position in range(5, 14):
        focus.move_caret(position)
    qtbot.waitUntil(lambda: bool(views))
    qtbot.wait(40)
    assert len(views) == 1


def test_the_newest_token_goes_with_its_branch(focus: Focus, page: Page, make_span: Any) -> None:
    focus.follow(page.length - 1)
    before = shown(focus)
    page.regenerate(Source("f"))
    assert before is not None and shown(focus) == before  # nothing of the next one is there yet
    page.append([make_span(" other")])
    page.end_generation()
    assert shown(focus) is None
