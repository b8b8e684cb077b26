"""Notices float over the foot of the page, and nothing moves for them; they end with their subject. The status bar
shows running work and its results."""

import os
import signal
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from desktop.generation.state import Phase
from models.sampling.knobs import Sampling

Key = Qt.Key


def where_the_page_is(hand: Any) -> tuple[QPoint, int, int]:
    editor = hand.program.editor
    return editor.mapTo(hand.program.window, QPoint()), editor.width(), editor.height()


def notice_of(hand: Any) -> str:
    return hand.program.window.notice.sentence


def state(hand: Any) -> str:
    return hand.program.window.status.words()["State"]


def test_nothing_moves_the_page(hand: Any) -> None:
    notice, status = hand.program.window.notice, hand.program.window.status
    hand.types("words")
    QApplication.processEvents()
    before = where_the_page_is(hand)
    notice.say("One sentence.")
    notice.say("Another, which is a good deal longer than the first one was. " * 4, "Do it", lambda: None)
    status.show_work("a", "Loading…", 0.5, lambda: None)
    status.show_work("b", "Exporting…", -1, None)
    hand.qtbot.wait(50)
    assert where_the_page_is(hand) == before
    assert hand.program.editor.geometry().contains(notice.geometry())
    hand.types(" and more")
    assert hand.text == "words and more"
    notice.clear()
    status.end_work("a")
    status.end_work("b")
    hand.qtbot.wait(50)
    assert where_the_page_is(hand) == before


def test_loading_and_writing_move_nothing_and_leave_no_notice(hand: Any) -> None:
    hand.types("Once")
    hand.qtbot.wait(20)
    before, seen = where_the_page_is(hand), set[str]()
    hand.program.session.state_changed.connect(lambda _state: seen.add(notice_of(hand)))
    hand.opens("scripted:?rate=500&load_seconds=0.3")
    hand.sets(length=60)
    hand.writes()
    assert seen == {""}
    assert where_the_page_is(hand) == before
    assert state(hand) == "Stopped after 60 tokens"


def test_a_slide_of_the_context_shows_no_notice(hand: Any) -> None:
    hand.program.preferences.change(context=512)
    hand.opens("scripted:?rate=5000")
    hand.sets(length=900, sampling=Sampling(ignore_eos=True))
    hand.types("Once")
    hand.qtbot.wait(20)
    before, seen = where_the_page_is(hand), set[str]()
    hand.program.session.state_changed.connect(
        lambda now: seen.update({notice_of(hand), state(hand)} if now.dropped else set())
    )
    hand.writes()
    assert hand.program.session.state.dropped
    assert seen <= {"", "Writing…", "Stopped after 900 tokens"}
    assert where_the_page_is(hand) == before


def test_an_answer_goes_when_the_writer_goes_on(hand: Any) -> None:
    hand.program.window.actions_["trash_page"].trigger()
    assert notice_of(hand) == "There is nothing on the page yet."
    hand.types("a")
    assert notice_of(hand) == ""


def test_the_notice_of_no_model_stays_until_one_is_loaded(start: Any) -> None:
    hand = start()
    hand.types("Once")
    hand.program.window.actions_["again"].setEnabled(True)
    hand.program.window.actions_["again"].trigger()
    assert "Open a model first" in notice_of(hand)
    hand.opens("scripted:?rate=2000")
    assert notice_of(hand) == ""


def test_an_engines_message_ends_with_the_next_generation(hand: Any) -> None:
    hand.types("Once")
    os.kill(hand.program.pump.engine.pid, signal.SIGKILL)
    hand.until(lambda: bool(notice_of(hand)))
    hand.sets(length=3)
    assert hand.writes()
    assert notice_of(hand) == ""


def test_no_notice_follows_to_another_page(hand: Any) -> None:
    hand.types("first")
    hand.program.window.notice.say("It looks like a chat model.", topic="chat model")
    hand.program.library.message.emit("A model is here.")
    os.kill(hand.program.pump.engine.pid, signal.SIGKILL)
    hand.until(lambda: bool(notice_of(hand)))
    hand.program.window.actions_["new_page"].trigger()
    assert notice_of(hand) == ""
    assert state(hand) == "Ready"


def test_a_new_model_is_announced_until_one_is_loaded(hand: Any) -> None:
    hand.program.library.message.emit("A model is here.")
    hand.types("Once")
    assert notice_of(hand) == "A model is here."
    hand.opens("scripted:?rate=2000")
    assert notice_of(hand) == ""


def test_the_outcome_does_not_follow_to_another_page(hand: Any) -> None:
    hand.sets(length=5)
    hand.types("Once")
    hand.writes()
    assert state(hand) == "Stopped after 5 tokens"
    hand.ctrl(Key.Key_N)
    assert state(hand) == "Ready"


def test_saving_is_shown_in_the_status_bar(hand: Any) -> None:
    hand.types("Once")
    hand.ctrl(Key.Key_S)
    hand.until(lambda: state(hand).startswith("Saved in"))
    assert notice_of(hand) == ""


def test_stopping_and_a_stop_string_are_reported(hand: Any) -> None:
    hand.writes_on(rate=100, units=20)
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert state(hand).startswith("You stopped the writing after")
    hand.ctrl(Key.Key_Return)
    hand.until(lambda: hand.phase is Phase.WRITING)
    hand.ctrl(Key.Key_Z)
    hand.until_ready()
    assert state(hand) == "Stopped by undo"


@pytest.mark.parametrize("size", [(700, 480), (1280, 800)])
def test_the_pill_is_above_the_notice(hand: Any, size: tuple[int, int]) -> None:
    window = hand.program.window
    window.resize(*size)
    window.notice.say("Something is the matter.")
    window.end_pill.show()
    hand.qtbot.wait(20)
    assert not window.end_pill.geometry().intersects(window.notice.geometry())
    assert window.end_pill.geometry().bottom() < window.notice.geometry().top()
    window.end_pill.hide()


def test_the_keys_go_back_to_the_page_when_the_notice_that_had_them_goes(hand: Any) -> None:
    notice = hand.program.window.notice
    notice.say("Something is the matter.")
    notice.content.dismiss.setFocus()
    hand.qtbot.keyClick(notice.content.dismiss, Key.Key_Space)
    assert notice_of(hand) == ""
    assert hand.program.editor.hasFocus()


def test_the_notice_says_how_much_of_the_page_it_covers(hand: Any) -> None:
    window = hand.program.window
    assert hand.program.editor.covered.foot() == 0
    window.notice.say("Something is the matter.")
    hand.qtbot.wait(20)
    covered = hand.program.editor.covered.foot()
    assert window.notice.height() < covered < window.notice.height() + 40
    window.notice.clear()
    assert hand.program.editor.covered.foot() == 0


def test_new_text_is_above_a_notice(hand: Any) -> None:
    editor, notice = hand.program.editor, hand.program.window.notice
    hand.program.page.write(0, 0, "words\n" * 120)
    hand.opens("scripted:?rate=2000")
    hand.ctrl(Key.Key_End)
    notice.say("A sentence that stays, and is long enough for two lines of it in most windows. " * 2, "Do it")
    hand.qtbot.wait(20)
    hand.sets(length=80)
    hand.writes()
    assert not notice.isHidden() and editor.following
    cursor = editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    foot = editor.viewport().mapTo(editor, editor.cursorRect(cursor).bottomLeft()).y()
    assert foot < editor.height() - hand.program.window.floating.covered()
    notice.dismiss()
    hand.qtbot.wait(20)
    assert editor.following


def test_a_notice_leaves_the_first_lines_of_an_empty_page_free(start: Any) -> None:
    hand = start()
    window, editor = hand.program.window, hand.program.editor
    hand.program.welcome_presenter.open()
    window.resize(700, 480)
    window.notice.say("A sentence that stays, and is long enough for two lines of it in most windows. " * 2, "Do it")
    hand.qtbot.wait(50)
    hint = editor.mapTo(window, editor.cursorRect().bottomLeft()).y()
    assert hint < window.notice.mapTo(window, window.notice.rect().topLeft()).y()
