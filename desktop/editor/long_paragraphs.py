"""Finds where to cut a paragraph too long for one block before it is laid out: at blanks, never inside a character. No
Qt."""

from itertools import accumulate

import numpy as np

from desktop.editor.soft_breaks import Positions
from desktop.page import utf16

LIMIT = 1_500  # UTF-16 units in one block; every change of a block costs about 0.2 ms of layout for 1,000 units


def cut_paragraphs(text: str, limit: int = LIMIT) -> tuple[str, Positions]:
    """The text with a line feed inserted at every cut of a long paragraph, and their positions (UTF-16 units)."""
    if len(text) <= limit // 2:
        return text, np.zeros(0, np.int64)
    parts: list[str] = []
    soft: list[int] = []
    position = 0
    for paragraph in text.split("\n"):
        for number, part in enumerate(_pieces(paragraph, limit)):
            if number:
                soft.append(position - 1)
            parts.append(part)
            position += utf16.length(part) + 1
    return "\n".join(parts), np.array(soft, np.int64)


def cuts(paragraph: str, limit: int = LIMIT) -> list[int]:
    """Where to cut this paragraph, in UTF-16 units from its start; empty if it is short enough."""
    return list(accumulate(utf16.length(part) for part in _pieces(paragraph, limit)))[:-1]


def _pieces(paragraph: str, limit: int) -> list[str]:
    if utf16.length(paragraph) <= limit:
        return [paragraph]
    pieces: list[str] = []
    start = 0
    longest = limit if paragraph.isascii() else limit // 2  # code points; each may be two units
    step = longest * 2 // 3
    while len(paragraph) - start > longest:
        blank = paragraph.rfind(" ", start + step // 2, start + step)
        end = blank + 1 if blank >= 0 else start + step
        pieces.append(paragraph[start:end])
        start = end
    return [*pieces, paragraph[start:]]
