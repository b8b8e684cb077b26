"""Stop strings against text.find on the whole text."""

import time

from hypothesis import example, given
from hypothesis import strategies as st

from models.engine.events import Span
from models.worker.stop_strings import Stops

letters = st.text(st.sampled_from("ab\n"), max_size=40)


def spans_of(text: str, sizes: list[int]) -> list[Span]:
    spans, start = [], 0
    for size in [*sizes, len(text)]:
        if text[start : start + size]:
            spans.append(Span(text[start : start + size], ()))
        start += size
    return spans


def shown(spans: tuple[Span, ...] | list[Span]) -> str:
    return "".join(span.text for span in spans)


def oracle(text: str, strings: list[str]) -> int | None:
    """The end of the text: before the stop string that is complete first, of several the longest."""
    found = [(text.find(s) + len(s), text.find(s)) for s in strings if s and s in text]
    return min(found)[1] if found else None


@given(
    letters,
    st.lists(st.integers(1, 7), max_size=20),
    st.lists(st.text(st.sampled_from("ab\n"), max_size=6), max_size=4),
)
@example("aaab", [1, 1, 1, 1], ["aab"])
@example("abcab", [2, 3], [""])
def test_ends_where_find_says(text: str, sizes: list[int], strings: list[str]) -> None:
    stops, page = Stops(strings), ""
    met = False
    for span in spans_of(text, sizes):
        released, met = stops.feed(span)
        page += shown(released)
        end = oracle(text, strings)
        assert end is None or len(page) <= end, "a stop string flashed up"
        if met:
            break
    end = oracle(text, strings)
    assert met == (end is not None)
    assert page + shown(stops.flush()) == (text if end is None else text[:end])


@given(letters, st.lists(st.integers(1, 7), max_size=20), st.text(st.sampled_from("ab\n"), min_size=1, max_size=6))
def test_holds_back_no_span_that_need_not_be(text: str, sizes: list[int], string: str) -> None:
    """Held are the spans that reach into the longest end of the text that begins the string, and no others."""
    stops, fed, page = Stops([string]), "", ""
    for span in spans_of(text, sizes):
        released, met = stops.feed(span)
        if met:
            return
        fed, page = fed + span.text, page + shown(released)
        doubtful = max(size for size in range(len(string)) if fed.endswith(string[:size]))
        held = fed[len(page) :]
        assert len(held) >= doubtful
        assert len(held) == 0 or doubtful > 0
        assert fed.startswith(page)


def test_a_span_that_a_string_begins_inside_of_is_cut() -> None:
    stops = Stops(["STOP"])
    assert stops.feed(Span("one ", ())) == ((Span("one ", ()),), False)
    assert stops.feed(Span("two ST", ())) == ((), False)
    assert stops.feed(Span("OP and more", ())) == ((Span("two ", (), cut=True),), True)
    assert stops.flush() == ()


def test_nothing_is_cut_where_a_string_begins_with_a_span() -> None:
    stops = Stops(["STOP"])
    assert stops.feed(Span("STO", (), absorbed=2)) == ((), False)
    assert stops.feed(Span("P", ())) == ((), True)


def test_a_false_alarm_is_released_unchanged() -> None:
    stops = Stops(["\n\nEnd"])
    held = [Span("\n", ()), Span("\nEn", ())]
    assert [stops.feed(span) for span in held] == [((), False)] * 2
    assert stops.feed(Span("ormous", ())) == ((*held, Span("ormous", ())), False)


def test_long_strings_cost_no_more_than_short_ones() -> None:
    """10,000 nearly equal characters, the worst case of a naive search: here a character costs some microseconds."""
    stops, page = Stops(["a" * 9_999 + "b"]), ""
    started = time.process_time()
    for _ in range(4_000):
        page += shown(stops.feed(Span("aaaaa", ()))[0])
    released, met = stops.feed(Span("b", ()))
    assert met
    assert len(page + shown(released)) == 20_001 - 10_000
    assert time.process_time() - started < 1.0


def test_flushed_text_begins_no_stop_string() -> None:
    stops = Stops(["STOP"])
    stops.feed(Span("ST", ()))
    assert stops.flush() == (Span("ST", ()),)
    assert stops.feed(Span("OP", ())) == ((Span("OP", ()),), False)
