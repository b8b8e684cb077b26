"""Whether the writer's text ends where a token would not: what is asked, and what the answers mean."""

from array import array
from collections.abc import Callable
from typing import Any

import pytest

from desktop.generation.end_boundary import EndBoundary
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Ended, Healed, Loaded, Scored, Span
from models.engine.prefix import TextPiece
from models.library.load_options import LoadOptions
from models.sampling.knobs import Sampling
from models.sampling.readings import without_odds
from tests.desktop.conftest import FACTS

OFF, ON = Recipe(Sampling(no_healing=True, top_k=3)), Recipe()


class Desk:
    """A page, a slot with a model, and what is told."""

    def __init__(self, page: Page, engine: Any) -> None:
        self.page, self.engine = page, engine
        self.idle = self.may_read = True
        self.slot = ModelSlot(engine)
        self.slot.load("scripted:", LoadOptions())
        self.slot.answer(Loaded(self.slot.job, FACTS))
        self.boundary = EndBoundary(page, self.slot, idle=lambda: self.idle, may_read=lambda: self.may_read)
        self.told: list[str | int] = []
        self.boundary.inside.connect(self.told.append)
        self.boundary.across.connect(self.told.append)

    def asked(self) -> list[str]:
        return [kind for kind in self.engine.kinds() if kind in ("look", "score")]

    def splits(self, *texts: str) -> None:
        job, _ = self.engine.last("score")
        spans = tuple(Span(text, (without_odds(len(text), text.encode()),)) for text in texts)
        self.boundary.scored([Scored(job, 0, spans)])
        self.boundary.answer(Ended(job, "done", len(texts), 0, 0.1, 0.1, 1))

    def looks(self, healed: str) -> None:
        job, _ = self.engine.last("look")
        if healed:
            self.boundary.answer(Healed(job, healed, array("i"), True))
        self.boundary.answer(Ended(job, "done", 0, 0, 0.1, 0.1, 1))


@pytest.fixture
def desk(page: Page, engine: Any) -> Desk:
    return Desk(page, engine)


@pytest.fixture
def written(desk: Desk, make_span: Callable[[str], Span]) -> Desk:
    """The model has written "http:" behind the writer's text, and the writer "//"."""
    desk.page.write(0, 0, "See")
    desk.page.begin_generation(Source(FACTS.fingerprint)).append([make_span(" http"), make_span(":")])
    desk.page.end_generation()
    desk.page.write(desk.page.length, 0, "//")
    return desk


def test_where_healing_is_off_it_asks_what_healing_would_do(desk: Desk) -> None:
    desk.page.write(0, 0, "The capital of Fra")
    desk.boundary.ask(OFF)
    about = desk.engine.last("look")[1]
    assert not about["sampling"].no_healing and about["sampling"].top_k == 3
    desk.looks(" Fra")
    assert desk.told == [" Fra"]
    desk.boundary.ask(OFF)
    desk.looks("")
    assert desk.told == [" Fra"]


def test_healing_that_is_on_mends_it_by_itself(desk: Desk) -> None:
    desk.page.write(0, 0, "The capital of Fra")
    desk.boundary.ask(ON)
    assert desk.asked() == []


@pytest.mark.parametrize("why", ["busy", "slow", "died"])
def test_nothing_is_asked_where_the_model_does_not_read_by_itself(desk: Desk, why: str) -> None:
    desk.page.write(0, 0, "The capital of Fra")
    desk.idle, desk.may_read = why != "busy", why != "slow"
    if why == "died":
        desk.boundary.child_died()
    desk.boundary.ask(OFF)
    assert desk.asked() == []
    desk.idle = desk.may_read = True
    desk.boundary.model_changed()
    desk.boundary.ask(OFF)
    assert desk.asked() == ["look"]


def test_a_token_that_the_model_began_and_the_writer_ended_is_told(written: Desk) -> None:
    written.boundary.ask(ON)
    [piece] = written.engine.last("score")[1]["pieces"]
    assert isinstance(piece, TextPiece) and "See http://".endswith(piece.text)
    before = len("See http://") - len(piece.text)
    parts = [part for part in ("See"[before:], " http" if before < 4 else "http", "://") if part]
    written.splits(*parts)
    assert written.told == [len("See http")] and written.asked() == ["score"]


def test_where_the_split_is_that_of_the_page_healing_is_asked_about(written: Desk) -> None:
    written.boundary.ask(OFF)
    [piece] = written.engine.last("score")[1]["pieces"]
    written.splits(piece.text.removesuffix("://"), ":", "//")
    assert written.told == [] and written.asked() == ["score", "look"]


def test_a_border_farther_back_is_no_end(written: Desk) -> None:
    """The token across the border ends before the end of the page."""
    written.page.write(written.page.length, 0, "www")
    written.boundary.ask(ON)
    [piece] = written.engine.last("score")[1]["pieces"]
    written.splits(piece.text.removesuffix("://www"), "://", "www")
    assert written.told == []


def test_an_edit_meanwhile_drops_the_answer(written: Desk) -> None:
    written.boundary.ask(ON)
    written.page.write(0, 3, "Look")
    written.splits("See", " http", "://")
    assert written.told == []
