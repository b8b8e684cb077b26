"""A generation in the middle of a page: the text behind it stays, with its tokens, and is not sent to the model."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.page import utf16
from desktop.page.choosing import Chosen, Place
from desktop.page.chunks import Limits
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.engine.prefix import TextPiece, TokenPiece
from tests.desktop.page.conftest import WHOLE, reading
from tests.desktop.page.writing import write_spans

WORDS = st.lists(st.sampled_from(["a", "bc", " the", "한", "😀", "\n"]), min_size=1, max_size=8)


def word(text: str, token: int) -> Span:
    return Span(text, (reading(token, text.encode()),))


def sent(page: Page, spelt: dict[int, str]) -> str:
    """The text that a request at the generation's end carries."""
    found = ""
    for piece in page.excerpt(page.generation_end, "model A", WHOLE).pieces:
        assert isinstance(piece, TextPiece | TokenPiece)
        found += piece.text if isinstance(piece, TextPiece) else "".join(spelt[token] for token in piece.ids)
    return found


@settings(max_examples=150, deadline=None)
@given(typed=WORDS, written=WORDS, new=WORDS, share=st.floats(0, 1), typed_behind=st.booleans())
def test_the_text_behind_is_kept_and_not_sent(
    typed: list[str], written: list[str], new: list[str], share: float, typed_behind: bool
) -> None:
    page = Page(limits=Limits(units=16, tokens=6))
    page.write(0, 0, "".join(typed))
    first = [word(text, token) for token, text in enumerate(written)]
    page.begin_generation(Source("model A")).append(first)
    page.end_generation()
    places = [utf16.length("".join((*typed, *written)[:count])) for count in range(len(typed) + len(written) + 1)]
    at = places[round(share * (len(places) - 1))]
    before, behind = page.text(0, at), page.text(at)
    tokens = page.tokens(at, page.length)["id"].tolist() if behind else []
    spelt = dict(enumerate((*written, *new)))

    generation = page.begin_generation(Source("model A"), at)
    assert sent(page, spelt) == before
    done = ""
    for token, text in enumerate(new, len(written)):
        generation.append([word(text, token)])
        done += text
        assert page.text() == before + done + behind
        assert sent(page, spelt) == before + done
        if typed_behind and behind:
            page.write(page.length, 0, "!")
            behind += "!"
    assert page.generation_end == utf16.length(before + done)
    assert page.tokens(page.length - utf16.length(behind), page.length)["id"].tolist() == tokens
    for _ in range(behind.count("!") + 1):
        page.undo()
    assert page.text() == before + behind.rstrip("!")


def inserted_page() -> Page:
    """The page "Once more. The end.", where the model wrote " The", and then inserted " more"."""
    page = Page()
    page.write(0, 0, "Once. end.")
    page.begin_generation(Source("model A", seed=1), 5).append([word(" The", 4)])
    page.begin_generation(Source("model A", seed=2), 4).append([word(" mo", 1)])
    write_spans(page, [word("re", 2)], window=3)
    page.end_generation()
    assert page.text() == "Once more. The end."
    return page


def again(page: Page, *texts: str, take: int = 1) -> None:
    last = page.last_generation()
    assert last is not None and last[1] is not None and last[1].inserted
    assert page.regenerate(Source("model A", seed=2, take=take))
    for token, text in enumerate(texts, 7):
        write_spans(page, [word(text, token)])
    page.end_generation()


def test_written_again_the_text_behind_stays_and_the_former_text_is_a_branch() -> None:
    page = inserted_page()
    told: list[tuple[int, int, int]] = []
    page.listeners.append(lambda change: told.append((change.start, change.removed, change.units)))
    again(page, " again", " and")
    assert page.text() == "Once again and. The end."
    assert told == [(4, 5, 0), (4, 0, 6), (10, 0, 4)]
    assert page.tokens(14, page.length)["id"].tolist() == [4]
    assert page.branch_position().number == 2
    page.previous_branch()
    assert page.text() == "Once more. The end."
    page.next_branch()
    again(page, " twice", take=2)
    assert page.text() == "Once twice. The end."
    assert page.branch_position().highest == 3


def test_what_was_chosen_before_in_the_text_behind_stays() -> None:
    page = Page()
    page.begin_generation(Source("model A")).append([word("Once", 1), word(" upon", 2), word(" a", 3)])
    page.choose(Place(4, token=2), Chosen(reading(4, b" in"), Source("model A")))
    page.begin_generation(Source("model A", seed=2), 4).append([word(" more", 5)])
    again(page, " again")
    assert page.text() == "Once again in"
    page.choose(Place(4, token=7), Chosen(reading(8, b" more"), Source("model A")))
    assert page.text() == "Once more in"
    again(page, " too")  # in the place of what is written again
    assert page.text() == "Once too in"


@pytest.mark.parametrize("streams", [1, 2])
def test_where_nothing_was_written_behind_a_chosen_token_the_text_behind_stays(streams: int) -> None:
    """The writer stopped the model before its first token."""
    page = Page()
    page.write(0, 0, "alpha beta gamma")
    page.add_readings(0, [word("alpha", 1), word(" beta", 2), word(" gamma", 3)], Source("model A", "read"))
    generation = page.choose_and_begin(
        Place(5, token=2), Chosen(reading(4, b" or"), Source("model A", "read")), Source("model A", seed=3)
    )
    assert generation is not None and page.text() == "alpha or gamma"
    generation.close()
    page.end_generation()
    page.regenerate(*(Source("model A", seed=3, take=take) for take in range(streams)))
    write_spans(page, [word(" more", 7)])
    assert page.text() == "alpha or more gamma"
    page.end_generation()
    while page.can_undo:
        page.undo()
    while page.can_redo:
        page.redo()
    assert page.text() == "alpha or more gamma"


def test_a_token_around_the_place_is_not_what_is_written_again() -> None:
    page = Page()
    page.write(0, 0, "A end")
    page.begin_generation(Source("model A"), 1).append([word(" the", 1)])
    page.begin_generation(Source("model A", seed=2), 3).append([word("x", 2)])
    again(page, "y")
    page.undo()
    page.undo()
    assert page.text() == "A the end"
    assert page.last_generation() == (page.forks()[-1].id, None)
    page.regenerate(Source("model A", seed=2, take=2))
    write_spans(page, [word("z", 7)])
    assert page.text() == "A tz"  # as at any place where nothing was inserted
    page.undo()
    assert page.text() == "A the end"


def test_writing_again_is_one_undo_step() -> None:
    page = inserted_page()
    again(page, " again", " and")
    page.undo()
    assert page.text() == "Once more. The end." and page.branch_position().highest <= 1
    page.redo()
    assert page.text() == "Once again and. The end." and page.branch_position().number == 2
    page.undo()
    page.write(page.length, 0, "!")
    page.undo()
    page.undo()
    assert page.text() == "Once. The end."
    texts = {branch.preview for fork in page.forks() for branch in fork.branches}
    assert any(" again and. The end." in text for text in texts)  # what was undone is kept as a branch


def test_writing_again_without_a_token_changes_nothing() -> None:
    page = inserted_page()
    before = page.text(), page.forks(), page.can_redo
    again(page)
    assert (page.text(), page.forks(), page.can_redo) == before


def test_edits_while_text_is_awaited_or_written_again() -> None:
    page = inserted_page()
    page.regenerate(Source("model A", seed=2, take=1))
    page.write(0, 4, "Twice")
    page.write(page.length, 0, "!")
    write_spans(page, [word(" again", 7)])
    assert page.text() == "Twice again. The end.!"
    page.write(page.length, 0, "?")
    page.write(0, 0, "x")
    write_spans(page, [word(" and", 8)])
    page.end_generation()
    assert page.text() == "xTwice again and. The end.!?"
    while page.can_undo:
        page.undo()
    assert page.text() == ""
    while page.can_redo:
        page.redo()
    assert page.text() == "xTwice again and. The end.!?"


def test_several_in_place_of_inserted_text_keep_the_text_behind() -> None:
    page = inserted_page()
    told: list[tuple[int, int, int]] = []
    page.listeners.append(lambda change: told.append((change.start, change.removed, change.units)))
    page.regenerate(Source("model A", take=1), Source("model A", take=2))
    one, two = page.generations
    one.append([word(" one", 7)])
    assert page.text() == "Once one. The end." and told == [(4, 5, 0), (4, 0, 4)]
    two.append([word(" two", 8)])
    one.append([word(", too", 9)])
    two.append([word(", too", 9)])
    assert page.text() == "Once one, too. The end." and page.generation_end == 13
    page.next_branch()
    assert page.text() == "Once two, too. The end." and page.generation_end == 13
    page.end_generation()
    assert page.tokens(14, page.length)["id"].tolist() == [4]
    page.previous_branch()
    page.previous_branch()
    assert page.text() == "Once more. The end."
    page.next_branch()
    again(page, " again", take=3)
    assert page.text() == "Once again. The end."
