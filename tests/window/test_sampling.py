"""The sampling panel in the whole window: bias from the odds, what the model cannot take, banned strings, presets."""

from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from desktop.generation.sampling_panel import Section
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


def test_a_reset_of_all_samplers_is_undone(hand: Any) -> None:
    notice, panel, chain = hand.program.window.notice, hand.program.sampling, hand.program.chain
    former = Sampling(temperature=0.7, bias=("id:5=-inf",), banned=("London",), grammar='root ::= "yes"', stop=("x",))
    for button in (chain.reset, panel.neutral_button):
        hand.sets(sampling=former)
        QTest.keyClicks(panel.grammar.box, "(")
        typed = panel.grammar.box.toPlainText()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert panel.recipe.sampling == Sampling(stop=("x",)) and panel.grammar.box.toPlainText() == ""
        assert notice.sentence == "Samplers reset."
        QTest.mouseClick(notice.content.action, Qt.MouseButton.LeftButton)
        assert panel.recipe.sampling == former and panel.grammar.box.toPlainText() == typed
        assert notice.sentence == ""


def test_another_change_of_a_sampler_ends_the_offer_to_undo_a_reset(hand: Any) -> None:
    hand.sets(sampling=Sampling(temperature=0.7))
    hand.program.sampling.neutral_button.click()
    hand.program.sampling.controls["top_k"].box.setFocus()
    QTest.keyClick(hand.program.sampling.controls["top_k"].box, Key.Key_Up)
    assert hand.program.sampling.recipe.sampling.top_k == 1 and hand.program.window.notice.sentence == ""


def in_view(panel: Any, field: QWidget) -> bool:
    view: QWidget = panel.findChild(QScrollArea).viewport()
    return view.rect().contains(QRect(field.mapTo(view, QPoint()), field.size()))


def test_a_group_that_was_folded_stays_so_while_the_user_types_in_another(hand: Any) -> None:
    panel = hand.program.sampling
    hand.program.side_dock.show("sampling")
    hand.program.window.resize(1180, 480)
    hand.sets(length=40)
    writing, *_, tokens = panel.findChildren(Section)
    for head in (writing.head, tokens.head):
        QTest.mouseClick(head, Qt.MouseButton.LeftButton)
    assert writing.head.text() == "Writing •" and not writing.head.isChecked() and tokens.head.isChecked()
    box = panel.grammar.box
    box.setFocus()
    QTest.qWait(50)  # until all fields have their places
    bar = panel.findChild(QScrollArea).verticalScrollBar()
    bar.setValue(bar.maximum() - 20)  # the field is near the foot of the panel
    assert in_view(panel, box)
    QTest.keyClicks(box, 'root ::= "a" | "b"')
    hand.until(lambda: panel.recipe.sampling.grammar != "")
    QTest.qWait(50)
    assert not writing.head.isChecked() and QApplication.focusWidget() is box
    assert in_view(panel, box)
    QTest.mouseClick(tokens.head, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is tokens.head
    panel.favour(5)
    assert tokens.head.isChecked() and QApplication.focusWidget() is panel.bias.rows[0].number


def test_a_text_of_several_tokens_in_the_bias_is_refused_once_and_points_to_banned_strings(hand: Any) -> None:
    hand.sets(length=4, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    hand.writes()
    hand.program.editor.set_caret(len("Once") + 1)
    hand.until(lambda: hand.program.odds.view is not None)
    notice, panel, status = hand.program.window.notice, hand.program.sampling, hand.program.window.status
    hand.program.side_dock.show("sampling")
    refusals: list[str] = []
    hand.program.trial.message.connect(refusals.append)
    QTest.keyClicks(panel.bias.field, "quixotic zebras")
    QTest.keyClick(panel.bias.field, Key.Key_Return)
    hand.until(lambda: bool(refusals) and panel.bias.complaint.isVisible())
    sentence = panel.bias.complaint.text()
    assert sentence.endswith("To ban a text of several tokens, add it to Banned strings.") and refusals == [sentence]
    assert sentence not in status.words().values() and notice.sentence == ""
    hand.program.side_dock.show("odds")
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: notice.sentence == sentence)
    hand.program.chain.boxes["top_k"].setValue(5)
    hand.until(lambda: len(refusals) == 2)
    hand.qtbot.wait(100)
    assert sentence in status.words().values() and notice.sentence == ""  # it was about the settings before


def test_all_that_is_said_about_a_mistake_in_the_grammar_is_in_view(hand: Any) -> None:
    panel, window = hand.program.sampling, hand.program.window
    hand.program.side_dock.show("sampling")
    window.resize(1180, 560)
    panel.findChildren(Section)[-1].head.setChecked(True)
    QTest.qWait(50)  # until all fields have their places
    bar = panel.findChild(QScrollArea).verticalScrollBar()
    box, complaint = panel.grammar.box, panel.grammar.complaint
    for has_focus in (True, False):
        (box if has_focus else hand.program.editor).setFocus()
        bar.setValue(panel.grammar.mapTo(panel.grammar.parentWidget(), box.geometry().bottomLeft()).y())
        QTest.keyClicks(box, "root ::= x" if has_focus else "(")
        hand.until(lambda: complaint.isVisible())
        QTest.qWait(50)
        if not has_focus:
            bar.setValue(bar.maximum())
        assert complaint.height() >= complaint.heightForWidth(complaint.width())
        assert in_view(panel, complaint)
        panel.grammar.reset_button.click()


def test_the_cost_of_a_grammar_is_not_told_of_another_one(hand: Any) -> None:
    field = hand.program.sampling.grammar
    hand.sets(length=8, sampling=Sampling(grammar="root ::= [a-z ]+"))
    hand.types("Once ")
    hand.writes()
    hand.until(lambda: "ms a token" in field.cost.text())
    hand.sets(length=8, sampling=Sampling(grammar="root ::= [A-Z ]+"))
    hand.types("more")  # the state changes
    hand.qtbot.wait(50)
    assert field.cost.text() == ""
    hand.writes()
    hand.until(lambda: "ms a token" in field.cost.text())
