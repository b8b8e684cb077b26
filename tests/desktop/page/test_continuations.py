"""Several generations at once: what the page promises of them, one promise a test."""

from collections.abc import Callable

import pytest

from desktop.page.continuation import Continuation
from desktop.page.edit import BranchGrowth, Change
from desktop.page.generation import Generation
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.page.writing import write_spans

MakeSpan = Callable[..., Span]


def begin(page: Page, count: int, at: int | None = None) -> tuple[Generation, ...]:
    return page.begin_generations([Source("model A", seed=1, take=7)] * count, at)


def branch_of(generation: Generation) -> tuple[int, int]:
    assert isinstance(generation, Continuation) and generation.branch is not None
    return generation.branch


def texts(page: Page) -> list[str]:
    """The text of each branch of the last fork, in their order; those without text are left out."""
    return [branch.preview for branch in page.forks()[-1].branches if branch.preview]


@pytest.fixture
def begun(page: Page) -> Page:
    page.write(0, 0, "Once")
    return page


def test_nothing_changes_before_the_first_token(begun: Page) -> None:
    before = begun.contents.next_id, [*begun.contents.undo]
    generations = begin(begun, 3)
    assert begun.awaiting and begun.generations == generations and begun.generation_end == 4
    assert [generation.stream for generation in generations] == [0, 1, 2]
    assert begun.undo() is None and not begun.generating and begun.text() == "Once"
    assert (begun.contents.next_id, [*begun.contents.undo]) == before and begun.forks() == ()


def test_each_gets_a_branch_with_its_first_token_and_the_first_is_shown(begun: Page, span: MakeSpan) -> None:
    one, two, three = begin(begun, 3)
    two.append([span(" two", 2)])
    assert begun.text() == "Once two" and two.is_shown and not begun.awaiting
    three.append([span(" three", 3)])
    one.append([span(" one", 1)])
    assert begun.text() == "Once two"
    assert texts(begun) == [" two", " three", " one"] and begun.branch_position().shown == 1
    (reading,) = begun.readings_at(5)
    assert reading.source.stream == 1 and reading.source.take == 7


def test_a_hidden_branch_grows_without_a_change_of_the_shown_text(begun: Page, span: MakeSpan) -> None:
    changes: list[Change] = []
    growths: list[BranchGrowth] = []
    one, two = begin(begun, 2)
    one.append([span(" one", 1)])
    begun.listeners.append(changes.append)
    begun.growth_listeners.append(growths.append)
    two.append([span(" two", 2)])
    two.append([span(" more", 3), span("!", 4)])
    assert not changes
    assert growths == [BranchGrowth(*branch_of(two), 0, 4), BranchGrowth(*branch_of(two), 4, 6)]
    begun.switch(*branch_of(two))
    assert begun.text() == "Once two more!" and begun.tokens(0, 99)["id"].tolist() == [2, 3, 4]
    assert not begun.stale(begun.tokens(0, 99)).any()


def test_a_branch_goes_on_growing_when_the_user_comes_and_leaves(begun: Page, span: MakeSpan) -> None:
    one, two = begin(begun, 2)
    one.append([span(" one", 1)])
    two.append([span(" two", 2)])
    begun.next_branch()
    two.append([span(" seen", 3)])
    one.append([span(" unseen", 4)])
    assert begun.text() == "Once two seen" and begun.generation_end == 13
    begun.previous_branch()
    one.append([span("!", 5)])
    assert begun.text() == "Once one unseen!" and texts(begun) == [" one unseen!", " two seen"]
    begun.undo()
    begun.undo()
    assert begun.generating and begun.text() == "Once one unseen!"


def test_all_are_one_step(begun: Page, span: MakeSpan) -> None:
    generations = begin(begun, 4)
    for token, generation in enumerate(generations):
        generation.append([span(f" {token}", token)])
    begun.undo()
    assert begun.text() == "Once" and begun.forks() == () and not begun.generating
    begun.redo()
    assert begun.text() == "Once 0" and texts(begun) == [" 0", " 1", " 2", " 3"]
    generations[1].append([span("late", 9)])
    assert texts(begun)[1] == " 1"


def test_a_step_of_several_stays_one_where_the_writer_edits_between(begun: Page, span: MakeSpan) -> None:
    """The others go on, and what they write cannot be undone on the branch that is shown."""
    one, two = begin(begun, 2)
    one.append([span(" one", 1)], apart=True)
    two.append([span(" two", 2)], apart=True)
    begun.write(begun.length, 0, "!")
    two.append([span(" more", 3)], apart=True)
    one.append([span(" behind", 4)], apart=True)
    begun.undo()
    assert begun.text() == "Once one behind"
    begun.undo()
    assert begun.text() == "Once"


def test_typing_after_undo_keeps_every_branch(begun: Page, span: MakeSpan) -> None:
    for token, generation in enumerate(begin(begun, 3)):
        generation.append([span(f" {token}", token)])
    begun.undo()
    begun.write(4, 0, " mine")
    assert begun.text() == "Once mine" and texts(begun) == [" 0", " 1", " 2", " mine"]
    assert begun.branch_position().shown == 4


def test_the_text_behind_stays_as_a_branch(begun: Page, span: MakeSpan) -> None:
    begun.write(4, 0, " upon a time")
    for token, generation in enumerate(begin(begun, 2, at=9)):
        generation.append([span(f" {token}", token)])
    assert begun.text() == "Once upon 0" and texts(begun) == [" a time", " 0", " 1"]
    begun.undo()
    assert begun.text() == "Once upon a time" and begun.forks() == ()


def test_a_place_inside_a_token(begun: Page, span: MakeSpan, source: Source) -> None:
    begun.begin_generation(source).append([span(" upon", 91)])
    one, _two = begin(begun, 2, at=6)
    one.append([span("x", 1)])
    assert begun.text() == "Once ux" and begun.tokens(0, 99)["id"].tolist() == [1]
    begun.undo()
    assert begun.text() == "Once upon" and begun.tokens(0, 99)["id"].tolist() == [91]


def test_continuations_of_one_place_share_its_fork(begun: Page, span: MakeSpan) -> None:
    begin(begun, 1)[0].append([span(" a", 1)])
    begun.end_generation()
    for token, generation in enumerate(begin(begun, 2, at=4)):
        generation.append([span(f" {token}", token)])
    assert len(begun.forks()) == 1 and texts(begun) == [" a", " 0", " 1"]
    begun.undo()
    assert begun.text() == "Once a" and texts(begun) == [" a", " 0", " 1"]


def test_regenerate_with_several(begun: Page, span: MakeSpan, source: Source) -> None:
    assert not begun.regenerate(source, source)
    begin(begun, 1)[0].append([span(" a", 1)])
    assert begun.regenerate(source, source)
    for token, generation in enumerate(begun.generations):
        generation.append([span(f" {token}", token)])
    assert texts(begun) == [" a", " 0", " 1"] and begun.text() == "Once 0"


def test_an_edit_before_the_fork_ends_the_hidden_ones(begun: Page, span: MakeSpan) -> None:
    one, two, three = begin(begun, 3)
    one.append([span(" one", 1)])
    two.append([span(" two", 2)])
    begun.write(8, 0, "?")
    assert begun.generations == (one, two, three)
    begun.write(0, 0, ">")
    assert begun.generations == (one,) and not two.is_open and not three.is_open
    one.append([span("!", 3)])
    two.append([span("!", 4)])
    begun.rebind()
    one.append([span("!", 5)])
    assert begun.text() == ">Once one?!!" and texts(begun) == [" one?!!", " two"]
    assert begun.stale(begun.tokens(0, 99)).tolist() == [True, True, False]


def test_readings_of_the_writers_text_end_nothing(begun: Page, span: MakeSpan) -> None:
    one, two = begin(begun, 2)
    one.append([span(" one", 1)])
    two.append([span(" two", 2)])
    assert begun.add_readings(0, [span("Once", 9)], Source("model B", "read")) == 1
    assert begun.generations == (one, two)


def outer_of(page: Page, span: MakeSpan, source: Source) -> tuple[int, int]:
    """A page with a fork of two branches; gives the fork and the branch that is not shown."""
    begin(page, 1)[0].append([span(" a", 91)])
    page.regenerate(source)
    write_spans(page, [span(" b", 92)])
    fork = page.forks()[0]
    return fork.id, fork.branches[0].id


def test_all_go_on_behind_another_branch_of_an_outer_fork(begun: Page, span: MakeSpan, source: Source) -> None:
    other = outer_of(begun, span, source)
    one, two, three = begin(begun, 3)
    one.append([span(" one", 3)])
    two.append([span(" two", 4)])
    begun.switch(*other)
    begun.write(6, 0, " typed")
    growths: list[BranchGrowth] = []
    begun.growth_listeners.append(growths.append)
    for token, generation in enumerate((one, two, three), 5):
        assert not generation.is_shown
        generation.append([span(" more", token)])
    assert begun.text() == "Once a typed" and begun.generation_end is None
    assert [growth.start for growth in growths] == [4, 4, 0]
    begun.undo()
    begun.undo()
    assert begun.text() == "Once b one more" and texts(begun) == [" one more", " two more", " more"]
    assert begun.generations == (one, two, three) and begun.generation_end == 15
    begun.rebind()
    assert not begun.stale(begun.tokens(0, 99)).any()


def test_an_edit_before_that_outer_fork_ends_them(begun: Page, span: MakeSpan, source: Source) -> None:
    other = outer_of(begun, span, source)
    one, two = begin(begun, 2)
    one.append([span(" one", 3)])
    begun.switch(*other)
    begun.write(0, 0, ">")
    assert not begun.generating and not one.is_open and not two.is_open


def test_another_branch_inside_its_text_ends_the_shown_one(begun: Page, span: MakeSpan) -> None:
    one, two = begin(begun, 2)
    one.append([span(" one", 1)])
    begun.write(8, 0, " typed")
    begun.write_many([(4, 1, "_"), (8, 1, "_")])
    begun.undo()
    begun.write(14, 0, "!")  # the undone change kept a generated token: it becomes a branch
    inner = begun.forks()[-1]
    if inner.id != branch_of(one)[0]:
        begun.switch(inner.id, next(branch.id for branch in inner.branches if not branch.active))
        assert begun.generations == (two,)


def test_one_that_is_closed_alone_leaves_the_others(begun: Page, span: MakeSpan) -> None:
    one, two = begin(begun, 2)
    one.close()
    assert begun.generations == (two,) and begun.awaiting
    two.append([span(" two", 2)])
    two.close()
    assert not begun.generating and begun.text() == "Once two" and texts(begun) == [" two"]


def test_a_listener_sees_the_first_one_shown(begun: Page, span: MakeSpan) -> None:
    ends: list[int | None] = []
    begun.listeners.append(lambda _change: ends.append(begun.generation_end))
    one, two = begin(begun, 2)
    two.append([span(" two", 2)])
    one.append([span(" one", 1)])
    assert ends == [4, 8]


def test_a_listener_may_close_them(begun: Page, span: MakeSpan) -> None:
    one, two = begin(begun, 2)
    begun.listeners.append(lambda _change: begun.end_generation())
    one.append([span(" one", 1), span("\ufffd", 2), span("é", 3, absorbed=1)])
    two.append([span(" two", 4)])
    assert begun.forks()[0].branches[0].tokens <= 1 and texts(begun) in ([], [" one"])


def test_every_branch_completes_the_run_that_was_unfinished(begun: Page, span: MakeSpan, source: Source) -> None:
    half = span("é", 1, 2)
    begun.begin_generation(source)
    write_spans(begun, [Span("\ufffd", half.readings[:1])])
    one, two = begin(begun, 2)
    one.append([Span("é", half.readings[1:], absorbed=1)])
    two.append([Span("é", half.readings[1:], absorbed=1), span("s", 3)])
    assert begun.text() == "Onceé" and texts(begun) == ["\ufffd", "é", "és"]
    begun.next_branch()
    assert begun.tokens(0, 99)["id"].tolist() == [1, 2, 3] and not begun.stale(begun.tokens(0, 99)).any()
    assert begun.readings_at(4)[1].reading.token == 2
    begun.undo()
    begun.undo()
    assert begun.text() == "Once\ufffd" and begun.tokens(0, 99)["id"].tolist() == [1]


def test_a_branch_is_found_by_its_first_tokens(begun: Page, span: MakeSpan) -> None:
    one, two = begin(begun, 2)
    one.append([span(" one", 1), span("한", 3, 4, 5)])
    two.append([span(" one", 1), span(" two", 2)])
    fork = begun.forks()[0].id
    assert begun.branch_at(4, [1]) == (fork, branch_of(one)[1])
    assert begun.branch_at(4, [1, 3, 4, 5]) == branch_of(one)
    assert begun.branch_at(4, [1, 2]) == branch_of(two)
    assert begun.branch_at(4, [2]) is None and begun.branch_at(3, [1]) is None
    assert begun.branch_at(4, [1, 2, 3]) is None
    begun.switch(*branch_of(two))
    begun.write(8, 0, "|")
    assert begun.branch_at(4, [1, 2]) is None and begun.branch_at(4, [1, 3]) == branch_of(one)


def test_what_is_undone_may_be_longer_than_the_completed_run(begun: Page, span: MakeSpan) -> None:
    """A shorter run takes the place of the unfinished one; what was undone behind it is not redone there."""
    one, _two = begin(begun, 2)
    half = span("é", 1, 2)
    one.append([Span("\ufffd\ufffd", half.readings[:1])])
    begun.write(begun.length, 0, "typed")
    begun.undo()
    one.append([Span("é", half.readings[1:], absorbed=1)])
    assert begun.text() == "Onceé" and not begun.can_redo
