"""A page file gives back what is absent, bit for bit."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from desktop.page.page import Page
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from models.engine.events import Span
from tests.desktop.absent import ALL, CASES, SERVED, title, without
from tests.desktop.page.conftest import reading
from tests.desktop.page.test_absent import SOURCE, as_text, on_page, span_of, written
from tests.desktop.page.writing import write_spans
from tests.desktop.pagefile.walking import reopened, shown

Names = Sequence[str]
WORDS = (" harbour", " sea", " 등대", " 🌊", " sea", "\n")


def saved(page: Page, path: Path) -> None:
    store, tracker = create_page(path), Tracker()
    delta = tracker.take(page.contents, View(), Facts("a title"))
    assert delta is not None
    store.write([delta])
    store.close()


def same_bits(one: Page, other: Page) -> bool:
    """Rows as bytes; readings as text, in which NaN equals NaN."""
    mine, theirs = ([repr(part) for part in shown(page)] for page in (one, other))
    return mine == theirs and as_text(on_page(one)) == as_text(on_page(other))


@pytest.mark.parametrize("names", CASES, ids=title)
def test_what_is_absent_stays_absent(names: Names, tmp_path: Path) -> None:
    page = written([span_of(word, 7 + place % 4, names) for place, word in enumerate(WORDS)])
    saved(page, tmp_path / "page.inkfall")
    again, opened = reopened(tmp_path / "page.inkfall")
    assert opened.sentence == "" and opened.store is not None
    assert same_bits(page, again)
    opened.store.close()


@pytest.mark.parametrize("names", [SERVED, ALL], ids=title)
def test_a_page_that_was_opened_goes_on(names: Names, tmp_path: Path) -> None:
    """Its bytes without ids are still in the file when more come, the same and others."""
    path = tmp_path / "page.inkfall"
    page = written([span_of(word, 1, names) for word in WORDS])
    saved(page, path)
    more = (*WORDS, " new", " newer")
    again, opened = reopened(path)
    assert opened.store is not None
    for one in (page, again):
        one.begin_generation(SOURCE)
        write_spans(one, [span_of(word, 1, names) for word in more])
        write_spans(one, [Span("é", tuple(without(reading(1, part), names) for part in (b"\xc3", b"\xa9")))])
        one.end_generation()
    delta = opened.tracker.take(again.contents, View(), Facts("a title"))
    assert delta is not None
    opened.store.write([delta])
    opened.store.close()
    last, opened = reopened(path)
    assert same_bits(page, last) and same_bits(again, last)
    assert [one.bytes.decode() for one in on_page(last)[:-2]] == [*WORDS, *more]
    assert opened.store is not None
    opened.store.close()
