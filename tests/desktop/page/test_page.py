"""The public behaviour of the page, one property a test."""

from array import array
from collections.abc import Callable

import numpy as np
import pytest

from desktop.page.contents import MOST_ENDS
from desktop.page.edit import Change
from desktop.page.forks import every_fork
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.page.token_table import GENERATED, UNREAD
from models.engine.events import Span
from models.engine.prefix import TextPiece, TokenPiece
from models.sampling.knobs import Sampling
from models.sampling.readings import Alternatives, Reading
from tests.desktop.page.conftest import WHOLE
from tests.desktop.page.writing import leave_a_fork_inside_another, write_spans

MakeSpan = Callable[..., Span]


def generate(page: Page, source: Source, *spans: Span) -> None:
    page.begin_generation(source)
    write_spans(page, spans)
    page.end_generation()


def ids(page: Page) -> list[int]:
    return page.tokens(0, page.length)["id"].tolist()


# ---------------------------------------------------------------------------------------------- readings


def test_a_reading_says_what_the_model_said(page: Page, span: MakeSpan) -> None:
    source = Source("model A", window=3, sampling=Sampling(temperature=0.7), seed=9, take=2)
    page.write(0, 0, "😀")
    generate(page, source, span(" one", 5))
    (one,) = page.readings_at(3)
    reading = one.reading
    assert (one.start, one.length, one.text, reading.token, reading.bytes) == (2, 4, " one", 5, b" one")
    assert (reading.raw, reading.rank, reading.entropy, reading.final) == (-1.5, 2, 1.75, -1.25)
    assert (reading.draw, reading.low, reading.high) == (0.7, 0.625, 0.875)
    assert one.source == source and not one.stale
    assert reading.alternatives.texts == (b"first", b" one", b"third")
    assert reading.alternatives.final.tolist() == pytest.approx([-0.4, -1.25, float("-inf")])
    assert reading.alternatives.cut == bytes([0, 0, 5])
    assert page.readings_at(1) == () and page.readings_at(6) == ()
    assert page.span_at(0) is None and page.span_at(4) == (2, 6)


def test_the_tokens_of_one_character_are_one_run(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span("한", 1, 2, 3))
    assert [one.reading.bytes for one in page.readings_at(0)] == [b"\xed", b"\x95", b"\x9c"]
    assert [(one.part, one.parts, one.text) for one in page.readings_at(0)] == [
        (0, 3, "한"),
        (1, 3, "한"),
        (2, 3, "한"),
    ]
    page.write(0, 1, "")
    assert not len(page.tokens(0, 1))
    page.undo()
    assert ids(page) == [1, 2, 3]


def test_an_edit_before_makes_stale_and_undo_makes_true(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "once upon")
    generate(page, source, span(" a", 1), span(" time", 2))
    rows = page.tokens(0, page.length)
    assert page.stale(rows).tolist() == [False, False]
    page.write(11, 0, "!")  # between the two tokens
    assert page.stale(page.tokens(0, page.length)).tolist() == [False, True]
    page.write(0, 1, "O")
    assert page.readings_at(10)[0].stale
    page.undo()
    page.undo()
    assert page.stale(page.tokens(0, page.length)).tolist() == [False, False]


def test_the_same_letters_typed_by_hand_are_another_prefix(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span("ab", 1), span("c", 2))
    page.write(0, 2, "ab")
    assert page.text() == "abc" and page.readings_at(2)[0].stale


def test_a_token_read_before_an_edit_arrived_is_stale(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "abc")
    page.begin_generation(source)
    write_spans(page, [span("d", 1)])
    page.write(0, 1, "x")
    write_spans(page, [span("e", 2)])  # the engine still read "abcd"
    page.rebind()
    write_spans(page, [span("f", 3)])
    assert page.stale(page.tokens(0, 9)).tolist() == [True, True, False]
    page.undo()
    assert page.stale(page.tokens(0, 9)).tolist() == [False, False, True]


def test_the_chosen_token_is_among_the_ten(page: Page, source: Source) -> None:
    many = Alternatives(
        array("i", range(12)), array("f", [-1.0] * 12), array("f", [-1.0] * 12), bytes(12), (b"x",) * 12
    )
    generate(page, source, Span("x", (Reading(11, b"x", -9.0, 4000, 1.0, -9.0, 0.1, 0.0, 1.0, many),)))
    (one,) = page.readings_at(0)
    assert one.reading.alternatives.ids.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 11] and one.reading.rank == 4000


def test_text_that_a_stop_string_cut_is_the_models_without_a_reading(
    page: Page, span: MakeSpan, source: Source
) -> None:
    generate(page, source, span("word", 1), span("cu", 2, cut=True))
    assert page.tokens(0, 6)["kind"].tolist() == [GENERATED, UNREAD]
    assert page.readings_at(5) == () and page.generated_ranges(0, 99) == [(0, 6)]
    assert page.excerpt(None, "model A", WHOLE).pieces[1] == TextPiece("cu")


# ---------------------------------------------------------------------------------------------- absorbed tokens


def unfinished(page: Page, span: MakeSpan, source: Source) -> Span:
    """A page that ends in half an é, and the span that completes it."""
    page.write(0, 0, "caf")
    half = span("é", 1, 2)
    generate(page, source, Span("\ufffd", half.readings[:1]))
    assert page.text() == "caf\ufffd"
    return Span("é", half.readings[1:], absorbed=1)


def test_a_span_replaces_the_unfinished_one_that_it_completes(page: Page, span: MakeSpan, source: Source) -> None:
    whole = unfinished(page, span, source)
    generate(page, source, whole, span("s", 3))
    assert page.text() == "cafés" and ids(page) == [1, 2, 3]
    assert [one.reading.bytes for one in page.readings_at(3)] == [b"\xc3", b"\xa9"]
    assert not page.stale(page.tokens(0, 9)).any()
    page.undo()
    assert page.text() == "caf\ufffd" and ids(page) == [1]
    page.redo()
    assert page.text() == "cafés" and not page.stale(page.tokens(0, 9)).any()


def test_within_one_frame_too(page: Page, span: MakeSpan, source: Source) -> None:
    half = span("é", 1, 2)
    generate(page, source, span("x", 9), Span("\ufffd", half.readings[:1]), Span("é", half.readings[1:], absorbed=1))
    assert page.text() == "xé" and ids(page) == [9, 1, 2]
    page.undo()
    assert page.text() == ""


def test_while_the_writer_types_elsewhere(page: Page, span: MakeSpan, source: Source) -> None:
    half = span("é", 1, 2)
    page.write(0, 0, "abc")
    page.begin_generation(source)
    write_spans(page, [Span("\ufffd", half.readings[:1])])
    page.write(0, 1, "X")
    write_spans(page, [Span("é", half.readings[1:], absorbed=1), span("z", 3)])
    page.end_generation()
    assert page.text() == "Xbcéz"
    seen = [page.text()]
    while page.can_undo:
        page.undo()
        seen.append(page.text())
    assert seen[-1] == "" and "abc\ufffd" in seen
    while page.can_redo:
        page.redo()
    assert page.text() == "Xbcéz" and ids(page) == [1, 2, 3]


def test_a_touched_unfinished_one_is_left_alone(page: Page, span: MakeSpan, source: Source) -> None:
    whole = unfinished(page, span, source)
    page.write(3, 1, "e")
    generate(page, source, whole)
    assert page.text() == "cafeé" and page.readings_at(4) == ()


# ---------------------------------------------------------------------------------------------- one history


def test_key_presses_share_a_step_for_a_second(page: Page, clock: object) -> None:
    for letter in "one":
        page.write(page.length, 0, letter, joins=True)
    clock.now += 1.5  # pyright: ignore[reportAttributeAccessIssue]
    page.write(3, 0, "!", joins=True)
    page.undo()
    assert page.text() == "one"
    page.undo()
    assert page.text() == "" and not page.can_undo


def test_a_newline_a_jump_and_a_paste_begin_a_step(page: Page) -> None:
    page.write(0, 0, "a", joins=True)
    page.write(1, 0, "\n", joins=True)
    page.write(2, 0, "b", joins=True)
    page.write(0, 0, "c", joins=True)
    page.write(1, 0, "paste")
    texts = []
    while page.can_undo:
        page.undo()
        texts.append(page.text())
    assert texts == ["ca\nb", "a\nb", "a\n", "a", ""]


def test_erasing_shares_a_step_and_brings_tokens_back(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span(" one", 1), span(" two", 2))
    for position in (7, 6, 5, 4, 3):
        page.write(position, 1, "", joins=True)
    assert page.text() == " on"
    page.undo()
    assert page.text() == " one two" and ids(page) == [1, 2] and not page.stale(page.tokens(0, 8)).any()


def test_one_generation_is_one_step_while_the_writer_types(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "The end")
    page.begin_generation(source, at=3)
    write_spans(page, [span(" old", 1)])
    page.write(0, 3, "My")
    write_spans(page, [span(" man", 2)])
    page.write(page.length, 0, ".")
    write_spans(page, [span("ly", 3)])
    assert page.text() == "My old manly end." and not page.undo_stops_generation
    page.undo()
    page.undo()
    assert page.text() == "The old manly end" and page.generating and page.undo_stops_generation
    page.undo()
    assert page.text() == "The end" and not page.generating
    for _ in range(3):
        page.redo()
    assert page.text() == "My old manly end." and ids(page) == [1, 2, 3]


def test_text_typed_where_the_model_writes_comes_before_its_next_token(
    page: Page, span: MakeSpan, source: Source
) -> None:
    page.begin_generation(source)
    write_spans(page, [span("a", 1)])
    page.write(1, 0, "|")
    write_spans(page, [span("b", 2)])
    assert page.text() == "a|b" and page.generation_end == 3
    page.undo()
    assert page.text() == "ab"


def test_an_undone_edit_behind_the_stream_can_still_be_redone(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "abc")
    page.begin_generation(source, at=1)
    write_spans(page, [span("X", 1)])
    page.write(page.length, 0, "!")
    page.write(0, 0, ">")
    page.undo()
    page.undo()
    write_spans(page, [span("Y", 2)])
    page.redo()
    assert page.text() == "aXYbc!"
    write_spans(page, [span("Z", 3)])
    page.redo()
    assert page.text() == ">aXYZbc!" and page.generating
    page.undo()
    page.undo()
    page.undo()
    assert page.text() == "abc"


def test_an_undo_never_brings_a_run_back_across_the_stream(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span(" wordy", 1))
    page.begin_generation(source, at=3)
    page.write(4, 0, "|")
    write_spans(page, [span("new", 2)])
    assert page.text() == " wonewr|dy"
    texts = []
    while page.can_undo:
        page.undo()
        texts.append((page.text(), ids(page)))
    assert texts[-2:] == [(" wordy", [1]), ("", [])] and (" wor|dy", []) in texts


def test_an_undone_edit_survives_growth_that_is_a_step_of_its_own(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "abcdefgh")
    page.begin_generation(source, at=3)
    write_spans(page, [span("-", 1)])
    page.write(2, 3, "")  # around the place where the model writes
    page.write(5, 1, "!")
    page.undo()
    write_spans(page, [span("XY", 2)])
    assert page.text() == "abXYefgh"
    page.redo()
    assert page.text() == "abXYefg!" and page.generating
    for _ in range(3):
        page.undo()
    assert page.text() == "abc-defgh"


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("typed_at", [0, 5, 9])
def test_what_is_written_apart_behind_an_edit_is_taken_back_before_it(
    page: Page, span: MakeSpan, source: Source, again: bool, typed_at: int
) -> None:
    """In the shown text, and on a branch of its own beside the one that it is written again for."""
    page.write(0, 0, "Start")
    if again:
        generate(page, source, span(" old", 9))
        page.regenerate(source)
    else:
        page.begin_generation(source)
    write_spans(page, [span(" one", 1)], apart=True)
    write_spans(page, [span("!", 2)], apart=True)
    page.write(typed_at, 0, "typed")
    seen = [page.text()]
    write_spans(page, [span(" two", 3)], apart=True)
    write_spans(page, [span(" three", 4)], apart=True)
    seen.append(page.text())
    assert page.undo_stops_generation and seen[1] == f"{seen[0]} two three"
    page.undo()
    assert page.text() == seen[0] and not page.generating
    page.undo()
    assert page.text() == "Start one!"
    page.undo()
    assert page.text() == ("Start old" if again else "Start")
    for text in ("Start one!", *seen):
        page.redo()
        assert page.text() == text
    assert not page.can_redo and not page.stale(page.tokens(0, 5)).any()


def test_where_an_edit_was_undone_what_is_written_apart_goes_on_in_its_step(
    page: Page, span: MakeSpan, source: Source
) -> None:
    page.write(0, 0, "Start")
    page.begin_generation(source)
    write_spans(page, [span(" one", 1)], apart=True)
    page.write(0, 0, ">")
    page.undo()
    write_spans(page, [span(" two", 2)], apart=True)
    page.redo()
    assert page.text() == ">Start one two" and page.generating
    page.undo()
    page.undo()
    assert page.text() == "Start"


def test_in_mid_page_too(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start end")
    page.begin_generation(source, at=5)
    write_spans(page, [span(" one", 1)], apart=True)
    page.write(page.length, 0, "!")
    write_spans(page, [span(" two", 2)], apart=True)
    assert page.text() == "Start one two end!"
    texts: list[str] = []
    while page.can_undo:
        page.undo()
        texts.append(page.text())
    assert texts == ["Start one end!", "Start one end", "Start end", ""]


def test_a_generation_that_wrote_nothing_leaves_no_step(page: Page, source: Source) -> None:
    page.write(0, 0, "text")
    page.begin_generation(source)
    assert page.undo() is None and page.text() == "text" and not page.generating
    assert page.forks() == ()
    page.undo()
    assert not page.can_undo


@pytest.mark.parametrize("again", [False, True])
def test_nothing_is_touched_before_the_first_token(page: Page, span: MakeSpan, source: Source, again: bool) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.write(9, 0, "!")
    page.undo()
    before = page.text(), page.forks(), page.contents.next_id, page.contents.written, page.contents.touched
    steps = [*page.contents.undo], [*page.contents.redo]
    if again:
        assert page.regenerate(source)
    else:
        page.begin_generation(source)
    assert page.generating and page.awaiting and page.undo_stops_generation
    page.rebind()
    page.end_generation()
    after = page.text(), page.forks(), page.contents.next_id, page.contents.written, page.contents.touched
    assert after == before
    assert ([*page.contents.undo], [*page.contents.redo]) == steps
    page.redo()
    assert page.text() == "Start one!"


def test_text_typed_before_the_first_token_is_a_step_below_it(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.regenerate(source)
    page.write(0, 0, ">")
    page.write(page.length, 0, " more")
    assert page.text() == ">Start one more" and page.generation_end == 6
    write_spans(page, [span(" two", 2)])
    assert page.text() == ">Start two" and page.undo_stops_generation
    page.undo()
    assert page.text() == ">Start one more"
    page.undo()
    page.undo()
    assert page.text() == "Start one"


def test_late_spans_find_the_generation_closed(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span("a", 1))
    write_spans(page, [span("b", 2)])
    assert page.text() == "a"


def test_undo_says_where_the_caret_belongs(page: Page) -> None:
    page.write(0, 0, "one two")
    page.write(4, 3, "")
    change = page.undo()
    assert change == Change(4, 0, 3, "undo")


def test_an_edit_outside_the_page_is_refused(page: Page) -> None:
    with pytest.raises(IndexError):
        page.write(0, 1, "")
    with pytest.raises(IndexError):
        page.write(-1, 0, "x")


# ---------------------------------------------------------------------------------------------- branches


def test_regenerate_keeps_the_old_one_and_the_writers_additions(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.write(9, 0, " mine")
    assert page.regenerate(source)
    write_spans(page, [span(" two", 2)])
    page.end_generation()
    assert page.text() == "Start two"
    assert page.previous_branch() and page.text() == "Start one mine" and ids(page) == [1]
    assert not page.previous_branch()
    assert page.next_branch() and page.text() == "Start two" and not page.next_branch()
    (fork,) = page.forks()
    assert [(b.preview, b.tokens, b.active) for b in fork.branches] == [(" one mine", 1, False), (" two", 1, True)]


def test_typing_in_shared_text_serves_every_branch(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.regenerate(source)
    write_spans(page, [span(" two", 2)])
    page.end_generation()
    page.write(5, 0, "ed")  # just at the fork: the prompt goes on
    page.previous_branch()
    assert page.text() == "Started one" and page.readings_at(8)[0].stale


def test_deleting_a_forks_place_moves_its_branches_there(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.regenerate(source)
    write_spans(page, [span(" two", 2)])
    page.end_generation()
    ids_before = [(f.id, [b.id for b in f.branches]) for f in page.forks()]
    page.write(3, 4, "")
    assert page.text() == "Stawo" and page.forks()[0].position == 3
    page.previous_branch()
    assert page.text() == "Sta one"
    page.undo()
    page.undo()
    assert page.forks()[0].position == 5
    assert [(f.id, [b.id for b in f.branches]) for f in page.forks()] == ids_before
    page.previous_branch()
    assert page.text() == "Start one"


def test_undo_of_regenerate_switches_back_and_redo_again(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span("one", 1))
    page.regenerate(source)
    write_spans(page, [span("two", 2)])
    page.undo()
    assert page.text() == "one" and len(page.forks()[0].branches) == 2 and not page.generating
    page.redo()
    assert page.text() == "two"


def test_typing_after_undo_loses_no_generated_token(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.write(9, 0, "!")
    page.undo()
    page.undo()
    page.write(5, 0, " mine")
    assert page.text() == "Start mine"
    assert page.previous_branch() and page.text() == "Start one!" and ids(page) == [1]
    assert not page.stale(page.tokens(0, 10)).any()


def test_a_generation_that_was_erased_and_undone_is_kept_too(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.write(5, 4, "")
    page.undo()
    page.undo()
    page.write(5, 0, "?")
    assert page.previous_branch() and ids(page) == [1]


def test_a_dropped_redo_makes_no_fork_twice(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Start")
    generate(page, source, span(" one", 1))
    page.regenerate(source)
    write_spans(page, [span(" two", 2)])
    page.begin_generation(source, at=2)
    write_spans(page, [span("!!", 3)])
    page.undo()
    page.write(2, 0, "?")
    assert page.next_branch() is False and page.previous_branch() and page.text() == "St?art one"
    found = [fork.id for fork in every_fork(page.contents.path.forks)]
    assert len(found) == len(set(found))
    early = page.forks()[0]
    page.switch(early.id, early.branches[1].id)
    assert page.text() == "St!!art two" and ids(page) == [3, 2]


def test_a_fork_that_comes_back_is_around_what_a_dropped_redo_left_in_it(page: Page) -> None:
    leave_a_fork_inside_another(page)
    seen = [(page.text(), page.forks())]
    while page.can_undo:
        page.undo()
        seen.append((page.text(), page.forks()))
    while seen:
        assert (page.text(), page.forks()) == seen.pop()
        page.redo()


def test_a_run_across_a_fork_comes_back_with_its_branch(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span("hello", 1))
    page.write(2, 0, "X")
    page.begin_generation(source, at=2)
    write_spans(page, [span("G", 2)])
    page.undo()
    page.write(2, 0, "Y")  # what was undone becomes a branch, here
    page.undo()
    page.undo()
    assert page.text() == "hello" and ids(page) == [1]
    fork = page.forks()[-1]
    assert fork.position == 2
    page.switch(fork.id, fork.branches[1].id)
    assert page.text() == "heGXllo" and ids(page) == [2]
    page.switch(fork.id, fork.branches[0].id)
    assert page.text() == "hello" and ids(page) == [1] and not page.stale(page.tokens(0, 5)).any()


def test_a_fork_whose_place_was_deleted_under_a_stream_comes_back(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "yz")
    generate(page, source, span("one", 1))
    page.begin_generation(source, at=1)
    write_spans(page, [span("w", 2)])
    page.write(2, 1, "")
    write_spans(page, [span("x", 3)])
    assert page.text() == "ywxone" and [fork.position for fork in page.forks()] == [1, 3]
    page.undo()
    assert page.text() == "ywxzone" and [fork.position for fork in page.forks()] == [1, 4]
    page.undo()
    assert page.text() == "yzone"


def test_a_fork_behind_the_stream_is_pushed_along(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "abc def")
    generate(page, source, span("one", 1))
    page.begin_generation(source, at=4)
    write_spans(page, [span("-", 2)])
    page.write(5, 3, "")  # the later fork now stands where the model writes
    write_spans(page, [span("x", 3)])
    assert page.text() == "abc -xone" and [fork.position for fork in page.forks()] == [4, 6]
    page.undo()
    assert page.text() == "abc -xdefone" and [fork.position for fork in page.forks()] == [4, 9]
    page.redo()
    assert [fork.position for fork in page.forks()] == [4, 6]


def test_nothing_to_write_again(page: Page, source: Source) -> None:
    page.write(0, 0, "text")
    assert not page.regenerate(source) and not page.generating and not page.previous_branch()


def test_an_unknown_branch_is_refused(page: Page, span: MakeSpan, source: Source) -> None:
    generate(page, source, span("one", 1))
    with pytest.raises(KeyError):
        page.switch(page.forks()[0].id, 999)
    with pytest.raises(KeyError):
        page.switch(999, 1)


# ---------------------------------------------------------------------------------------------- for the engine


def test_pieces_are_tokens_of_that_model_and_text_of_all_else(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "a\ud800b")
    generate(page, source, span(" x", 1), span("한", 2, 3))
    generate(page, Source("model B"), span(" y", 7))
    page.write(page.length, 0, "z")
    assert [type(p) for p in page.excerpt(None, "model A", WHOLE).pieces] == [TextPiece, TokenPiece, TextPiece]
    text, tokens, rest = page.excerpt(None, "model A", WHOLE).pieces
    assert text == TextPiece("a\ufffdb") and rest == TextPiece(" yz")
    assert isinstance(tokens, TokenPiece) and tokens.ids.tolist() == [1, 2, 3]
    assert page.excerpt(4, "model A", WHOLE).pieces == (TextPiece("a\ufffdb "),)  # half a token is text
    assert page.excerpt(0, "model A", WHOLE).pieces == ()
    assert page.excerpt(None, "model C", WHOLE).pieces == (TextPiece("a\ufffdb x한 yz"),)


def test_scores_land_on_the_writers_text_where_it_still_fits(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "one two")
    generate(page, source, span(" gen", 1))
    steps = page.can_redo
    read = Source("model A", "read")
    spans = [span("one", 11), span(" too", 12), span(" gen", 13)]
    assert page.add_readings(0, spans, read) == 1
    (one,) = page.readings_at(1)
    assert one.reading.token == 11 and one.source == read and not one.stale
    assert page.readings_at(5) == () and page.readings_at(8)[0].reading.token == 1
    assert page.generated_ranges(0, 99) == [(7, 11)] and page.can_redo == steps
    assert page.excerpt(7, "model A", WHOLE).pieces == (TextPiece("one two"),)
    page.write(0, 0, "x")
    assert page.readings_at(2)[0].stale
    page.undo()
    page.write(1, 0, "x")
    assert page.readings_at(0) == ()
    page.undo()
    assert page.readings_at(0)[0].reading.token == 11


def test_prefix_hash_changes_with_the_text_before(page: Page) -> None:
    page.write(0, 0, "one two")
    before = page.prefix_hash(3)
    page.write(3, 0, "x")
    assert page.prefix_hash(3) == before
    page.write(0, 1, "O")
    assert page.prefix_hash(3) != before


# ---------------------------------------------------------------------------------------------- hard text

HARD = ["👩‍👩‍👧‍👦🏽", "עברית العربية", "\r\n\r\n", "\ud83d", "\udc00\ud83d", "a\0b", "\u2028\u2029", "한국어 글"]


@pytest.mark.parametrize("text", HARD)
def test_hard_text_survives(text: str, page: Page, span: MakeSpan, source: Source) -> None:
    heard: list[str] = []
    page.listeners.append(lambda change: heard.append(page.text(change.start, change.start + change.units)))
    page.write(0, 0, text)
    generate(page, source, span(" 😀!", 1), span("שלום", 2))
    page.write(0, 0, text)
    assert heard == [text, " 😀!שלום", text]
    assert page.text().encode("utf-16-le", "surrogatepass") == (text * 2 + " 😀!שלום").encode(
        "utf-16-le", "surrogatepass"
    )
    assert page.generated_ranges(0, page.length) == [(page.length - 8, page.length)]
    for _ in range(3):
        page.undo()
    assert page.text() == ""
    for _ in range(3):
        page.redo()
    assert ids(page) == [1, 2]


def test_a_megabyte_pasted_between_two_tokens_harms_none(span: MakeSpan, source: Source) -> None:
    page = Page()
    generate(page, source, span("left", 1), span("right", 2))
    page.write(4, 0, "paste 한 😀\r\n" * 80_000)
    assert page.length == 9 + 12 * 80_000 and ids(page) == [1, 2]
    assert page.stale(page.tokens(0, page.length)).tolist() == [False, True]
    page.undo()
    assert page.text() == "leftright" and not page.stale(page.tokens(0, 9)).any()
    page.redo()
    page.write(2, page.length - 5, "")
    assert page.text() == "leght" and ids(page) == []
    page.undo()
    assert ids(page) == [1, 2]


def test_the_edges_of_chunks_do_not_show(page: Page, span: MakeSpan, source: Source) -> None:
    page.begin_generation(source)
    for token in range(200):
        write_spans(page, [span(" ab"[: 1 + token % 3], token)])
    page.end_generation()
    rows = page.tokens(0, page.length)
    assert rows["id"].tolist() == list(range(200))
    spans = list(zip(rows["start"].tolist(), (rows["start"] + rows["length"]).tolist(), strict=True))
    assert [page.span_at(start) for start, _ in spans] == spans
    assert np.array_equal(page.tokens(50, 60), rows[(rows["start"] < 60) & (rows["start"] + rows["length"] > 50)])
    assert not page.stale(rows).any()


def test_the_ends_that_a_model_chose_are_remembered_and_bounded(page: Page, span: MakeSpan, source: Source) -> None:
    page.write(0, 0, "Once")
    generation = page.begin_generation(source)
    generation.append([span(" upon", 1)])
    page.note_end(generation)
    generation.close()
    assert page.ends_at(9) and not page.ends_at(4)
    page.undo()
    assert not page.ends_at(4)
    page.write(4, 0, " upon")  # the writer's own words are another text
    assert not page.ends_at(9)
    page.undo()
    for _ in range(MOST_ENDS):
        generation = page.begin_generation(source)
        generation.append([span("!", 2)])
        page.note_end(generation)
        generation.close()
    assert len(page.contents.ended) == MOST_ENDS and page.ends_at(page.length)
