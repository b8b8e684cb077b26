"""Several continuations through faults, in the whole program: Esc without end, children that die, odds that are NaN."""

import string
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.sampling.knobs import Sampling

Key = Qt.Key
ENDLESS = Sampling(ignore_eos=True)


def write_many(hand: Any, count: int) -> None:
    hand.program.window.several_requested.emit(count)


def branches(hand: Any) -> list[str]:
    """The texts of all branches that the model wrote, in the order of their numbers."""
    return [branch.preview for fork in hand.program.page.forks() for branch in fork.branches if branch.preview]


def status(hand: Any) -> str:
    return hand.program.window.status.words()["State"]


def tokens_of_branches(hand: Any, count: int) -> list[int]:
    """The tokens of each branch, in the order of their numbers."""
    for _ in range(count):
        hand.alt(Key.Key_Left)
    tokens: list[int] = []
    for _ in range(count):
        tokens.append(hand.program.page.tally()[0])
        hand.alt(Key.Key_Right)
    return tokens


def begun(start: Callable[[], Any], model: str, count: int, length: int | None = None) -> Any:
    """The program, in which that many continuations are being written, each with some text."""
    hand = start()
    hand.opens(model)
    hand.sets(length=length, seed=7, sampling=ENDLESS)
    hand.types("Once")
    write_many(hand, count)
    hand.until(lambda: len(branches(hand)) == count)
    return hand


def test_esc_a_hundred_times_a_second_ends_sixteen_once(start: Callable[[], Any]) -> None:
    hand = begun(start, "scripted:?rate=30", 16)
    ended: list[object] = []
    hand.program.session.ended.connect(ended.append)
    for _ in range(100):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, Key.Key_Escape)
        hand.qtbot.wait(10)
    hand.until_ready()
    assert len(ended) == 1 and not hand.program.page.generating
    assert status(hand).startswith("You stopped the writing of 16 continuations after")
    kept, text = branches(hand), hand.text
    assert len(kept) == 16 and hand.program.editor.toPlainText() == text
    hand.qtbot.wait(200)
    assert branches(hand) == kept and hand.text == text
    hand.sets(length=3)
    assert hand.writes() and hand.program.crash.count == 0


def test_esc_between_waves_begins_no_more(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=30&streams=2")
    hand.sets(length=None, seed=7, sampling=ENDLESS)
    hand.types("Once")
    write_many(hand, 8)
    hand.until(lambda: len(branches(hand)) == 2)
    assert hand.messages[0].startswith("This model writes 2 continuations at once. The context has room for")
    assert hand.program.window.notice.sentence == hand.messages[0]
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert len(branches(hand)) == 2


def test_a_model_that_cannot_share_says_so_and_writes_one_after_the_other(start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=200&streams=1")
    hand.sets(length=8, seed=7, sampling=ENDLESS)
    hand.types("Once")
    with hand.work():
        write_many(hand, 4)
    assert hand.messages == ["This model writes the continuations one after the other."]
    assert len(branches(hand)) == 4 and status(hand) == "4 continuations ended after 32 tokens"


def test_a_child_that_dies_of_many_loses_no_token_and_the_next_writes_half(start: Callable[[], Any]) -> None:
    hand = begun(start, "scripted:?rate=30&die_after=9", 16)
    hand.until_ready()
    assert hand.messages[-1].startswith("The engine gave up")
    written = int(status(hand).removeprefix("Writing ended with an error after ").removesuffix(" tokens"))
    assert 16 * 8 <= written <= 16 * 9  # all that the child sent
    assert sum(tokens_of_branches(hand, 16)) == written
    hand.program.window.notice.clear()
    write_many(hand, 16)
    hand.until(lambda: len(hand.messages) > 1 and "at once" in hand.messages[-1])
    assert hand.messages[-1].startswith("This model writes 8 continuations at once.")
    hand.press(Key.Key_Escape)
    hand.until_ready()
    assert hand.program.session.state.model.streams == 8


def test_one_row_of_nan_ends_its_continuation_alone(start: Callable[[], Any]) -> None:
    hand = begun(start, "scripted:?rate=100&broken=2", 4, length=12)
    hand.until_ready()
    assert status(hand).startswith("1 of 4 continuations ended with an error: The model's output holds no usable")
    assert tokens_of_branches(hand, 4) == [12, 12, 2, 12]


@pytest.mark.parametrize("count", [2, 16])
def test_a_stop_string_at_once_leaves_the_page_as_it_was(count: int, start: Callable[[], Any]) -> None:
    hand = start()
    hand.opens("scripted:?rate=500")
    hand.sets(length=8, seed=7, sampling=Sampling(stop=tuple(f"{string.printable}“”")))
    hand.types("Once")
    with hand.work():
        write_many(hand, count)
    assert hand.text == "Once" and branches(hand) == []
    assert status(hand) == "A stop string came at once: nothing was written."
