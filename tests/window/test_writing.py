"""Writing as a user does it: keys in, text on the page, nothing lost."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.editor.page_marks import ENDED
from desktop.generation.state import Phase
from models.sampling.knobs import Sampling
from tests.models import tiny

Key = Qt.Key


def test_commands_are_true_the_moment_the_page_changes(start: Callable[[], Any]) -> None:
    hand = start()
    actions = hand.program.window.actions_

    def can() -> tuple[bool, bool]:
        return actions["undo"].isEnabled(), actions["redo"].isEnabled()

    hand.until(lambda: hand.program.open_page.at_rest)
    assert can() == (False, False)
    hand.types("a")
    assert can() == (True, False)
    hand.ctrl(Qt.Key.Key_Z)
    assert can() == (False, True)
    hand.ctrl(Qt.Key.Key_Y)  # on X11 Qt itself knows only Ctrl+Shift+Z
    assert can() == (True, False) and hand.text == "a"
    hand.ctrl(Qt.Key.Key_Z)
    hand.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    assert can() == (True, False) and hand.text == "a"
    actions["new_page"].trigger()
    assert can() == (False, False)


def test_the_model_writes_on_at_the_end(hand: Any) -> None:
    hand.sets(length=20)
    hand.types("The lighthouse")
    written = hand.writes()
    assert len(written) > 10
    assert hand.text.startswith("The lighthouse")
    assert hand.program.editor.toPlainText() == hand.text
    assert hand.program.page.span_at(0) is None
    assert hand.program.page.span_at(len("The lighthouse")) is not None


def test_escape_stops_an_endless_text(hand: Any) -> None:
    hand.writes_on(rate=100, units=20)
    hand.press(Key.Key_Escape)
    hand.until_ready()
    text = hand.text
    hand.qtbot.wait(100)
    assert hand.text == text


def test_a_hundred_escapes(hand: Any) -> None:
    hand.writes_on(rate=100, units=10)
    for _ in range(100):
        hand.press(Key.Key_Escape)
    hand.until_ready()
    hand.sets(length=3)
    assert hand.writes()
    assert hand.messages == []


def test_again_and_the_arrows(hand: Any) -> None:
    hand.sets(length=12)
    hand.types("Once")
    hand.writes()
    first = hand.text
    hand.writes(Key.Key_R)
    second = hand.text
    assert first != second
    actions = hand.program.window.actions_
    assert (actions["previous"].isEnabled(), actions["next"].isEnabled()) == (True, False)
    hand.alt(Key.Key_Left)
    assert hand.text == first
    assert hand.program.window.continuation.text() == "1 of 2"
    assert (actions["previous"].isEnabled(), actions["next"].isEnabled()) == (False, True)
    hand.alt(Key.Key_Right)
    assert hand.text == second
    for _ in range(4):  # right, left, again, write
        hand.ctrl(Key.Key_Z)
    assert hand.text == "Once"
    assert hand.program.window.continuation.text() == "– of 2"


def test_the_same_seed_writes_the_same_text(hand: Any) -> None:
    hand.sets(length=30, seed=5)
    hand.types("Once")
    hand.writes()
    first = hand.text
    hand.ctrl(Key.Key_Z)
    assert hand.text == "Once"
    hand.writes()
    assert hand.text == first


def test_steps_spell_what_one_generation_would(hand: Any) -> None:
    hand.sets(length=5, seed=5)
    hand.types("Once")
    hand.writes()
    whole = hand.text
    hand.ctrl(Key.Key_Z)
    for _ in range(5):
        with hand.work():
            hand.press(Key.Key_Return, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    assert hand.text == whole
    hand.ctrl(Key.Key_Z)
    assert len(hand.text) < len(whole)


def test_one_history(hand: Any) -> None:
    hand.sets(length=10)
    hand.types("Once")
    hand.writes()
    generated = hand.text
    hand.ctrl(Key.Key_End)
    hand.types(" and more")
    hand.ctrl(Key.Key_Z)
    assert hand.text == generated
    hand.ctrl(Key.Key_Z)
    assert hand.text == "Once"
    hand.ctrl(Key.Key_Z)
    assert hand.text == ""
    for _ in range(3):
        hand.ctrl(Key.Key_Y)
    assert hand.text == generated + " and more"


def test_typing_while_it_writes(hand: Any) -> None:
    hand.opens("scripted:?rate=60")
    hand.sets(length=40, seed=3)
    hand.types("Once")
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: len(hand.text) > 15)
    hand.ctrl(Key.Key_Home)
    hand.types("Hello! ")
    hand.until_ready()
    assert hand.text.startswith("Hello! Once")
    rows = hand.program.page.tokens(0, hand.program.page.length)
    assert len(rows) == 40
    stale = hand.program.page.stale(rows)
    assert stale[0]
    assert not stale[-1]


def test_text_outside_the_context_is_dimmed(hand: Any) -> None:
    unseen: list[int] = []
    hand.program.session.edge_moved.connect(lambda edge, _kept: unseen.append(edge))
    hand.opens("scripted:")
    hand.sets(length=1)
    hand.program.page.write(0, 0, "🌊 boat " * 3_000)
    hand.writes()
    edge = unseen[-1]
    assert 0 < edge < hand.program.page.length
    assert hand.program.page.text(0, edge).startswith("🌊 boat")
    assert hand.program.editor.marks.current.unseen == edge
    hand.program.page.write(0, 9, "")
    assert hand.program.editor.marks.current.unseen == edge - 9


def test_undo_while_it_writes_takes_the_generation_back(hand: Any) -> None:
    hand.writes_on(rate=60, units=10)
    hand.ctrl(Key.Key_Z)
    assert hand.text == "Once"
    hand.until_ready()
    hand.qtbot.wait(100)
    assert hand.text == "Once"


@pytest.mark.parametrize("moment", ["idle", "writing"])
def test_a_killed_child_is_no_event(hand: Any, moment: str) -> None:
    hand.opens("scripted:?rate=60")
    hand.sets(length=None)
    hand.types("Once")
    if moment == "writing":
        hand.ctrl(Key.Key_Return)
        hand.until(lambda: len(hand.text) > 10)
    text = hand.text
    os.kill(hand.program.pump.engine.pid, signal.SIGKILL)
    hand.until(lambda: bool(hand.messages))
    assert hand.text.startswith(text)
    assert hand.program.window.notice.sentence == hand.messages[0]
    hand.sets(length=5)
    assert hand.writes()


def test_a_model_that_aborts_keeps_every_word(hand: Any) -> None:
    hand.opens("scripted:?rate=200&die_after=10")
    hand.sets(length=None)
    hand.types("Once")
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: bool(hand.messages))
    assert hand.phase is Phase.READY
    assert hand.text.startswith("Once")
    assert hand.program.editor.toPlainText() == hand.text


def test_a_bad_model_leaves_the_page_and_the_model_before(hand: Any, tmp_path: Any) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_bytes(b"no model at all")
    hand.types("mine")
    hand.program.open_files([bad])
    hand.until(lambda: bool(hand.messages))
    assert "bad.gguf" in hand.messages[0]
    assert hand.text == "mine"
    hand.sets(length=3)
    assert hand.writes()


def test_loading_can_be_cancelled(hand: Any) -> None:
    hand.program.models.open("scripted:?load_seconds=30")
    hand.until(lambda: hand.program.window.status.words()["State"].startswith("Loading"))
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert hand.program.session.state.words == "Loading was stopped."


def test_the_next_odds_write_nothing(hand: Any) -> None:
    hand.types("Once")
    hand.ctrl(Key.Key_L)
    hand.until(lambda: hand.program.odds.view is not None)
    hand.until_ready()
    assert hand.text == "Once"
    assert "next token" in hand.program.odds.view.state
    assert sum(row.raw_share for row in hand.program.odds.view.rows) == pytest.approx(1, abs=1e-3)


def test_reading_the_page_gives_the_writers_words_their_odds(hand: Any) -> None:
    hand.types("The lighthouse keeper")
    with hand.work():
        hand.press(Key.Key_L, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier)
    assert hand.program.page.readings_at(6)
    assert hand.text == "The lighthouse keeper"
    assert not hand.program.page.generated_ranges(0, 21)


def test_an_empty_page(hand: Any) -> None:
    hand.sets(length=5)
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: bool(hand.messages) or hand.text != "")
    hand.until_ready()


def test_stop_strings(hand: Any) -> None:
    from models.sampling.knobs import Sampling

    hand.sets(length=200, seed=1)
    hand.types("Once")
    written = hand.writes()
    word = written.split()[8]
    hand.ctrl(Key.Key_Z)
    hand.sets(sampling=Sampling(stop=(word,)))
    shown: list[str] = []
    hand.program.page.listeners.append(lambda _change: shown.append(hand.text))
    assert word not in hand.writes()
    assert not any(word in text[4:] for text in shown)


def test_the_page_comes_back(start: Callable[[], Any]) -> None:
    hand = start()
    hand.types("kept without asking")
    hand = start()
    assert hand.text == "kept without asking"


def test_settings_come_back(start: Callable[[], Any]) -> None:
    hand = start()
    hand.sets(length=33, seed=4)
    hand = start()
    assert (hand.program.recipe.length, hand.program.recipe.seed) == (33, 4)


def test_lone_surrogates_and_odd_characters(hand: Any) -> None:
    hand.program.page.write(0, 0, "a\ud83d b\r\n\0\u2029😀 שלום")
    text = hand.text
    hand.sets(length=5)
    hand.writes()
    assert hand.text.startswith(text)
    assert hand.messages == []


def test_a_model_from_another_folder_is_listed_with_that_folder(hand: Any, tmp_path: Path) -> None:
    tiny_file = tiny.make(tmp_path / "a model.gguf", "llama")
    hand.opens(str(tiny_file))
    library = hand.program.library.instance
    library.open()
    listed = library.local_actions.tab.table.rows
    hand.until(lambda: [model.path for model in listed.values] == [tiny_file])
    assert listed.values[0].source == "link"
    assert library.hardware_tab.placement.text().startswith("CPU")


LONG = "\n".join(f"Line {number} of a long page, with some words on it." for number in range(2_000))


def _end_in_view(hand: Any) -> bool:
    bar = hand.program.editor.verticalScrollBar()
    return bar.maximum() > 0 and bar.value() == bar.maximum()


@pytest.mark.parametrize("before", ["end", "wheel", "home", "middle", "paged"])
@pytest.mark.parametrize("command", ["write", "again", "step"])
def test_writing_comes_into_view_wherever_the_reader_is(hand: Any, before: str, command: str) -> None:
    program = hand.program
    program.page.write(0, 0, LONG)
    hand.sets(length=40)
    hand.writes()
    bar = program.editor.verticalScrollBar()
    hand.ctrl(Key.Key_End)
    if before == "wheel":
        bar.setValue(bar.value() - 3)
    elif before == "home":
        hand.ctrl(Key.Key_Home)
    elif before == "middle":
        program.editor.set_caret(program.page.length // 2)
    elif before == "paged":
        hand.press(Key.Key_PageUp)
    caret = program.editor.page_position()
    ended: list[object] = []
    program.session.ended.connect(ended.append)
    program.window.actions_[command].trigger()
    hand.until(lambda: bool(ended))
    assert _end_in_view(hand)
    assert program.editor.following
    assert before in ("end", "wheel") or program.editor.page_position() == caret


def test_a_pill_says_that_the_model_writes_below_and_leads_there(hand: Any) -> None:
    program, pill = hand.program, hand.program.window.end_pill
    program.page.write(0, 0, LONG)
    hand.opens("scripted:?rate=100")
    hand.sets(length=None)
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: hand.phase is Phase.WRITING)
    assert pill.isHidden()
    hand.ctrl(Key.Key_Home)
    assert pill.isVisible()
    assert program.editor.geometry().contains(pill.geometry())
    length = len(hand.text)
    hand.until(lambda: len(hand.text) > length + 40)
    assert program.editor.verticalScrollBar().value() == 0
    hand.qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert pill.isHidden()
    assert _end_in_view(hand)
    assert program.editor.hasFocus()
    hand.ctrl(Key.Key_Home)
    assert pill.isVisible()
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert pill.text() == "Ended below ↓" and pill.isVisible()
    assert program.editor.geometry().contains(pill.geometry())
    assert program.editor.verticalScrollBar().value() == 0
    hand.qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert pill.isHidden() and _end_in_view(hand)
    hand.ctrl(Key.Key_Home)
    assert pill.isHidden()


@pytest.mark.parametrize("goes_on", ["types", "undoes", "turns", "opens", "has it read"])
def test_the_end_reason_is_shown_until_the_next_action(hand: Any, goes_on: str) -> None:
    program, pill = hand.program, hand.program.window.end_pill
    program.page.write(0, 0, LONG)
    hand.opens("scripted:?rate=400")
    hand.sets(length=3)
    hand.writes()
    hand.sets(length=60, sampling=Sampling(ignore_eos=True))
    appended = program.session.token_appended

    def leave() -> None:
        appended.disconnect(leave)
        hand.ctrl(Key.Key_Home)

    appended.connect(leave)  # at the first token, whenever that is seen
    with hand.work():
        hand.ctrl(Key.Key_R)
    assert pill.text() == "Ended below ↓" and pill.isVisible()
    match goes_on:
        case "types":
            hand.types("x")
        case "undoes":
            hand.ctrl(Key.Key_Z)
        case "turns":
            hand.alt(Key.Key_Left)
        case "opens":
            hand.ctrl(Key.Key_N)
        case _:
            program.window.actions_["score"].trigger()
    assert pill.isHidden()
    hand.until_ready()
    assert pill.isHidden()


def test_words_are_those_of_the_page(hand: Any) -> None:
    def words() -> str:
        return hand.program.window.status._counts.text()

    hand.program.page.write(0, 0, "three words more " * 700)
    hand.until(lambda: words() == "2,100 words")
    hand.ctrl(Key.Key_A)
    hand.press(Key.Key_Delete)
    assert words() == "0 words"
    hand.ctrl(Key.Key_Z)
    hand.until(lambda: words() == "2,100 words")
    hand.ctrl(Key.Key_N)
    assert words() == "0 words"
    hand.qtbot.wait(300)  # what was still being counted is of the page before
    assert words() == "0 words"
    hand.types("one two")
    hand.until(lambda: words() == "2 words")


def test_a_mark_stands_where_the_model_ended_the_text_and_a_click_there_shows_the_odds(hand: Any) -> None:
    hand.sets(length=None, sampling=Sampling(temperature=0.5))
    hand.types("Once")
    hand.writes()
    assert hand.program.session.state.words == "The model ended the text here"
    editor, marks, end = hand.program.editor, hand.program.editor.marks, hand.program.page.length
    assert marks.current.ended == end
    editor.set_caret(end)
    hand.qtbot.wait(50)
    last = editor.cursorRect()
    editor.set_caret(end - 3)
    points = (QPoint(last.left() + x, last.top() + y) for y in range(last.height()) for x in range(4, 20))
    point = next(point for point in points if marks.tip_at(point) == ENDED)
    QTest.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=point + QPoint(6, 6))
    assert editor.page_position() == end
    hand.until(lambda: hand.program.odds.view is not None and hand.program.odds.view.state.startswith("next token"))
    assert hand.program.odds.view.rows[0].token == "<eos>"
    hand.types("!")
    assert marks.current.ended is None
