"""Converts sources, views, facts and operations to columns of a page's file, and back.

Fields that a later program added are ignored; missing ones get their default. Imports no SQLite.
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
from models.engine.conditions import Conditions
from models.library.outside_json import parse
from models.sampling.knobs import NEUTRAL, TEXTS, Sampling
from resources.language import tr

OperationRow = tuple[str, int | None, int | None, int | None, bytes | None, bytes | None, bytes | None]
_Value = TypeVar("_Value", View, Facts)
_MOST = 2**31  # positions and counts stay below it, as Qt's do
_LATEST = 2.0**37  # seconds since 1970, which every calendar knows
_LONGEST = 2**20  # characters of an object
_LONGEST_TEXT = 2**16  # characters of a title, twice what a field takes, or of a name
_LIKE = Source("", seed=0)
_STORED_AS = {"n_keep": "keep"}  # fields that have another name in the file
_Value = TypeVar("_Value", View, Facts, Sampling, Conditions, Source)


# ------------------------------------------------------------------------------------------------ json


def to_json(value: View | Facts | Source) -> str:
    """A dataclass as JSON, its fields by their names in the file."""
    stored = {_STORED_AS.get(name, name): field for name, field in asdict(value).items()}
    return json.dumps(stored, ensure_ascii=True)


def view_from(text: object) -> View:
    """A View from JSON. Raises BlobError."""
    return _plain(_known(View, _object(text)))


def facts_from(text: object) -> Facts:
    """Facts from JSON. Raises BlobError."""
    return _plain(_known(Facts, _object(text)))


def source_from(text: object) -> Source:
    """A Source from JSON. Raises BlobError."""
    found = _object(text)
    sampling, conditions = _part(found, "sampling"), _part(found, "conditions")
    texts = {name: _tuple(sampling, name) for name in TEXTS if name in sampling}
    widths = _tuple(conditions, "widths")
    source = _known(
        Source,
        {
            **found,
            "sampling": _known(Sampling, {**sampling, **texts}),
            "conditions": _known(Conditions, {**conditions, "widths": widths}),
            "banned": _tuple(found, "banned"),
        },
    )
    right = all(isinstance(text, str) for several in texts.values() for text in several)
    right = right and all(type(one) is int for one in (*widths, *source.banned))
    alike = _like(source.sampling, NEUTRAL) and _like(source.conditions, _LIKE.conditions) and _like(source, _LIKE)
    if not (right and alike):
        raise BlobError(tr("a field is of another kind"))
    return source


def _part(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The object under that name; an empty one where there is none."""
    part: object = found.get(name, {})
    return cast("dict[str, Any]", part) if isinstance(part, dict) else {}


def _tuple(found: Mapping[str, Any], name: str) -> tuple[object, ...]:
    """The list under that name as a tuple; an empty one where there is none."""
    part: object = found.get(name, [])
    return tuple(cast("list[object]", part)) if isinstance(part, list) else ()


def _like(value: object, other: object) -> bool:
    """Whether each field has the type of the same field of the other: integers may stand for floats, booleans for
    nothing."""
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


def _plain(value: _Value) -> _Value:
    """The object, if each field is valid: a number that Qt and the calendar accept, or a text. Raises BlobError."""
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
    names = {_STORED_AS.get(field.name, field.name): field.name for field in fields(kind)}
    try:
        return kind(**{names[key]: value for key, value in found.items() if key in names})
    except TypeError as error:
        raise BlobError(tr("a field is missing")) from error


# ------------------------------------------------------------------------------------------------ operations


def pack_operation(part: OperationPart) -> OperationRow:
    """An operation as its columns: kind, subject, start, removed, units, rows, anchors."""
    match part.operation:
        case Edit(passage=Content()) as edit:
            return _row("passage", part.number, edit.start, edit.removed, None, pack_some(edit.rows), edit.anchors)
        case Edit() as edit:
            units = pack_text(edit.units) if edit.units else None
            return _row("edit", edit.after_fork, edit.start, edit.removed, units, pack_some(edit.rows), edit.anchors)
        case Switch() as switch:
            return _row("switch", switch.fork, switch.branch, None)
        case Mark() as mark:
            around = ((mark.around, 0),) if mark.around else ()
            return _row("mark", part.number, mark.position, int(mark.whole), anchors=around)
        case Unmark() as unmark:
            return _row("unmark", unmark.fork, None, int(unmark.whole))


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
    """An Edit from its columns. Raises BlobError."""
    _, subject, start, removed, units, rows, anchors = row
    pairs = tuple(unpack_pairs(anchors)) if anchors else ()
    behind = subject or 0 if passage is None else 0
    return Edit(start or 0, removed or 0, unpack_text(units or b""), unpack_some(rows), pairs, behind, passage)


def around_from(anchors: bytes | None) -> int:
    """The id of the fork that a Mark puts its own around, from its column; 0 for none. Raises BlobError."""
    return next((fork for fork, _ in unpack_pairs(anchors)), 0) if anchors else 0


def pack_some(rows: TokenRows) -> bytes | None:
    """Rows as a blob; None where there are none."""
    return pack_rows(rows) if len(rows) else None


def unpack_some(blob: bytes | None) -> TokenRows:
    """Rows from a blob, or none from None. Raises BlobError."""
    return unpack_rows(blob) if blob else NONE


def signed(number: int) -> int:
    """An unsigned 64-bit number as SQLite stores it."""
    return number - (1 << 64) if number >= 1 << 63 else number


def unsigned(number: int) -> int:
    return number & ((1 << 64) - 1)
