"""Which stretch of the page has which step, against the rows themselves."""

from collections.abc import Callable

import pytest

from desktop.page.bands import bands
from desktop.page.measures import AUTHOR, AUTHOR_STEP, DIFFERENCE, MEASURES, with_rank_classes
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.writing import write_spans

MakeSpan = Callable[..., Span]


@pytest.fixture
def written(page: Page, span: MakeSpan, source: Source) -> Page:
    """[0, 6) the writer's, [6, 20) the model's, the last two units without a reading."""
    page.write(0, 0, "before")
    page.begin_generation(source)
    write_spans(page, [span(" one", 1), span(" two", 2), span("한", 3, 4, 5), span(" end", 6), span(" x", cut=True)])
    page.end_generation()
    return page


@pytest.mark.parametrize("name", [name for name in MEASURES if name not in (AUTHOR, DIFFERENCE)])
def test_every_run_with_odds_is_a_band(written: Page, name: str) -> None:
    found = bands(written, MEASURES[name], 0, written.length)
    assert list(zip(found.starts.tolist(), found.ends.tolist(), strict=True)) == [(6, 10), (10, 14), (14, 15), (15, 19)]
    assert not found.stale.any()
    one = bands(written, MEASURES[name], 11, 13)
    assert one.starts.tolist() == [10] and one.steps.tolist() == [found.steps[1]]


def test_bands_behind_an_edit_are_stale_until_it_is_undone(written: Page) -> None:
    written.write(10, 1, "X")
    found = bands(written, MEASURES["surprisal"], 0, written.length)
    assert dict(zip(found.starts.tolist(), found.stale.tolist(), strict=True)) == {6: False, 14: True, 15: True}
    written.undo()
    assert not bands(written, MEASURES["surprisal"], 0, written.length).stale.any()


def test_the_author_is_a_band_of_one_step(written: Page) -> None:
    found = bands(written, MEASURES[AUTHOR], 0, written.length)
    assert (found.starts.tolist(), found.ends.tolist(), found.steps.tolist()) == ([6], [21], [AUTHOR_STEP])
    assert not len(bands(written, MEASURES[AUTHOR], 0, 5).starts)


def test_only_one_step(written: Page) -> None:
    found = bands(written, MEASURES["surprisal"], 0, written.length)
    steps = set(found.steps.tolist())
    assert len(steps) == 2  # a run of three tokens is rarer than each of them
    for step in steps:
        mine = found.only(step)
        assert mine.starts.tolist() == [
            start for start, of in zip(found.starts.tolist(), found.steps.tolist(), strict=True) if of == step
        ]


def test_neighbours_of_one_step_are_joined(written: Page) -> None:
    found = bands(written, MEASURES["surprisal"], 0, written.length)
    joined = found.joined()
    assert (joined.starts.tolist(), joined.ends.tolist()) == ([6, 14, 15], [14, 15, 19])
    assert joined.steps.tolist() == [found.steps[0], found.steps[2], found.steps[3]]
    written.write(10, 1, "X")  # dissolves the second token, and what follows is stale
    apart = bands(written, MEASURES["surprisal"], 0, written.length).joined()
    assert list(zip(apart.starts.tolist(), apart.stale.tolist(), strict=True)) == [(6, False), (14, True), (15, True)]
    assert not len(bands(Page(), MEASURES["rank"], 0, 0).joined().starts)


@pytest.mark.parametrize(("classes", "step"), [((10, 100, 1_000), 1), ((2, 3, 4), 1), ((50, 2, 7), 1), ((2, 2, 2), 1)])
def test_the_classes_of_ranks_can_be_changed(written: Page, classes: tuple[int, ...], step: int) -> None:
    measure = with_rank_classes(classes)
    assert bands(written, measure, 0, 10).steps.tolist() == [step]  # rank 2
    low, middle, high = sorted(classes)
    assert measure.labels[1].endswith(str(low)) and measure.labels[2:4] == (f"{middle:,}", f"{high:,}")


def test_a_rank_above_all_classes(written: Page) -> None:
    rows = written.tokens(0, written.length)
    assert set(rows["rank"][:4]) == {2}
    measure = with_rank_classes((2, 3, 4))
    assert measure.bounds == (1, 2, 3, 4)


def test_an_empty_page_has_no_bands() -> None:
    for measure in MEASURES.values():
        assert not len(bands(Page(), measure, 0, 0).starts)
