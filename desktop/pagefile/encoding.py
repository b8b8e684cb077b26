"""Encodes rows, alternatives and text as the blobs of a page's file, and decodes them bit for bit.

Columns one after another, each as byte planes (the first bytes of all numbers, then the second ones …), then zlib:
equal bytes lie side by side. Imports no SQLite.
"""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from desktop.page import utf16
from desktop.page.alternatives import BLOCK, WIDTH, AlternativesBlock
from desktop.page.layer_blocks import LAYER_ROW, LayerRows
from desktop.page.token_table import NOTHING, ROW, TokenRows, joined
from resources.language import tr

LEVEL = 1  # higher ones gain 2 % and take five times as long

# The columns in their order in files, with the transform that makes them small: "step" is the difference to the row
# before. Never change; a further column needs a further form.
_COLUMNS: tuple[tuple[str, str], ...] = (
    ("start", "step"),
    ("row", "step"),
    ("id", ""),
    ("rank", ""),
    ("bound", ""),
    ("draw", ""),
    ("low", ""),
    ("high", ""),
    ("raw", ""),
    ("final", ""),
    ("entropy", ""),
    ("length", ""),
    ("source", "step"),
    ("part", ""),
    ("parts", ""),
    ("kind", ""),
)
# Behind them, in rows of which any has a number there: what no row has is NOTHING, or 0.
_STATE_COLUMNS: tuple[tuple[str, str], ...] = (("gate", ""), ("learned", ""))
_EFFECT_COLUMNS: tuple[tuple[str, str], ...] = (("left", ""), ("held", ""), ("divergence", ""))
_LAYER_COLUMNS: tuple[tuple[str, str], ...] = (
    ("row", "step"),
    ("id", ""),
    ("rank", ""),
    ("bound", ""),
    ("spells", ""),
    ("raw", ""),
    ("final", ""),
    ("entropy", ""),
    ("length", ""),
    ("source", "step"),
    ("part", ""),
    ("parts", ""),
)
_ALTERNATIVE_BYTES = WIDTH * (4 + 4 + 4 + 1)
_GROWTH = 64  # hashes and odds do not shrink: rows of a page never come to more than a ninth of themselves
_ROWS = 2**18  # that any blob may hold: those of a chunk, or of a passage that was removed
_SMALL = 2**13  # bytes that any blob may unpack to
FORM = 1  # the first byte of a blob of rows or alternatives
WITH_STATE = 2  # that of rows of which any has a place state: few samplers have one
WITH_EFFECT = 3  # that of rows of which any has an effect of the sampler chain
WITH_BOTH = 4
_FORMS = {
    FORM: _COLUMNS,
    WITH_STATE: (*_COLUMNS, *_STATE_COLUMNS),
    WITH_EFFECT: (*_COLUMNS, *_EFFECT_COLUMNS),
    WITH_BOTH: (*_COLUMNS, *_STATE_COLUMNS, *_EFFECT_COLUMNS),
}

Column = np.ndarray[Any, Any]
Table = np.ndarray[Any, np.dtype[np.void]]


class BlobError(ValueError):
    """A blob is not as it was written."""


# ------------------------------------------------------------------------------------------------ text


def pack_text(units: bytes | bytearray) -> bytes:
    """Text as UTF-8, so that any tool can read it; lone surrogates survive."""
    return utf16.decode(units).encode("utf-8", "surrogatepass")


def unpack_text(blob: bytes) -> bytes:
    """The UTF-16 units of the text. Raises BlobError."""
    try:
        return utf16.encode(_bytes(blob).decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError as error:
        raise BlobError(tr("not UTF-8")) from error


# ------------------------------------------------------------------------------------------------ rows


def pack_rows(rows: TokenRows) -> bytes:
    """Encode any number of rows."""
    state = any((rows[name] != NOTHING).any() for name, _ in _STATE_COLUMNS)
    effect = any(rows[name].view(np.uint32).any() for name, _ in _EFFECT_COLUMNS)
    form = WITH_BOTH if state and effect else WITH_STATE if state else WITH_EFFECT if effect else FORM
    return _pack_table(rows, _FORMS[form], form)


def unpack_rows(blob: bytes, most: int = _ROWS) -> TokenRows:
    """Decode at most that many rows. Raises BlobError."""
    form = next((one for one in _FORMS if _bytes(blob)[:1] == bytes([one])), FORM)
    rows = _unpack_table(blob, ROW, _FORMS[form], most, form)
    if form not in (WITH_STATE, WITH_BOTH):
        for name, _ in _STATE_COLUMNS:
            rows[name] = NOTHING
    return rows


def pack_layer(rows: LayerRows) -> bytes:
    """Encode any number of rows of a layer."""
    return _pack_table(rows, _LAYER_COLUMNS)


def unpack_layer(blob: bytes, most: int = _ROWS) -> LayerRows:
    """Decode at most that many rows of a layer. Raises BlobError."""
    return _unpack_table(blob, LAYER_ROW, _LAYER_COLUMNS, most)


def unpack_pieces(blobs: Iterable[bytes], count: int) -> TokenRows:
    """Decode the rows of blobs that belong together, exactly that many in all. Raises BlobError where they are
    fewer, or at the first blob that makes them more."""
    parts: list[TokenRows] = []
    found = 0
    for blob in blobs:
        part = unpack_rows(blob, min(_ROWS, count - found))
        if not len(part):
            raise BlobError(tr("of another width"))
        parts.append(part)
        found += len(part)
    if found != count:
        raise BlobError(tr("{found} rows of {count}").format(found=found, count=count))
    return joined(parts)


def _pack_table(rows: Table, columns: Sequence[tuple[str, str]], form: int = FORM) -> bytes:
    return _pack((_steps(rows[name]) if how else rows[name] for name, how in columns), form)


def _unpack_table(
    blob: bytes, kind: "np.dtype[np.void]", columns: Sequence[tuple[str, str]], most: int, form: int = FORM
) -> Table:
    width = sum(kind[name].itemsize for name, _ in columns)
    planes = _unpack(blob, width, min(_SMALL + _GROWTH * len(_bytes(blob)), most * width), form)
    rows: Table = np.zeros(planes.shape[1], kind)
    done = 0
    for name, how in columns:
        size = kind[name].itemsize
        column = np.ascontiguousarray(planes[done : done + size].T).view(kind[name])[:, 0]
        rows[name] = np.cumsum(column, dtype=column.dtype) if how else column
        done += size
    return rows


def _steps(column: Column) -> Column:
    return np.diff(column, prepend=column.dtype.type(0))


# ------------------------------------------------------------------------------------------------ alternatives


def pack_alternatives(rows: AlternativesBlock) -> bytes:
    """Encode any number of rows. The sampler chain often leaves the odds unchanged, so `final` is stored as its
    bitwise difference."""
    raw = rows.raw.view(np.uint32)
    apart = rows.final.view(np.uint32) ^ raw
    return _pack(table[:, place] for table in (rows.ids, raw, apart, rows.cut) for place in range(WIDTH))


def unpack_alternatives(first: int, blob: bytes) -> AlternativesBlock:
    """Decode the rows, the first of which has that number. Raises BlobError."""
    planes = _unpack(blob, _ALTERNATIVE_BYTES, BLOCK * _ALTERNATIVE_BYTES)
    raw = _table(planes, 4 * WIDTH, np.uint32)
    final = raw ^ _table(planes, 8 * WIDTH, np.uint32)
    cut = np.ascontiguousarray(planes[12 * WIDTH :].T)
    return AlternativesBlock(first, _table(planes, 0, np.int32), raw.view(np.float32), final.view(np.float32), cut)


def _table(planes: Column, first: int, kind: type[np.generic]) -> Column:
    return np.ascontiguousarray(planes[first : first + 4 * WIDTH].T).view(kind)


# ------------------------------------------------------------------------------------------------ numbers


def pack_numbers(numbers: Iterable[int]) -> bytes:
    """Encode 64-bit integers."""
    return np.array(list(numbers), "<i8").tobytes()


def unpack_numbers(blob: bytes) -> list[int]:
    """Decode the integers. Raises BlobError."""
    if len(_bytes(blob)) % 8:
        raise BlobError(tr("not whole numbers"))
    return np.frombuffer(blob, "<i8").tolist()


def unpack_pairs(blob: bytes) -> list[tuple[int, int]]:
    """Decode integers in pairs. Raises BlobError."""
    numbers = unpack_numbers(blob)
    if len(numbers) % 2:
        raise BlobError(tr("not pairs"))
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def flat(pairs: Sequence[tuple[int, int]]) -> Iterable[int]:
    return (number for pair in pairs for number in pair)


# ------------------------------------------------------------------------------------------------ planes


def _bytes(value: object) -> bytes:
    """The value as bytes; a column of a forged file may hold any type."""
    if not isinstance(value, bytes):
        raise BlobError(tr("a field is of another kind"))
    return value


def _pack(columns: Iterable[Column], form: int = FORM) -> bytes:
    planes = [_planes(column) for column in columns]
    return bytes([form]) + zlib.compress(b"".join(planes), LEVEL)


def _planes(column: Column) -> bytes:
    column = np.ascontiguousarray(column)
    return column.view(np.uint8).reshape(len(column), column.itemsize).T.tobytes()


def _unpack(blob: bytes, width: int, most: int, form: int = FORM) -> Column:
    """Decode byte planes of shape (width, rows), of at most `most` bytes, whatever a forged blob claims."""
    if not _bytes(blob) or blob[0] != form:
        raise BlobError(tr("an unknown form"))
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(blob[1:], most + 1)
    except zlib.error as error:
        raise BlobError("damaged") from error
    if not unpacking.eof or len(data) > most or len(data) % width:
        raise BlobError(tr("of another width"))
    return np.frombuffer(data, np.uint8).reshape(width, -1)
