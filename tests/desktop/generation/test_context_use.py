"""How many tokens the page has: exact where the engine has counted this very page, else an estimate."""

from desktop.generation.context_use import ContextUse, ContextUses
from desktop.page.page import Page
from desktop.page.sources import Source
from tests.desktop.conftest import span_of

CONTEXT = 512
READ = ContextUse(used=31)


def page_of(text: str, tokens: int = 0) -> Page:
    """A page with that text of the writer's, and so many tokens of a model behind it."""
    page = Page()
    page.write(0, 0, text)
    if tokens:
        page.begin_generation(Source("f"))
        page.append([span_of(" a")] * tokens)
        page.end_generation()
    return page


def test_an_empty_page_is_known() -> None:
    assert ContextUses(Page()).now(CONTEXT, 1, 0) == ContextUse()


def test_without_a_reading_tokens_count_one_and_bare_text_a_quarter_a_unit() -> None:
    assert ContextUses(page_of("x" * 40, tokens=7)).now(CONTEXT, 1, 0) == ContextUse(18, exact=False)
    assert ContextUses(page_of("x")).now(CONTEXT, 0, 0) == ContextUse(1, exact=False)


def test_the_page_that_was_read_is_exact_and_no_other_is() -> None:
    page = page_of("x" * 40)
    uses = ContextUses(page)
    uses.note(uses.version(), READ)
    assert uses.now(CONTEXT, 1, 0) == READ
    page.write(20, 0, "y")
    assert not uses.now(CONTEXT, 1, 0).exact
    page.undo()
    assert uses.now(CONTEXT, 1, 0) == READ
    uses.forget()
    assert not uses.now(CONTEXT, 1, 0).exact


def test_what_was_counted_tells_how_long_the_tokens_of_such_a_text_are() -> None:
    page = page_of("한" * 400)
    uses = ContextUses(page)
    uses.note(uses.version(), ContextUse(used=301))
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


def test_the_places_that_a_growing_page_was_at_are_not_kept() -> None:
    page = page_of("x" * 40)
    uses = ContextUses(page)
    uses.note((1, 0), READ)
    for moment in range(2, 2_000):
        uses.note((moment, 0), READ, growing=True)
    assert uses._known.keys() == {(1, 0), (1_999, 0)}
    uses.keep_growing()
    uses.note((2_000, 0), READ, growing=True)
    uses.drop_growing()
    assert uses._known.keys() == {(1, 0), (1_999, 0)}
    for moment in range(5_000):
        uses.note((moment, 0), READ)
    assert len(uses._known) < 1_000
