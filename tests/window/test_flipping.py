"""The coin is flipped again, by real keys and clicks: shown, taken, tallied, and never written by itself."""

import math
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from desktop.generation.state import Phase
from desktop.odds.coin_bar import CoinBar
from desktop.odds.rows import EVERYTHING_ELSE
from desktop.odds.strip import CoinStrip
from desktop.page.sources import Source
from models.engine.events import Span
from models.sampling.knobs import Sampling
from tests.desktop.conftest import span_of
from tests.window.test_choosing import at, chosen, ghost, third, written

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def bar(hand: Any) -> CoinBar:
    return hand.program.odds.coin


def strip(hand: Any) -> CoinStrip:
    return hand.program.odds.findChild(CoinStrip)


def draw(hand: Any) -> float:
    view = strip(hand)._view
    return view.draw if view else math.nan


def flips(hand: Any) -> float:
    """Press Ctrl+D and wait for the needle to move. Returns where to."""
    before = draw(hand)
    hand.ctrl(Key.Key_D)
    hand.until(lambda: draw(hand) != before and bar(hand).take.isVisible())
    return draw(hand)


def clicks(hand: Any, button: QToolButton) -> None:
    QTest.mouseClick(button, LEFT)


def tallies(hand: Any, batch: int = 0) -> str:
    """Click the button of a batch, and wait for the sentence about the flips."""
    before = bar(hand).line.text()
    clicks(hand, bar(hand).many[batch])
    hand.until(lambda: bar(hand).line.text() != before and "chance allows" in bar(hand).line.text())
    return bar(hand).line.text()


def test_it_is_shown_and_not_written_and_esc_forgets_it(hand: Any) -> None:
    before = written(hand)
    own = draw(hand)
    drawn = [flips(hand) for _ in range(4)]
    assert len({own, *drawn}) == 5 and hand.text == before
    start, end, _ = ghost(hand)
    assert (start, end) == hand.program.page.span_at(third(hand) - 1)
    assert bar(hand).line.text().startswith(f"{drawn[-1]:.4f} falls on ")
    hand.press(Key.Key_Escape)
    assert ghost(hand) is None and draw(hand) == own and hand.text == before and bar(hand).line.isHidden()
    assert flips(hand) not in drawn  # the next number


def test_enter_takes_it_and_what_stood_there_stays(hand: Any) -> None:
    before = written(hand)
    start, end = hand.program.page.span_at(third(hand) - 1)
    text = before[start:end]
    while text == before[start:end]:
        flips(hand)
        _, _, text = ghost(hand)
    hand.press(Key.Key_Return)
    hand.until(lambda: hand.text != before and hand.phase is Phase.READY)
    assert chosen(hand) == [(start, text)] and hand.text.startswith(before[:start] + text)
    hand.alt(Key.Key_Left)
    assert hand.text == before


def test_the_button_takes_it_too(hand: Any) -> None:
    before = written(hand)
    flips(hand)
    start, _, text = ghost(hand)
    clicks(hand, bar(hand).take)
    hand.until_ready()
    assert hand.text.startswith(before[:start] + text) and bar(hand).take.isHidden()
    assert hand.program.editor.hasFocus()


def test_a_token_that_is_not_listed_has_its_name_and_can_be_taken(hand: Any) -> None:
    """At temperature 5 nearly every number falls on everything else."""
    hand.sets(seed=3, length=6, sampling=Sampling(temperature=5, ignore_eos=True))
    hand.types("Once")
    hand.writes()
    at(hand, third(hand))
    listed = {row.id for row in hand.program.odds.view.rows}
    flips(hand)
    while (flip := hand.program.preview._flip).token in listed:
        flips(hand)
    start, _, text = ghost(hand)
    assert text.encode() == flip.bytes
    assert hand.program.odds.view.rows[hand.program.preview.row].id == EVERYTHING_ELSE
    hand.press(Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert chosen(hand) == [(start, text)]
    reading = hand.program.page.readings_at(start)[0].reading
    assert reading.token == flip.token and math.isnan(reading.draw) and reading.chosen is not None


def test_many_flips_are_counted_beside_the_bars_of_their_place(hand: Any) -> None:
    before = written(hand)
    words = tallies(hand)
    assert words.startswith("100 flips: ") and hand.text == before
    words = tallies(hand, 1)
    assert words.startswith("1,100 flips: ")
    rows = [hand.program.odds._rows.row(number) for number in range(hand.program.odds._rows.rowCount())]
    assert math.isclose(sum(row.flips_share for row in rows), 1)
    largest, allowed = (float(part.split()[0].rstrip(".")) for part in words.split("deviation ")[1].split("allows "))
    assert largest <= 2 * allowed and all(abs(row.flips_share - row.final_share) < 0.1 for row in rows)
    place = third(hand)
    at(hand, len("Once") + 2)
    hand.until(lambda: bar(hand).line.isHidden())
    at(hand, place)
    hand.until(lambda: bar(hand).line.text() == words)
    clicks(hand, bar(hand).forget)
    assert bar(hand).line.isHidden() and not hand.program.odds._rows.row(0).flips


def test_it_moves_no_draw_of_the_page(hand: Any) -> None:
    def text() -> str:
        hand.program.open_page.new()
        hand.until(lambda: not hand.program.open_page.busy)
        hand.sets(seed=11)
        return written(hand)

    once = text()
    hand.program.editor.set_caret(len(once))
    goes_on = hand.writes()
    assert text() == once
    flips(hand)
    tallies(hand)
    hand.press(Key.Key_Escape)
    hand.program.editor.set_caret(len(once))
    assert hand.writes() == goes_on


def test_the_next_token_s_coin_can_be_flipped_before_it_is_written(hand: Any) -> None:
    before = written(hand)
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view.token == "")
    hand.until_ready()
    flips(hand)
    start, end, text = ghost(hand)
    assert (start, end) == (len(before), len(before))
    hand.press(Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert hand.text == before + text


def test_what_cannot_be_flipped_is_said(hand: Any) -> None:
    written(hand)
    assert bar(hand).again.isEnabled()
    hand.sets(length=None)
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: hand.phase is Phase.WRITING)
    assert not bar(hand).again.isEnabled()
    hand.press(Key.Key_Escape)
    hand.until_ready()
    page = hand.program.page
    generation = page.begin_generation(Source("another model"))
    generation.append([span_of(" there")], 0)
    page.end_generation()
    at(hand, page.length)
    clicks(hand, bar(hand).again)
    assert bar(hand).line.text() == "These odds are of another model: open it to flip its coin."
    at(hand, third(hand))
    hand.until(lambda: bar(hand).line.isHidden())


def test_a_screen_reader_hears_where_it_fell(hand: Any) -> None:
    written(hand)
    number = flips(hand)
    value = QAccessible.queryAccessibleInterface(strip(hand)).text(QAccessible.Text.Value)
    assert value.startswith(f"{number:.4f} was drawn, in the share of ")
    assert QAccessible.queryAccessibleInterface(bar(hand).line).text(QAccessible.Text.Name) == bar(hand).line.text()
    tallies(hand)
    names = [hand.program.odds._rows.row(number).spoken() for number in range(3)]
    assert all("of the flips" in name for name in names)


def test_each_token_of_a_character_has_its_own_flips(hand: Any) -> None:
    """한, which the model spells with two tokens."""
    written(hand)
    page, source = hand.program.page, hand.program.focus.coin().source
    known = hand.program.page.readings_at(third(hand) - 1)[0].reading
    parts = tuple(
        replace(known, token=token, bytes=data)
        for token, data in ((known.token, b"\xed\x95"), (known.token + 1, b"\x9c"))
    )
    generation = page.begin_generation(source)
    generation.append([Span("한", parts)], 0)
    page.end_generation()
    at(hand, page.length)
    hand.until(lambda: len(hand.program.odds.view.parts) == 2)
    tallies(hand)
    card = hand.program.odds._card
    QTest.keyClick(card, Key.Key_Right)
    assert hand.program.odds.part == 1 and bar(hand).line.isHidden()
    flips(hand)
    assert hand.program.preview._row is not None
    QTest.keyClick(card, Key.Key_Left)
    assert ghost(hand) is None and "chance allows" in bar(hand).line.text()


def test_the_tally_of_one_page_is_not_shown_on_another_with_the_same_text(hand: Any) -> None:
    hand.sets(seed=11)
    once = written(hand)
    words = tallies(hand)
    hand.program.open_page.new()
    hand.until(lambda: not hand.program.open_page.busy)
    hand.sets(seed=11)
    assert written(hand) == once
    hand.until(lambda: hand.program.odds.view is not None)
    assert bar(hand).line.isHidden() and not hand.program.odds._rows.row(0).flips
    assert tallies(hand) == words  # counted from 0


def test_the_buttons_stay_under_the_mouse(hand: Any) -> None:
    """Whatever appears around them takes its room from the rows."""
    written(hand)
    hand.program.window.resize(1180, 620)
    button = bar(hand).again
    place = button.mapToGlobal(button.rect().center())
    for changes in (lambda: flips(hand), lambda: tallies(hand), hand.program.steps.switch.click):
        changes()
        hand.qtbot.wait(20)
        assert button.mapToGlobal(button.rect().center()) == place
