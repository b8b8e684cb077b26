"""The writer's own text gets odds by itself: where the caret is, and what was typed, once the typing rests."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt

from desktop.generation import asides
from desktop.generation.state import Phase
from desktop.page.token_table import READ

Key, Alt, Shift = Qt.Key, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def reader(start: Callable[..., Any]) -> Any:
    hand = start(reads=True)
    hand.opens("scripted:?rate=5000")
    return hand


def read(hand: Any) -> str:
    """The text that has readings of its own, with the places where it has none left out."""
    page = hand.program.page
    rows = page.tokens(0, page.length)
    rows = rows[(rows["kind"] == READ) & ~page.stale(rows) & (rows["part"] == 0)]
    return "".join(page.text(int(row["start"]), int(row["start"] + row["length"])) for row in rows)


def test_what_was_typed_is_read_when_the_typing_rests(reader: Any) -> None:
    reader.types("The old lighthouse keeper")
    assert read(reader) == ""
    phases: list[Phase] = []
    reader.program.session.state_changed.connect(lambda state: phases.append(state.phase))
    reader.until(lambda: read(reader) == "The old lighthouse keeper")
    assert not phases or set(phases) == {Phase.READY}  # nothing flashes
    reader.until(lambda: reader.program.odds.view is not None)
    assert reader.program.odds.view.token == "␣keeper"
    reader.types(" climbed")
    reader.until(lambda: read(reader).endswith(" keeper climbed"))


def test_an_edit_in_mid_page_is_read_and_what_stands_behind_is_not(reader: Any) -> None:
    reader.types("The old lighthouse keeper climbed the stairs every evening")
    reader.until(lambda: read(reader).endswith(" evening"))
    reader.program.editor.set_caret(len("The old"))
    reader.types(" grey")
    reader.until(lambda: read(reader).startswith("The old grey"))
    assert "evening" not in read(reader)  # stale, until the caret goes there
    reader.program.editor.set_caret(reader.program.page.length - 1)
    reader.until(lambda: read(reader).endswith(" evening"))


def test_a_caret_that_moves_while_the_model_writes_is_read_afterwards(reader: Any) -> None:
    text = "The old lighthouse keeper climbed the stairs every evening. " * 20
    reader.program.page.write(0, 0, text)
    reader.program.session.beside.asides._edits.clear()
    reader.program.session.beside.asides._typing_rests.stop()
    reader.opens("scripted:?rate=50")
    reader.sets(length=400)
    reader.ctrl(Key.Key_Return)
    reader.until(lambda: reader.phase is Phase.WRITING)
    reader.program.editor.set_caret(text.index("stairs", 600) + 3)
    reader.qtbot.wait(2 * asides.CARET_RESTS)
    assert reader.phase is Phase.WRITING and "stairs" not in read(reader)
    reader.program.session.stop()
    reader.until_ready()
    reader.until(lambda: "stairs" in read(reader))


def test_the_caret_in_text_that_nobody_read(reader: Any) -> None:
    text = "The old lighthouse keeper climbed the stairs every evening. " * 20
    reader.program.page.write(0, 0, text)
    reader.program.session.beside.asides._edits.clear()
    reader.program.session.beside.asides._typing_rests.stop()
    place = text.index("stairs", 600) + 3
    reader.program.editor.set_caret(place)
    reader.until(lambda: bool(reader.program.page.readings_at(place)))
    (found,) = reader.program.page.readings_at(place)
    assert found.text == " stairs" and found.reading.rank > 0 and found.source.kind == "read"
    reader.until(lambda: reader.program.odds.view is not None)
    assert reader.program.odds.view.token == "␣stairs"
    assert len(read(reader)) < 100
    reader.press(Key.Key_Period, Alt)  # and another token can be put there
    reader.press(Key.Key_1)
    reader.press(Key.Key_Return, Shift)
    start = found.start
    assert reader.text[:start] == text[:start] and reader.text.endswith(text[start + len(" stairs") :])
    reader.ctrl(Key.Key_Z)
    assert reader.text == text


def test_the_readings_are_those_of_reading_the_page(reader: Any) -> None:
    reader.types("The old lighthouse keeper climbed the stairs")
    reader.until(lambda: read(reader).endswith(" stairs"))
    page = reader.program.page
    one = {place: page.readings_at(place)[0].reading for place in range(3, page.length)}
    reader.ctrl(Key.Key_Z)
    reader.ctrl(Key.Key_Y)
    reader.program.window.actions_["score"].trigger()
    reader.until_ready()
    for place, reading in one.items():
        same = page.readings_at(place)[0].reading
        assert (same.token, same.rank) == (reading.token, reading.rank)
        assert same.raw == pytest.approx(reading.raw, abs=1e-4)


def test_it_yields_to_a_request_and_goes_on_behind_it(start: Callable[..., Any]) -> None:
    hand = start(reads=True)
    hand.opens("scripted:?rate=400")
    hand.sets(length=10)
    hand.program.page.write(0, 0, "The old lighthouse keeper climbed the stairs every evening. " * 200)
    asides_ = hand.program.session.beside.asides
    hand.until(lambda: asides_._queries.job != 0)
    hand.ctrl(Key.Key_Return)
    assert asides_._queries.job == 0 and asides_._edits
    hand.until_ready()
    assert hand.text.endswith(hand.text[12_000:]) and len(hand.text) > 12_000
    hand.until(lambda: asides_._queries.job != 0)
    done = len(read(hand))
    hand.until(lambda: len(read(hand)) > done + 100, seconds=60)


@pytest.mark.parametrize("why", ["off", "battery", "slow", "no model", "dead"])
def test_nothing_is_read(start: Callable[..., Any], why: str) -> None:
    hand = start(reads=why != "off")
    own = hand.program.session.beside.asides
    if why != "no model":
        hand.opens("scripted:?rate=5000")
    if why == "battery":
        own.on_battery = lambda: True
    if why == "slow":
        own._speed = lambda: 5.0
    if why == "dead":
        hand.program.session._died("The model is gone.")
    jobs: list[object] = []
    own._queries.begin = jobs.append  # type: ignore[method-assign]
    hand.types("The old lighthouse keeper")
    hand.program.preferences.change(asides=why != "off")
    hand.qtbot.wait(asides.TYPING_RESTS + asides.CARET_RESTS + 200)
    assert len(jobs) == (1 if why in ("battery", "slow") else 0)  # the caret's own place, which is little


def test_a_caret_that_moves_on_gives_up(start: Callable[..., Any]) -> None:
    hand = start(reads=True)
    hand.opens("scripted:?rate=60")
    text = "The old lighthouse keeper climbed the stairs every evening. " * 20
    hand.program.page.write(0, 0, text)
    own = hand.program.session.beside.asides
    own._edits.clear()
    own._typing_rests.stop()
    told: list[bool] = []
    own.reading_changed.connect(lambda reading, _fraction: told.append(reading))
    hand.program.editor.set_caret(900)
    hand.until(lambda: own._at_caret)
    hand.program.editor.set_caret(905)
    assert not own._at_caret and told[-1] is False
    hand.until(lambda: own._at_caret)
    hand.program.editor.set_caret(0)
