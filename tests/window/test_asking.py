"""How likely is a text: asked with real keys at the place that the panel shows, and again when the place changes."""

import math
from itertools import pairwise
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
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
    hand.sets(length=6, sampling=Sampling(ignore_eos=True))
    hand.types("Once upon")
    hand.writes()
    hand.until(lambda: hand.program.odds.view is not None)


def test_the_chosen_token_s_odds_are_those_that_the_panel_shows(hand: Any) -> None:
    written(hand)
    hand.qtbot.wait(50)
    reading = hand.program.page.readings_at(hand.program.focus.place().start)[0].reading
    row = asks(hand, reading.bytes.decode())
    whole = row.odds.whole.text().replace(NO_BREAK, " ")
    assert whole.startswith(words.percent(math.exp(reading.raw))) and f"rank {reading.rank}" in whole
    assert "begins with this" in row.odds.begins.text()


def test_with_and_without_a_space_and_on_the_strip(hand: Any) -> None:
    written(hand)
    hand.qtbot.wait(50)
    odds = hand.program.odds
    likely = next(row for row in odds.view.rows if row.token.startswith("␣"))
    word = likely.token[1:]
    row = asks(hand, word)
    assert row.other.title.text() == "With a space before it:" and row.other.isVisible()
    assert row.other.whole.text().replace(NO_BREAK, " ").startswith(likely.raw)
    assert "rank" in row.other.whole.text()
    assert row.other.title.text() in row.accessibleDescription()
    segment = next(one for one in odds.view.strip if one.id == likely.id)
    strip = odds.findChild(CoinStrip)
    assert strip.marks == (pytest.approx((segment.low, segment.high)),)
    spaced = asks(hand, f" {word}")
    assert spaced.other.title.text() == "Without the space before it:"
    assert (spaced.odds.whole.text(), spaced.other.whole.text()) == (row.other.whole.text(), row.odds.whole.text())
    for one in (row, spaced):
        QTest.mouseClick(one.close_button, Qt.MouseButton.LeftButton)
    assert strip.marks == ()


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
    hand.qtbot.wait(50)
    asks(hand, " time")
    shown = hand.program.focus.shown()
    token = hand.text[shown.start : shown.start + shown.length]
    assert box(hand).place.text() == f"In the place of “{visible(token.encode())}”:" and box(hand).place.isVisible()
    hand.ctrl(Key.Key_L)
    hand.until(lambda: box(hand).place.text() == "As the next text:")


def test_a_long_text_makes_no_row_wider_than_the_panel(hand: Any) -> None:
    written(hand)
    row = asks(hand, "a very long text that goes on, and on " * 3 + "x" * 90)
    area = box(hand).scroll_area
    assert box(hand)._list.width() == area.viewport().width()
    right = row.close_button.mapTo(area.viewport(), row.close_button.rect().topRight()).x()
    assert right < area.viewport().width() and row.title.height() > 2 * row.title.fontMetrics().height()


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
