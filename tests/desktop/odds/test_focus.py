"""The token that the odds panel shows."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.odds.focus import FOLLOWING, FRAME, SLOWLY, Focus
from desktop.odds.rows import OddsView
from desktop.page.choosing import Place
from desktop.page.page import Page
from desktop.page.sources import Source
from models.sampling.knobs import Sampling
from models.sampling.readings import ChainEffect
from tests.desktop.odds.conftest import Known
from tests.desktop.page.writing import write_spans


@pytest.fixture
def page(make_span: Any) -> Page:
    """`Once` by the writer; ` upon`, ` a`, ` time` by the model."""
    page = Page()
    page.write(0, 0, "Once")
    page.begin_generation(Source("f"))
    write_spans(page, [make_span(" upon", 11), make_span(" a", 12), make_span(" time", 13)])
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


def test_a_pin_goes_before_all_until_it_is_released(focus: Focus) -> None:
    focus.pin(5)
    focus.hover(12)
    focus.move_caret(11)
    assert shown(focus) == ("␣upon", "pinned")
    focus.pin(10)
    assert shown(focus) == ("␣a", "pinned")
    assert focus.unpin()
    assert shown(focus) == ("␣time", "under the mouse")
    assert not focus.unpin()


def test_the_token_that_is_shown_is_pinned_and_released_by_one_key(focus: Focus, make_span: Any) -> None:
    pins: list[object] = []
    focus.pinned_changed.connect(pins.append)
    focus.toggle_pin()  # nothing is shown yet
    focus.move_caret(9)
    focus.toggle_pin()
    focus.move_caret(11)
    assert shown(focus) == ("␣upon", "pinned")
    focus.toggle_pin()
    focus.hover(13)
    focus.toggle_pin()
    focus.hover(None)
    assert shown(focus) == ("␣time", "pinned")
    focus.toggle_pin()
    assert pins == [4, None, 11, None]
    focus.show_look(make_span(" x", 14).readings[0], 16, Source("f", "read"))
    focus.toggle_pin()  # the next token stands nowhere yet
    assert pins == [4, None, 11, None]


def test_typing_releases_a_pin_wherever_it_is(focus: Focus, page: Page) -> None:
    pins: list[int | None] = []
    focus.pinned_changed.connect(pins.append)
    for start, removed, text in ((0, 0, "x"), (20, 0, "y"), (2, 1, ""), (0, 0, "a pasted text")):
        focus.pin(8)
        assert pins[-1] is not None
        page.write(min(start, page.length), removed, text)
        assert pins[-1] is None


def test_a_pin_moves_with_its_text_and_goes_with_it(focus: Focus, page: Page) -> None:
    page.write(0, 0, "😀! ")
    focus.pin(14)
    assert shown(focus) == ("␣a", "pinned")
    page.undo()
    assert shown(focus) == ("␣a", "pinned")
    page.undo()
    assert not focus.unpin()


def test_generation_leaves_a_pin_alone(focus: Focus, page: Page, make_span: Any) -> None:
    focus.pin(5)
    page.begin_generation(Source("f"))
    write_spans(page, [make_span(" more", 15)])
    assert shown(focus) == ("␣upon", "pinned")


def test_a_pin_on_the_writers_words_is_none(focus: Focus) -> None:
    pins: list[object] = []
    focus.pinned_changed.connect(pins.append)
    focus.pin(1)
    assert pins == []


def test_the_newest_while_writing(focus: Focus, page: Page, make_span: Any) -> None:
    focus.move_caret(9)
    page.begin_generation(Source("f"))
    write_spans(page, [make_span(" there", 14)])
    focus.follow(page.length - 1)
    assert shown(focus) == ("␣there", "just written")
    page.end_generation()
    focus.stop_following()
    assert shown(focus) == ("␣upon", "at the cursor")


def test_a_look_stays_until_the_page_changes(focus: Focus, page: Page, make_span: Any) -> None:
    focus.show_look(make_span("x").readings[0], 16, Source("f", "read"))
    assert shown(focus) == ("x", "next token (not chosen yet)")
    page.write(0, 0, "a")
    assert shown(focus) is None


def test_a_healed_look_s_coin_and_token_begin_where_its_text_does(focus: Focus, make_span: Any) -> None:
    focus.show_look(make_span("times").readings[0], 16, Source("f", "read", healed="time"))
    coin, shown = focus.coin(), focus.shown()
    assert coin and shown and coin.place == Place(12, healed="time") and (shown.start, shown.length) == (12, 0)
    assert focus.place() == Place(16)  # a text of the writer's goes behind the text that stands there


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
    write_spans(page, [make_span(" other")])
    page.end_generation()
    assert shown(focus) is None


@pytest.mark.parametrize(("cores", "following"), [(2, SLOWLY), (4, FOLLOWING)])
def test_following_the_model_shows_a_view_at_once_and_then_only_now_and_then(
    page: Page, make_span: Any, qtbot: QtBot, cores: int, following: int
) -> None:
    now = [100.0]
    focus, views = Focus(page, clock=lambda: now[0], cores=lambda: cores), list[OddsView | None]()
    focus.view_changed.connect(views.append)
    timer = focus._frame_timer
    page.begin_generation(Source("f"))

    def write(word: str) -> None:
        start = page.length
        write_spans(page, [make_span(word, 21)])
        focus.follow(start)

    write(" there")
    assert timer.interval() == FRAME
    qtbot.waitUntil(lambda: len(views) == 1)
    now[0] += 0.02
    write(" was")
    assert timer.interval() == following - 20
    now[0] += 0.02
    write(" a")
    assert timer.interval() == following - 20, "the view that waits is not put off"
    focus.hover(5)
    assert timer.interval() == FRAME, "what the user does is shown in a frame"
    qtbot.waitUntil(lambda: len(views) == 2)
    assert views[-1] is not None and views[-1].token == "␣upon"
    now[0] += 1.0
    write(" boat")
    assert timer.interval() == FRAME
    timer.stop()
    focus.deleteLater()


def test_samplers_that_are_off_have_no_line_in_step_mode_until_one_is_tried(
    focus: Focus, reading: Any, story: Known
) -> None:
    one = replace(reading(story), effect=ChainEffect(255_894, 0.999_999, 0.000_001))
    source = Source("f", "generated")

    def effect() -> str:
        view = focus.current()
        assert view is not None
        return view.effect

    focus.show_coin(one.before, 16, source, None)
    assert effect() == ""
    focus.show_coin(one.before, 16, source, one)
    assert effect() == ""
    focus.show_coin(one.before, 16, replace(source, sampling=Sampling(top_k=40)), one)
    assert effect().startswith("255,894 tokens left")
    focus.show_coin(one.before, 16, source, None)
    focus.show_trial(focus.place(), one.before, Sampling(), "f")
    assert effect().startswith("255,894 tokens left")
    focus.show_look(one.before, 16, source)
    assert effect().startswith("255,894 tokens left")


def test_the_user_puts_the_caret_elsewhere_while_the_model_writes(page: Page, focus: Focus, make_span: Any) -> None:
    generation = page.begin_generation(Source("f"))
    write_spans(page, [make_span(" there", 14)])
    focus.follow(16)
    focus.move_caret(page.length)
    focus.place_caret(page.length)  # where the model writes
    assert shown(focus) == ("␣there", "just written")
    focus.move_caret(9)
    focus.place_caret(9)
    assert shown(focus) == ("␣upon", "at the cursor")
    write_spans(page, [make_span(" was", 15)])
    focus.follow(22)
    assert shown(focus) == ("␣upon", "at the cursor")
    page.write(4, 0, "!")
    focus.move_caret(5)
    focus.place_caret(5)  # behind what was typed
    assert shown(focus) == ("␣was", "just written")
    focus.move_caret(9)
    focus.place_caret(9)
    assert shown(focus) == ("␣upon", "at the cursor")
    focus.follow_new_writing()
    assert shown(focus) == ("␣was", "just written")
    generation.close()
