"""The notice about a space at the end of the writer's text."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop.generation.recipe import Recipe
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.presenters.trailing_space import TrailingSpace
from desktop.shell.notice import Notice
from models.sampling.knobs import Sampling

OFF = Recipe(Sampling(no_healing=True))


class Desk:
    """A page, a notice, and a recipe that the test sets; the typing rests as soon as the event loop runs."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = window = QWidget()
        qtbot.addWidget(window)
        self.page, self.notice, self.recipe = Page(), Notice(window), OFF
        self.shown = TrailingSpace(self.page, self.notice, lambda: self.recipe)
        self.shown._rests.setInterval(0)  # pyright: ignore[reportPrivateUsage]
        self._qtbot = qtbot

    def type(self, text: str) -> str:
        """Type at the end of the page. Returns what the notice says when the typing rests."""
        self.page.write(self.page.length, 0, text, joins=True)
        self._qtbot.wait(20)
        return self.notice.sentence


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.shown.deleteLater()


def test_a_space_is_pointed_out_and_removed(desk: Desk) -> None:
    assert "ends with a space" in desk.type("The capital of  ")
    desk.notice.content.action.click()
    assert desk.page.text() == "The capital of" and desk.notice.sentence == ""
    desk.page.undo()
    assert desk.page.text() == "The capital of  "


def test_it_goes_when_the_writer_types_on(desk: Desk) -> None:
    assert desk.type("The capital of ")
    assert desk.type("France") == ""


@pytest.mark.parametrize(
    "text", ["The capital of", "Title\n", " ", "   ", "", "def f():\n    ", "Name:\t", "Name:\t ", "is\u00a0"]
)
def test_other_ends_are_left_alone(desk: Desk, text: str) -> None:
    assert desk.type(text) == ""


def test_with_healing_nothing_is_said(desk: Desk) -> None:
    desk.recipe = replace(OFF, sampling=Sampling())
    assert desk.type("The capital of ") == ""


def test_a_space_of_the_model_is_its_own(desk: Desk, make_span: Any) -> None:
    desk.type("The")
    desk.page.begin_generation(Source("model A")).append([make_span(" ")])
    desk.page.end_generation()
    desk.page.write(0, 0, "A")
    assert desk.type("") == ""
