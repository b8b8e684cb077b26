"""The sampling panel in the whole window: bias from the odds, what the model cannot take, banned strings, presets."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.odds.alternative_list import AlternativeList
from models.sampling import presets
from models.sampling.knobs import STAGES, Sampling

Key = Qt.Key


def written(hand: Any, **sampling: Any) -> None:
    hand.sets(length=12, sampling=Sampling(ignore_eos=True, **sampling))
    hand.types("Once upon")
    hand.writes()
    hand.until(lambda: hand.program.odds.view is not None)


def test_a_token_is_banned_and_favoured_from_the_odds(hand: Any) -> None:
    written(hand)
    odds, panel = hand.program.odds, hand.program.sampling
    listed = odds.findChild(AlternativeList)
    token = odds.view.rows[0].id
    ban, favour = (listed.menu_of(row).actions()[action] for row, action in ((0, 1), (1, 0)))
    ban.trigger()
    assert panel.recipe.sampling.bias == (f"id:{token}=-inf",)
    hand.until(lambda: "“" in panel.bias.rows[0].name.text())  # the model has told its text
    favour.trigger()
    assert panel.isVisible() and QApplication.focusWidget() is panel.bias.rows[1].number
    QTest.keyClicks(panel.bias.rows[1].number, "3")
    hand.until(lambda: "“" in panel.bias.rows[1].name.text())
    assert QApplication.focusWidget() is panel.bias.rows[1].number
    assert panel.recipe.sampling.bias[1].endswith("=3")


def test_what_the_loaded_model_cannot_take_is_told_at_once(hand: Any) -> None:
    bias = hand.program.sampling.bias
    bias.add("quixotic zebras=1")
    hand.until(lambda: bias.complaint.text() != "")
    assert "is" in bias.complaint.text() and bias.rows[0].name.text().startswith("⚠")
    bias.rows[0].remove.click()
    assert bias.complaint.text() == ""


def test_banned_strings_never_come_onto_the_page(hand: Any) -> None:
    written(hand, banned=("e", "the", " a"))
    new = hand.text[len("Once upon") :]
    assert new and "e" not in new.lower() and " a" not in new.lower()
    banned = 1 + STAGES.index("banned")
    page = hand.program.page
    found = [one for place in range(len("Once upon"), page.length) for one in page.readings_at(place)]
    assert banned in {cut for one in found for cut in one.reading.alternatives.cut}


def test_a_preset_is_saved_in_the_settings(hand: Any) -> None:
    hand.sets(sampling=Sampling(temperature=1.5, top_k=9))
    row = hand.program.sampling.presets
    row.save.trigger()
    QTest.keyClicks(row.field, "wild")
    QTest.keyClick(row.field, Key.Key_Return)
    assert presets.own(hand.program.preferences.value.presets) == [
        presets.Preset("wild", Sampling(temperature=1.5, top_k=9))
    ]
    row.rename.trigger()
    hand.press(Key.Key_Escape)
    assert not row.field.isVisible() and row.box.currentText() == "wild"


def test_a_grammar_with_a_mistake_is_there_after_the_next_start(start: Any) -> None:
    hand = start()
    hand.program.sampling.grammar.box.setPlainText("root ::= (")
    again = start()
    assert again.program.sampling.grammar.box.toPlainText() == "root ::= ("
    again.until(lambda: bool(again.program.sampling.grammar.complaint.text()))
    assert not again.program.recipe.sampling.grammar
