"""The window over a page that outgrows the context, against a simple oracle: a list that drops its front until it
fits."""

from array import array

from hypothesis import example, given
from hypothesis import strategies as st

from models.engine.prefix import Gap, TextPiece, TokenPiece
from models.library.load_options import LoadOptions
from models.scripted import story
from models.scripted.model import ScriptedModel
from models.worker.tokens import PageTokens, TextOffsets, Tokens, dropped, next_slide, window, window_before
from tests.models.asking import always

BOS = 7


def naive(page: list[int], bos: int, context: int, n_keep: int) -> tuple[list[int], int]:
    """The ids of the window, and how many tokens it leaves out."""
    front = [bos] if bos >= 0 else []
    room = context - len(front)
    if len(page) <= room:
        return front + page, 0
    head = min(n_keep, room // 2)
    rest = page[head:]
    while len(rest) > room - head:
        rest = rest[max(1, (room - head) // 4) :]
    return front + page[:head] + rest, len(page) - head - len(rest)


pages = st.integers(0, 400).map(lambda count: list(range(1_000, 1_000 + count)))
contexts = st.integers(2, 90)
keeps = st.one_of(st.just(0), st.integers(0, 100))


@given(st.integers(0, 5_000), st.integers(1, 600))
def test_the_window_fits_and_slides_in_steps_of_a_quarter(tokens: int, room: int) -> None:
    left_out = dropped(tokens, room)
    step = max(1, room // 4)
    assert tokens - left_out <= room
    assert left_out % step == 0
    assert left_out == 0 or tokens - (left_out - step) > room  # not a step more than needed


@given(pages, st.sampled_from([-1, BOS]), contexts, keeps)
def test_the_window_is_the_naive_one(page: list[int], bos: int, context: int, n_keep: int) -> None:
    ids, left_out = naive(page, bos, context, n_keep)
    seen = window(PageTokens(array("i", page)), bos, context, n_keep)
    assert (list(seen.ids), seen.dropped) == (ids, left_out)
    assert page[seen.start :] == ids[len(ids) - (len(page) - seen.start) :]
    assert page[: seen.kept] == ids[len(ids) - (len(page) - seen.start) - seen.kept :][: seen.kept]


@given(pages, st.integers(1, 120), st.sampled_from([-1, BOS]), contexts, keeps)
def test_a_window_with_room_behind_it_is_the_one_of_the_longer_page(
    page: list[int], more: int, bos: int, context: int, keep: int
) -> None:
    ids, _ = naive(page + [0] * more, bos, context, keep)
    seen = window_before(PageTokens(array("i", page)), more, bos, context, keep)
    if seen.ids:
        assert list(seen.ids) + [0] * more == ids
        assert len(seen.ids) + more <= context
        assert seen.dropped == len(page) + (bos >= 0) - len(seen.ids)
    else:  # the string alone, or with the header before it, leaves nothing of the page
        assert more >= min(context - (bos >= 0), len(ids) - min(keep, context // 2) - 1) or not page


@given(pages, contexts, keeps, st.data())
def test_a_gap_before_the_edge_changes_nothing(page: list[int], context: int, n_keep: int, data: st.DataObject) -> None:
    seen = window(PageTokens(array("i", page)), BOS, context, n_keep)
    first = data.draw(st.integers(min(seen.kept, seen.start), seen.start))
    last = data.draw(st.integers(first, seen.start))
    if first == last or not seen.dropped:
        return
    sent = PageTokens(array("i", page[:first] + page[last:]), first, last - first)
    gapped = window(sent, BOS, context, n_keep)
    assert (gapped.ids, gapped.dropped, gapped.kept) == (seen.ids, seen.dropped, seen.kept)
    assert sent.ids[gapped.start :] == array("i", page[seen.start :])


@given(st.integers(0, 60), st.integers(1, 500), st.integers(0, 60), contexts, keeps)
def test_a_gap_is_never_reached_into(head: int, gap: int, tail: int, context: int, n_keep: int) -> None:
    """If less is sent than fits, or the count was too high, the window holds what it can."""
    sent = PageTokens(array("i", range(head + tail)), head, gap)
    seen = window(sent, BOS, context, n_keep)
    assert 1 <= len(seen.ids) <= context
    assert seen.kept <= head <= seen.start
    assert list(seen.ids) == [BOS, *range(seen.kept), *range(seen.start, head + tail)]
    assert seen.dropped == len(sent) - (len(seen.ids) - 1)


@given(st.integers(1, 200), contexts, keeps, st.sampled_from([1, 8, 64]))
@example(1, 2, 0, 1)
def test_the_next_slide_comes_and_reads_as_forecast(tokens: int, context: int, n_keep: int, batch: int) -> None:
    page = PageTokens(array("i", range(100, 100 + tokens)))
    before = window(page, BOS, context, n_keep)
    forecast = next_slide(tokens, before.dropped, BOS, context, n_keep, batch)
    page.ids.extend(range(1_000, 1_000 + forecast.within - 1))
    assert window(page, BOS, context, n_keep).dropped == before.dropped
    page.ids.append(5_000)
    after = window(page, BOS, context, n_keep)
    assert after.dropped > before.dropped
    same = min(1 + after.kept, len(after.ids) - 1) // batch * batch
    assert forecast.read == len(after.ids) - same


def test_tokens_are_those_of_the_pieces_and_a_gap_is_counted() -> None:
    backend = ScriptedModel("scripted:", LoadOptions(), always)
    tokenised = Tokens(backend)
    page = tokenised.of((TextPiece("The old"), Gap(900), TextPiece(" boat"), TokenPiece(array("i", [300, 301]))))
    first, rest = backend.tokenize("The old", True), backend.tokenize(" boat", False)
    assert page.ids == first + rest + array("i", [300, 301])
    assert (page.gap_at, page.gap, len(page)) == (len(first), 900, len(first) + len(rest) + 902)
    assert page.other == {}


@given(st.lists(st.sampled_from(["boat", "🌊", "등대", " the", "\n"]), max_size=30), st.data())
def test_code_points_are_counted_to_the_last_whole_character(words: list[str], data: st.DataObject) -> None:
    backend = ScriptedModel("scripted:", LoadOptions(), always)
    ids = backend.tokenize("".join(words), True)
    shown = TextOffsets(backend, PageTokens(ids))
    for place in sorted(data.draw(st.lists(st.integers(0, len(ids)), max_size=5))):
        whole = b"".join(map(backend.token_bytes, ids[:place]))
        assert shown.code_points(place) == len(whole.decode("utf-8", "ignore"))
        assert shown.inside_character == (whole.decode("utf-8", "ignore").encode() != whole)


def test_bytes_that_are_no_character_count_as_one_as_the_page_shows_them() -> None:
    backend = ScriptedModel("scripted:", LoadOptions(), always)
    lone = backend.tokenize("🌊", True)[1:2]  # the first byte's token alone is no character
    boat = backend.tokenize("boat", True)
    shown = TextOffsets(backend, PageTokens(lone + boat))
    assert shown.code_points(1 + len(boat)) == len(backend.token_bytes(lone[0]).decode("utf-8", "replace")) + 4
    assert story.BEGINNING not in boat
