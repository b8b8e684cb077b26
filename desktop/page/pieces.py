"""The page before a position as the engine wants it: the tokens it drew itself as they were drawn, all else as text.

Knows nothing of pipes; the values are models.engine.messages'.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from desktop.page import utf16
from desktop.page.rows import GENERATED, TokenRows, ends
from models.engine.messages import Piece, TextPiece, TokenPiece


def pieces(tables: Iterable[tuple[int, bytes, TokenRows]], sources: Sequence[int]) -> tuple[Piece, ...]:
    """Pieces of the text in those tables (Chunks.tables). sources: those whose generated tokens stay tokens.
    Neighbours of one kind are merged, none is empty, lone surrogates become U+FFFD."""
    return tuple(_merged(part for _, units, rows in tables for part in _parts(units, rows, sources)))


def _parts(units: bytes, rows: TokenRows, sources: Sequence[int]) -> Iterator[bytes | TokenRows]:
    kept = rows[(rows["kind"] == GENERATED) & np.isin(rows["source"], sources)]
    done = 0
    for block in np.split(kept, np.flatnonzero(kept["start"][1:] > ends(kept)[:-1]) + 1) if len(kept) else ():
        start, end = int(block["start"][0]), int(ends(block)[-1])
        if start > done:
            yield units[2 * done : 2 * start]
        yield block
        done = end
    if 2 * done < len(units):
        yield units[2 * done :]


def _merged(parts: Iterable[bytes | TokenRows]) -> Iterator[Piece]:
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
            ids.frombytes(part["id"].astype(np.int32).tobytes())
    if ids:
        yield TokenPiece(ids)
    if text:
        yield _text(text)


def _text(parts: list[bytes]) -> TextPiece:
    return TextPiece(utf16.whole(utf16.decode(b"".join(parts))))
