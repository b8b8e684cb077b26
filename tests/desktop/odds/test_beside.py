"""The second model's odds in words, and beside the rows of the panel."""

import math
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from desktop.odds import beside
from desktop.odds.alternative_list import AlternativeList
from desktop.odds.beside import BesideView, second_odds, tokens_of, waiting
from desktop.odds.captions import Captions
from desktop.odds.panel import OddsPanel
from desktop.odds.rows import view_of_look, view_of_token
from models.sampling.readings import Reading
from tests.desktop.odds.conftest import Known, on_page

Make = Callable[..., Reading]


def picture(panel: OddsPanel) -> QImage:
    """The panel, once its parts have their places."""
    QApplication.processEvents()
    return panel.grab().toImage()


def test_the_tokens_are_those_of_the_rows(reading: Make, story: Known) -> None:
    one = reading(story, chosen=2)
    view = view_of_token([on_page(one)], "caret", 100)
    assert len(tokens_of(one)) == len(view.rows) - 1
    assert [token for token, _ in tokens_of(one)] == [row.id for row in view.rows[:-1]]
    far = reading(story, token=7)  # not among the alternatives by its id
    assert tokens_of(far)[-1] == (7, story[0][0])
    assert len(tokens_of(far)) == len(view_of_token([on_page(far)], "caret", 100).rows) - 1


def test_odds_of_every_kind() -> None:
    known, none, unknown, rest = second_odds([0.25, None, math.nan], 4)
    assert (known.words, known.share, known.spoken) == ("25.0 %", 0.25, "second model: 25.0 %")
    assert (none.words, none.share) == ("–", 0.0) and "no such token" in none.spoken
    assert unknown.words == "not known" and rest.words == "not known"
    assert second_odds([0.25, None, 0.5], 4)[-1].words == "25.0 %"
    assert second_odds([0.7, 0.300_001], 3)[-1].words == "0 %"
    assert len(second_odds([0.5], 1)) == 1 and second_odds([1.000_000_1], 1)[0].words == "100 %"
    assert [one.words for one in waiting(2)] == ["…", "…"]


def test_sentences() -> None:
    assert beside.same_tokens(0.341)[0] == "Same tokens. Divergence: 0.34 bits"
    assert beside.same_tokens(math.inf)[0].endswith("∞")
    sentence, help_ = beside.same_characters(" light\nhouse", 3.2, 5.0)
    assert sentence == "Different tokens. “␣light⏎house”: first 3.20 bits, second 5.00 bits".replace("⏎", "↵")
    assert "no divergence" in help_
    assert len(beside.same_characters("x" * 400, 1, 2)[0]) < 90
    assert all(one[0] for one in (beside.different_tokens(True), beside.different_tokens(False)))


def list_of(panel: OddsPanel) -> AlternativeList:
    rows = panel.findChild(AlternativeList)
    assert rows is not None
    return rows


@pytest.mark.parametrize("low", [False, True])
def test_they_stand_beside_the_rows(panel: OddsPanel, reading: Make, story: Known, low: bool) -> None:
    panel.resize(300, 420 if low else 700)
    view = view_of_token([on_page(reading(story, cut={4: "top-k"}))], "caret", 100)
    panel.show_view(view)
    rows, alone = list_of(panel), picture(panel)
    spoken = rows.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    shares = [0.02 * (number + 1) for number in range(len(view.rows) - 1)]
    panel.show_beside(BesideView(second_odds(shares, len(view.rows)), "Same tokens. Divergence: 0.34 bits", "help"))
    captions = panel.findChild(Captions)
    assert captions is not None
    assert captions.accessible_value() == "Alternatives, First, Second"
    assert rows.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole) == f"{spoken}, second model: 2.0 %"
    assert rows.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole).endswith("second model: 2.0 %")
    both = picture(panel)
    panel.show_beside(BesideView(waiting(len(view.rows))))
    assert picture(panel) != both != alone
    panel.show_beside(None)
    assert picture(panel) == alone and "Second" not in captions.accessible_value()


def test_another_view_with_fewer_odds_than_rows(panel: OddsPanel, reading: Make, story: Known) -> None:
    """Between another view and the answers for it, odds and rows may not be of one number."""
    panel.show_beside(BesideView(waiting(2)))
    panel.show_view(view_of_look(reading(story), 100))
    rows = list_of(panel)
    assert "second" not in rows.model().index(5, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    panel.grab()
    panel.show_view(None)
    panel.show_beside(BesideView())
    panel.grab()
