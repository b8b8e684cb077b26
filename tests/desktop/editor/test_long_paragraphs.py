"""The cuts of long paragraphs before they are laid out."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.editor.long_paragraphs import cut_paragraphs, cuts
from desktop.page import utf16

texts = st.lists(st.sampled_from(["a", "b ", "\n", "😀", "é", "word " * 9]), max_size=200).map("".join)


@given(texts)
def test_without_its_cuts_the_text_is_the_same_and_no_paragraph_is_long(text: str) -> None:
    result, soft = cut_paragraphs(text, limit=30)
    units = utf16.encode(result)
    kept = bytearray()
    last = 0
    for at in soft.tolist():
        assert units[2 * at : 2 * at + 2] == b"\n\0"
        kept += units[2 * last : 2 * at]
        last = at + 1
    kept += units[2 * last :]
    assert utf16.decode(kept) == text
    assert all(utf16.length(paragraph) <= 30 for paragraph in result.split("\n"))


def test_a_paragraph_is_cut_behind_blanks_where_it_has_some() -> None:
    paragraph = "some words " * 50
    assert all(paragraph[at - 1] == " " for at in cuts(paragraph, limit=60))


def test_a_short_paragraph_is_left_alone() -> None:
    assert cuts("short", limit=30) == []
    assert cut_paragraphs("short\nshort", limit=30)[0] == "short\nshort"


def test_a_word_without_end_is_cut_between_characters() -> None:
    units = utf16.encode("😀" * 100)
    for at in cuts("😀" * 100, limit=30):
        assert not 0xDC00 <= int.from_bytes(units[2 * at : 2 * at + 2], "little") <= 0xDFFF
