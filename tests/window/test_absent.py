"""The whole program on a model that does not tell everything: the readings lose fields between the child and the
session, and all rooms behind it have to do without."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from desktop.odds.strip import CoinStrip
from models.engine.events import Event, Looked, Sampled, Scored
from models.engine.prefix import TextPiece
from models.sampling.readings import LOOK
from tests.desktop.absent import ALL, SERVED, title, without

Names = Sequence[str]
Key, Shift = Qt.Key, Qt.KeyboardModifier.ShiftModifier


class LackingEngine:
    """An engine whose readings lack fields; the rest is the real engine's."""

    def __init__(self, engine: Any, names: Names) -> None:
        self._engine, self._names = engine, names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def events(self, most: int | None = None) -> list[Event]:
        return [self._lacking(event) for event in self._engine.events(most)]

    def _lacking(self, event: Event) -> Event:
        if isinstance(event, Looked):
            return replace(event, reading=replace(without(event.reading, self._names), token=LOOK))
        if isinstance(event, Sampled | Scored):
            spans = [replace(one, readings=tuple(without(r, self._names) for r in one.readings)) for one in event.spans]
            return replace(event, spans=tuple(spans))
        return event


def on_page(hand: Any) -> list[str]:
    """Every reading of the page with all fields; NaN equals NaN."""
    page = hand.program.page
    starts = sorted(set(page.tokens(0, page.length)["start"].tolist()))
    return [repr(one.reading) for start in starts for one in page.readings_at(start)]


def panel_words(hand: Any) -> str:
    """Everything that the odds panel says of the token it shows."""
    panel = hand.program.odds
    strip = panel.findChild(CoinStrip)
    rows = [row.spoken() for row in panel.view.rows]
    return "\n".join([panel.view.spoken(), strip.accessible_value(), *rows])


def exported(hand: Any, target: Path) -> str:
    done: list[str] = []
    hand.program.export_print.finished.connect(done.append)
    hand.program.export_print.export_to(target)
    hand.until(lambda: bool(done), 60)
    return target.read_text(encoding="utf-8")


@pytest.mark.parametrize("names", [SERVED, ALL], ids=title)
def test_what_a_model_does_not_tell(names: Names, start: Callable[..., Any], tmp_path: Path) -> None:
    hand = start()
    hand.program.pump.engine = LackingEngine(hand.program.pump.engine, names)
    hand.opens("scripted:?rate=2000")
    hand.program.window.actions_["heat"].setChecked(True)
    hand.program.preferences.change(heat=True)
    hand.sets(length=12, seed=3)
    hand.types("Once upon a time")
    first = hand.writes()
    second = hand.writes()  # the text so far goes to the model as text, since no id is known
    assert first and second and hand.text == "Once upon a time" + first + second
    pieces = hand.program.page.excerpt(None, hand.program.session.state.model.fingerprint, 2**40).pieces
    assert [piece.text for piece in pieces if isinstance(piece, TextPiece)] == [hand.text]

    hand.program.focus.pin(len(hand.text) - 1)
    hand.until(lambda: hand.program.odds.view is not None and "pinned" in hand.program.odds.view.state)
    hand.program.window.grab()
    words = panel_words(hand)
    assert "Token id not known" in words and "The number drawn is not known." in words
    assert not re.search(r"\bnan\b|\binf\b|(?<![\d.])0 %|-1\b|-2\b", words)

    hand.press(Key.Key_L, Qt.KeyboardModifier.ControlModifier, Shift)  # the writer's own text
    hand.until(lambda: bool(hand.program.page.readings_at(0)))
    hand.until_ready()
    hand.program.focus.pin(0)
    hand.until(lambda: "your text: nothing was drawn" in panel_words(hand))
    readings = on_page(hand)

    html, lines = (exported(hand, tmp_path / f"out{suffix}") for suffix in (".html", ".jsonl"))
    assert not re.search(r"\bNaN\b|Infinity", html)
    tokens = [one for one in map(json.loads, lines.splitlines()) if one["type"] == "token"]
    assert len(tokens) == len(readings) and all(one["id"] is one["rank"] is one["draw"] is None for one in tokens)
    assert "".join(json.loads(line).get("text", "") for line in lines.splitlines()) == hand.text

    again = start()
    assert again.text == hand.text and on_page(again) == readings


def test_a_look_that_tells_only_a_few_tokens(hand: Any) -> None:
    hand.program.pump.engine = LackingEngine(hand.program.pump.engine, SERVED)
    hand.types("Once")
    hand.program.window.actions_["look"].trigger()
    hand.until(lambda: hand.program.odds.view is not None and not hand.program.odds.view.token)
    words = panel_words(hand)
    assert "Entropy not known" in words and "Nothing was drawn here." in words
    assert not re.search(r"\bnan\b|(?<![\d.])0 %", words)
