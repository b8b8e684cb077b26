"""A page as what stands on it, one thing after the other: text, and runs of tokens with what was said of each.

Goes through the page chunk by chunk, so that a page of any length takes the memory of one. Knows no format.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from desktop.page import utf16
from desktop.page.contents import Contents
from desktop.page.sources import Source
from desktop.page.token_table import UNREAD, TokenRows
from models.sampling.readings import Alternatives, Reading

_NO_ALTERNATIVES = Alternatives(array("i"), array("f"), array("f"), b"", ())


@dataclass(frozen=True, slots=True)
class Text:
    """Text without readings. written: by a model, but as no whole token; else by the writer."""

    text: str
    generated: bool


@dataclass(frozen=True, slots=True)
class Token:
    """One token. text: what its run spells, at the run's last token; empty at the others. number: of its source on this
    page. stale: the page before it is not what the model read."""

    reading: Reading
    text: str
    source: Source
    number: int
    stale: bool


def parts(contents: Contents) -> Iterator[Text | Token]:
    """All of the page in order: the texts of all parts together are its text."""
    held = ""  # half of a pair: the edge of a chunk may lie between the halves
    for part in _parts(contents):
        if held and isinstance(part, Text) and not part.generated:
            part = Text(utf16.decode(utf16.encode(held + part.text)), generated=False)
        elif held:
            yield Text(held, generated=False)
        held = ""
        if isinstance(part, Text) and not part.generated and "\ud800" <= part.text[-1:] <= "\udbff":
            held, part = part.text[-1], Text(part.text[:-1], generated=False)
        if isinstance(part, Token) or part.text:
            yield part
    if held:
        yield Text(held, generated=False)


def _parts(contents: Contents) -> Iterator[Text | Token]:
    """The parts of each chunk."""
    chunks = contents.path.chunks
    for base, units, rows in chunks.tables(len(chunks)):
        yield from _of_chunk(contents, base, units, rows)


def _of_chunk(contents: Contents, base: int, units: bytes, rows: TokenRows) -> Iterator[Text | Token]:
    bounds = contents.path.chunks.hashes(rows["start"].astype(np.int64) + base)
    stale = (rows["bound"] != bounds).tolist()
    done = 0
    for row, behind in zip(_rows(rows), stale, strict=True):
        start, end = row.start, row.start + row.length
        if start > done:
            yield Text(_text(units, done, start), generated=False)
        run = _text(units, start, end)
        if row.kind == UNREAD:
            yield Text(run, generated=True)
        else:
            yield _token(contents, row, run if row.part + 1 == row.parts else "", behind)
        done = end
    if 2 * done < len(units):
        yield Text(_text(units, done, len(units) >> 1), generated=False)


class _Row(NamedTuple):
    """One row, as Python's own numbers: a third of the time that numpy's take."""

    start: int
    length: int
    kind: int
    part: int
    parts: int
    source: int
    row: int
    id: int
    raw: float
    rank: int
    entropy: float
    final: float
    draw: float
    low: float
    high: float


def _rows(rows: TokenRows) -> Iterator[_Row]:
    return map(_Row._make, zip(*(rows[name].tolist() for name in _Row._fields), strict=True))


def _token(contents: Contents, row: _Row, text: str, stale: bool) -> Token:
    source, table = contents.sources[row.source], contents.alternatives
    reading = Reading(
        token=row.id,
        bytes=table.bytes_of(row.id, source.fingerprint),
        raw=row.raw,
        rank=row.rank,
        entropy=row.entropy,
        final=row.final,
        draw=row.draw,
        low=row.low,
        high=row.high,
        alternatives=table.at(row.row, source.fingerprint) if row.row >= 0 else _NO_ALTERNATIVES,
    )
    return Token(reading, text, source, row.source, stale)


def _text(units: bytes, start: int, end: int) -> str:
    return utf16.decode(units[2 * start : 2 * end])
