"""One generation, asked of a slot: its requests, and its text on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.generation.generation_run import GenerationRun
from desktop.generation.model_slot import ModelSlot
from desktop.generation.recipe import Recipe
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.conditions import Conditions
from models.engine.events import Loaded, Sampled
from models.engine.prefix import TextPiece
from models.engine.requests import Draws
from models.library.load_options import LoadOptions
from tests.desktop.conftest import FACTS, span_of

DRAWS = Draws(7, 1, 3)
MakeRun = Callable[..., GenerationRun]


@pytest.fixture
def page() -> Page:
    page = Page()
    page.write(0, 0, "Once")
    return page


@pytest.fixture
def make_run(page: Page, engine: Any) -> MakeRun:
    slot = ModelSlot(engine)
    slot.load("scripted:", LoadOptions())
    slot.answer(Loaded(slot.job, FACTS))

    def make(recipe: Recipe, *draws: Draws) -> GenerationRun:
        run = GenerationRun(page, slot, recipe, draws or (DRAWS,), clock=iter(range(100)).__next__, resume_after=0)
        run.begin(None, window=5)
        run.ask()
        return run

    return make


def sampled(run: GenerationRun, text: str, dropped: int = 0) -> Sampled:
    return Sampled(run.job, (span_of(text),), 10, dropped, 0)


def test_its_request_follows_the_recipe(engine: Any, make_run: MakeRun) -> None:
    run = make_run(Recipe(length=8, top=5, n_keep=2))
    job, asked = engine.last("generate")
    assert asked["pieces"] == (TextPiece("Once"),)
    assert [asked[name] for name in ("length", "seed", "take", "first", "top", "n_keep")] == [8, 7, 1, 3, 5, 2]
    assert run.wants(job) and not run.wants(job + 1) and not run.wants(0)
    expected = Source("f", window=5, seed=7, take=1, first=3, n_keep=2, conditions=Conditions.of(FACTS))
    assert run.sources(5) == [expected]


def test_sampled_text_is_on_the_page(page: Page, make_run: MakeRun) -> None:
    run = make_run(Recipe())
    run.exact = True
    run.append([sampled(run, " upon"), sampled(run, " a"), sampled(run, " time", dropped=4)])
    assert page.text() == "Once upon a time" and run.tokens == 3 and run.speed == 0
    sources = [page.sources[int(row["source"])] for row in page.tokens(0, page.length)]
    assert [source.window for source in sources] == [0, 0, 4]
    assert {(source.width, source.exact) for source in sources} == {(1, True)}
    run.append([sampled(run, "!")])
    assert run.speed == 1  # a token in the second from one append to the next
    run.close()
    assert not page.generating


@pytest.mark.parametrize(("length", "left"), [(8, 7), (1, 0), (None, None)])
def test_behind_an_edit_it_asks_for_the_rest(
    page: Page, engine: Any, make_run: MakeRun, qtbot: QtBot, length: int | None, left: int | None
) -> None:
    run = make_run(Recipe(length=length))
    first = run.job
    run.append([sampled(run, " upon")])
    page.write(0, 4, "Twice")
    with qtbot.waitSignal(run.asked):
        run.interrupt()
        assert run.waiting and not run.wants(first)
        assert engine.last("stop")[1] == {"job": first}
    job, asked = engine.last("generate")
    assert run.wants(job) and job != first and not run.waiting
    assert [asked[name] for name in ("length", "seed", "take", "first")] == [left, 7, 1, 4]
    assert asked["pieces"][0] == TextPiece("Twice")
    assert run.prefix.version[0] == page.length


def test_a_closed_run_asks_for_nothing(engine: Any, make_run: MakeRun, qtbot: QtBot) -> None:
    run = make_run(Recipe())
    run.interrupt()
    run.close()
    qtbot.wait(1)
    assert not run.waiting and engine.kinds().count("generate") == 1
