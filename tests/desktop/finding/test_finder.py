"""Find and replace on a page that goes on changing: hits stay at their text; only hits are selected or replaced."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.finding.bar import FindBar
from desktop.finding.finder import BUDGET, Finder
from desktop.finding.matching import Found, Query, find
from desktop.finding.search_process import Searcher
from desktop.page.page import Page
from desktop.page.snapshot import Snapshot
from desktop.qt.background import Background


class InProcessSearcher(Searcher):
    """Searches in this process."""

    def ask(self, query: Query, text: Snapshot, wanted: Callable[[], bool], template: str | None = None) -> Found:
        return find(query, text.text(), template)


class HeldBackground(Background):
    """Does the work at once, and holds the answers until the test delivers them."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[str, Callable[[], None]] = {}

    def run(self, lane: str, work: Any, then: Any, failed: Any = None) -> None:
        answer = work()
        self._held[lane] = lambda: then(answer)

    def cancel(self, lane: str) -> int:
        self._held.pop(lane, None)
        return super().cancel(lane)

    def deliver(self) -> None:
        held, self._held = self._held, {}
        for answer in held.values():
            answer()


class FinderHarness:
    """A page with three hits, the bar, and what is selected. Answers come when the test delivers them."""

    def __init__(self, qtbot: QtBot, budget: float = BUDGET, rest: int = 0) -> None:
        self.page, self.bar = Page(), FindBar()
        qtbot.addWidget(self.bar)
        self._background = HeldBackground()
        self.finder = Finder(
            self.page,
            self.bar,
            searcher=InProcessSearcher(),
            background=self._background,
            rest=rest,
            budget=budget,
        )
        self.selected: list[tuple[int, int]] = []
        self.finder.select_requested.connect(lambda start, end: self.selected.append((start, end)))
        self.page.write(0, 0, "boat a boat b boat")
        self.finder.open(0, (0, 0))
        self.bar.words.setText("boat")
        self.deliver()
        assert self.message == "1 of 3"

    def deliver(self) -> None:
        """Deliver the answer to the newest search."""
        self._background.deliver()

    def turn(self) -> None:
        """One turn of the event loop, and the answer to what was searched in it."""
        QApplication.processEvents()
        self.deliver()

    def replace_all(self) -> int:
        """Replace all hits. Returns the turns of the event loop that it took, after the search."""
        self.bar.replace_all_requested.emit()
        self.deliver()
        for turns in range(1_000):
            if self.message.endswith("replaced"):
                return turns
            self.turn()
        raise AssertionError("it never ends")

    @property
    def message(self) -> str:
        return self.bar.message.text()

    @property
    def chosen(self) -> str:
        return self.page.text(*self.selected[-1])


@pytest.fixture
def harness(qtbot: QtBot) -> Iterator[FinderHarness]:
    harness = FinderHarness(qtbot)
    yield harness
    harness.finder.close()


@pytest.fixture
def slow(qtbot: QtBot) -> Iterator[FinderHarness]:
    """A harness where as little as possible is prepared in one turn of the event loop."""
    harness = FinderHarness(qtbot, budget=0.0)
    yield harness
    harness.finder.close()


def test_from_one_to_the_next_while_tokens_arrive(harness: FinderHarness) -> None:
    for turn in (2, 3, 1, 2):
        harness.page.write(harness.page.length, 0, " and on")
        harness.finder.step(1)
        assert (harness.message, harness.chosen) == (f"{turn} of 3", "boat")


def test_text_that_came_is_found_when_it_is_searched_again(harness: FinderHarness) -> None:
    harness.page.write(harness.page.length, 0, " a boat")
    harness.turn()
    assert harness.message == "4 found"
    harness.finder.step(-1)
    assert (harness.message, harness.chosen) == ("4 of 4", "boat")


def test_a_stream_does_not_put_off_searching_it_again(qtbot: QtBot) -> None:
    harness = FinderHarness(qtbot, rest=20)
    harness.page.write(harness.page.length, 0, " a boat")
    for _ in range(2_000):  # a token a millisecond: the page never rests
        harness.page.write(harness.page.length, 0, " more")
        qtbot.wait(1)
        harness.deliver()
        if harness.message == "4 found":
            break
    assert harness.message == "4 found"
    harness.finder.close()


def test_an_answer_about_an_older_text_is_moved(harness: FinderHarness) -> None:
    harness.bar.words.setText("boat b")
    harness.page.write(0, 4, "")
    harness.page.write(0, 0, "x" * 30)
    harness.deliver()
    assert harness.chosen == "boat b"


def test_an_answer_about_an_older_text_never_points_outside(harness: FinderHarness) -> None:
    harness.bar.words.setText("boat")
    harness.page.write(2, harness.page.length - 2, "")
    harness.selected.clear()
    harness.deliver()
    assert harness.selected == []
    harness.finder.step(1)
    assert harness.selected == []


def test_an_answer_about_another_page_is_dropped(harness: FinderHarness) -> None:
    harness.bar.words.setText("b")
    harness.selected.clear()
    harness.page.put(harness.page.blank())
    harness.deliver()
    harness.finder.step(1)
    assert harness.selected == []


def test_undo_of_all_leaves_nothing_to_select(harness: FinderHarness) -> None:
    harness.selected.clear()
    harness.page.undo()
    harness.finder.step(1)
    assert harness.selected == []


def test_hits_move_while_the_bar_is_hidden(harness: FinderHarness) -> None:
    harness.finder.stop()
    harness.page.write(0, 0, "a boat, ")
    harness.finder.step(1)
    harness.deliver()
    assert (harness.message, harness.chosen) == ("3 of 4", "boat")


def test_one_is_replaced_while_tokens_arrive(harness: FinderHarness) -> None:
    harness.page.write(0, 0, "On: ")
    harness.bar.replacement.setText("ship")
    harness.bar.replace_requested.emit()
    assert harness.page.text() == "On: ship a boat b boat" and harness.message == "1 of 2"
    harness.page.write(harness.page.length, 0, ".")
    harness.bar.replace_requested.emit()
    assert harness.page.text() == "On: ship a ship b boat." and harness.chosen == "boat"


def test_one_of_an_expression_is_replaced_where_it_is_by_then(harness: FinderHarness) -> None:
    harness.bar.expression.setChecked(True)
    harness.bar.words.setText(r"(b)(oat)")
    harness.deliver()
    harness.bar.replacement.setText(r"\2\1")
    harness.bar.replace_requested.emit()
    harness.page.write(0, 0, "On: ")
    harness.page.write(harness.page.length, 0, ".")
    harness.deliver()
    assert harness.page.text() == "On: oatb a boat b boat."


def test_all_are_replaced_while_tokens_arrive(slow: FinderHarness) -> None:
    slow.bar.replacement.setText("ship")
    slow.bar.replace_all_requested.emit()
    slow.page.write(0, 0, "boat, ")  # too late to be a hit
    slow.deliver()
    slow.page.write(slow.page.length, 0, " boat")
    for _ in range(10):
        if slow.message == "3 replaced":  # the page is not searched again before that
            break
        slow.turn()
    assert slow.page.text() == "boat, ship a ship b ship boat" and slow.message == "3 replaced"
    slow.page.undo()
    assert slow.page.text() == "boat, boat a boat b boat boat"


def test_all_are_replaced_though_the_page_changes_again_and_again(slow: FinderHarness) -> None:
    slow.bar.replacement.setText("ship")
    slow.bar.replace_all_requested.emit()
    slow.deliver()
    while not slow.message.endswith("replaced") and slow.page.length < 200:
        slow.page.write(0, 0, "-")
        slow.turn()
    assert slow.page.text().lstrip("-") == "ship a ship b ship"


def test_many_are_replaced_in_turns_of_the_event_loop(slow: FinderHarness) -> None:
    slow.page.write(0, slow.page.length, "boat🌊 " * 5_000)
    before, chunks = slow.page.text(), len(slow.page.snapshot().parts)
    assert chunks > 3
    slow.bar.replacement.setText("a ship")
    assert slow.replace_all() == chunks  # one in each turn
    assert slow.page.text() == before.replace("boat", "a ship")
    slow.page.undo()
    assert slow.page.text() == before


def test_a_selection_that_is_searched_moves_with_the_page(harness: FinderHarness) -> None:
    harness.page.write(0, 0, "\n")
    harness.finder.open(0, (0, 12))  # up to the second boat
    harness.bar.words.setText("boat")
    harness.deliver()
    assert harness.message == "1 of 2"
    harness.page.write(0, 0, "a long boat before ")
    harness.turn()
    assert harness.message == "2 found"


def test_replacements_that_are_too_long_together_are_a_sentence(
    harness: FinderHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.finding.matching.LONGEST", 10)
    harness.bar.replacement.setText("a ship")
    harness.bar.replace_all_requested.emit()
    harness.deliver()
    assert "longer than 10" in harness.message and harness.page.text() == "boat a boat b boat"


def test_hits_in_gives_the_hits_of_a_range_and_the_current_one(harness: FinderHarness) -> None:
    marked: list[None] = []
    harness.finder.marked.connect(lambda: marked.append(None))
    assert harness.finder.hits_in(0, 18) == ([(0, 4), (7, 11), (14, 18)], (0, 4))
    assert harness.finder.hits_in(4, 7) == ([], (0, 4))
    assert harness.finder.hits_in(10, 17) == ([(7, 11), (14, 18)], (0, 4))
    harness.finder.step(1)
    assert marked
    assert harness.finder.hits_in(0, 7) == ([(0, 4)], (7, 11))
    harness.page.write(0, 0, "xx")
    assert harness.finder.hits_in(0, 30) == ([(2, 6), (9, 13), (16, 20)], (9, 13))
    harness.page.write(10, 1, "")
    assert harness.finder.hits_in(0, 30) == ([(2, 6), (15, 19)], None)
    count = len(marked)
    harness.finder.stop()
    assert harness.finder.hits_in(0, 30) == ([], None)
    assert len(marked) > count
