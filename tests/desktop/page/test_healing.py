"""Tokens that spell the end of the writer's text, too: what the page holds, sends, undoes and keeps on branches."""

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.page.choosing import Chosen, Place
from desktop.page.page import Page
from desktop.page.sources import Source
from desktop.pagefile.store import create_page
from desktop.pagefile.tracker import Tracker
from desktop.pagefile.values import Facts, View
from models.engine.events import Span
from models.engine.prefix import Piece, TextPiece, TokenPiece
from tests.desktop.page.conftest import WHOLE, MakeSpan, reading
from tests.desktop.page.writing import write_spans
from tests.desktop.pagefile.walking import reopened

FRANCE = Span("nce", (reading(7, b" France"),), healed=" Fra")
FRANKS = Span("nks", (reading(8, b" Franks"),), healed=" Fra")
TYPED = "capital of Fra"
END = len(TYPED)


@pytest.fixture
def typed(page: Page) -> Page:
    page.write(0, 0, TYPED)
    return page


def sent(page: Page, end: int | None = None) -> tuple[Piece, ...]:
    return page.excerpt(end, "model A", WHOLE).pieces


def ids(page: Page) -> list[int]:
    return page.tokens(0, page.length)["id"].tolist()


def test_the_token_stands_in_the_place_of_what_it_spells(typed: Page, span: MakeSpan, source: Source) -> None:
    generation = typed.begin_generation(source)
    generation.append([FRANCE, span(" is", 9)])
    assert typed.text() == "capital of France is" and ids(typed) == [7, 9]
    one, two = typed.tokens(0, typed.length)
    assert (one["start"], one["length"]) == (10, 7) and two["start"] == 17
    assert not typed.stale(typed.tokens(0, 99)).any() and not generation.is_edited
    found = typed.readings_at(11)[0]
    assert found.text == " France" and found.source.healed == " Fra" and found.reading.bytes == b" France"
    assert typed.readings_at(18)[0].source.healed == ""
    pieces = sent(typed)
    assert pieces[0] == TextPiece("capital of") and isinstance(pieces[1], TokenPiece) and list(pieces[1].ids) == [7, 9]


def test_undo_leaves_what_was_typed_with_its_readings(typed: Page, source: Source) -> None:
    read = Source("model A", kind="read")
    typed.add_readings(
        0, [Span("capital of", (reading(1, b"capital of"),)), Span(" Fra", (reading(2, b" Fra"),))], read
    )
    before = typed.tokens(0, 99).tobytes()
    typed.begin_generation(source).append([FRANCE])
    assert ids(typed) == [1, 7]
    typed.undo()
    assert typed.text() == TYPED and typed.tokens(0, 99).tobytes() == before
    typed.redo()
    assert typed.text() == "capital of France" and ids(typed) == [1, 7]


def test_a_letter_typed_into_it_makes_text_of_it(typed: Page, source: Source) -> None:
    typed.begin_generation(source).append([FRANCE])
    typed.write(12, 0, "x")
    assert typed.text() == "capital of Fxrance" and ids(typed) == []
    typed.undo()
    assert ids(typed) == [7]


def test_where_the_typed_text_has_changed_the_token_is_only_text(typed: Page, source: Source) -> None:
    generation = typed.begin_generation(source)
    typed.write(END - 1, 1, "e")
    generation.append([FRANCE])
    assert typed.text() == "capital of Frence" and ids(typed) == [-1]


def test_a_token_is_not_taken_back(typed: Page, span: MakeSpan, source: Source) -> None:
    typed.begin_generation(source).append([span(" Fra", 3)])
    typed.begin_generation(source).append([replace(FRANCE)])
    assert typed.text() == TYPED + " France" and ids(typed) == [3, -1]


def test_written_again_it_keeps_what_was_typed(typed: Page, span: MakeSpan, source: Source) -> None:
    typed.begin_generation(source).append([FRANCE, span(" is", 9)])
    again = replace(source, take=1)
    assert typed.regenerate(again) and typed.generation_end == END
    assert sent(typed, END) == (TextPiece(TYPED),)
    write_spans(typed, [FRANKS, span(" are", 10)])
    typed.end_generation()
    assert typed.text() == "capital of Franks are" and ids(typed) == [8, 10]
    typed.previous_branch()
    assert typed.text() == "capital of France is" and ids(typed) == [7, 9]
    typed.next_branch()
    assert ids(typed) == [8, 10] and not typed.stale(typed.tokens(0, 99)).any()
    typed.undo()
    typed.undo()
    typed.undo()
    assert typed.text() == "capital of France is" and ids(typed) == [7, 9]


def test_written_again_before_other_text(typed: Page, span: MakeSpan, source: Source) -> None:
    typed.write(END, 0, " and more")
    typed.begin_generation(source, END).append([FRANCE, span(" is", 9)])
    assert typed.text() == "capital of France is and more"
    typed.regenerate(replace(source, take=1))
    write_spans(typed, [FRANKS])
    assert typed.text() == "capital of Franks and more" and ids(typed) == [8]
    typed.previous_branch()
    assert typed.text() == "capital of France is and more" and ids(typed) == [7, 9]


def test_several_each_in_its_own_way(typed: Page, span: MakeSpan) -> None:
    read = Source("model A", kind="read")
    typed.add_readings(10, [Span(" Fra", (reading(2, b" Fra"),))], read)
    one, two, three = typed.begin_generations([Source("model A", seed=1)] * 3)
    one.append([FRANCE, span(" is", 9)])
    two.append([FRANKS])
    two.append([span(" are", 10)])
    three.append([span("x", 11)])
    assert not (one.is_edited or two.is_edited or three.is_edited)
    assert typed.text() == "capital of France is" and ids(typed) == [7, 9]
    typed.next_branch()
    assert typed.text() == "capital of Franks are" and ids(typed) == [8, 10]
    assert not typed.stale(typed.tokens(0, 99)).any()
    two.append([span("!", 12)])
    assert typed.text() == "capital of Franks are!"
    typed.next_branch()
    assert typed.text() == "capital of Frax" and ids(typed) == [11]
    typed.end_generation()
    for _ in range(3):
        typed.undo()
    assert typed.text() == TYPED and ids(typed) == [2]
    for _ in range(3):
        typed.redo()
    assert typed.text() == "capital of Frax"


def test_a_hidden_branch_whose_beginning_was_edited_is_text(typed: Page, span: MakeSpan) -> None:
    one, two = typed.begin_generations([Source("model A", seed=1)] * 2)
    one.append([FRANCE])
    two.append([FRANKS, span(" are", 10)])
    typed.end_generation()
    typed.write(END - 1, 1, "e")
    typed.next_branch()
    assert typed.text() == "capital of Frenks are" and ids(typed) == [10]


def test_characters_of_several_tokens(page: Page, source: Source) -> None:
    page.write(0, 0, "🌊é")
    data = "🌊é등!".encode()
    first, second = reading(5, data[:-2]), reading(6, data[-2:])
    page.begin_generation(source).append([Span("등!", (first, second), healed="🌊é")])
    assert page.text() == "🌊é등!" and ids(page) == [5, 6]
    assert page.span_at(1) == (0, 5)


def look(page: Page) -> tuple[Place, Source]:
    return Place(END - 4, healed=" Fra"), Source("model A", kind="read", healed=" Fra")


def test_a_choice_after_a_look_spells_it_too(typed: Page) -> None:
    place, source = look(typed)
    assert typed.choose(place, Chosen(reading(7, b" France"), source)) == END + 3
    assert typed.text() == "capital of France" and ids(typed) == [7] and len(typed.forks()) == 0
    assert typed.readings_at(END)[0].source.healed == " Fra"
    typed.undo()
    assert typed.text() == TYPED


def test_a_choice_that_was_cut_takes_the_place_of_what_was_typed(typed: Page) -> None:
    typed.write(END, 0, " then")
    place, source = look(typed)
    assert typed.choose(place, Chosen(reading(8, b" Spain"), source)) == 16
    assert typed.text() == "capital of Spain then" and ids(typed) == [8]
    assert typed.readings_at(12)[0].source.healed == ""
    typed.previous_branch()
    assert typed.text() == TYPED + " then"
    typed.undo()
    typed.undo()
    assert typed.text() == TYPED + " then" and typed.forks() == ()


def test_the_model_goes_on_behind_such_a_choice(typed: Page, span: MakeSpan, source: Source) -> None:
    place, of_look = look(typed)
    generation = typed.choose_and_begin(place, Chosen(reading(7, b" France"), of_look), source)
    assert generation is not None
    generation.append([span(" is", 9)])
    assert typed.text() == "capital of France is" and ids(typed) == [7, 9]
    typed.undo()
    assert typed.text() == TYPED


def test_no_choice_where_the_typed_text_has_changed(typed: Page) -> None:
    place, source = look(typed)
    typed.write(END - 1, 1, "e")
    assert typed.choose(place, Chosen(reading(7, b" France"), source)) is None


def test_a_saved_page_has_it_on_every_branch(typed: Page, span: MakeSpan, tmp_path: Path) -> None:
    one, two = typed.begin_generations([Source("model A", seed=1)] * 2)
    one.append([FRANCE])
    two.append([FRANKS, span(" are", 10)])
    store, tracker = create_page(tmp_path / "page.inkfall"), Tracker()
    delta = tracker.take(typed.contents, View(), Facts())
    assert delta is not None
    store.write([delta])
    store.close()
    again, opened = reopened(tmp_path / "page.inkfall")
    assert opened.sentence == "" and opened.store is not None
    assert again.text() == "capital of France" and ids(again) == [7]
    assert again.readings_at(END)[0].source.healed == " Fra"
    again.next_branch()
    assert again.text() == "capital of Franks are" and ids(again) == [8, 10]
    again.undo()
    again.undo()
    assert again.text() == TYPED
    opened.store.close()


def test_it_goes_on_behind_what_was_typed_meanwhile(typed: Page, span: MakeSpan, source: Source) -> None:
    generation = typed.begin_generation(source)
    generation.append([span(" x", 5)])
    typed.write(typed.length, 0, " of Fra")
    generation.rebind()
    generation.append([FRANCE, span(" is", 9)])
    assert typed.text() == "capital of Fra x of France is" and ids(typed) == [5, 7, 9]
    assert not typed.stale(typed.tokens(0, 99)).any() and not generation.is_edited
    typed.end_generation()
    for text in ("capital of Fra x of Fra", "capital of Fra x", "capital of Fra"):
        typed.undo()
        assert typed.text() == text
    for text in ("capital of Fra x", "capital of Fra x of Fra", "capital of Fra x of France is"):
        typed.redo()
        assert typed.text() == text
    assert ids(typed) == [5, 7, 9]


def test_what_was_undone_stays_as_a_branch_when_something_new_is_typed(typed: Page, source: Source) -> None:
    typed.begin_generation(source).append([FRANCE])
    typed.undo()
    typed.write(END, 0, "g")
    assert typed.text() == "capital of Frag" and ids(typed) == []
    typed.next_branch()
    assert typed.text() == "capital of France" and ids(typed) == [7]
    typed.previous_branch()
    assert typed.text() == "capital of Frag"
