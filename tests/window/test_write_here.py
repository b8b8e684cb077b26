"""Writing at the cursor, by real keys: the text behind stays, is not seen, and the view shows the writing."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt

from desktop.editor.below_view import Below
from models.sampling.knobs import Sampling

Key = Qt.Key
HERE = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
LONG = "".join(f"Line {number} of a long page.\n" for number in range(400))


def writes_here(hand: Any, wait: bool = True) -> str:
    """Press the keys; what came."""
    before = len(hand.text)
    at = hand.program.editor.page_position()
    hand.press(Key.Key_Return, HERE)
    hand.until(lambda: len(hand.text) > before)
    if wait:
        hand.until_ready()
    return hand.text[at : at + len(hand.text) - before]


def place_in_view(hand: Any) -> bool:
    editor, page = hand.program.editor, hand.program.page
    end = page.generation_end
    place = editor.page_position() if end is None else end
    rect = editor.cursorRect(cursor_at(editor, place))
    return rect.top() >= 0 and rect.bottom() <= editor.viewport().height()


def cursor_at(editor: Any, position: int) -> Any:
    cursor = editor.textCursor()
    cursor.setPosition(editor.sync.breaks.view(position))
    return cursor


@pytest.mark.parametrize("at", [0, 4, 7, 15])
def test_writes_at_the_cursor_and_keeps_the_text_behind(hand: Any, at: int) -> None:
    """At the beginning, at a word's edge, in mid-word, and at the end, where it is as Write."""
    hand.sets(length=6)
    text = "Once upon a day"
    hand.types(text)
    hand.program.editor.set_caret(at)
    written = writes_here(hand)
    assert written and hand.text == text[:at] + written + text[at:]
    assert hand.program.page.span_at(at) is not None
    assert hand.program.editor.page_position() == at + len(written)
    hand.ctrl(Key.Key_Z)
    assert hand.text == text
    hand.ctrl(Key.Key_Y)
    assert hand.text == text[:at] + written + text[at:]


def test_at_the_end_it_writes_what_write_writes(hand: Any) -> None:
    hand.sets(length=12, seed=7)
    hand.types("Once upon")
    written = hand.writes()
    hand.ctrl(Key.Key_Z)
    assert writes_here(hand) == written


def test_the_text_behind_is_not_seen(hand: Any) -> None:
    hand.sets(length=8, seed=7)
    hand.types("Once upon")
    alone = hand.writes()
    hand.ctrl(Key.Key_Z)
    hand.types(" the end")
    hand.program.editor.set_caret(9)
    assert writes_here(hand) == alone


def test_readings_behind_turn_stale(hand: Any) -> None:
    hand.sets(length=4)
    hand.types("Once")
    hand.writes()
    page = hand.program.page
    assert not page.stale(page.tokens(0, page.length)).any()
    hand.program.editor.set_caret(4)
    written = writes_here(hand)
    end = 4 + len(written)
    assert not page.stale(page.tokens(0, end)).any()
    assert page.stale(page.tokens(end, page.length)).all()


def test_again_replaces_it_and_keeps_the_text_behind(hand: Any) -> None:
    hand.sets(length=5, seed=7)
    hand.types("Once the end")
    hand.program.editor.set_caret(4)
    texts = [hand.text[:0] or writes_here(hand)]
    for _ in range(2):
        hand.ctrl(Key.Key_R)
        hand.until(lambda: not hand.program.page.awaiting)
        hand.until_ready()
        assert hand.text.startswith("Once") and hand.text.endswith(" the end")
        texts.append(hand.text[4 : -len(" the end")])
    assert len(set(texts)) > 1
    assert hand.program.window.continuation.text() == "3 of 3"
    hand.alt(Key.Key_Left)
    assert hand.text == f"Once{texts[1]} the end"
    hand.alt(Key.Key_Left)
    assert hand.text == f"Once{texts[0]} the end"


@pytest.mark.parametrize("where", ["before", "at", "behind"])
def test_typing_while_it_writes(start: Callable[[], Any], where: str) -> None:
    hand = start()
    hand.opens("scripted:?rate=50")
    hand.sets(length=30)
    hand.types("Once the end")
    hand.program.editor.set_caret(4)
    hand.press(Key.Key_Return, HERE)
    hand.until(lambda: len(hand.text) > 20)
    if where != "at":
        hand.program.editor.set_caret(2 if where == "before" else hand.program.page.length - 1)
    hand.types("X")
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length)
    hand.until_ready()
    assert hand.program.page.tally()[0] >= 30
    assert hand.text.startswith("OnXce" if where == "before" else "Once")
    assert hand.text.endswith(" the enXd" if where == "behind" else " the end")
    assert hand.text.count("X") == 1
    while hand.program.page.can_undo:
        hand.ctrl(Key.Key_Z)
    assert hand.text == ""


def test_the_commands_rule_is_that_of_write(start: Callable[[], Any]) -> None:
    hand = start()
    actions = hand.program.window.actions_
    assert not actions["write_here"].isEnabled()
    hand.opens("scripted:?rate=20")
    assert actions["write_here"].isEnabled()
    hand.sets(length=None)
    hand.types("ab")
    hand.program.editor.set_caret(1)
    hand.press(Key.Key_Return, HERE)
    hand.until(lambda: len(hand.text) > 2)
    assert not actions["write_here"].isEnabled()
    text = hand.text
    hand.press(Key.Key_Return, HERE)  # swallowed: no line break comes
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert hand.text.startswith(text[:2]) and "\n" not in hand.text[: len(text)]


def on_long_page(hand: Any, at: int) -> None:
    hand.sets(length=None, sampling=Sampling(ignore_eos=True))
    hand.program.page.write(0, 0, LONG)
    hand.program.editor.fill()
    hand.program.editor.set_caret(at)


def test_on_a_long_page_the_place_comes_into_view_and_stays(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=400")
    on_long_page(hand, LONG.index("Line 200"))
    editor = hand.program.editor
    editor.verticalScrollBar().setValue(0)
    assert not place_in_view(hand)
    hand.press(Key.Key_Return, HERE)
    hand.until(lambda: len(hand.text) > len(LONG) + 4_000)
    assert place_in_view(hand)
    assert not editor.following
    assert hand.program.window.end_pill.isHidden()
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert place_in_view(hand) and hand.program.window.end_pill.isHidden()


@pytest.mark.parametrize(
    ("away", "writing", "ended"),
    [(0, "Writing below ↓", "Ended below ↓"), (10_000, "Writing above ↑", "Ended above ↑")],
)
def test_a_reader_who_scrolls_away_is_told_where_it_writes(
    start: Callable[[], Any], away: int, writing: str, ended: str
) -> None:
    hand = start()
    hand.opens("scripted:?rate=400")
    on_long_page(hand, LONG.index("Line 200"))
    hand.press(Key.Key_Return, HERE)
    hand.until(lambda: len(hand.text) > len(LONG) + 100)
    editor, pill = hand.program.editor, hand.program.window.end_pill
    emitted: list[Below] = []
    editor.below_changed.connect(emitted.append)
    bar = editor.verticalScrollBar()
    bar.setValue(away)
    assert pill.isVisible() and pill.text() == writing
    top = bar.value()
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length + 500)
    assert bar.value() == top if away == 0 else not place_in_view(hand)
    hand.qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert pill.isHidden() and place_in_view(hand)
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length + 1_500)
    assert place_in_view(hand)
    bar.setValue(away)
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert pill.isVisible() and pill.text() == ended
    hand.qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert pill.isHidden() and place_in_view(hand)
    assert emitted[-1] is Below.NOTHING
