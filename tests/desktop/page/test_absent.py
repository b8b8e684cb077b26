"""Readings that lack fields come back from the page as they were; a token without a known id is sent as text."""

from array import array
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.page import alternatives
from desktop.page.chunks import Limits
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.engine.prefix import TextPiece, TokenPiece
from models.sampling.readings import UNKNOWN_ID, Alternatives, Reading
from tests.desktop.absent import ALL, CASES, title, without
from tests.desktop.page.conftest import WHOLE, reading
from tests.desktop.page.writing import write_spans

Names = Sequence[str]
SOURCE = Source("model A", seed=1)
LIMITS = Limits(units=16, tokens=6)


def written(spans: Sequence[Span], source: Source = SOURCE) -> Page:
    page = Page(limits=LIMITS)
    page.write(0, 0, "Once ")
    page.begin_generation(source)
    write_spans(page, spans)
    page.end_generation()
    return page


def span_of(text: str, token: int, names: Names) -> Span:
    return Span(text, (without(reading(token, text.encode()), names),))


def as_text(readings: Sequence[Reading]) -> list[str]:
    """Each reading with every field; NaN equals NaN."""
    return list(map(repr, readings))


def on_page(page: Page) -> list[Reading]:
    starts = sorted(set(page.tokens(0, page.length)["start"].tolist()))
    return [one.reading for start in starts for one in page.readings_at(start)]


@pytest.mark.parametrize("names", CASES, ids=title)
def test_what_is_absent_stays_absent(names: Names) -> None:
    spans = [span_of(text, token, names) for token, text in enumerate((" a", " b", " c", " a"), 7)]
    page = written(spans)
    assert page.text() == "Once  a b c a"
    assert as_text(on_page(page)) == as_text([one for span in spans for one in span.readings])


@pytest.mark.parametrize("names", CASES, ids=title)
def test_odds_of_the_writers_text(names: Names) -> None:
    page = Page(limits=LIMITS)
    page.write(0, 0, "Once upon")
    spans = [span_of("Once", 3, names), span_of(" upon", 4, names)]
    assert page.add_readings(0, spans, Source("model A", kind="read")) == 2
    assert as_text(on_page(page)) == as_text([one for span in spans for one in span.readings])


def test_more_alternatives_than_the_page_stores() -> None:
    """The chosen one stays, although only its bytes tell which one it is."""
    texts = tuple(f" {number}".encode() for number in range(20))
    raw = array("f", [-1.0 - place for place in range(20)])
    found = Alternatives(array("i", [UNKNOWN_ID] * 20), raw, array("f", raw), bytes(20), texts)
    page = written([Span(" 17", (replace(reading(UNKNOWN_ID, b" 17"), alternatives=found),))])
    (one,) = on_page(page)
    assert one.alternatives.texts == (*texts[:9], b" 17") and one.chosen == 9
    assert set(one.alternatives.ids) == {UNKNOWN_ID}


def test_ids_and_no_ids_of_one_model_do_not_mix() -> None:
    page = written([span_of(" a", 7, ()), span_of(" a", 7, ("id",)), span_of(" b", 8, ("id", "alternatives' ids"))])
    assert [one.token for one in on_page(page)] == [7, UNKNOWN_ID, UNKNOWN_ID]
    assert [one.bytes for one in on_page(page)] == [b" a", b" a", b" b"]
    assert page.branch_at(5, [7, UNKNOWN_ID]) is None


def test_other_bytes_never_take_a_number_that_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alternatives, "_SPELLINGS", 97)
    texts = [f" word{number}" for number in range(90)]
    spans = [span_of(text, 1, ("id", "alternatives")) for text in texts * 2]
    page = written(spans)
    assert [one.bytes.decode() for one in on_page(page)] == texts * 2
    assert len(set(page.tokens(0, page.length)["id"].tolist())) == 90


def test_other_tokens_are_another_prefix() -> None:
    """The hash that tells stale readings apart depends on the bytes of tokens without an id."""
    split = Span("가", tuple(without(reading(1, part), ("id",)) for part in (b"\xea", b"\xb0\x80")))
    other = Span("가", tuple(without(reading(1, part), ("id",)) for part in (b"\xea\xb0", b"\x80")))
    pages = [written([one]) for one in (split, other, split)]
    hashes = [page.prefix_hash(page.length) for page in pages]
    assert hashes[0] == hashes[2] != hashes[1]


RUNS = st.lists(
    st.tuples(st.sampled_from([" a", "é", "가", "🌊"]), st.lists(st.booleans(), min_size=1, max_size=3)), max_size=12
)


def run_of(text: str, known: Sequence[bool]) -> Span:
    """A run of tokens, one byte each and the rest to the last; those that are not known have no id."""
    spelt = text.encode()
    known = known[: len(spelt)]
    parts = [spelt[i : i + 1] for i in range(len(known) - 1)] + [spelt[len(known) - 1 :]]
    absent = [() if is_known else ALL for is_known in known]
    readings = [without(reading(1000 + part[0], part), names) for part, names in zip(parts, absent, strict=True)]
    return Span(text, tuple(readings))


@given(RUNS)
def test_only_runs_of_known_ids_are_sent_as_ids(runs: list[tuple[str, list[bool]]]) -> None:
    spans = [run_of(*run) for run in runs]
    page = written(spans)
    found: list[str | int] = []
    for piece in page.excerpt(None, SOURCE.fingerprint, WHOLE).pieces:
        assert isinstance(piece, TextPiece | TokenPiece)
        found += piece.text if isinstance(piece, TextPiece) else piece.ids
    expected: list[str | int] = [*"Once "]
    for span in spans:
        ids = [one.token for one in span.readings]
        expected += span.text if min(ids) < 0 else ids
    assert found == expected
