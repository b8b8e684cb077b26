"""Looks and scores, asked of a slot: their requests, and which answers count."""

from typing import Any

import pytest

from desktop.generation.model_slot import ModelSlot
from desktop.generation.query import LayerScore, Look, Score
from desktop.generation.recipe import Recipe
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Ended, EndReason, Scored
from models.engine.prefix import TextPiece
from models.sampling.knobs import Sampling
from tests.desktop.conftest import span_of


@pytest.fixture
def page() -> Page:
    page = Page()
    page.write(0, 0, "Once upon")
    return page


def ended(query: Look | Score, reason: EndReason = "done") -> Ended:
    return Ended(query.job, reason, 2, 2, 0.1, 0.2, 2)


def test_a_look_asks_with_the_recipe(page: Page, slot: ModelSlot, engine: Any) -> None:
    recipe = Recipe(Sampling(temperature=0.5), top=5, n_keep=3)
    look = Look(page, slot, recipe)
    asked = {"pieces": (TextPiece("Once upon"),), "sampling": recipe.sampling, "top": 5, "n_keep": 3, "fed": 0}
    assert engine.last("look") == (look.job, asked)
    assert look.sees_like_writing and look.outcome(ended(look)) == ""


def test_it_is_current_while_the_page_is_the_one_that_was_asked_about(page: Page, slot: ModelSlot) -> None:
    look = Look(page, slot, Recipe())
    assert look.is_current
    page.write(0, 0, "x")
    assert not look.is_current
    page.undo()
    assert look.is_current


def test_scores_are_readings_of_the_page(page: Page, slot: ModelSlot, engine: Any) -> None:
    score = Score(page, slot, Recipe(top=5))
    assert engine.last("score") == (score.job, {"pieces": (TextPiece("Once upon"),), "top": 5})
    score.left_out = 3
    score.read([Scored(score.job, 0, (span_of("Once"),)), Scored(score.job, 4, (span_of(" upon"),))])
    sources = [page.sources[int(row["source"])] for row in page.tokens(0, page.length)]
    assert [(source.fingerprint, source.kind, source.window) for source in sources] == [("f", "read", 3)] * 2


def test_scores_of_another_text_are_dropped(page: Page, slot: ModelSlot) -> None:
    score = Score(page, slot, Recipe())
    page.write(0, 4, "Twice")
    score.read([Scored(score.job, 0, (span_of("Once"),))])
    assert not page.readings_at(0)


@pytest.mark.parametrize("n_keep", [0, 3])
def test_a_score_has_no_header(page: Page, slot: ModelSlot, n_keep: int) -> None:
    """A score reads the end of the page, without the header that a generation has."""
    assert Score(page, slot, Recipe(n_keep=n_keep)).sees_like_writing == (n_keep == 0)


def test_the_outcome_of_a_score(page: Page, slot: ModelSlot) -> None:
    score = Score(page, slot, Recipe())
    assert score.outcome(ended(score)) == "The page was read"
    assert score.outcome(ended(score, "stopped")) == ""
    score.left_out = 3
    assert score.outcome(ended(score)).startswith("The last 2 tokens of the page")


@pytest.mark.parametrize(("kind", "kept"), [(Score, "2 tokens of a model keep"), (LayerScore, "")])
def test_the_outcome_tells_of_odds_that_stay_outdated(
    page: Page, slot: ModelSlot, kind: type[Score], kept: str
) -> None:
    page.begin_generation(Source("a model")).append([span_of(" a"), span_of(" time")])
    page.end_generation()
    page.write(0, 0, "x")
    score = kind(page, slot, Recipe())
    score.read([Scored(score.job, 0, tuple(map(span_of, ("xOnce", " upon", " a", " time"))))])
    outcome = score.outcome(ended(score))
    assert outcome.startswith("The page was read") and kept in outcome
    assert bool(kept) == (outcome != "The page was read")
