"""Which bytes of a text each of its tokens stands for, where the tokens do not show that text as it is.

Vocabularies change a text before they cut it: a blank comes in front, ▁ (U+2581) becomes a blank, what is unknown
becomes <unk>, Unigram ones fold widths and blanks. Nearly always nothing of it happens, and then nothing is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

BLANK = "▁".encode()  # what SentencePiece writes for a blank, and reads as one
NEEDLE = 12  # bytes that have to agree before text and tokens count as together again
TELLING = 3  # bytes of one token that are taken for it alone, where those behind it differ too
NEAR, FAR = 16, 4_096  # bytes that a token may stand for beyond four times its own: one that is known, one that is not
AHEAD = 64  # tokens that are looked at to find where they are together again


def shares(text: bytes, pieces: Sequence[bytes], is_known: Callable[[int], bool], first: bool) -> dict[int, bytes]:
    """The bytes of the text that tokens stand for, by place: of those only that show others. All of the text is given
    to some token. pieces: what each token shows. is_known: whether what the token at a place shows is text, and not a
    name for what is unknown. first: a blank in front of the first piece may be one that the text has not.
    """
    shown = b"".join(pieces)
    if shown == text:
        return {}
    if first and shown[:1] == b" " and shown[1:] == text:
        return {0: pieces[0][1:]}
    known = [is_known(place) for place in range(len(pieces))]
    folded = text.replace(BLANK, b" ")
    ends, gaps = _ends(folded, pieces, known)
    if first and gaps and pieces[0].startswith(b" "):
        others, fewer = _ends(folded, [pieces[0][1:], *pieces[1:]], known)
        ends = others if fewer <= gaps else ends
    places = _places(text) if len(folded) < len(text) else None
    if places:
        ends = [places[end] for end in ends]
    starts = [0, *ends]
    found = (text[start:end] for start, end in zip(starts, ends, strict=False))
    return {place: share for place, share in enumerate(found) if share != pieces[place]}


def _ends(text: bytes, pieces: Sequence[bytes], known: Sequence[bool]) -> tuple[list[int], int]:
    """Where the share of each token ends, and how many did not stand in the text as they are."""
    ends, at, gaps = list[int](), 0, 0
    while len(ends) < len(pieces):
        place = len(ends)
        if known[place] and text.startswith(pieces[place], at):
            at += len(pieces[place])
            ends.append(at)
            continue
        following, there = _together(text, at, pieces, known, place)
        count = following - place
        gaps += max(1, count)
        ends += [at + (there - at) * (index + 1) // count for index in range(count)]
        at = there
    if ends:
        ends[-1] = len(text)
    return ends, gaps


def _together(text: bytes, at: int, pieces: Sequence[bytes], known: Sequence[bool], place: int) -> tuple[int, int]:
    """The next token whose text stands in the text again, and where it does: best with those behind it, else alone.
    Behind the last one where none does.
    """
    for least in (TELLING, 1):
        reach = NEAR
        for following in range(place, min(place + AHEAD, len(pieces))):
            begin = at if following == place else min(at + 1, len(text))
            for needle in _needles(pieces, known, following, least):
                there = text.find(needle, begin, at + reach + len(needle))
                if there >= 0:
                    return following, there
            reach = min(reach + (4 * len(pieces[following]) if known[following] else FAR), 4 * FAR)
    return len(pieces), len(text)


def _needles(pieces: Sequence[bytes], known: Sequence[bool], place: int, least: int) -> Iterator[bytes]:
    """What to look for: what the tokens from there on show, and what the first of them does, of so many bytes."""
    if not known[place]:
        return
    end = place
    while end < len(pieces) and known[end] and end - place < NEEDLE:
        end += 1
    yield b"".join(pieces[place:end])[: max(NEEDLE, len(pieces[place]))]
    if len(pieces[place]) >= least:
        yield pieces[place]


def _places(text: bytes) -> list[int]:
    """Where each byte of the folded text begins in the text, and its end."""
    parts = text.split(BLANK)
    steps = [step for part in parts for step in (*[1] * len(part), len(BLANK))][:-1]
    return [0, *accumulate(steps)]
