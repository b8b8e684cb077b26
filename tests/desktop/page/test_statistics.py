"""The statistics of a stretch against a naive count, token by token, on pages of small chunks; and of what is lent."""

import math
import random
from array import array
from dataclasses import asdict

import numpy as np
import pytest

from desktop.page import utf16
from desktop.page.alternatives import AlternativesBlock, AlternativesTable, empty_rows
from desktop.page.chunk import Unread
from desktop.page.chunks import Limits
from desktop.page.lent_rows import byte_sums
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.statistics import BARS, CONFIDENT, Report, Statistics, reports
from desktop.page.token_table import GENERATED, UNREAD
from desktop.page.top_odds import TopOdds
from models.engine.events import Span
from models.sampling.readings import UNKNOWN_ID, Alternatives, Reading
from tests.desktop.page.writing import write_spans

CLASSES = (1, 10, 100, 1_000)
WORDS = " the", "a", "한", " é", "😀", "\n", " longer words", "x"


def some_reading(chance: random.Random, spelt: bytes) -> Reading:
    """A reading with three alternatives or none; numbers that are not known are among them."""
    raw = chance.choice((-0.05, -0.3, -0.69, -0.7, -2.0, -9.0, math.nan, -math.inf))
    top = -0.2 if math.isnan(raw) else max(raw, -0.5) if raw < -1 else raw
    rank = chance.choice((0, 1, 2, 10, 11, 100, 500, 1_001, 70_000))
    entropy = chance.choice((0.0, 0.99, 1.0, 3.5, 17.0, math.nan))
    found = Alternatives(array("i"), array("f"), array("f"), b"", ())
    if chance.random() < 0.8:
        odds = array("f", [top, min(top, -1.0), min(top, -4.0)])
        found = Alternatives(array("i", [901, 902, 903]), odds, odds, bytes(3), (b"x", b"y", b"z"))
    return Reading(UNKNOWN_ID, spelt, raw, rank, entropy, raw, 0.5, 0.0, 1.0, found)


def some_spans(chance: random.Random, count: int) -> list[Span]:
    spans: list[Span] = []
    for text in chance.choices(WORDS, k=count):
        spelt = text.encode()
        pieces = [spelt[at : at + 1] for at in range(len(spelt))] if len(text) == 1 and len(spelt) > 1 else [spelt]
        spans.append(Span(text, tuple(some_reading(chance, piece) for piece in pieces), 0, chance.random() < 0.05))
    return spans


@pytest.fixture(params=range(4))
def page(request: pytest.FixtureRequest) -> Page:
    """Words of a model and of the writer, some read, some not, in chunks of many sizes."""
    chance = random.Random(request.param)
    limits = Limits() if request.param == 3 else Limits(units=chance.choice((16, 40)), tokens=chance.choice((6, 12)))
    page = Page(limits=limits)
    for _ in range(8):
        page.write(page.length, 0, chance.choice(("", " and", " words that nobody read")))
        start = page.length
        spans = some_spans(chance, chance.randint(1, 12))
        if chance.random() < 0.5:
            page.write(start, 0, "".join(span.text for span in spans))
            page.add_readings(start, spans, Source("a reader"))
        else:
            page.begin_generation(Source("a writer"))
            write_spans(page, spans)
            page.end_generation()
    return page


def naive(page: Page, start: int, end: int, kinds: set[int]) -> Statistics:
    """The same, one token after the other."""
    tokens = [
        row
        for row in page.tokens(0, page.length)
        if row["start"] >= start and row["start"] + row["length"] <= end and row["kind"] in kinds
    ]
    tokens = [row for row in tokens if row["kind"] != UNREAD and not math.isnan(row["raw"])]
    ranks, fractions, entropies = [0] * 5, [0] * BARS, [0] * BARS
    longest, run, begin, before = (0, 0, 0), 0, 0, -1
    covered: dict[int, int] = {}
    for row in tokens:
        first, last = int(row["start"]), int(row["start"] + row["length"])
        covered[first] = last
        if row["rank"] > 0:
            ranks[sum(row["rank"] > bound for bound in CLASSES)] += 1
        if not math.isnan(row["entropy"]):
            entropies[min(BARS - 1, int(row["entropy"]))] += 1
        top = max(page.alternatives.at(int(row["row"]), "").raw, default=math.nan)
        fraction = 1.0 if row["rank"] == 1 else math.exp(float(row["raw"]) - top)
        if not math.isnan(fraction):
            fractions[min(BARS - 1, int(fraction * BARS))] += 1
        follows = run and (row["part"] or first == before)
        confident = float(row["raw"]) >= math.log(CONFIDENT)
        begin = begin if confident and follows else first
        run = (run + 1 if follows else 1) if confident else 0
        before = last
        if run > longest[0]:
            longest = run, begin, last
    known = [int(row["rank"]) for row in tokens if row["rank"] > 0]
    bits = sum(-float(row["raw"]) / math.log(2) for row in tokens)
    stale = sum(bool(page.stale(np.array([row]))[0]) for row in tokens)
    units = utf16.encode(page.text())
    size = sum(len(utf16.decode(units[2 * first : 2 * last]).encode()) for first, last in covered.items())
    histograms = tuple(ranks), tuple(fractions), tuple(entropies)
    return Statistics(len(tokens), bits, size, len(known), sum(known), *longest, *histograms, stale=stale)


def report_of(page: Page, start: int, end: int) -> Report:
    (*_, last) = reports(page.lend(start, end), TopOdds.of(page.alternatives), CLASSES)
    return last


def same(one: Statistics, other: Statistics) -> bool:
    have, wanted = asdict(one), asdict(other)
    return have.pop("bits") == pytest.approx(wanted.pop("bits")) and have == wanted


def test_every_number_is_that_of_a_naive_count(page: Page) -> None:
    chance = random.Random(1)
    stretches = [sorted(chance.choices(range(page.length + 1), k=2)) for _ in range(30)]
    for start, end in [(0, page.length), *stretches]:
        report = report_of(page, start, end)
        assert same(report.all, naive(page, start, end, {0, 1, 2})), (start, end)
        assert same(report.model, naive(page, start, end, {GENERATED}))
        assert same(report.own, naive(page, start, end, {0}))
        assert report.done and report.all.tokens == report.model.tokens + report.own.tokens


def test_an_edit_makes_all_behind_it_outdated(page: Page) -> None:
    fresh = report_of(page, 0, page.length).all.stale
    rows = page.tokens(0, page.length)
    page.write(int(rows["start"][len(rows) // 2]), 0, "changed")
    report = report_of(page, 0, page.length)
    assert fresh < report.all.stale < report.all.tokens
    assert report.all.stale == naive(page, 0, page.length, {0, 1, 2}).stale == report.model.stale + report.own.stale
    page.write(0, 0, "before")
    report = report_of(page, 0, page.length)
    assert report.all.stale == report.all.tokens > 0


def test_numbers_without_tokens_are_not_known() -> None:
    report = report_of(Page(), 0, 0)
    found = report.all
    assert found == Statistics() and report.done
    assert all(map(math.isnan, (found.bits_per_token, found.bits_per_byte, found.perplexity, found.mean_rank)))


def test_the_derived_numbers() -> None:
    found = Statistics(tokens=4, bits=12.0, bytes=8, ranked=2, rank_sum=7)
    assert (found.bits_per_token, found.bits_per_byte, found.perplexity, found.mean_rank) == (3.0, 1.5, 8.0, 3.5)
    assert math.isinf(Statistics(tokens=1, bits=math.inf, bytes=1).perplexity)
    assert Statistics(tokens=1, bits=0.0, bytes=1).perplexity == 1.0


def test_rows_in_the_file_give_the_same(page: Page) -> None:
    before = report_of(page, 0, page.length)
    for chunk in page.contents.path.chunks.parts:
        rows = chunk.rows.copy()
        chunk.unload(Unread(lambda rows=rows: rows, len(rows), chunk.covered, chunk.total))
    assert report_of(page, 0, page.length) == before
    assert any(chunk.unread is not None for chunk in page.contents.path.chunks.parts)


def test_what_is_lent_does_not_change(page: Page) -> None:
    before = report_of(page, 0, page.length)
    lent, tops = page.lend(0, page.length), TopOdds.of(page.alternatives)
    page.begin_generation(Source("a writer"))
    write_spans(page, some_spans(random.Random(9), 30))
    page.end_generation()
    page.write(3, 2, "changed")
    page.write(0, 0, "before")
    assert list(reports(lent, tops, CLASSES))[-1] == before


def test_a_long_stretch_is_reported_bit_by_bit() -> None:
    page = Page(limits=Limits(units=64, tokens=8))
    page.begin_generation(Source("a writer"))
    write_spans(page, some_spans(random.Random(2), 600))
    page.end_generation()
    found = list(reports(page.lend(0, page.length), TopOdds.of(page.alternatives), CLASSES))
    assert len(found) > 2 and [one.done for one in found] == [False] * (len(found) - 1) + [True]
    counts = [one.all.tokens for one in found]
    assert counts == sorted(counts) and same(found[-1].all, naive(page, 0, page.length, {0, 1, 2}))


@pytest.mark.parametrize("text", ["", "abc", "é한😀 x", "\x7f\x80\u07ff\u0800\uffff\U00010000"])
def test_bytes_of_utf_8(text: str) -> None:
    units = utf16.encode(text)
    sums = byte_sums(units)
    assert sums[0] == 0 and sums[-1] == len(text.encode())
    places = np.cumsum([0, *(utf16.length(character) for character in text)])
    assert sums[places].tolist() == [len(text[:count].encode()) for count in range(len(text) + 1)]


class SavedRows:
    """A page's file with the first rows of a table."""

    def __init__(self, table: AlternativesTable, lost: bool = False) -> None:
        (self._block,) = table.rows(0, len(table))
        self._lost = lost

    def alternatives(self, first: int, count: int) -> AlternativesBlock | None:
        assert first == 0
        return None if self._lost else self._block.part(0, count)

    def names(self, fingerprint: str, tokens: object) -> dict[int, bytes]:
        return {}

    def every_name(self) -> list[tuple[str, int, bytes]]:
        return []


def test_the_top_is_found_in_the_file_and_in_memory() -> None:
    table, chance = AlternativesTable(), random.Random(4)
    table.add([some_reading(chance, b"w") for _ in range(40)], "a model")
    expected = [max(table.at(row, "a model").raw, default=math.nan) for row in range(40)]
    numbers = np.array([-1, *range(40), 41, 700])
    in_memory = TopOdds.of(table).raw(numbers)
    table.saved(25, SavedRows(table))
    for found in (in_memory, TopOdds.of(table).raw(numbers)):
        assert found[1:41].tolist() == pytest.approx(expected, nan_ok=True)
        assert np.isnan(found[[0, 41, 42]]).all()
    table.saved(25, SavedRows(table, lost=True))
    lost = TopOdds.of(table).raw(numbers)
    assert np.isnan(lost[1:26]).all() and lost[26:41].tolist() == pytest.approx(expected[25:], nan_ok=True)
    assert np.isnan(TopOdds(None, 9, {}).raw(np.arange(9))).all()
    assert np.isnan(TopOdds(None, 0, {0: empty_rows(0, 3)}).raw(np.arange(3))).all()
