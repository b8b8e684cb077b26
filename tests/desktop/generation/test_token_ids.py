"""The tokens of text in view: asked for when the typing pauses and nothing else is done, and once."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation import token_ids
from desktop.generation.model_slot import ModelSlot
from desktop.generation.token_ids import TokenIds
from desktop.page.page import Page
from models.engine.events import Ended, Failed, Loaded, Scored, Span
from models.engine.prefix import TextPiece
from models.library.load_options import LoadOptions
from models.sampling.readings import without_odds
from tests.desktop.conftest import FACTS

TEXT = "Once upon a time there was a lamp"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_ids, "RESTS", 0)


class Desk:
    """A page, a slot with a model, and the tokens of what is wanted."""

    def __init__(self, page: Page, engine: Any, qtbot: QtBot) -> None:
        self.page, self.engine, self.qtbot = page, engine, qtbot
        self.idle = True
        page.write(0, 0, TEXT)
        self.slot = ModelSlot(engine)
        self.ids = TokenIds(page, self.slot, idle=lambda: self.idle)
        self.slot.load("scripted:", LoadOptions())
        self.slot.answer(Loaded(self.slot.job, FACTS))
        self.ids.model_changed()

    def asked(self) -> list[dict[str, Any]]:
        """What was asked, once the timers have run."""
        self.qtbot.waitUntil(lambda: not self.ids._rests.isActive())
        return [about for kind, _, about in self.engine.asked if kind == "score"]

    def answers(self, *texts: str, offset: int = 0) -> None:
        job = self.engine.last("score")[0]
        spans = tuple(Span(text, (without_odds(len(text), text.encode()),)) for text in texts)
        self.ids.scored([Scored(job, offset, spans)])
        assert self.ids.answer(Ended(job, "done", len(texts), 0, 0.1, 0.1, 1))

    def known(self) -> list[tuple[int, int]]:
        return [(run.start, run.end) for run in self.ids.split.between(0, 1_000)]


@pytest.fixture
def desk(page: Page, engine: Any, qtbot: QtBot) -> Desk:
    return Desk(page, engine, qtbot)


def test_what_is_in_view_is_asked_for_from_the_start_of_its_word(desk: Desk) -> None:
    desk.ids.want(7, 16)
    (asked,) = desk.asked()
    assert asked == {"pieces": (TextPiece(TEXT),), "top": 10, "since": 4, "odds": False}
    desk.answers(" upon", " a", " time", " there", offset=4)
    assert desk.known() == [(4, 9), (9, 11), (11, 16)]
    assert not desk.page.readings_at(5)  # the page has got nothing


def test_it_is_asked_for_once(desk: Desk) -> None:
    desk.ids.want(0, 9)
    desk.asked()
    desk.ids.want(0, 9)  # painted meanwhile
    desk.answers("Once")
    for _ in range(3):
        desk.ids.want(0, 9)
        assert len(desk.asked()) == 1  # “ upon” stays without tokens
    desk.page.write(0, 1, "T")
    desk.ids.want(0, 9)
    assert len(desk.asked()) == 2


def test_it_waits_for_the_session(desk: Desk) -> None:
    desk.idle = False
    desk.ids.want(0, 9)
    assert not desk.asked()
    desk.idle = True
    desk.ids.rest()
    assert len(desk.asked()) == 1


def test_an_answer_about_another_text_is_dropped(desk: Desk) -> None:
    desk.ids.want(0, 9)
    desk.asked()
    desk.page.write(2, 1, "d")
    desk.answers("Once", " upon")
    assert desk.known() == []


def test_what_comes_behind_the_text_that_was_sent_changes_nothing(desk: Desk) -> None:
    desk.page.write(len(TEXT), 0, " and" * 50)
    desk.ids.want(0, 9)
    desk.asked()
    desk.page.write(desk.page.length, 0, " x")
    desk.answers("Once", " upon")
    assert desk.known() == [(0, 4), (4, 9)]


def test_another_model_splits_the_text_anew(desk: Desk) -> None:
    desk.ids.want(0, 9)
    desk.asked()
    desk.answers("Once", " upon")
    with desk.qtbot.waitSignal(desk.ids.changed):
        desk.ids.model_changed()
    assert desk.known() == []
    desk.ids.want(0, 9)
    assert len(desk.asked()) == 2


def test_no_child_is_started_for_it(desk: Desk) -> None:
    desk.ids.want(0, 9)
    desk.asked()
    desk.ids.child_died()
    desk.ids.want(0, 9)
    desk.ids.rest()
    assert len(desk.asked()) == 1
    desk.ids.model_changed()
    desk.ids.want(0, 9)
    assert len(desk.asked()) == 2


def test_a_failure_is_silent_and_ends_it(desk: Desk) -> None:
    desk.ids.want(0, 9)
    desk.asked()
    assert desk.ids.answer(Failed(desk.engine.last("score")[0], "no memory"))
    desk.ids.want(0, 9)
    assert len(desk.asked()) == 1


def test_ranges_that_lie_apart_are_not_joined(desk: Desk) -> None:
    desk.page.write(len(TEXT), 0, " word" * 10_000)
    desk.ids.want(0, 100)
    desk.ids.want(80, 200)
    desk.ids.want(40_000, 40_100)
    (asked,) = desk.asked()
    assert 39_900 < asked["since"] < 40_001
