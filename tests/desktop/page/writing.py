"""Puts a model's spans on a page, as the session does while one generation writes."""

from collections.abc import Sequence

from desktop.page.choosing import Place
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.engine.requests import StepWidth
from tests.desktop.page.conftest import reading


def write_spans(
    page: Page,
    spans: Sequence[Span],
    window: int | None = None,
    step: StepWidth | None = None,
    exact: bool | None = None,
    apart: bool = False,
) -> None:
    """Put spans at the end of the open generation whose branch is shown, if there is one. The others as in
    Generation.append."""
    shown = next((generation for generation in page.generations if generation.is_shown), None)
    if shown is not None:
        shown.append(spans, window, step, exact, apart)


def leave_a_fork_inside_another(page: Page) -> None:
    """On an empty page: a fork where a token was chosen, and in its branch one that a dropped redo left. They stand at
    the same place once the writer's text is undone."""
    one, two, three = (Span(text, (reading(token, text.encode()),)) for token, text in enumerate(("one", " two", "!")))
    page.begin_generation(Source("model A")).append([one, two])
    page.choose(Place(3, token=1), " zwei")
    page.previous_branch()
    page.write(3, 4, " three")
    page.begin_generation(Source("model A"), 6).append([three])
    page.undo()
    page.write(9, 0, "?")
