"""Sources, views, facts and operations as a page's file keeps them, and back.

What a later program added and this one does not know is left out, what is missing has its default. Knows no SQLite.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar, cast

from desktop.page.edit import Edit, Mark, Switch, Unmark
from desktop.page.forks import Content
from desktop.page.sources import Source
from desktop.page.token_table import NONE, TokenRows
from desktop.pagefile.delta import OperationPart
from desktop.pagefile.encoding import (
    BlobError,
    flat,
    pack_numbers,
    pack_rows,
    pack_text,
    unpack_pairs,
    unpack_rows,
    unpack_text,
)
from desktop.pagefile.values import Facts, View
from models.library.outside_json import parse
from models.sampling.knobs import NEUTRAL, Sampling
from resources.language import tr

OperationRow = tuple[str, int | None, int | None, int | None, bytes | None, bytes | None, bytes | None]
_Said = TypeVar("_Said", View, Facts)
_MOST = 2**31  # positions and counts stay below it, as Qt's do
_LATEST = 2.0**37  # seconds since 1970, which every calendar knows
_LONGEST = 2**20  # characters of an object
_LONGEST_TEXT = 2**16  # characters of a title, twice what a field takes, or of a name
_LIKE = Source("", seed=0)
_Value = TypeVar("_Value", View, Facts, Sampling, Source)


# ------------------------------------------------------------------------------------------------ json


def to_json(value: View | Facts | Source) -> str:
    """Its fields by name."""
    return json.dumps(asdict(value), ensure_ascii=True)


def view_from(text: object) -> View:
    """Raises BlobError."""
    return _plain(_known(View, _object(text)))


def facts_from(text: object) -> Facts:
    """Raises BlobError."""
    return _plain(_known(Facts, _object(text)))


def source_from(text: object) -> Source:
    """Raises BlobError."""
    found = _object(text)
    told: object = found.get("sampling", {})
    sampling = cast("dict[str, Any]", told) if isinstance(told, dict) else {}
    stop: object = sampling.get("stop", [])
    stops = tuple(cast("list[object]", stop)) if isinstance(stop, list) else ()
    source = _known(Source, {**found, "sampling": _known(Sampling, {**sampling, "stop": stops})})
    if not (_like(source.sampling, NEUTRAL) and _like(source, _LIKE) and all(isinstance(one, str) for one in stops)):
        raise BlobError(tr("a field is of another kind"))
    return source


def _like(value: object, other: object) -> bool:
    """Whether each field is of the kind that it is in the other one: whole numbers go for others, truths for none."""
    for one in fields(cast("Any", value)):
        found, wanted = getattr(value, one.name), getattr(other, one.name)
        whole = isinstance(wanted, float) and type(found) is int
        if type(found) is not type(wanted) and not whole and not (one.name == "seed" and found is None):
            return False
    return True


def _object(text: object) -> dict[str, Any]:
    try:
        found = parse(text) if isinstance(text, str | bytes) and len(text) <= _LONGEST else None
    except ValueError as error:
        raise BlobError(tr("not JSON")) from error
    if not isinstance(found, dict):
        raise BlobError(tr("not an object"))
    return cast("dict[str, Any]", found)


def _plain(value: _Said) -> _Said:
    """The same, if each field is what it should be: a number that Qt and the calendar know, or a text."""
    for one in fields(value):
        found: object = getattr(value, one.name)
        match one.default:
            case float():
                right = isinstance(found, int | float) and 0 <= found < _LATEST
            case bool():
                right = isinstance(found, bool)
            case str():
                right = isinstance(found, str) and len(found) <= _LONGEST_TEXT
            case _:
                right = isinstance(found, int) and 0 <= found < _MOST
        if not right:
            raise BlobError(tr("a field is of another kind"))
    return value


def _known(kind: type[_Value], found: Mapping[str, Any]) -> _Value:
    names = {field.name for field in fields(kind)}
    try:
        return kind(**{name: value for name, value in found.items() if name in names})
    except TypeError as error:
        raise BlobError(tr("a field is missing")) from error


# ------------------------------------------------------------------------------------------------ operations


def pack_operation(part: OperationPart) -> OperationRow:
    """kind, subject, start, removed, units, rows, anchors."""
    match part.operation:
        case Edit(passage=Content()) as edit:
            return _row("passage", part.number, edit.start, edit.removed, None, pack_some(edit.rows), edit.anchors)
        case Edit() as edit:
            units = pack_text(edit.units) if edit.units else None
            return _row("edit", edit.after_fork, edit.start, edit.removed, units, pack_some(edit.rows), edit.anchors)
        case Switch() as switch:
            return _row("switch", switch.fork, switch.branch, None)
        case Mark() as mark:
            return _row("mark", part.number, mark.position, None)
        case Unmark() as unmark:
            return _row("unmark", unmark.fork, None, None)


def _row(
    kind: str,
    subject: int,
    start: int | None,
    removed: int | None,
    units: bytes | None = None,
    rows: bytes | None = None,
    anchors: tuple[tuple[int, int], ...] = (),
) -> OperationRow:
    packed = pack_numbers(flat(anchors)) if anchors else None
    return kind, subject, start, removed, units, rows, packed


def edit_from(row: OperationRow, passage: Content | None = None) -> Edit:
    """Raises BlobError."""
    _, subject, start, removed, units, rows, anchors = row
    pairs = tuple(unpack_pairs(anchors)) if anchors else ()
    behind = subject or 0 if passage is None else 0
    return Edit(start or 0, removed or 0, unpack_text(units or b""), unpack_some(rows), pairs, behind, passage)


def pack_some(rows: TokenRows) -> bytes | None:
    """Rows where there are any."""
    return pack_rows(rows) if len(rows) else None


def unpack_some(blob: bytes | None) -> TokenRows:
    """Rows where there are any. Raises BlobError."""
    return unpack_rows(blob) if blob else NONE


def signed(number: int) -> int:
    """64 bits as SQLite keeps them."""
    return number - (1 << 64) if number >= 1 << 63 else number


def unsigned(number: int) -> int:
    return number & ((1 << 64) - 1)
