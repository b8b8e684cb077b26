"""How many tokens the page has: exact where the engine has counted exactly this page, else an estimate."""

import pytest

from desktop.generation.context_use import ContextUse, ContextUses
from desktop.generation.sent_prefix import version_of
from desktop.page.page import Page
from desktop.page.sources import Source
from tests.desktop.conftest import span_of
from tests.desktop.page.writing import write_spans

CONTEXT = 512
READ = ContextUse(used=31)


def page_of(text: str, tokens: int = 0) -> Page:
    """A page with that typed text, and that many generated tokens behind it."""
    page = Page()
    page.write(0, 0, text)
    if tokens:
        page.begin_generation(Source("f"))
        write_spans(page, [span_of(" a")] * tokens)
        page.end_generation()
    return page


def test_an_empty_page_is_known() -> None:
    assert ContextUses(Page()).now(CONTEXT, 1, 0) == ContextUse()


def test_an_estimate_is_a_token_each_and_a_quarter_for_a_unit_of_bare_text() -> None:
    assert ContextUses(page_of("x" * 40, tokens=7)).now(CONTEXT, 1, 0) == ContextUse(18, exact=False)
    assert ContextUses(page_of("x")).now(CONTEXT, 0, 0) == ContextUse(1, exact=False)


def test_only_the_page_that_was_read_is_exact() -> None:
    page = page_of("x" * 40)
    uses = ContextUses(page)
    uses.note(version_of(page), READ)
    assert uses.now(CONTEXT, 1, 0) == READ
    page.write(20, 0, "y")
    assert not uses.now(CONTEXT, 1, 0).exact
    page.undo()
    assert uses.now(CONTEXT, 1, 0) == READ
    uses.forget()
    assert not uses.now(CONTEXT, 1, 0).exact


def test_a_count_sets_the_rate_of_later_estimates() -> None:
    page = page_of("한" * 400)
    uses = ContextUses(page)
    uses.note(version_of(page), ContextUse(used=301))
    uses.learn(300)
    page.write(400, 0, "글")
    assert uses.now(CONTEXT, 1, 0) == ContextUse(302, exact=False)
    page.write(0, 201, "")
    assert uses.now(CONTEXT, 1, 0) == ContextUse(151, exact=False)


def test_a_long_page_is_estimated_as_the_window_slides() -> None:
    use = ContextUses(page_of("x" * 40_000)).now(CONTEXT, 1, 0)
    assert not use.exact
    assert CONTEXT // 2 < use.used <= CONTEXT
    assert use.dropped + use.used == 10_001


def is_known(uses: ContextUses) -> bool:
    return uses.now(CONTEXT, 1, 0).exact


def test_of_a_growing_page_only_the_last_count_is_remembered() -> None:
    page = page_of("x" * 40)
    uses = ContextUses(page)
    uses.note(version_of(page), READ)
    for _ in range(3):
        page.write(page.length, 0, "y")
        uses.note(version_of(page), READ, growing=True)
    found = [is_known(uses)]
    for _ in range(3):
        page.write(page.length - 1, 1, "")
        found.append(is_known(uses))
    assert found == [True, False, False, True]


@pytest.mark.parametrize("cut", [False, True])
def test_the_last_count_is_remembered_when_writing_ends_unless_the_text_was_cut(cut: bool) -> None:
    page = page_of("x" * 40)
    uses = ContextUses(page)
    uses.note(version_of(page), READ, growing=True)
    if cut:
        uses.drop_growing()
    else:
        uses.keep_growing()
    assert is_known(uses) is not cut
    page.write(0, 0, "y")
    uses.note(version_of(page), READ, growing=True)
    page.undo()
    assert is_known(uses) is not cut


def test_old_counts_are_forgotten() -> None:
    page = page_of("x" * 40)
    uses = ContextUses(page)
    uses.note(version_of(page), READ)
    for number in range(5_000):
        uses.note((number + 1_000, 0), READ)
    assert not is_known(uses)
