"""Behind the alternative that is previewed stands how the text would most likely go on, while the model is at rest."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt

from desktop.generation.state import Phase
from models.sampling.knobs import Sampling
from tests.window.test_choosing import Alt, Key, at, click, ghost, previewed, table, third, written


def ahead(hand: Any) -> str:
    """The text that is shown behind the ghost."""
    return hand.program.editor.marks.current.ahead


def is_whole(hand: Any) -> bool:
    return bool(ahead(hand)) and not hand.program.session.beside.ahead.job


def test_the_next_words_come_behind_the_preview_and_go_with_it(hand: Any) -> None:
    before = written(hand)
    click(hand, 2)
    hand.until(lambda: is_whole(hand))
    assert previewed(hand) == 2 and hand.text == before and hand.phase is Phase.READY
    assert len(ahead(hand).split()) >= 4
    hand.press(Key.Key_Escape)
    assert not ahead(hand) and ghost(hand) is None


def test_another_row_has_another_text_behind_it_and_the_last_is_what_is_asked_for(hand: Any) -> None:
    written(hand)
    click(hand, 2)
    hand.until(lambda: bool(ahead(hand)))
    for _ in range(3):
        hand.press(Key.Key_Period, Alt)
        assert not ahead(hand)
    hand.until(lambda: is_whole(hand))
    hand.press(Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert not ahead(hand) and not hand.program.session.beside.ahead.job


def test_what_is_written_then_is_what_it_would_be_without(hand: Any) -> None:
    """The page's draws and its cache stay as they are."""
    hand.sets(seed=5)
    before = written(hand)
    texts: list[str] = []
    for waits in (True, False):
        click(hand, 2)
        if waits:
            hand.until(lambda: is_whole(hand))
        with hand.work():
            hand.press(Key.Key_Return)
        texts.append(hand.text)
        while hand.text != before:
            hand.program.session.undo()
        hand.program.editor.set_caret(third(hand))
        hand.until(lambda: hand.program.odds.view is not None)
        hand.qtbot.wait(30)
    assert texts[0] == texts[1] != before


def test_a_row_under_the_mouse_asks_for_nothing(hand: Any) -> None:
    written(hand)
    asked: list[object] = []
    hand.program.session.beside.ahead.started.connect(lambda *_: asked.append(None))
    table(hand).row_pointed.emit(1)
    hand.qtbot.wait(400)
    assert ghost(hand) is not None and not asked and not ahead(hand)
    table(hand).row_pointed.emit(-1)


def test_nothing_comes_while_the_model_writes(hand: Any) -> None:
    hand.opens("scripted:?rate=40")
    written(hand, length=6)
    hand.sets(length=None)
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: hand.phase is Phase.WRITING)
    hand.press(Key.Key_Period, Alt)
    hand.qtbot.wait(500)
    assert not ahead(hand) and hand.phase is Phase.WRITING


def test_odds_of_another_model_have_no_text_ahead(hand: Any) -> None:
    """Its ids are not those of the model that is loaded."""
    written(hand)
    session = hand.program.session
    session.state = replace(session.state, model=replace(session.state.model, fingerprint="another"))
    click(hand, 2)
    hand.qtbot.wait(500)
    assert previewed(hand) == 2 and not ahead(hand)


def test_under_a_grammar_only_what_it_allows_comes_behind_the_preview(hand: Any) -> None:
    letters = Sampling(ignore_eos=True, grammar='root ::= (" " [a-z]+)+')
    hand.sets(length=8, sampling=letters)
    hand.types("Once")
    hand.writes()
    free, kept = "", ""
    for start in hand.program.page.tokens(0, len(hand.text))["start"].tolist():
        hand.sets(sampling=letters)
        at(hand, start + 1)
        rows = hand.program.odds.view.rows[:4]
        row = next((row for row, one in enumerate(rows) if not one.cut and not one.chosen), None)
        if row is not None:
            kept += looked_ahead(hand, row)
            hand.sets(sampling=Sampling(ignore_eos=True))
            free += looked_ahead(hand, row)
    assert kept.replace(" ", "").isalpha() and kept.islower()
    assert not free.replace(" ", "").isalpha()


def looked_ahead(hand: Any, row: int) -> str:
    """What comes behind the preview of a row."""
    click(hand, row)
    hand.until(lambda: is_whole(hand))
    text = ahead(hand)
    hand.press(Key.Key_Escape)
    return text
