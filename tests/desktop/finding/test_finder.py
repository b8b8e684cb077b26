"""Finding on a page that goes on changing: hits are where their text is; what is selected or replaced is one."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.finding import finder as finder_
from desktop.finding.bar import FindBar
from desktop.finding.finder import Finder
from desktop.finding.matching import Found, Query, find
from desktop.page.page import Page
from desktop.page.snapshot import Snapshot


class Held:
    """Searches in this process, when the test says so."""

    took = 0.0

    def ask(self, query: Query, text: Snapshot, wanted: Callable[[], bool], template: str | None = None) -> Found:
        del wanted
        return find(query, text.text(), template)

    def end(self) -> None:
        """Nothing to end."""


class Desk:
    """A page, the bar, and what is selected. Answers come when they are let in."""

    def __init__(self, qtbot: QtBot) -> None:
        self.page, self.bar = Page(), FindBar()
        qtbot.addWidget(self.bar)
        self.finder = Finder(self.page, self.bar)
        self.finder._searcher = Held()  # pyright: ignore[reportAttributeAccessIssue]
        self.finder._background.run = self._hold  # pyright: ignore[reportAttributeAccessIssue]
        self.held: list[Callable[[], None]] = []
        self.selected: list[tuple[int, int]] = []
        self.finder.select_requested.connect(lambda start, end: self.selected.append((start, end)))

    def _hold(self, lane: str, work: Any, then: Any, failed: Any = None) -> None:
        del failed
        number, answer = self.finder._asked, work()

        def come() -> None:
            if lane == finder_.LANE and number == self.finder._asked:
                then(answer)

        self.held.append(come)

    def answers(self) -> None:
        held, self.held = self.held, []
        for come in held:
            come()

    def looks_for(self, words: str) -> None:
        self.finder.open(0, (0, 0))
        self.bar.words.setText(words)

    def rests(self) -> None:
        """The page was left alone, or was searched long enough ago."""
        self.finder._changed.stop()
        self.finder._search_again()
        self.answers()

    def prepares(self) -> int:
        """How many turns of the event loop it took."""
        for turns in range(1_000):
            if not self.finder._turn.isActive():
                return turns
            self.finder._turn.stop()
            self.finder._prepare_some()
            self.answers()
        raise AssertionError("it never ends")

    @property
    def said(self) -> str:
        return self.bar.said.text()

    @property
    def chosen(self) -> str:
        return self.page.text(*self.selected[-1])


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot)
    desk.page.write(0, 0, "boat a boat b boat")
    desk.looks_for("boat")
    desk.answers()
    assert desk.said == "1 of 3"
    yield desk
    desk.finder.close()


def test_from_one_to_the_next_while_tokens_arrive(desk: Desk) -> None:
    for turn in (2, 3, 1, 2):
        desk.page.write(desk.page.length, 0, " and on")
        desk.finder.step(1)
        assert (desk.said, desk.chosen) == (f"{turn} of 3", "boat")


def test_text_that_came_is_found_when_it_is_searched_again(desk: Desk) -> None:
    desk.page.write(desk.page.length, 0, " a boat")
    assert desk.finder._changed.isActive()
    desk.page.write(desk.page.length, 0, " more")  # a stream does not put it off
    desk.rests()
    desk.finder.step(-1)
    assert (desk.said, desk.chosen) == ("4 of 4", "boat")


def test_an_answer_about_an_older_text_is_moved(desk: Desk) -> None:
    desk.bar.words.setText("boat b")
    desk.page.write(0, 4, "")
    desk.page.write(0, 0, "x" * 30)
    desk.answers()
    assert desk.chosen == "boat b"


def test_an_answer_about_an_older_text_never_points_outside(desk: Desk) -> None:
    desk.bar.words.setText("boat")
    desk.page.write(2, desk.page.length - 2, "")
    desk.selected.clear()
    desk.answers()
    assert desk.selected == []
    desk.finder.step(1)
    assert desk.selected == []


def test_an_answer_about_another_page_is_dropped(desk: Desk) -> None:
    desk.bar.words.setText("b")
    desk.selected.clear()
    desk.page.put(desk.page.blank())
    desk.answers()
    desk.finder.step(1)
    assert desk.selected == []


def test_undo_of_all_leaves_nothing_to_select(desk: Desk) -> None:
    desk.selected.clear()
    desk.page.undo()
    desk.finder.step(1)
    assert desk.selected == []


def test_hits_move_while_the_bar_is_hidden(desk: Desk) -> None:
    desk.finder.stop()
    desk.page.write(0, 0, "a boat, ")
    desk.finder.step(1)
    desk.answers()
    assert (desk.said, desk.chosen) == ("3 of 4", "boat")


def test_one_is_replaced_while_tokens_arrive(desk: Desk) -> None:
    desk.page.write(0, 0, "On: ")
    desk.bar.instead.setText("ship")
    desk.bar.replace_requested.emit()
    assert desk.page.text() == "On: ship a boat b boat" and desk.said == "1 of 2"
    desk.page.write(desk.page.length, 0, ".")
    desk.bar.replace_requested.emit()
    assert desk.page.text() == "On: ship a ship b boat." and desk.chosen == "boat"


def test_one_of_an_expression_is_replaced_where_it_is_by_then(desk: Desk) -> None:
    desk.bar.expression.setChecked(True)
    desk.bar.words.setText(r"(b)(oat)")
    desk.answers()
    desk.bar.instead.setText(r"\2\1")
    desk.bar.replace_requested.emit()
    desk.page.write(0, 0, "On: ")
    desk.page.write(desk.page.length, 0, ".")
    desk.answers()
    assert desk.page.text() == "On: oatb a boat b boat."


def test_all_are_replaced_while_tokens_arrive(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder_, "BUDGET", 0.0)
    desk.bar.instead.setText("ship")
    desk.bar.replace_all_requested.emit()
    desk.page.write(0, 0, "boat, ")  # it came too late to be one
    desk.answers()
    desk.page.write(desk.page.length, 0, " boat")
    desk.rests()  # searching it again waits until they are in place
    desk.prepares()
    assert desk.page.text() == "boat, ship a ship b ship boat" and desk.said == "3 replaced"
    desk.page.undo()
    assert desk.page.text() == "boat, boat a boat b boat boat"


def test_all_are_replaced_though_the_page_changes_under_them_again_and_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder_, "BUDGET", 0.0)
    desk.bar.instead.setText("ship")
    desk.bar.replace_all_requested.emit()
    desk.answers()
    while desk.finder._turn.isActive() and desk.page.length < 200:
        desk.page.write(0, 0, "-")
        desk.finder._turn.stop()
        desk.finder._prepare_some()
        desk.answers()
    assert desk.page.text().lstrip("-") == "ship a ship b ship"


def test_many_are_replaced_in_turns_of_the_event_loop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finder_, "BUDGET", 0.0)
    desk.page.write(0, desk.page.length, "boat🌊 " * 5_000)
    before, chunks = desk.page.text(), len(desk.page.snapshot().parts)
    assert chunks > 3
    desk.bar.instead.setText("a ship")
    desk.bar.replace_all_requested.emit()
    desk.answers()
    assert desk.prepares() == chunks  # one in each turn
    assert desk.page.text() == before.replace("boat", "a ship")
    desk.page.undo()
    assert desk.page.text() == before


def test_a_selection_that_is_searched_moves_with_the_page(desk: Desk) -> None:
    desk.page.write(0, 0, "\n")
    desk.finder.open(0, (0, 12))  # up to the second boat
    desk.bar.words.setText("boat")
    desk.answers()
    assert desk.said == "1 of 2"
    desk.page.write(0, 0, "a long boat before ")
    desk.rests()
    assert desk.said == "2 found"


def test_replacements_that_are_too_long_together_are_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.finding.matching.LONGEST", 10)
    desk.bar.instead.setText("a ship")
    desk.bar.replace_all_requested.emit()
    desk.answers()
    assert "longer than 10" in desk.said and desk.page.text() == "boat a boat b boat"


def test_all_that_was_found_is_told_where_one_looks(desk: Desk) -> None:
    marked: list[None] = []
    desk.finder.marked.connect(lambda: marked.append(None))
    assert desk.finder.hits_in(0, 18) == ([(0, 4), (7, 11), (14, 18)], (0, 4))
    assert desk.finder.hits_in(4, 7) == ([], (0, 4))
    assert desk.finder.hits_in(10, 17) == ([(7, 11), (14, 18)], (0, 4))
    desk.finder.step(1)
    assert marked
    assert desk.finder.hits_in(0, 7) == ([(0, 4)], (7, 11))
    desk.page.write(0, 0, "xx")
    assert desk.finder.hits_in(0, 30) == ([(2, 6), (9, 13), (16, 20)], (9, 13))
    desk.page.write(10, 1, "")
    assert desk.finder.hits_in(0, 30) == ([(2, 6), (15, 19)], None)
    count = len(marked)
    desk.finder.stop()
    assert desk.finder.hits_in(0, 30) == ([], None)
    assert len(marked) > count
