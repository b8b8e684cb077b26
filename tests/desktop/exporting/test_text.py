"""Plain text, block by block."""

import pytest

from desktop.exporting import text
from desktop.page.page import Page


@pytest.mark.parametrize("words", ["", "plain\r\n text", "🎉" * 40_000, "a" + "🎉" * 40_000, "end \ud83c"])
def test_the_text_in_utf_8(words: str) -> None:
    page = Page()
    page.write(0, 0, words)
    assert b"".join(text.blocks(page.contents)).decode() == words.replace("\ud83c", "\ufffd")
