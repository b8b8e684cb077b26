"""Another token in the place of one: the branch that is there, readings, text, and what the page refuses.

test_page_against_oracle.py has all else.
"""

import math

import pytest

from desktop.page.choosing import Chosen, Place
from desktop.page.page import Page
from desktop.page.sources import Source
from tests.desktop.page.conftest import MakeSpan, reading


@pytest.fixture
def written(page: Page, source: Source, span: MakeSpan) -> Page:
    """`Once` by the writer; ` upon`, ` a`, `등` (of two tokens), ` time` by the model."""
    page.write(0, 0, "Once")
    page.begin_generation(source).append([span(" upon", 11), span(" a", 12), span("등", 13, 14), span(" time", 15)])
    page.end_generation()
    return page


def instead(page: Page, start: int, number: int, part: int = 0) -> tuple[Place, Chosen]:
    one = page.readings_at(start)[part]
    return Place(start, part, one.reading.token), Chosen(one.reading.instead(number), one.source)


def test_the_reading_is_the_alternatives(written: Page) -> None:
    place, chosen = instead(written, 9, 0)
    assert written.choose(place, chosen) == 14
    assert written.text() == "Once uponfirst"
    (found,) = written.readings_at(9)
    assert found.reading.token == 1_012 and found.reading.rank == 1 and found.reading.bytes == b"first"
    assert found.reading.raw == pytest.approx(-0.5) and found.reading.final == pytest.approx(-0.4)
    assert math.isnan(found.reading.draw) and not found.reading.has_interval and not found.stale
    assert found.reading.chosen == 0 and found.reading.alternatives.texts == (b"first", b" a", b"third")
    assert found.source.kind == "chosen" and found.source.seed is None and found.source.fingerprint == "model A"


def test_one_that_was_cut(written: Page) -> None:
    written.choose(*instead(written, 9, 2))
    (found,) = written.readings_at(9)
    assert found.reading.final == -math.inf and found.reading.rank == 3


def test_a_token_within_a_character_brings_those_that_begin_it(written: Page) -> None:
    first = written.readings_at(11)[0].reading
    assert written.choose(*instead(written, 11, 0, part=1)) == 17
    assert written.text() == "Once upon a\ufffdfirst"
    readings = written.readings_at(11)
    assert [one.reading.token for one in readings] == [13, 1_014]
    assert readings[0].reading == first and [one.source.kind for one in readings] == ["generated", "chosen"]
    written.undo()
    assert written.text() == "Once upon a등 time"


def test_a_branch_that_begins_with_it_is_shown_again(written: Page) -> None:
    place, chosen = instead(written, 9, 0)
    written.choose(place, chosen)
    written.write(written.length, 0, " and so on")
    back = instead(written, 9, 1)
    written.choose(*back)
    assert written.text() == "Once upon a등 time"
    written.choose(place, chosen)
    assert written.text() == "Once uponfirst and so on"
    (fork,) = (fork for fork in written.forks() if fork.position == 9)
    assert len(fork.branches) == 2
    for text in ("Once upon a등 time", "Once uponfirst and so on", "Once uponfirst", "Once upon a등 time"):
        written.undo()
        assert written.text() == text


def test_to_go_on_it_is_a_branch_of_its_own(written: Page, source: Source, span: MakeSpan) -> None:
    for number in (1, 1, 0):
        generation = written.choose_and_begin(*instead(written, 9, number), source)
        assert generation is not None and not generation.awaited
        generation.append([span(" x", 20 + number)])
        written.end_generation()
    (fork,) = (fork for fork in written.forks() if fork.position == 9)
    assert [branch.preview for branch in fork.branches] == [" a등 time", " a x", " a x", "first x"]


def test_all_that_no_model_wrote_is_kept(written: Page, source: Source, span: MakeSpan) -> None:
    written.write(written.length, 0, " END")
    written.begin_generation(source).append([span(" more", 30)])
    generation = written.choose_and_begin(*instead(written, 4, 0), source)
    assert generation is not None
    assert written.text() == "Oncefirst END more"
    generation.append([span(" then", 31)])
    assert written.text() == "Oncefirst then END more"
    assert [one.stale for one in written.readings_at(written.length - 1)] == [True]
    assert written.readings_at(10)[0].source.inserted
    written.undo()
    assert written.text() == "Once upon a등 time END more"


def test_text_takes_the_place_of_the_whole_character(written: Page) -> None:
    assert written.choose(Place(11, 1, 14), " 한") == 13
    assert written.text() == "Once upon a 한" and not written.readings_at(12)
    written.undo()
    assert written.text() == "Once upon a등 time"


def test_a_token_of_the_writers_own_text(page: Page, span: MakeSpan) -> None:
    page.write(0, 0, "Once upon")
    page.add_readings(4, [span(" upon", 11)], Source("model A", "read"))
    page.write(9, 0, " a time")
    page.choose(*instead(page, 4, 0))
    assert page.text() == "Oncefirst a time"
    page.undo()
    assert page.text() == "Once upon a time" and page.readings_at(4)


def test_the_next_token_is_put_between(written: Page) -> None:
    chosen = Chosen(reading(40, b" now"), Source("model A", "read"))
    assert written.choose(Place(4), chosen) == 8
    assert written.text() == "Once now upon a등 time" and not written.readings_at(4)[0].stale
    assert all(one.stale for one in written.readings_at(8))
    assert written.choose(Place(written.length), chosen) == written.length
    assert len(written.forks()) == 1  # nothing was replaced
    written.undo()
    written.undo()
    assert written.text() == "Once upon a등 time"


@pytest.mark.parametrize("place", [Place(9, 0, 99), Place(8, 0, 11), Place(4, 1, 11), Place(99), Place(0, 0, 1)])
def test_nothing_happens_where_the_page_has_changed(written: Page, source: Source, place: Place) -> None:
    chosen, before, steps = Chosen(reading(40, b" now"), source), written.text(), len(written.contents.undo)
    assert written.choose(place, chosen) is None and written.choose_and_begin(place, "x", source) is None
    assert written.text() == before and len(written.contents.undo) == steps and not written.generating


def test_no_bytes_are_no_token(written: Page, source: Source) -> None:
    place, _ = instead(written, 9, 0)
    assert written.choose(place, Chosen(reading(40, b""), source)) is None
    assert written.choose(place, "") is None
    assert not written.forks()[0].branches[1:]


def test_it_ends_what_is_written(written: Page, source: Source, span: MakeSpan) -> None:
    generation = written.begin_generation(source)
    generation.append([span(" more", 30)])
    written.choose(*instead(written, 9, 0))
    assert not generation.is_open
    generation.append([span(" late", 31)])
    assert written.text() == "Once uponfirst"
    written.undo()
    assert written.text() == "Once upon a등 time more"


@pytest.fixture
def inserted(written: Page, span: MakeSpan) -> Page:
    """The same, with ` in` and ` May` of another generation between ` upon` and ` a`."""
    written.begin_generation(Source("model A", seed=2), 9).append([span(" in", 21), span(" May", 22)])
    written.end_generation()
    assert written.text() == "Once upon in May a등 time"
    return written


def test_text_that_stood_there_before_an_insertion_stays(inserted: Page) -> None:
    place, chosen = instead(inserted, 9, 0)
    assert inserted.choose(place, chosen) == 14
    assert inserted.text() == "Once uponfirst a등 time"
    assert inserted.readings_at(14)[0].reading.token == 12
    inserted.undo()
    assert inserted.text() == "Once upon in May a등 time"


def test_it_stays_when_the_choice_is_chosen_again(inserted: Page, source: Source, span: MakeSpan) -> None:
    inserted.choose(*instead(inserted, 9, 0))
    inserted.choose(*instead(inserted, 9, 2))
    assert inserted.text() == "Once uponthird a등 time"
    generation = inserted.choose_and_begin(*instead(inserted, 9, 0), source)
    assert generation is not None
    generation.append([span(" of", 31), span(" all", 32)])
    inserted.end_generation()
    assert inserted.text() == "Once uponfirst of all a등 time"
    inserted.choose(instead(inserted, 9, 2)[0], " once")  # what was written on goes with the choice before it
    assert inserted.text() == "Once upon once a등 time"


def test_a_token_before_the_insertion_takes_all_behind_it_along(inserted: Page) -> None:
    inserted.choose(*instead(inserted, 4, 0))
    assert inserted.text() == "Oncefirst"


def shown(page: Page) -> tuple[str, int]:
    return page.text(), page.branch_position().number


def test_previous_leads_back_to_the_branch_that_was_left(written: Page) -> None:
    """Not to the one before the new one, where the fork has several."""
    original = ("Once upon a등 time", 1)
    for number in (0, 2):
        written.choose(*instead(written, 9, number))
        assert written.previous_branch() and shown(written) == original
    other = Chosen(reading(50, b" other"), Source("model A", "read"))
    written.choose(instead(written, 9, 0)[0], other)
    assert shown(written) == ("Once upon other", 4)
    assert written.branch_position().beyond(-1) == 1 and written.branch_position().beyond(1) is None
    assert written.previous_branch() and shown(written) == original
    assert written.next_branch() and shown(written)[1] == 2
    assert written.previous_branch() and shown(written) == original


def test_it_leads_back_from_a_branch_that_is_shown_again(written: Page) -> None:
    place, chosen = instead(written, 9, 0)
    written.choose(place, chosen)
    back = instead(written, 9, 1)
    written.choose(*back)  # the first branch, which has none below it
    assert shown(written)[1] == 1
    assert written.previous_branch() and shown(written) == ("Once uponfirst", 2)


def test_undo_redo_and_a_switch_of_ones_own(written: Page) -> None:
    original = ("Once upon a등 time", 1)
    for number in (0, 2):
        written.choose(*instead(written, 9, number))
        written.previous_branch()
    written.choose(instead(written, 9, 0)[0], " mine")
    written.undo()
    assert shown(written) == original and written.branch_position().beyond(-1) is None
    written.redo()
    assert written.previous_branch() and shown(written) == original
    written.next_branch()
    written.next_branch()
    assert shown(written)[1] == 3
    assert written.previous_branch() and shown(written)[1] == 2  # as the numbers are
