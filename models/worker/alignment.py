"""Aligns a text with its tokens: which bytes of the text each token stands for, where the token shows other bytes.

Vocabularies normalise a text before they tokenise it: they put a space in front, turn ▁ (U+2581) into a space, replace
unknown characters by <unk>; Unigram ones fold widths and spaces. Usually none of this happens, and nothing is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

BLANK = "▁".encode()  # SentencePiece's sign for a space
MIN_MATCH = 12  # bytes that must agree before text and tokens count as aligned again
MIN_ALONE = 3  # bytes of one token that suffice alone, where the tokens after it differ too
NEAR, FAR = 16, 4_096  # bytes a token may stand for beyond four times its own length: a known token, an unknown one
LOOKAHEAD = 64  # tokens searched for the next match


def aligned_bytes(
    text: bytes, pieces: Sequence[bytes], is_known: Callable[[int], bool], first: bool
) -> dict[int, bytes]:
    """The bytes of the text that a token stands for, by the token's index, for tokens that show other bytes. Every byte
    of the text belongs to some token. pieces: the bytes each token shows. is_known: whether the token at an index shows
    text and not a name such as <unk>. first: the first piece may begin with a space that the text does not have.
    """
    shown = b"".join(pieces)
    if shown == text:
        return {}
    if first and shown[:1] == b" " and shown[1:] == text:
        return {0: pieces[0][1:]}
    known = [is_known(index) for index in range(len(pieces))]
    folded = text.replace(BLANK, b" ")
    ends, gaps = _ends(folded, pieces, known)
    if first and gaps and pieces[0].startswith(b" "):
        others, fewer = _ends(folded, [pieces[0][1:], *pieces[1:]], known)
        ends = others if fewer <= gaps else ends
    offsets = _original_offsets(text) if len(folded) < len(text) else None
    if offsets:
        ends = [offsets[end] for end in ends]
    starts = [0, *ends]
    found = (text[start:end] for start, end in zip(starts, ends, strict=False))
    return {index: part for index, part in enumerate(found) if part != pieces[index]}


def _ends(text: bytes, pieces: Sequence[bytes], known: Sequence[bool]) -> tuple[list[int], int]:
    """The byte offset where each token's part of the text ends, and how many tokens did not match the text."""
    ends, at, gaps = list[int](), 0, 0
    while len(ends) < len(pieces):
        index = len(ends)
        if known[index] and text.startswith(pieces[index], at):
            at += len(pieces[index])
            ends.append(at)
            continue
        following, found = _next_match(text, at, pieces, known, index)
        count = following - index
        gaps += max(1, count)
        ends += [at + (found - at) * (step + 1) // count for step in range(count)]
        at = found
    if ends:
        ends[-1] = len(text)
    return ends, gaps


def _next_match(text: bytes, at: int, pieces: Sequence[bytes], known: Sequence[bool], index: int) -> tuple[int, int]:
    """The index of the next token that matches the text, and the byte offset of the match: with the tokens after it if
    possible, else alone. Without a match, the ends of both.
    """
    for least in (MIN_ALONE, 1):
        reach = NEAR
        for following in range(index, min(index + LOOKAHEAD, len(pieces))):
            begin = at if following == index else min(at + 1, len(text))
            for needle in _needles(pieces, known, following, least):
                found = text.find(needle, begin, at + reach + len(needle))
                if found >= 0:
                    return following, found
            reach = min(reach + (4 * len(pieces[following]) if known[following] else FAR), 4 * FAR)
    return len(pieces), len(text)


def _needles(pieces: Sequence[bytes], known: Sequence[bool], index: int, least: int) -> Iterator[bytes]:
    """The byte strings to search for: of the tokens from `index` on, then of that one alone if it has `least` bytes."""
    if not known[index]:
        return
    end = index
    while end < len(pieces) and known[end] and end - index < MIN_MATCH:
        end += 1
    yield b"".join(pieces[index:end])[: max(MIN_MATCH, len(pieces[index]))]
    if len(pieces[index]) >= least:
        yield pieces[index]


def _original_offsets(text: bytes) -> list[int]:
    """For each byte of the folded text its offset in the text, and the text's end."""
    between = text.split(BLANK)
    steps = [step for part in between for step in (*[1] * len(part), len(BLANK))][:-1]
    return [0, *accumulate(steps)]
