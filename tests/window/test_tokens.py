"""The page as tokens, in the whole program: its command and keys, ids of the writer's own text, and copying."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.presenters.tokens_view import NO_TOKENS

Key, Ctrl, Shift = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def is_shown(hand: Any) -> bool:
    """Whether the page is shown as tokens; the command's check mark says so too."""
    program = hand.program
    foot = program.editor.document().documentLayout().foot
    assert bool(foot) == program.window.actions_["tokens"].isChecked() == program.preferences.value.tokens
    return bool(foot)


def split(hand: Any) -> list[tuple[int, int]]:
    """The tokens that are known without odds."""
    ids = hand.program.session.beside.token_ids.split
    return [(run.start, run.end) for run in ids.between(0, hand.program.page.length)]


def copied(hand: Any) -> list[str]:
    QApplication.clipboard().clear()
    hand.press(Key.Key_C, Ctrl, Shift)
    return QApplication.clipboard().text().splitlines()


def test_ctrl_t_shows_the_tokens_and_the_page_again(hand: Any) -> None:
    hand.types("The old lamp")
    assert not is_shown(hand)
    hand.ctrl(Key.Key_T)
    assert is_shown(hand)
    hand.ctrl(Key.Key_T)
    assert not is_shown(hand) and hand.text == "The old lamp"


def test_escape_leaves_them_last(hand: Any) -> None:
    hand.types("The old lamp")
    hand.ctrl(Key.Key_T)
    hand.program.window.notice.say("Something")
    hand.press(Key.Key_Escape)
    assert is_shown(hand)
    hand.press(Key.Key_Escape)
    assert not is_shown(hand)


def test_the_next_start_has_the_view(start: Callable[[], Any]) -> None:
    start().ctrl(Key.Key_T)
    assert is_shown(start())


def test_typed_text_has_its_tokens_when_the_typing_pauses_and_after_edits(hand: Any) -> None:
    hand.ctrl(Key.Key_T)
    hand.types("The old lamp")
    hand.until(lambda: split(hand) == [(0, 3), (3, 7), (7, 12)])
    assert not hand.program.page.readings_at(4)  # nothing was read
    hand.program.editor.set_caret(7)
    hand.types(" heavy")
    hand.until(lambda: split(hand) == [(0, 3), (3, 7), (7, 13), (13, 18)])


def test_nothing_is_asked_on_the_page_as_text(hand: Any) -> None:
    hand.types("The old lamp")
    hand.qtbot.wait(500)
    assert not split(hand)


def test_the_writing_goes_on_and_its_tokens_are_the_models(hand: Any) -> None:
    hand.sets(length=8)
    hand.ctrl(Key.Key_T)
    hand.types("The old lamp")
    hand.until(lambda: len(split(hand)) == 3)
    text = hand.writes()
    assert text and hand.program.editor.following
    hand.until(lambda: hand.program.editor.page_position() == hand.program.page.length)
    lines = copied(hand)
    assert len(lines) == 1 and " · rank " in lines[0] and lines[0].endswith(" %")
    hand.ctrl(Key.Key_A)
    lines = copied(hand)
    assert len(lines) == 3 + 8  # those of the writer's text are still known
    assert lines[1].split(" · ")[1:] == ["bytes 20 6f 6c 64"]
    assert [" · rank " in line for line in lines] == [False] * 3 + [True] * 8


def test_the_token_before_the_caret_is_copied_else_the_one_behind(hand: Any) -> None:
    hand.ctrl(Key.Key_T)
    hand.types("The old lamp")
    hand.until(lambda: len(split(hand)) == 3)
    for caret, bytes_ in ((0, "54 68 65"), (3, "54 68 65"), (4, "20 6f 6c 64"), (12, "20 6c 61 6d 70")):
        hand.program.editor.set_caret(caret)
        (line,) = copied(hand)
        assert line.endswith(f"bytes {bytes_}")


def test_where_no_token_is_known_the_status_bar_says_so(start: Callable[[], Any]) -> None:
    hand = start()
    hand.types("The old lamp")
    QApplication.clipboard().setText("kept")
    hand.press(Key.Key_C, Ctrl, Shift)
    assert QApplication.clipboard().text() == "kept"
    assert hand.program.window.status.words()["State"] == NO_TOKENS


def test_a_tooltip_has_the_token(hand: Any) -> None:
    hand.ctrl(Key.Key_T)
    hand.types("The old lamp")
    editor = hand.program.editor
    point = editor.cursorRect().center()
    point.setX(point.x() - 8)
    assert editor.marks.tip_at(point) == NO_TOKENS
    hand.until(lambda: len(split(hand)) == 3)
    assert editor.marks.tip_at(point).endswith("bytes 20 6c 61 6d 70")


def test_another_model_splits_the_text_anew(hand: Any) -> None:
    hand.ctrl(Key.Key_T)
    hand.types("The old lamp")
    hand.until(lambda: len(split(hand)) == 3)
    asked: list[object] = []
    hand.program.session.beside.token_ids.changed.connect(lambda: asked.append(None))
    hand.opens("scripted:?rate=1000")
    hand.until(lambda: len(asked) >= 2 and len(split(hand)) == 3)


@pytest.mark.parametrize("steps", [6, -6])
def test_zooming_keeps_the_view(hand: Any, steps: int) -> None:
    hand.ctrl(Key.Key_T)
    hand.types("The old lamp")
    hand.program._zoom(steps)
    assert is_shown(hand)
