"""Odds that are computed again for a place and differ from those that were recorded there: the panel says so."""

import math
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QRect, Qt

from desktop.odds.read_again import REASON
from desktop.odds.rows import PROBABILITY
from models.sampling.knobs import Sampling
from tests.window.test_all_tokens import opened
from tests.window.test_asking import asks, moves_into_the_text, written
from tests.window.test_chain_trial import tries
from tests.window.test_screen_reader import Listener, listener

__all__ = ["listener"]  # a fixture


def fact(hand: Any) -> Any:
    return next(one for one in hand.program.odds.view.facts if one.label == PROBABILITY)


def places(hand: Any) -> list[QRect]:
    panel = hand.program.odds
    return [part.geometry() for part in (panel._card, panel._strip, panel._list, panel.all_tokens, panel.coin)]


def share(hand: Any) -> float:
    """The recorded probability of the token in view."""
    return math.exp(hand.program.focus.recorded().reading.raw)


def test_a_trial_says_what_was_recorded(hand: Any, listener: Listener) -> None:
    """Where both agree, as fixed odds do, nothing is said."""
    written(hand)
    moves_into_the_text(hand)
    answers: list[Any] = []
    chains = hand.program.session.beside.chains
    chains.answered.connect(lambda *answer: answers.append(answer))
    tries(hand, top_k=2)
    assert "first" not in fact(hand).note and not hand.program.odds.view.again and not listener.said
    before, first = places(hand), fact(hand).value
    place, reading, recipe = answers[-1]
    chains.answered.emit(place, replace(reading, raw=math.log(share(hand) / 2)), recipe)
    hand.until(lambda: fact(hand).note == f"at first: {first}")
    assert places(hand) == before
    assert fact(hand).help == f"Read again: {fact(hand).value}; when it was written: {first}. {REASON}"
    assert listener.said == [fact(hand).help] and fact(hand).note in hand.program.odds._card.accessible_value()
    hand.program.editor.set_caret(len(hand.text))
    hand.until(lambda: not hand.program.odds.view.again)


def test_the_list_of_all_tokens_says_it_until_it_is_closed(hand: Any, listener: Listener) -> None:
    answers: list[Any] = []
    whole = hand.program.session.beside.whole
    whole.answered.connect(lambda *answer: answers.append(answer))
    opened(hand)
    hand.qtbot.wait(50)
    assert "again" not in fact(hand).note and not listener.said
    before, first = places(hand), fact(hand).value
    place, found, source = answers[-1]
    raw = found.raw[:]
    raw[found.ids.index(place.token)] = math.log(share(hand) / 2)
    whole.answered.emit(place, replace(found, raw=raw), source)
    hand.until(lambda: fact(hand).note.startswith("read again: "))
    assert fact(hand).value == first and places(hand) == before
    assert listener.said == [hand.program.odds.view.again]
    hand.program.odds.toggle_all()
    hand.until(lambda: not hand.program.odds.view.again and fact(hand).value == first)


def test_an_asked_text_says_it_beside_its_number(hand: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written(hand)
    token = moves_into_the_text(hand)
    row = asks(hand, token)
    assert not row.odds.chips.toolTip() and "first" not in row.odds.chips.accessible_value()
    height = row.height()
    recorded = hand.program.focus.recorded()
    raw = recorded.reading.raw + math.log(1.5)
    other = replace(recorded, reading=replace(recorded.reading, raw=raw))
    monkeypatch.setattr(hand.program.focus, "recorded", lambda: other)
    asks(hand, token)
    hand.until(lambda: "at first: " in row.odds.chips.accessible_value())
    assert REASON in row.odds.chips.toolTip() and REASON in row.accessibleDescription() and row.height() == height
    hand.program.editor.set_caret(len(hand.text))
    hand.until(lambda: not row.odds.isEnabled())
    hand.until(lambda: row.odds.isEnabled() and not row.odds.chips.toolTip())


def test_outdated_odds_are_not_compared(hand: Any) -> None:
    written(hand)
    moves_into_the_text(hand)
    assert hand.program.focus.recorded() is not None
    hand.program.page.write(0, 4, "Then")
    assert hand.program.focus.recorded() is None


def test_the_draw_of_step_mode_is_not_written_yet(hand: Any) -> None:
    hand.sets(length=6, sampling=Sampling(ignore_eos=True))
    hand.types("Once upon")
    hand.ctrl(Qt.Key.Key_L)
    hand.until(lambda: hand.program.focus.recorded() is not None)
    assert not hand.program.focus.recorded().written
