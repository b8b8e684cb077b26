"""The page as pieces for the engine: the tokens that a model generated as tokens, the rest as text. A token whose id is
not known is text too, with all others that spell the same character."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from desktop.page import utf16
from desktop.page.token_table import GENERATED, TokenRows
from models.engine.prefix import Piece, TextPiece, TokenPiece

_Ids: TypeAlias = np.ndarray[Any, np.dtype[np.int32]]


def pieces(tables: Iterable[tuple[int, bytes, TokenRows]], sources: Sequence[int]) -> tuple[Piece, ...]:
    """The pieces of those tables (Chunks.tables). sources: indices of those whose generated tokens become token pieces.
    Neighbours of one kind are merged, none is empty, lone surrogates become U+FFFD."""
    return tuple(_merged(part for _, units, rows in tables for part in _parts(units, rows, sources)))


def _parts(units: bytes, rows: TokenRows, sources: Sequence[int]) -> Iterator[bytes | _Ids]:
    sent = (rows["kind"] == GENERATED) & np.isin(rows["source"], sources)
    if (nameless := sent & (rows["id"] < 0)).any():
        sent &= ~np.isin(rows["start"], rows["start"][nameless])
    wanted = np.flatnonzero(sent)
    starts, ids = rows["start"][wanted], rows["id"][wanted]  # whole rows take ten times as long
    lasts = starts + rows["length"][wanted]
    edges = [0, *(np.flatnonzero(starts[1:] > lasts[:-1]) + 1).tolist(), len(wanted)]
    done = 0
    for first, behind in pairwise(edges if len(wanted) else ()):
        start, end = int(starts[first]), int(lasts[behind - 1])
        if start > done:
            yield units[2 * done : 2 * start]
        yield ids[first:behind]
        done = end
    if 2 * done < len(units):
        yield units[2 * done :]


def _merged(parts: Iterable[bytes | _Ids]) -> Iterator[Piece]:
    text: list[bytes] = []
    ids = array("i")
    for part in parts:
        if isinstance(part, bytes):
            if ids:
                yield TokenPiece(ids)
                ids = array("i")
            text.append(part)
        else:
            if text:
                yield _text(text)
                text = []
            ids.frombytes(part.tobytes())
    if ids:
        yield TokenPiece(ids)
    if text:
        yield _text(text)


def _text(parts: list[bytes]) -> TextPiece:
    return TextPiece(utf16.whole(utf16.decode(b"".join(parts))))
