"""How likely is a text: asked with real keys, at the end of the page as the next text, elsewhere in the place of the
token that the panel shows; and again when the place changes."""

import math
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, QSignalBlocker, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest

from desktop.odds import words
from desktop.odds.ask import AskBox
from desktop.odds.asked_row import NO_BREAK, AskedRow
from desktop.odds.strip import CoinStrip
from desktop.odds.visible import visible
from models.sampling.knobs import Sampling

Key = Qt.Key


def box(hand: Any) -> AskBox:
    return hand.program.odds.ask


def asks(hand: Any, text: str) -> AskedRow:
    """Press Ctrl+K, type the text and Enter, and wait for the answer."""
    hand.ctrl(Key.Key_K)
    hand.until(lambda: box(hand).field.hasFocus())
    box(hand).field.clear()
    QTest.keyClicks(box(hand).field, text)
    QTest.keyClick(box(hand).field, Key.Key_Return)
    answered(hand)
    return box(hand).rows[text]


def answered(hand: Any) -> None:
    """Wait until every row has the odds of the place that is shown."""
    rows = box(hand).rows
    hand.until(lambda: all("rank" in row.odds.whole.text() and row.odds.isEnabled() for row in rows.values()))


def written(hand: Any) -> None:
    """The caret stays at the end of the page."""
    hand.sets(length=6, sampling=Sampling(ignore_eos=True))
    hand.types("Once upon")
    hand.writes()
    hand.until(lambda: hand.program.odds.view is not None)


def moves_into_the_text(hand: Any) -> str:
    """Put the caret into a token that the model wrote; returns the token."""
    hand.program.editor.set_caret(len("Once upon") + 2)
    hand.qtbot.wait(50)
    shown = hand.program.focus.shown()
    return hand.text[shown.start : shown.start + shown.length]


def place(hand: Any) -> str:
    """Where the box says that the texts are asked about."""
    return box(hand).place.text()


def odds(row: AskedRow) -> str:
    return row.odds.whole.text().replace(NO_BREAK, " ")


def marks(hand: Any) -> Any:
    return hand.program.odds.findChild(CoinStrip).marks


def jobs_of_strings(hand: Any) -> list[object]:
    """Grows by one with each question about a text."""
    jobs: list[object] = []
    hand.program.session.beside.strings.started.connect(lambda *job: jobs.append(job))
    return jobs


def next_odds(hand: Any) -> None:
    """Press Ctrl+L, and wait for the odds of the next token."""
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view.token == "")
    hand.until_ready()


def test_at_the_end_of_the_page_it_is_the_next_text(hand: Any) -> None:
    """It has the odds of the next token, and is marked on the strip where that is shown."""
    written(hand)
    row = asks(hand, " the")
    assert place(hand) == "As the next text:" and hand.program.odds.view.token
    assert box(hand).field.accessibleDescription() == "As the next text:"
    assert marks(hand) == ()
    jobs = jobs_of_strings(hand)
    next_odds(hand)
    listed = next(one for one in hand.program.odds.view.rows if one.token == "␣the")
    assert place(hand) == "As the next text:" and odds(row).startswith(listed.raw) and row.odds.isEnabled()
    segment = next(one for one in hand.program.odds.view.strip if one.id == listed.id)
    assert marks(hand) == (pytest.approx((segment.low, segment.high)),) and not jobs


def test_the_rows_follow_from_the_end_into_the_text_and_back(hand: Any) -> None:
    written(hand)
    row = asks(hand, " the")
    behind = odds(row)
    token = moves_into_the_text(hand)
    answered(hand)
    assert place(hand) == f"In the place of “{visible(token.encode())}”:" and odds(row) != behind
    hand.program.editor.set_caret(len(hand.text))
    hand.until(lambda: place(hand) == "As the next text:" and not row.odds.isEnabled())
    answered(hand)
    assert odds(row) == behind


def test_a_pinned_token_and_one_under_the_mouse_go_before_the_end(hand: Any) -> None:
    written(hand)
    asks(hand, " the")
    focus = hand.program.focus
    for show, end in ((focus.pin, focus.unpin), (focus.hover, lambda: focus.hover(None))):
        show(len("Once upon") + 1)
        hand.until(lambda: place(hand).startswith("In the place of"))
        end()
        hand.until(lambda: place(hand) == "As the next text:")


def test_the_mouse_over_the_rows_asks_nothing_again(hand: Any) -> None:
    written(hand)
    asks(hand, " the")
    jobs = jobs_of_strings(hand)
    hand.program.odds.mouse_inside.emit(True)
    hand.qtbot.wait(250)
    assert hand.program.focus.holds and place(hand) == "As the next text:" and not jobs
    hand.program.odds.mouse_inside.emit(False)


def test_while_the_model_writes_nothing_is_asked_and_nothing_flickers(hand: Any) -> None:
    written(hand)
    row = asks(hand, " the")
    QTest.keyClick(box(hand).field, Key.Key_Escape)
    jobs, length, places = jobs_of_strings(hand), len(hand.text), set[str]()
    hand.program.focus.view_changed.connect(lambda _view: places.add(place(hand)))
    hand.opens("scripted:?rate=30")
    hand.sets(length=None)
    jobs.clear()
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: len(hand.text) > length + 60)
    assert not jobs and places == {"As the next text:"} and not row.odds.isEnabled()
    assert not hand.program.asking._settled.isActive()
    hand.program.session.stop()
    hand.until_ready()
    answered(hand)
    assert len(jobs) == 1


def test_in_step_mode_it_is_asked_where_that_waits(hand: Any) -> None:
    written(hand)
    row = asks(hand, " the")
    QTest.keyClick(box(hand).field, Key.Key_Escape)
    hand.program.session.steps.needle = 60_000
    hand.program.steps.slider.setValue(0)
    QTest.mouseClick(hand.program.steps.switch, Qt.MouseButton.LeftButton)
    hand.ctrl(Key.Key_Return)
    found = set[str]()
    for _ in range(2):
        hand.until(lambda: hand.program.session.state.paused and hand.program.odds.view.token == "")
        hand.qtbot.wait(250)
        answered(hand)
        assert place(hand) == "As the next text:"
        found.add(odds(row))
        length = len(hand.text)
        hand.ctrl(Key.Key_Return)  # the draw, and its text
        hand.ctrl(Key.Key_Return)
        hand.until(lambda length=length: len(hand.text) > length)
    assert len(found) == 2
    hand.program.session.stop()
    hand.until_ready()


def test_the_chosen_token_s_odds_are_those_that_the_panel_shows(hand: Any) -> None:
    written(hand)
    moves_into_the_text(hand)
    reading = hand.program.page.readings_at(hand.program.focus.place().start)[0].reading
    row = asks(hand, reading.bytes.decode())
    whole = row.odds.whole.text().replace(NO_BREAK, " ")
    assert whole.startswith(words.percent(math.exp(reading.raw))) and f"rank {reading.rank}" in whole
    assert "begins with this" in row.odds.begins.text()


def test_with_and_without_a_space_and_on_the_strip(hand: Any) -> None:
    written(hand)
    moves_into_the_text(hand)
    panel = hand.program.odds
    likely = next(row for row in panel.view.rows if row.token.startswith("␣"))
    word = likely.token[1:]
    row = asks(hand, word)
    assert row.other.title.text() == "With a space before it:" and row.other.isVisible()
    assert row.other.whole.text().replace(NO_BREAK, " ").startswith(likely.raw)
    assert "rank" in row.other.whole.text()
    assert row.other.title.text() in row.accessibleDescription()
    segment = next(one for one in panel.view.strip if one.id == likely.id)
    assert marks(hand) == (pytest.approx((segment.low, segment.high)),)
    spaced = asks(hand, f" {word}")
    assert spaced.other.title.text() == "Without the space before it:"
    assert (spaced.odds.whole.text(), spaced.other.whole.text()) == (row.other.whole.text(), row.odds.whole.text())
    for one in (row, spaced):
        QTest.mouseClick(one.close_button, Qt.MouseButton.LeftButton)
    assert marks(hand) == ()


def test_enter_asks_again_at_the_new_place_and_esc_only_closes_the_field(hand: Any) -> None:
    written(hand)
    before = hand.text
    row = asks(hand, " the")
    first = row.odds.whole.text(), row.odds.begins.text()
    assert box(hand).field.isVisible()
    QTest.keyClick(box(hand).field, Key.Key_Escape)
    assert box(hand).field.isHidden() and row.isVisible() and hand.program.editor.hasFocus()
    places = {hand.program.focus.place().start: first}
    for position in (len("Once upon") + 1, len(before) // 2):
        hand.program.editor.set_caret(position)
        hand.until(lambda at=position: hand.program.odds.view is not None)
        hand.qtbot.wait(250)
        answered(hand)
        places[hand.program.focus.place().start] = row.odds.whole.text(), row.odds.begins.text()
    assert len(places) > 1 and len(set(places.values())) > 1 and hand.text == before


def test_an_x_removes_a_row(hand: Any) -> None:
    written(hand)
    asks(hand, " sea")
    row = asks(hand, " land")
    assert list(box(hand).rows) == [" sea", " land"]
    QTest.mouseClick(row.close_button, Qt.MouseButton.LeftButton)
    assert list(box(hand).rows) == [" sea"]
    QTest.mouseClick(box(hand).rows[" sea"].close_button, Qt.MouseButton.LeftButton)
    assert not box(hand).rows and box(hand).isVisible()
    QTest.keyClick(box(hand).field, Key.Key_Escape)
    assert box(hand).isHidden()


def test_the_model_writes_on_and_the_rows_follow(hand: Any) -> None:
    written(hand)
    row = asks(hand, " the")
    QTest.keyClick(box(hand).field, Key.Key_Escape)
    hand.writes()
    assert len(hand.program.page.tally()) and hand.program.page.tally()[0] >= 8
    hand.qtbot.wait(250)
    answered(hand)
    assert row.isVisible()


def test_one_that_waits_is_not_asked_behind_a_page_that_was_just_cut(hand: Any) -> None:
    """The answer to the one before may come before the panel has followed the page."""
    written(hand)
    asks(hand, " sea")
    asks(hand, " land")
    hand.until_ready()
    strings = hand.program.session.beside.strings
    hand.program.asking._waiting = [" sea"]
    with QSignalBlocker(hand.program.session):  # as where the edit changes nothing that the session tells
        hand.program.page.write(0, len(hand.text), "Once")
    strings.ended.emit("")
    assert not strings.busy
    answered(hand)


def test_names_are_spoken(hand: Any) -> None:
    written(hand)
    row = asks(hand, " the")
    spoken = QAccessible.queryAccessibleInterface(row)
    assert spoken.text(QAccessible.Text.Name) == "Odds of “␣the”"
    assert row.odds.whole.text().replace(NO_BREAK, " ") in spoken.text(QAccessible.Text.Description)
    close = QAccessible.queryAccessibleInterface(row.close_button)
    assert close.text(QAccessible.Text.Name) == "Stop asking for “␣the”"


def test_without_a_page_or_in_vain(hand: Any) -> None:
    """On an empty page a text has odds behind nothing; where the context has no room, the row says so."""
    hand.ctrl(Key.Key_K)
    hand.until(lambda: box(hand).field.hasFocus())
    QTest.keyClicks(box(hand).field, "Once")
    QTest.keyClick(box(hand).field, Key.Key_Return)
    answered_or_said = lambda: box(hand).rows["Once"].odds.whole.text() != "Asking…"  # noqa: E731
    hand.until(answered_or_said)


def test_a_number_of_a_line_is_never_broken(hand: Any) -> None:
    written(hand)
    parts = asks(hand, "upon").odds.whole.text().split(" · ")
    assert len(parts) == 4 and not any(" " in part for part in parts)
    box(hand).show_failure("upon", "It was said why not.")
    assert box(hand).rows["upon"].odds.whole.text() == "It was said why not."


def test_the_box_says_where_the_text_would_stand(hand: Any) -> None:
    written(hand)
    token = moves_into_the_text(hand)
    asks(hand, " time")
    assert place(hand) == f"In the place of “{visible(token.encode())}”:" and box(hand).place.isVisible()
    hand.ctrl(Key.Key_L)
    hand.until(lambda: place(hand) == "As the next text:")


def test_a_long_text_makes_no_row_wider_than_the_panel(hand: Any) -> None:
    written(hand)
    row = asks(hand, "a very long text that goes on, and on " * 3 + "x" * 90)
    area = box(hand).scroll_area
    assert box(hand)._list.width() == area.viewport().width()
    right = row.close_button.mapTo(area.viewport(), row.close_button.rect().topRight()).x()
    assert right < area.viewport().width() and row.title.height() > 2 * row.title.fontMetrics().height()


def test_in_a_low_window_step_mode_s_controls_are_whole(hand: Any) -> None:
    """With all that can be open: a text that is asked for, colours, the plot."""
    hand.program.window.resize(700, 480)
    written(hand)
    hand.program.side_dock.show("odds")
    asks(hand, " time")
    for command in ("heat", "show_plot", "step_mode"):
        hand.program.window.actions_[command].trigger()
    panel, bar = hand.program.odds, hand.program.steps
    hand.until(lambda: bar.isVisible() and hand.program.colouring.plotting.plot.isVisible())
    hand.until(lambda: bar.height() >= bar.sizeHint().height())
    parts = (panel.ask, panel._card, panel._chain, panel._captions, panel._list, bar, panel.coin)
    shown = [QRect(part.mapTo(panel, QPoint()), part.size()) for part in parts if part.isVisible()]
    assert all(above.bottom() < below.top() for above, below in pairwise(shown)), shown


@pytest.mark.parametrize("height", [480, 520, 600])
def test_in_a_low_window_nothing_lies_over_another_part(hand: Any, height: int) -> None:
    """With a text that is asked for, and a flip of the coin."""
    hand.program.window.resize(760, height)
    written(hand)
    hand.program.side_dock.show("odds")
    asks(hand, " time")
    QTest.keyClick(box(hand).field, Key.Key_Escape)
    hand.ctrl(Key.Key_D)
    panel = hand.program.odds
    hand.until(lambda: panel.coin.take.isVisible())
    hand.qtbot.wait(20)
    parts = (panel.ask, panel._card, panel._strip, panel._chain, panel._captions, panel._list, panel.coin)
    shown = [QRect(part.mapTo(panel, QPoint()), part.size()) for part in parts if part.isVisible()]
    assert len(shown) == 7
    assert all(above.bottom() < below.top() for above, below in pairwise(shown)), shown
    assert shown[-1].bottom() <= panel.height() and shown[-2].height() > panel._list.sizeHintForRow(0)
