"""Readings that lack fields in the panel: "not known" in place of a number, and never a number that nobody told."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from desktop.odds.alternative_list import AlternativeList
from desktop.odds.card import TokenCard
from desktop.odds.panel import OddsPanel
from desktop.odds.rows import EVERYTHING_ELSE, OddsView, view_of_look, view_of_token
from desktop.odds.strip import CoinStrip
from models.sampling.readings import UNKNOWN_ID, Reading
from tests.desktop.absent import ABSENT, ALL, CASES, SERVED, title, without
from tests.desktop.odds.conftest import STORY, make_reading, on_page

Names = Sequence[str]
FACT_OF = {
    "raw": {"Probability", "Surprisal"},
    "rank": {"Rank"},
    "entropy": {"Entropy", "Effective choices"},
    "id": {"Token id"},
    "draw": {"Drawn"},
}
NO_NUMBER = re.compile(r"\bnan\b|\binf\b|–|-1\b|-2\b", re.IGNORECASE)


def view_without(names: Names, known: Sequence[tuple[bytes, float]] = STORY, chosen: int = 2) -> OddsView:
    return view_of_token([on_page(without(make_reading(known, chosen), names))], "pinned", 262_144)


def all_words(view: OddsView) -> list[str]:
    """Everything in the view that is shown as text."""
    facts = [word for fact in view.facts for word in (fact.value, fact.note)]
    rows = [word for row in view.rows for word in (row.raw, row.final, row.cut, row.spoken())]
    return [view.state, view.token, view.draw_note, view.spoken(), *facts, *rows]


@pytest.mark.parametrize("names", CASES, ids=title)
def test_exactly_what_is_absent_is_said_to_be_not_known(names: Names) -> None:
    facts = {fact.label: fact.value for fact in view_without(names).facts}
    expected = set[str]().union(*(FACT_OF.get(name, set()) for name in names))
    assert {label for label, value in facts.items() if value == "not known"} == expected
    assert len(facts) == 7


@pytest.mark.parametrize("names", CASES, ids=title)
def test_the_token_itself_is_always_there(names: Names) -> None:
    view = view_without(names)
    assert view.token == "␣water"
    chosen = [row for row in view.rows if row.chosen]
    assert [row.token for row in chosen] == ["␣water"]


@pytest.mark.parametrize("chosen", [0, 2, 9])
@given(names=st.sets(st.sampled_from(ALL)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_word_is_a_number_that_nobody_told(chosen: int, names: set[str]) -> None:
    view = view_without(tuple(names), chosen=chosen)
    assert not [word for word in all_words(view) if NO_NUMBER.search(word)]
    assert not [word for word in all_words(view) if re.search(r"(?<![\d.])0 %", word)]  # every token here has a share
    assert all(0.0 <= row.raw_share <= 1.0 and 0.0 <= row.final_share <= 1.0 for row in view.rows)
    assert all(0.0 <= segment.low <= segment.high <= 1.0 + 1e-6 for segment in view.strip)
    assert sum(row.chosen for row in view.rows) == 1


def test_without_the_odds_after_sampling_there_is_no_column_of_them() -> None:
    assert not view_without(SERVED).odds_changed
    assert [row.raw for row in view_without(SERVED).rows] == [row.raw for row in view_without(()).rows]


def test_alternatives_without_ids_are_told_apart_from_everything_else() -> None:
    view = view_without(("alternatives' ids",))
    assert {row.id for row in view.rows[:-1]} == {UNKNOWN_ID} and view.rows[-1].id == EVERYTHING_ELSE


def test_what_is_left_is_known_only_where_all_others_are() -> None:
    (rest,) = [row for row in view_without(("alternatives' final",)).rows if row.id == EVERYTHING_ELSE]
    assert (rest.raw, rest.final) == ("28.9 %", "not known")
    assert not [row for row in view_without(ALL).rows if row.id == EVERYTHING_ELSE]


def test_the_token_counts_although_it_is_not_among_the_alternatives() -> None:
    with_it, beside = view_without(()), view_without(("chosen alternative",))
    assert beside.rows[-1].raw == with_it.rows[-1].raw
    assert sorted(row.token for row in beside.rows) == sorted(row.token for row in with_it.rows)


def test_an_interval_is_shown_where_no_share_is_known() -> None:
    view = view_without(("alternatives",))
    reading = without(make_reading(STORY, 2), ("alternatives", "final"))
    assert [segment.token for segment in view.strip if segment.chosen] == ["␣water"]
    unknown = view_of_token([on_page(reading)], "pinned", 1)
    assert [(s.low, s.high) for s in unknown.strip if s.chosen] == [(reading.low, reading.high)]


def test_text_that_was_read_is_not_said_to_be_drawn() -> None:
    view = view_of_token([on_page(without(make_reading(STORY), ALL), kind="read")], "caret", 100)
    assert view.facts[-1].value == "your text: nothing was drawn" and view.draw_note == ""


@given(names=st.sets(st.sampled_from(ALL)))
def test_a_look_at_a_part_of_the_odds(names: set[str]) -> None:
    look = replace(without(make_reading(STORY, token=-1, draw=math.nan), tuple(names)), token=-1)
    view = view_of_look(look, 100)
    assert view.token == "" and view.draw_note == "" and not any(row.chosen for row in view.rows)
    assert not [word for word in all_words(view) if NO_NUMBER.search(word)]
    assert bool(view.rows) == ("alternatives" not in names)


def test_each_of_the_fields_is_absent_in_a_case() -> None:
    whole = make_reading(STORY, 2)
    assert not [name for name in ABSENT if without(whole, [name]) == whole]


# ------------------------------------------------------------------------------------------------ the widgets


def child(panel: OddsPanel, kind: type) -> object:
    found = panel.findChild(kind)
    assert found is not None
    return found


def pixels(panel: OddsPanel) -> QImage:
    return panel.grab().toImage()


@pytest.mark.parametrize("names", CASES, ids=title)
def test_every_widget_copes(names: Names, panel: OddsPanel) -> None:
    view = view_without(names)
    panel.show_view(view)
    assert not pixels(panel).isNull()
    card, strip, rows = child(panel, TokenCard), child(panel, CoinStrip), child(panel, AlternativeList)
    assert isinstance(card, TokenCard) and isinstance(strip, CoinStrip) and isinstance(rows, AlternativeList)
    model = rows.model()
    tips = [model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(model.rowCount())]
    helps = [card.help_at(QPoint(60, y)) for y in range(0, card.height(), 6)]
    spoken = [model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    said = [*tips, *helps, *spoken, card.accessible_value(), strip.accessible_value()]
    assert not [words for words in said if NO_NUMBER.search(words)]
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == view.spoken()


@pytest.mark.parametrize("names", CASES, ids=title)
def test_the_strip_says_in_a_sentence_that_the_draw_is_not_known(names: Names, panel: OddsPanel) -> None:
    panel.show_view(view_without(names))
    strip = child(panel, CoinStrip)
    assert isinstance(strip, CoinStrip)
    said = strip.accessible_value()
    assert (said == "The number drawn is not known.") == ("draw" in names)
    assert "Nothing was drawn" not in said


def test_the_sentence_is_painted_below_the_strip(panel: OddsPanel) -> None:
    """Where the number would stand, on an empty strip and on one with shares."""
    for names in (("draw",), ALL):
        view = view_without(names)
        panel.show_view(view)
        with_note = pixels(panel)
        panel.show_view(replace(view, draw_note=""))
        assert pixels(panel) != with_note


def test_a_reading_that_knows_all_is_shown_as_ever(reading: Callable[..., Reading]) -> None:
    assert view_without(()).draw_note == "" and view_without(()).draw == reading(STORY, 2).draw
