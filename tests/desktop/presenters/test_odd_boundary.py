"""The notice about an end of the writer's text where a token would not end."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.generation.recipe import Recipe
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.presenters import odd_boundary
from desktop.presenters.odd_boundary import OddBoundary
from desktop.shell.notice import Notice
from models.engine.events import Span


class Boundary(QObject):
    """Notes what is asked; the test tells the answer."""

    inside = Signal(str)
    across = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def ask(self, _recipe: Recipe) -> None:
        self.asked += 1

    def give_up(self) -> None:
        pass


class Desk:
    """A page, a notice, and a model that is asked as soon as the event loop runs."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = window = QWidget()
        qtbot.addWidget(window)
        self.page, self.notice, self.boundary = Page(), Notice(window), Boundary()
        self.healed = 0
        self.shown = OddBoundary(self.page, self.notice, self.boundary, Recipe, self._heal)  # pyright: ignore[reportArgumentType]
        self._qtbot = qtbot

    def _heal(self) -> None:
        self.healed += 1

    def types(self, text: str, at: int | None = None) -> int:
        """Type it. Returns how often the model was asked since."""
        before = self.boundary.asked
        self.page.write(self.page.length if at is None else at, 0, text, joins=True)
        self._qtbot.wait(20)
        return self.boundary.asked - before


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(odd_boundary, "RESTS", 0)
    monkeypatch.setattr(odd_boundary, "WORD_RESTS", 1)
    made = Desk(qtbot)
    yield made
    made.shown.deleteLater()


def test_a_button_turns_healing_on(desk: Desk) -> None:
    assert desk.types("The capital of Fra") == 1
    desk.boundary.inside.emit(" Fra")
    assert "Healing would mend" in desk.notice.sentence and "␣Fra…" in desk.notice.sentence
    desk.notice.content.action.click()
    assert desk.healed == 1 and desk.notice.sentence == ""


@pytest.mark.parametrize(
    ("text", "blank", "shown"),
    [("Chapter one", "\n", "↵"), ("Name:", "\t", "⇥"), ("def f():\n", "    ", "␣␣␣␣"), ("is", "\u00a0", "⍽")],
)
def test_blanks_that_are_no_space_behind_a_word_are_asked_about(desk: Desk, text: str, blank: str, shown: str) -> None:
    assert desk.types(text + blank) == 1
    desk.boundary.inside.emit(blank)
    assert f"white space at the end of your text in one token with more (“{shown}…”)" in desk.notice.sentence


def test_a_button_makes_both_parts_one_text(desk: Desk, make_span: Callable[[str], Span]) -> None:
    desk.types("See")
    desk.page.begin_generation(Source("model")).append([make_span(" http"), make_span(":")])
    desk.page.end_generation()
    assert desk.types("//") == 1
    desk.boundary.across.emit(len("See http"))
    assert "“://” at the end is one token" in desk.notice.sentence
    desk.notice.content.action.click()
    assert desk.page.text() == "See http://" and desk.notice.sentence == ""
    assert desk.page.tokens(3, 11)["start"].tolist() == [3]  # what was sampled before stays
    desk.page.undo()
    assert desk.page.tokens(3, 11)["start"].tolist() == [3, 8]


def test_it_goes_when_the_writer_types_on(desk: Desk) -> None:
    desk.types("The capital of Fra")
    desk.boundary.inside.emit(" Fra")
    assert desk.types("n") == 1 and desk.notice.sentence == ""


def test_other_places_and_other_changes_ask_nothing(desk: Desk, make_span: Callable[[str], Span]) -> None:
    assert desk.types("The capital of ") == 0  # a space is another notice's
    assert desk.types("x", at=0) == 0
    desk.page.begin_generation(Source("model")).append([make_span("France")])
    desk.page.end_generation()
    assert desk.types("") == 0
    desk.page.write(desk.page.length - 1, 1, "")
    assert desk.types("") == 0


def test_a_word_rests_longer_than_a_sign(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(odd_boundary, "WORD_RESTS", 60_000)
    assert desk.types("The capital of Fra") == 0
    assert desk.types("(") == 1
