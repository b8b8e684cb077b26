"""Extra flips in the panel: the strip of the last one, the tally beside the bars, the sentence, and the keys."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from desktop.odds.alternative_list import AlternativeList
from desktop.odds.captions import Captions
from desktop.odds.flips import Tally, sentence, with_flip, with_tally
from desktop.odds.panel import OddsPanel
from desktop.odds.rows import EVERYTHING_ELSE, OddsView, view_of_look, view_of_token
from desktop.odds.strip import CoinStrip
from models.engine.events import Flipped
from models.sampling.readings import Reading
from tests.desktop.odds.conftest import STORY, make_reading, on_page

Maker = Callable[..., Reading]
OTHER = 5_000  # a token that is not listed


def fallen(counts: dict[int, int], last: Reading, shares: dict[int, float] | None = None, struck: int = 0) -> Flipped:
    """What the engine answers: every listed token with its share in the story, unless others are given."""
    known = {1000 + place: share for place, (_, share) in enumerate(STORY)} | (shares or {})
    ids = [*counts, *(token for token in known if token not in counts)]
    often = [counts.get(token, 0) for token in ids]
    named = array("d", [known.get(token, 0.0) for token in ids])
    return Flipped(1, array("i", ids), array("i", often), named, struck, last)


@pytest.fixture
def view() -> OddsView:
    return view_of_token([on_page(make_reading(STORY, 1))], "caret", 1_000)


@pytest.fixture
def tally() -> Tally:
    return Tally().with_more(fallen({1000: 27, 1001: 20, OTHER: 53}, make_reading(STORY)))


def test_a_flip_moves_the_needle_and_nothing_else(view: OddsView) -> None:
    flip = make_reading(STORY, 3)
    flipped = with_flip(view, flip)
    assert flipped.draw == flip.draw != view.draw
    chosen = [segment.token for segment in flipped.strip if segment.chosen]
    assert chosen == ["␣old"] and (flipped.rows, flipped.facts) == (view.rows, view.facts)


def test_a_flip_into_everything_else_names_the_token(view: OddsView) -> None:
    known = (*STORY[:9], (b" whale", 0.000_02))
    flip = replace(make_reading(known, 9), low=0.81, high=0.810_02, draw=0.810_01)
    segments = [segment for segment in with_flip(view, flip).strip if segment.chosen]
    assert [(segment.token, segment.low) for segment in segments] == [("␣whale", 0.81)]


def test_the_rows_have_their_share_of_the_flips(view: OddsView, tally: Tally) -> None:
    shown = with_tally(view, tally)
    found = {row.id: (row.flips, row.flips_share) for row in shown.rows}
    assert found[1000] == ("27.0 %", 0.27) and found[1001] == ("20.0 %", 0.2) and found[1002] == ("0 %", 0.0)
    assert found[EVERYTHING_ELSE] == ("53.0 %", 0.53)
    assert [row.final for row in shown.rows] == [row.final for row in view.rows]
    assert "27.0 % of the flips" in shown.rows[0].spoken() and "flips" not in view.rows[0].spoken()


def test_further_flips_are_added(tally: Tally) -> None:
    more = tally.with_more(fallen({1000: 300, 1003: 700}, make_reading(STORY)))
    assert (more.flips, more.counts[1000], more.counts[1003], more.counts[OTHER]) == (1_100, 327, 700, 53)
    assert tally.flips == 100  # a value


def test_the_sentence_says_how_far_and_what_chance_allows(view: OddsView, tally: Tally) -> None:
    """Everything else has 29 %, and got 53 of 100 flips."""
    rest = view.rows[-1].final_share
    words = sentence(view.rows, tally)
    assert words.startswith(f"100 flips: largest deviation {100 * (0.53 - rest):.1f} points; chance allows ")


def test_it_says_how_often_xtc_struck(view: OddsView) -> None:
    struck = Tally().with_more(fallen({1000: 100}, make_reading(STORY), {1000: 0.38}, struck=41))
    assert sentence(view.rows, struck).endswith("XTC applied in 41 of them.")


# ------------------------------------------------------------------------------------------------ in the panel


def table(panel: OddsPanel) -> AlternativeList:
    found = panel.findChild(AlternativeList)
    assert found is not None
    return found


def spoken(widget: object) -> str:
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)  # type: ignore[arg-type]


def test_the_column_of_the_flips_takes_the_place_of_the_model_s(panel: OddsPanel, tally: Tally) -> None:
    captions = panel.findChild(Captions)
    assert captions is not None
    neutral = view_of_look(make_reading(STORY), 1_000)
    cut = view_of_look(make_reading(STORY, cut={2: "top-k"}), 1_000)
    for view, before, during in (
        (neutral, "Probability", "Probability, Flips"),
        (cut, "Model, After sampling", "After sampling, Flips"),
    ):
        panel.show_view(view)
        assert captions.accessible_value() == f"Alternatives, {before}"
        panel.show_tally(tally)
        assert captions.accessible_value() == f"Alternatives, {during}"
        assert "27.0 % of the flips" in table(panel).model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        panel.show_tally(None)
        assert captions.accessible_value() == f"Alternatives, {before}"


def test_its_row_says_how_the_flips_fell_and_nothing_above_it_moves(
    panel: OddsPanel, view: OddsView, tally: Tally, qtbot: QtBot
) -> None:
    strip = panel.findChild(CoinStrip)
    assert strip is not None
    panel.show_view(view)
    qtbot.wait(5)
    place, height = strip.pos(), table(panel).height()
    panel.show_flip(make_reading(STORY, 3))
    assert panel.coin.line.text().endswith("falls on “␣old”.") and panel.coin.take.isVisible()
    assert "in the share of ␣old" in strip.accessible_value()
    panel.show_tally(tally)
    assert "falls on" in panel.coin.line.text()  # the flip goes first
    panel.show_flip(None)
    assert panel.coin.line.text().startswith("100 flips") and not panel.coin.take.isVisible()
    assert panel.coin.forget.isVisible()
    qtbot.wait(5)
    assert strip.pos() == place and table(panel).height() < height
    panel.coin.say("No.")
    assert panel.coin.line.text() == "No." and not panel.coin.forget.isVisible()
    panel.coin.say("")
    panel.show_tally(None)
    assert panel.coin.line.isHidden() and "in the share of ␣sea" in strip.accessible_value()


def test_its_buttons_ask_and_have_names(panel: OddsPanel, view: OddsView, qtbot: QtBot) -> None:
    panel.show_view(view)
    asked: list[int] = []
    panel.coin.flip_requested.connect(asked.append)
    for button in (panel.coin.again, *panel.coin.many):
        button.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert asked == [1, 100, 1_000]
    named: Sequence[object] = (panel.coin.again, *panel.coin.many, panel.coin.take, panel.coin.forget)
    assert [spoken(button) for button in named] == [
        "Flip again",
        "Flip 100 times",
        "Flip 1,000 times",
        "Take the token of this flip",
        "Forget these flips",
    ]
    panel.coin.set_able(False)
    assert not panel.coin.again.isEnabled() and not panel.coin.many[1].isEnabled()


def test_the_tally_is_painted_beside_the_bars(panel: OddsPanel, view: OddsView, tally: Tally) -> None:
    panel.show_view(view)
    plain = table(panel).viewport().grab().toImage()
    panel.show_tally(tally)
    marked = table(panel).viewport().grab().toImage()
    rows = table(panel)
    place = rows.visualRect(rows.model().index(0, 0))
    x = round(10 + (place.width() - 20) * 0.27)
    column = [marked.pixelColor(x, y).lightness() for y in range(place.top(), place.bottom())]
    before = [plain.pixelColor(x, y).lightness() for y in range(place.top(), place.bottom())]
    assert min(column) < min(before) - 30
