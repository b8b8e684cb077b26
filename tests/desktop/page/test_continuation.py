"""Several generations before text that stays behind each: they grow inside their branches, whatever happens."""

import pytest

from desktop.page.edit import BranchGrowth
from desktop.page.generation import Generation
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.conftest import reading


def word(text: str, token: int = 1) -> Span:
    return Span(text, (reading(token, text.encode()),))


Three = tuple[Generation, Generation, Generation]


@pytest.fixture
def three(page: Page) -> Three:
    """Three in place of " was" in "Once was. The end.", of which the first is shown."""
    page.write(0, 0, "Once. The end.")
    page.begin_generation(Source("model A", seed=2), 4).append([word(" was")])
    page.regenerate(*[Source("model A", seed=3)] * 3)
    one, two, other = page.generations
    for generation, text in ((one, " 1"), (two, " 2"), (other, " 3")):
        generation.append([word(text)])
    assert page.text() == "Once 1. The end."
    return one, two, other


def test_hidden_ones_grow_before_the_text_behind(page: Page, three: Three) -> None:
    growths: list[BranchGrowth] = []
    page.growth_listeners.append(growths.append)
    three[1].append([word(" and")])
    (growth,) = growths
    assert growth == BranchGrowth(growth.fork, growth.branch, 2, 4)
    page.next_branch()
    assert page.text() == "Once 2 and. The end." and page.generation_end == 10


def test_what_the_writer_did_behind_moves_with_a_branch_that_was_left(page: Page, three: Three) -> None:
    page.write(page.length, 0, "!!")
    page.write(8, 3, "That")
    assert page.text() == "Once 1. That end.!!"
    page.next_branch()
    three[0].append([word(" and on")])
    page.write(page.length, 0, "?")
    assert page.text() == "Once 2. The end.?"
    three[1].append([word(" more")])
    three[0].append([word(" and on")])
    assert page.text() == "Once 2 more. The end.?"
    page.undo()
    assert page.text() == "Once 2 more. The end."
    three[0].append([word("!")])
    page.undo()
    assert page.text() == "Once 1 and on and on!. That end.!!"
    page.undo()
    assert page.text() == "Once 1 and on and on!. The end.!!"
    three[0].append([word("?")])
    page.undo()
    assert page.text() == "Once 1 and on and on!?. The end."
    page.end_generation()
    while page.can_redo:
        page.redo()
    assert page.text() == "Once 2 more. The end.?"
    page.previous_branch()
    assert page.text() == "Once 1 and on and on!?. That end.!!"


def test_an_edit_on_both_sides_of_the_place_ends_the_one_that_is_shown(page: Page, three: Three) -> None:
    page.write(5, 4, "x")
    assert not three[0].is_open and three[1].is_open
    three[0].append([word("never")])
    assert page.text() == "Once xhe end."


def test_an_edit_before_them_ends_the_hidden_ones(page: Page, three: Three) -> None:
    page.write(0, 0, "x")
    assert [generation.is_open for generation in three] == [True, False, False]
    three[0].append([word("!")])
    assert page.text() == "xOnce 1!. The end."


def test_undo_takes_all_of_them_away(page: Page, three: Three) -> None:
    page.undo()
    assert page.text() == "Once was. The end." and not any(generation.is_open for generation in three)
    page.redo()
    assert page.text() == "Once 1. The end."


def test_the_writer_goes_on_where_each_was_ended_and_all_were_undone(page: Page, three: Three) -> None:
    for generation in three:
        generation.close()
    page.undo()
    page.next_branch()
    page.write(page.length, 0, "!")
    assert page.text() == "Once 1. The end.!"


def test_another_branch_of_an_outer_fork_ends_all(page: Page) -> None:
    page.write(0, 0, "Once.")
    page.begin_generation(Source("model A", seed=1)).append([word(" The end.")])
    page.regenerate(Source("model A", seed=1, take=1))
    page.generations[0].append([word(" The beginning.")])
    page.begin_generation(Source("model A", seed=2), 9).append([word(" very")])
    outer = page.forks()[0]
    page.regenerate(*[Source("model A", seed=3)] * 2)
    one, two = page.generations
    one.append([word(" real")])
    two.append([word(" true")])
    assert page.text() == "Once. The real beginning."
    page.switch(outer.id, next(branch.id for branch in outer.branches if not branch.active))
    assert page.text() == "Once. The end." and not one.is_open and not two.is_open
