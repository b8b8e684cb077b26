"""Puts a model's spans on a page, as the session does while one generation writes."""

from collections.abc import Sequence

from desktop.page.page import Page
from models.engine.events import Span
from models.engine.requests import StepWidth


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
