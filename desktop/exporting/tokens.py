"""The content of a page in order: text without readings, and tokens with theirs.

Reads the page chunk by chunk, so that the memory needed does not grow with the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from desktop.page import utf16
from desktop.page.contents import Contents
from desktop.page.layer_table import Layer
from desktop.page.layers import rows_in
from desktop.page.sources import Source
from desktop.page.token_reading import readings_of
from desktop.page.token_table import UNREAD, TokenRows
from models.sampling.readings import Reading

_STRETCH = 16_384  # units of a layer that are looked up at once
_COLUMNS = ("start", "length", "kind", "part", "parts", "source")


@dataclass(frozen=True, slots=True)
class Text:
    """Text without readings. generated: by a model, as part of a token that a stop string cut; else by the writer."""

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
    """The page in order; the texts of all parts, joined, are its text."""
    high = ""  # the first half of a surrogate pair: a chunk may end between the halves
    for part in _parts(contents):
        if high and isinstance(part, Text) and not part.generated:
            part = Text(utf16.decode(utf16.encode(high + part.text)), generated=False)
        elif high:
            yield Text(high, generated=False)
        high = ""
        if isinstance(part, Text) and not part.generated and "\ud800" <= part.text[-1:] <= "\udbff":
            high, part = part.text[-1], Text(part.text[:-1], generated=False)
        if isinstance(part, Token) or part.text:
            yield part
    if high:
        yield Text(high, generated=False)


def _parts(contents: Contents) -> Iterator[Text | Token]:
    """The parts of each chunk."""
    chunks = contents.path.chunks
    for base, units, rows in chunks.tables(len(chunks)):
        yield from _parts_of_chunk(contents, base, units, rows)


def _parts_of_chunk(contents: Contents, base: int, units: bytes, rows: TokenRows) -> Iterator[Text | Token]:
    bounds = contents.path.chunks.hashes(rows["start"].astype(np.int64) + base)
    stale = (rows["bound"] != bounds).tolist()
    readings = readings_of(rows[rows["kind"] != UNREAD], contents.sources, contents.alternatives)
    columns = zip(*(rows[name].tolist() for name in _COLUMNS), stale, strict=True)
    done = 0
    for start, length, kind, part, parts_of_run, number, is_stale in columns:
        end = start + length
        if start > done:
            yield Text(_text(units, done, start), generated=False)
        run = _text(units, start, end)
        if kind == UNREAD:
            yield Text(run, generated=True)
        else:
            text = run if part + 1 == parts_of_run else ""
            yield Token(next(readings), text, contents.sources[number], number, is_stale)
        done = end
    if 2 * done < len(units):
        yield Text(_text(units, done, len(units) >> 1), generated=False)


def layer_tokens(contents: Contents, layer: Layer) -> Iterator[tuple[int, Token]]:
    """The tokens of a layer in order, each with the start of its run in code points."""
    chunks = contents.path.chunks
    position = characters = 0
    for first in range(0, len(chunks), _STRETCH):
        rows = rows_in(layer, chunks, first, first + _STRETCH)
        rows = rows[rows["start"] >= first]
        readings = readings_of(rows, contents.sources, contents.alternatives)
        columns = zip(*(rows[name].tolist() for name in _COLUMNS), readings, strict=True)
        for start, length, _kind, part, parts_of_run, number, reading in columns:
            characters += len(chunks.text(position, start))
            position = start
            text = chunks.text(start, start + length) if part + 1 == parts_of_run else ""
            yield characters, Token(reading, text, contents.sources[number], number, stale=False)


def _text(units: bytes, start: int, end: int) -> str:
    return utf16.decode(units[2 * start : 2 * end])
