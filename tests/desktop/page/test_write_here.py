"""A generation in the middle of a page: the text behind it stays, with its tokens, and is not sent to the model."""

from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.page import utf16
from desktop.page.chunks import Limits
from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from models.engine.prefix import TextPiece, TokenPiece
from tests.desktop.page.conftest import WHOLE, reading

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
