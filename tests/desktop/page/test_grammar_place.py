"""How much of the page a grammar was fed: behind a choice all since the generation began, else nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop.page.choosing import Chosen, Coin, Place
from desktop.page.grammar_place import fed_at, fed_at_coin, fed_at_end, fed_behind, fed_since
from desktop.page.page import Page
from desktop.page.sources import Source
from models.sampling.knobs import NEUTRAL, Sampling
from tests.desktop.page.conftest import MakeSpan, reading

GRAMMAR = Sampling(grammar="root ::= .*")
OTHER = Sampling(grammar="root ::= [a-z]*")


@pytest.fixture
def source() -> Source:
    return Source("model A", seed=1, sampling=GRAMMAR)


@pytest.fixture
def written(page: Page, source: Source, span: MakeSpan) -> Page:
    """`Öl` by the writer; ` upon`, ` a`, `등` (of two tokens), ` time` by the model."""
    page.write(0, 0, "Öl")
    page.begin_generation(source).append([span(" upon", 11), span(" a", 12), span("등", 13, 14), span(" time", 15)])
    page.end_generation()
    return page


def place_at(page: Page, start: int, part: int = 0) -> Place:
    return Place(start, part, page.readings_at(start)[part].reading.token)


def test_at_a_token_it_is_what_was_written_before_it(written: Page) -> None:
    assert [fed_at(written, place_at(written, start), GRAMMAR) for start in (2, 7, 9, 10)] == [0, 5, 7, 10]
    assert fed_at(written, place_at(written, 9, part=1), GRAMMAR) == 8


def test_without_that_grammar_it_is_nothing(written: Page) -> None:
    assert fed_at(written, place_at(written, 9), NEUTRAL) == fed_at(written, place_at(written, 9), OTHER) == 0
    assert fed_at(written, place_at(written, 0) if written.readings_at(0) else Place(0), GRAMMAR) == 0


def test_a_generation_at_the_end_begins_anew(written: Page) -> None:
    assert fed_at_end(written, written.length, GRAMMAR) == 0
    assert fed_at(written, Place(written.length), GRAMMAR) == 0


def test_behind_a_choice_it_goes_on(written: Page, source: Source, span: MakeSpan) -> None:
    place = place_at(written, 9)
    chosen = Chosen(reading(99, b"xy"), written.readings_at(9)[0].source)
    assert fed_behind(written, place, chosen, GRAMMAR) == 9
    assert fed_behind(written, place, "é!", GRAMMAR) == 10
    assert fed_behind(written, place, chosen, OTHER) == 2  # that grammar begins with what was chosen
    generation = written.choose_and_begin(place, chosen, replace(source, take=1, fed=9))
    assert generation
    generation.append([span(" zz", 16), span(" q", 17)])
    assert written.text() == "Öl upon axy zz q"
    assert fed_since(written, written.length) == 5
    assert fed_at(written, place_at(written, 14), GRAMMAR) == 9 + 3
    assert fed_at(written, place_at(written, 11), GRAMMAR) == 9
    assert fed_at(written, place_at(written, 9), GRAMMAR) == 7  # in the place of what was chosen
    written.end_generation()
    assert fed_at_end(written, written.length, GRAMMAR) == 0


def test_behind_a_choice_alone_a_generation_goes_on(written: Page) -> None:
    written.choose(place_at(written, 9), Chosen(reading(99, b"xy"), written.readings_at(9)[0].source))
    assert fed_at_end(written, written.length, GRAMMAR) == fed_at(written, Place(written.length), GRAMMAR) == 9


def test_a_coin_that_waits_while_the_model_writes_stands_behind_it(page: Page, source: Source, span: MakeSpan) -> None:
    page.begin_generation(replace(source, seed=2)).append([span("never", 10)])
    generation = page.begin_generation(source)
    end = page.length
    waiting = Coin(Place(end), reading(12, b"x"), source)
    assert fed_at(page, Place(end), GRAMMAR) == fed_at_coin(page, waiting) == 0
    generation.append([span(" upon", 11)])
    end = page.length
    before = (reading(12, b"\xed"),)
    assert fed_at(page, Place(end), GRAMMAR) == 5
    assert fed_at_coin(page, Coin(Place(end), reading(12, b"x"), source, before)) == 6
    assert fed_at_coin(page, Coin(Place(end), reading(12, b"x"), replace(source, kind="read"))) == 5


def test_what_the_writer_puts_in_meanwhile_counts(page: Page, source: Source, span: MakeSpan) -> None:
    page.write(0, 0, "Öl")
    generation = page.begin_generation(source)
    generation.append([span(" upon", 11)])
    page.write(page.length, 0, "éé")
    generation.append([span(" a", 12)])
    assert fed_since(page, page.length) == len(" uponéé a".encode())


def test_bytes_that_are_no_character_count_as_they_are(page: Page, source: Source, span: MakeSpan) -> None:
    page.begin_generation(source).append(
        [span("ab", 11), replace(span("\ufffd", 12), readings=(reading(12, b"\xed"),))]
    )
    page.end_generation()
    assert page.text() == "ab\ufffd"
    assert fed_since(page, 3) == 3


def test_a_long_generation_is_found_whole(page: Page, source: Source, span: MakeSpan) -> None:
    page.begin_generation(replace(source, seed=2)).append([span("never", 10)])
    page.begin_generation(source).append([span(" word", 11)] * 3_000)
    page.end_generation()
    assert fed_since(page, page.length) == 15_000
