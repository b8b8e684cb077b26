"""A branch keeps its number: neither undo nor later branches change it."""

import random
from collections.abc import Callable

import pytest

from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.writing import write_spans

MakeSpan = Callable[..., Span]


class Hand:
    """Writes on a page: `write` at its end, `again` in the place of what was written last."""

    def __init__(self, page: Page, span: MakeSpan, source: Source) -> None:
        self.page, self._span, self._source = page, span, source
        page.write(0, 0, "Once")

    def write(self, text: str) -> None:
        self.page.begin_generation(self._source)
        self._come(text)

    def again(self, text: str) -> None:
        self.page.regenerate(self._source)
        self._come(text)

    def _come(self, text: str) -> None:
        write_spans(self.page, [self._span(text, 1)])
        self.page.end_generation()

    def undo(self, times: int = 1) -> None:
        for _ in range(times):
            self.page.undo()

    @property
    def shown(self) -> tuple[int, int]:
        position = self.page.branch_position()
        return position.shown, position.highest

    @property
    def ends(self) -> tuple[bool, bool]:
        """Whether there is one before the one shown, and one behind it."""
        position = self.page.branch_position()
        return position.beyond(-1) is not None, position.beyond(1) is not None

    def numbers(self) -> dict[int, str]:
        """The text under each number, from the first to the last; the page is as it was afterwards, but for its
        history."""
        while self.page.previous_branch():
            pass
        found = {self.shown[0]: self.page.text()}
        while self.page.next_branch():
            found[self.shown[0]] = self.page.text()
        return found


@pytest.fixture
def hand(page: Page, span: MakeSpan, source: Source) -> Hand:
    return Hand(page, span, source)


def test_one_has_no_number(hand: Hand) -> None:
    hand.write(" A")
    assert (hand.shown, hand.ends) == ((0, 0), (False, False))


def test_undo_shows_the_one_before_with_its_number(hand: Hand) -> None:
    hand.write(" A")
    hand.again(" B")
    hand.again(" C")
    assert (hand.shown, hand.ends) == ((3, 3), (True, False))
    hand.undo()
    assert (hand.page.text(), hand.shown, hand.ends) == ("Once B", (2, 3), (True, True))
    hand.undo()
    assert (hand.page.text(), hand.shown, hand.ends) == ("Once A", (1, 3), (False, True))


def test_after_undo_of_the_shown_branch_none_is_shown(hand: Hand) -> None:
    hand.write(" A")
    hand.again(" B")
    hand.undo(2)
    assert (hand.page.text(), hand.shown, hand.ends) == ("Once", (0, 2), (False, True))
    hand.page.redo()
    assert hand.shown == (1, 2)


@pytest.mark.parametrize("typed", [True, False])
def test_a_branch_made_after_undo_gets_the_next_number(hand: Hand, typed: bool) -> None:
    hand.write(" A")
    hand.again(" B")
    hand.undo(2)
    if typed:
        hand.page.write(4, 0, " D")
    else:
        hand.write(" D")
    assert (hand.shown, hand.ends) == ((3, 3), (True, False))
    assert hand.numbers() == {1: "Once A", 2: "Once B", 3: "Once D"}


def test_the_first_keeps_its_number_when_another_is_written_in_its_place(hand: Hand) -> None:
    hand.write(" A")
    hand.undo()
    hand.write(" B")
    assert hand.shown == (2, 2)
    hand.undo()
    assert hand.shown == (0, 1)
    hand.write(" C")
    assert hand.numbers() == {1: "Once A", 2: "Once B", 3: "Once C"}


def test_turning_from_where_all_was_undone_leaves_no_empty_branch(hand: Hand) -> None:
    hand.write(" A")
    hand.again(" B")
    hand.undo(2)
    assert hand.page.next_branch()
    assert (hand.page.text(), hand.shown, hand.ends) == ("Once B", (2, 2), (True, False))
    assert hand.numbers() == {1: "Once A", 2: "Once B"}
    hand.again(" C")
    assert hand.shown == (3, 3)
    assert hand.numbers() == {1: "Once A", 2: "Once B", 3: "Once C"}


def test_numbers_hold_whatever_is_undone_and_done(page: Page, span: MakeSpan, source: Source) -> None:
    for seed in range(60):
        chance = random.Random(seed)
        hand = Hand(Page(), span, source)
        known: dict[str, int] = {}
        for step in range(30):
            match chance.choice(("write", "again", "undo", "redo", "previous", "next")):
                case "write" if hand.page.text() == "Once":
                    hand.write(f" {step}")
                case "again":
                    hand.again(f" {step}")
                case "undo" if len(hand.page.text()) > 4:
                    hand.undo()
                case "redo":
                    hand.page.redo()
                case "previous":
                    hand.page.previous_branch()
                case _:
                    hand.page.next_branch()
            shown, of = hand.shown
            text = hand.page.text()
            if shown and text != "Once":
                assert known.setdefault(text, shown) == shown, f"seed {seed}, step {step}"
            assert shown <= of
            assert (text == "Once") <= (shown == 0), f"seed {seed}, step {step}"
