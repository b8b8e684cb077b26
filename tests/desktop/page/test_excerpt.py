"""The excerpt of a long page that is sent to the engine gives the same window as the whole page."""

from array import array
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.page import excerpt as excerpts
from desktop.page.chunks import Limits
from desktop.page.excerpt import MOST, Excerpt, Measures, excerpt
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.engine.prefix import Gap, Piece, TextPiece, TokenPiece
from models.library.load_options import LoadOptions
from models.sampling.readings import Reading
from models.scripted.model import ScriptedModel
from models.worker.tokens import Tokens, window
from tests.desktop.page.conftest import WHOLE, reading
from tests.desktop.page.writing import write_spans
from tests.models.asking import always

SMALL = Measures(step=64, head_step=16, searched=24, margin=4)
BACKEND = ScriptedModel("scripted:", LoadOptions(), always)
OURS = Source(BACKEND.facts.fingerprint, seed=1)
WORDS = [" boat", " the", " old", ".", "\n", "\n\n", " 🌊", " 등대"]


def spans_of(text: str) -> list[Span]:
    """The spans with which the scripted model would write that text: runs of whole characters."""
    spans: list[Span] = []
    held: list[Reading] = []
    for token in BACKEND.tokenize(text, False):
        held.append(reading(token, BACKEND.token_bytes(token)))
        spelt = b"".join(one.bytes for one in held)
        if spelt.decode("utf-8", "ignore").encode() == spelt:
            spans.append(Span(spelt.decode(), tuple(held)))
            held = []
    assert not held
    return spans


def written(parts: list[tuple[bool, str]]) -> Page:
    """A page of parts by the model (true) or the writer."""
    page = Page(limits=Limits(units=48, tokens=16))
    for drawn, text in parts:
        if drawn:
            page.begin_generation(OURS)
            write_spans(page, spans_of(text))
            page.end_generation()
        else:
            page.write(page.length, 0, text)
    return page


def sent(page: Page, reach: int, n_keep: int, end: int | None = None) -> Excerpt:
    last = page.length if end is None else end
    return excerpt(page.contents.path.chunks, last, page.sources.of_model(OURS.fingerprint), reach, n_keep, SMALL)


texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map("".join)


@given(st.lists(texts, min_size=1, max_size=8), st.integers(4, 40), st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_for_generated_tokens_the_window_equals_that_of_the_whole_page(
    parts: list[str], context: int, n_keep: int
) -> None:
    page = written([(True, part) for part in parts])
    whole = Tokens(BACKEND).of(page.excerpt(None, OURS.fingerprint, WHOLE).pieces)
    shortened = Tokens(BACKEND).of(sent(page, context, n_keep).pieces)
    assert len(shortened) == len(whole)
    one, other = (window(tokens, 2, context, n_keep) for tokens in (whole, shortened))
    assert (one.ids, one.dropped, one.kept) == (other.ids, other.dropped, other.kept)


@given(st.lists(st.tuples(st.booleans(), texts), min_size=1, max_size=8), st.integers(4, 30), st.integers(0, 20))
@settings(max_examples=60)
def test_the_excerpt_is_the_page_except_for_the_gap(parts: list[tuple[bool, str]], reach: int, n_keep: int) -> None:
    page = written(parts)
    result = sent(page, reach, n_keep)
    if not any(isinstance(piece, Gap) for piece in result.pieces):
        assert result == Excerpt(page.excerpt(None, OURS.fingerprint, WHOLE).pieces)
        return
    assert result.head <= result.horizon
    first, behind = text_of(result.pieces)
    assert (first, behind) == (page.text(0, result.head), page.text(result.horizon))
    for place in (result.head, result.horizon):
        assert not len(page.contents.path.chunks.touched(place, place))
    tokens, bare = page.contents.path.chunks.tally(result.horizon, page.length)
    assert tokens + bare // MOST >= reach + SMALL.margin


def text_of(pieces: tuple[Piece, ...]) -> tuple[str, str]:
    """Before the gap, and behind it."""
    parts = ["", ""]
    behind = 0
    for piece in pieces:
        if isinstance(piece, Gap):
            behind = 1
        elif isinstance(piece, TextPiece):
            parts[behind] += piece.text
        else:
            parts[behind] += b"".join(map(BACKEND.token_bytes, piece.ids)).decode()
    return parts[0], parts[1]


def test_for_text_the_gap_is_an_estimate_and_marked_as_one() -> None:
    page = written([(False, "boat boat. " * 200)])
    result = sent(page, 20, 0)
    (gap,) = (piece for piece in result.pieces if isinstance(piece, Gap))
    assert gap.tokens == -(-result.horizon // excerpts.USUAL)
    assert excerpts.Count(1_200, exact=False).words == "about 1,200 tokens"
    assert excerpts.Count(1, exact=True).words == "1 token"


def test_a_page_counts_its_tokens_and_the_text_without_any() -> None:
    assert Page().tally() == (0, 0)
    assert written([(False, "boat boat. ")]).tally() == (0, 11)
    assert written([(False, "boat "), (True, " boat")]).tally() == (1, 5)


def test_the_horizon_moves_in_large_steps_and_depends_on_the_page_alone() -> None:
    page = Page(limits=Limits(units=48, tokens=16))
    page.begin_generation(OURS)
    horizons: list[int] = []
    for _ in range(300):
        write_spans(page, spans_of(" boat boat"))
        horizons.append(sent(page, 10, 0).horizon)
    assert horizons == sorted(horizons)
    assert len(set(horizons)) <= page.length // SMALL.step + 1
    other = written([(True, " boat boat" * 300)])
    assert sent(other, 10, 0) == sent(page, 10, 0)


def test_typing_before_the_horizon_leaves_the_horizon_at_its_paragraph() -> None:
    page = written([(False, "boat the old boat.\n" * 60)])
    before = sent(page, 10, 0)
    page.write(3, 0, "s")
    after = sent(page, 10, 0)
    assert page.text(after.horizon) == page.text()[1 + before.horizon :]
    assert page.text()[after.horizon - 1] == "\n"


def test_without_paragraphs_and_words_it_lies_between_two_characters() -> None:
    page = written([(False, "🌊" * 400)])
    result = sent(page, 10, 3)
    assert result.horizon % 2 == result.head % 2 == 0
    assert result.horizon > result.head > 0


@given(st.lists(st.tuples(st.booleans(), texts), min_size=1, max_size=6), st.data())
@settings(max_examples=60)
def test_tokens_are_tallied_as_one_would_count_them(parts: list[tuple[bool, str]], data: st.DataObject) -> None:
    page = written(parts)
    edges = [0, *accumulate(len(text.encode("utf-16-le")) // 2 for _, text in parts)]
    start, end = sorted((data.draw(st.sampled_from(edges)), data.draw(st.integers(0, page.length))))
    rows = page.tokens(0, page.length)
    inside = rows[(rows["start"] >= start) & (rows["start"] < end)]
    covered = {unit for row in inside for unit in range(int(row["start"]), int(row["start"] + row["length"]))}
    bare = sum(unit not in covered for unit in range(start, end))
    assert page.contents.path.chunks.tally(start, end) == (len(inside), bare)


def test_half_a_run_at_the_end_is_text() -> None:
    page = written([(True, " 🌊" * 100)])
    result = sent(page, 10, 0, end=page.length - 1)
    assert isinstance(result.pieces[-1], TextPiece)
    assert isinstance(result.pieces[-2], TokenPiece)
    assert isinstance(result.pieces[-2].ids, array)
