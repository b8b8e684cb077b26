"""Bytes of tokens to whole characters, against a naive oracle that decodes all bytes at once."""

import math
from array import array
from itertools import accumulate, pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from models.engine.events import Span
from models.sampling.readings import Alternatives, Reading
from models.worker.characters import Characters

NOTHING = Alternatives(array("i"), array("f"), array("f"), b"", ())
PROPER_PREFIXES = {
    chr(code).encode()[:cut]
    for code in (*range(0x80, 0xD800), *range(0xE000, 0x110000, 64))
    for cut in range(1, len(chr(code).encode()))
}


def reading(text: bytes) -> Reading:
    return Reading(1, text, -1.0, 1, 1.0, -1.0, math.nan, 0.0, 1.0, NOTHING)


def unfinished(text: bytes) -> bool:
    """True where the bytes end inside a character that could still become whole."""
    return any(text[-cut:] in PROPER_PREFIXES for cut in (1, 2, 3))


def oracle(tokens: list[bytes]) -> list[tuple[str, int]]:
    """Text and number of tokens of each run, the last one perhaps unfinished."""
    whole = list(accumulate(tokens))
    ends = [place + 1 for place, text in enumerate(whole) if not unfinished(text)]
    if tokens and (not ends or ends[-1] != len(tokens)):
        ends.append(len(tokens))
    runs = [tokens[start:end] for start, end in pairwise([0, *ends])]
    return [(b"".join(run).decode("utf-8", "replace"), len(run)) for run in runs]


def fed(characters: Characters, tokens: list[bytes]) -> list[Span]:
    spans = [characters.feed(reading(token)) for token in tokens]
    return [span for span in [*spans, characters.flush()] if span is not None]


def cut_up(text: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(edges)]


real_text = st.builds(
    lambda text, cuts: cut_up(text.encode(), cuts),
    st.text(st.sampled_from("aé한🙂\n👩‍👩‍👧ß"), max_size=30),
    st.lists(st.integers(0, 200), max_size=40),
)
odd_bytes = st.lists(st.binary(min_size=1, max_size=5), max_size=20)
leads = st.lists(st.sampled_from([b"\xf0", b"\x9f", b"\x99\x82", b"\xed\x95", b"\x9c\xec", b"a", b"\xff", b"\xe2\x98"]))


@given(st.one_of(real_text, odd_bytes, leads))
@example([b"\xed\x95", b"\x9c\xec", b"\x84\xb8"])  # a byte token that straddles two characters: one run of three
@example([b"\xf0\x9f"])
@example([b"\xed", b"\xa0", b"\x00"])  # the beginning of half a surrogate, which is no character
def test_runs_are_those_of_the_oracle(tokens: list[bytes]) -> None:
    spans = fed(Characters(), tokens)
    assert [(span.text, len(span.readings)) for span in spans] == oracle(tokens)
    assert b"".join(r.bytes for span in spans for r in span.readings) == b"".join(tokens)


@given(st.one_of(real_text, odd_bytes, leads), st.integers(0, 20))
def test_a_generation_that_continues_an_unfinished_one_absorbs_its_last_run(tokens: list[bytes], cut: int) -> None:
    """A generation stopped anywhere and continued leaves the same page as one generation."""
    first, second = tokens[:cut], tokens[cut:]
    page = [(text, count) for text, count in oracle(first)]
    absorbed = 0
    for span in fed(Characters.after(first), second):
        if span.absorbed:
            text, count = page.pop()
            assert (span.absorbed, text[-1]) == (count, "�")
            absorbed = span.absorbed
        page.append((span.text, len(span.readings) + span.absorbed))
    assert page == oracle(tokens)
    assert absorbed == 0 or unfinished(b"".join(first))


def test_a_prefix_alone_gives_no_span() -> None:
    assert Characters.after([b"a", b"\xf0\x9f"]).flush() is None
