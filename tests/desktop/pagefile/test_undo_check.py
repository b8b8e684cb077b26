"""Forged undo steps that can be applied but whose undo would not lead back."""

import pytest

from desktop.page.edit import Edit, Mark
from desktop.page.forks import every_fork
from desktop.page.history import Step
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import NONE
from desktop.pagefile.undo_check import drop_impossible
from models.engine.events import Span
from tests.desktop.page.writing import write_spans


@pytest.fixture
def page() -> Page:
    """Ten units that were typed, and behind them a generation that is undone."""
    page = Page()
    page.write(0, 0, "0123456789")
    page.begin_generation(Source("model A"))
    write_spans(page, [Span(" and on", ())])
    page.end_generation()
    return page


def sound(page: Page) -> bool:
    contents = page.contents
    tails = [branch.tail for fork in every_fork(contents.path.forks) for branch in fork.branches if branch.tail]
    forks = {operation.fork for step in contents.redo for operation in step.operations if isinstance(operation, Mark)}
    held = [*forks, *(fork for fork in every_fork(contents.path.forks) if fork not in forks)]
    return not drop_impossible(contents, [contents.path, *tails], held)


def test_a_fork_is_marked_once(page: Page) -> None:
    page.undo()
    assert sound(page)
    redo = page.contents.redo
    (mark,) = (operation for operation in redo[-1].operations if isinstance(operation, Mark))
    redo.append(Step("typing", [mark]))
    assert not sound(page) and not page.can_redo and page.can_undo


@pytest.mark.parametrize(
    ("removed", "anchors", "right"),
    [
        (10, ((2, 1),), True),
        (2, ((2, 1),), False),  # the fork lies elsewhere
        (10, ((2, 11),), False),
        (10, ((2, -1),), False),
        (10, ((2, 1), (2, 1)), False),
    ],
)
def test_an_edit_moves_the_forks_that_it_takes_the_text_of(
    page: Page, removed: int, anchors: tuple[tuple[int, int], ...], right: bool
) -> None:
    assert [(fork.id, fork.position) for fork in page.contents.path.forks] == [(2, 10)]
    edit = Edit(0, removed, "x".encode("utf-16-le") * removed, NONE, anchors=anchors)
    page.contents.undo.append(Step("change", [edit]))
    assert sound(page) == right == page.can_undo


def test_a_generation_that_grows_before_an_edit_leaves_it_possible() -> None:
    """The fork stands just before the removed text, until the model writes between them."""
    page = Page()
    page.write(0, 0, "0123")
    generation = page.begin_generation(Source("model A"), 1)
    generation.append([Span("ab", ())])
    page.write(1, 2, "")
    page.write(1, 1, "x")
    generation.append([Span("c", ())])
    assert page.text() == "0cx23" and sound(page)
    page.undo()
    assert page.text() == "0c123" and page.forks()[0].position == 1


def test_a_generation_that_grows_behind_an_edit_leaves_it_possible() -> None:
    """Another fork stands at the end of the removed text, behind what the model writes there."""
    page = Page()
    page.write(0, 0, "0123")
    page.begin_generation(Source("model A"), 2).append([Span("ab", ())])
    generation = page.begin_generation(Source("model A"), 1)
    generation.append([Span("c", ())])
    page.write(2, 1, "")
    page.write(0, 2, "x")
    generation.append([Span("d", ())])
    assert page.text() == "xdab23" and sound(page)
    page.undo()
    assert page.text() == "0cdab23" and [fork.position for fork in page.forks()] == [1, 3]
