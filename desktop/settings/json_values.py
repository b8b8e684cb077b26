"""Converts a setting's value to JSON and back; refuses values that do not fit their field. Pure."""

import base64
import binascii
import math
import types
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any, cast, get_args, get_type_hints

from desktop.settings.fields import FieldInfo, bounds_of_knob
from models.sampling import knob_checks

MOST_STRINGS = knob_checks.MOST_STOPS  # in one list


class MisfitError(ValueError):
    """A value does not fit its field. Has no message: the reader of the file collects the names."""


def about_any(one: Field[Any]) -> FieldInfo:
    """The declaration of a field of Settings or of Sampling."""
    return cast(FieldInfo, one.metadata["info"]) if "info" in one.metadata else bounds_of_knob(one.metadata)


def stored_key(one: Field[Any]) -> str:
    """The name of the field in the file."""
    return about_any(one).key or one.name


def kinds(table: type) -> dict[str, Any]:
    """The type of every field, by name."""
    return get_type_hints(table)


def to_json(value: Any) -> Any:
    """Convert a value: bytes to base64 text, a tuple to a list, a dataclass to an object of its non-default fields."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, tuple):
        return list(cast("tuple[Any, ...]", value))
    if is_dataclass(value) and not isinstance(value, type):
        return table_to_json(value)
    return value


def table_to_json(table: Any) -> dict[str, Any]:
    """The fields that differ from their defaults. A later version's new default then reaches users who never chose."""
    default = type(table)()
    return {
        stored_key(one): to_json(getattr(table, one.name))
        for one in fields(table)
        if getattr(table, one.name) != getattr(default, one.name)
    }


def from_json(raw: Any, kind: Any, limits: FieldInfo) -> Any:
    """Convert JSON to a value of that type within the field's bounds. Raises MisfitError."""
    if isinstance(kind, types.UnionType):
        return None if raw is None else from_json(raw, get_args(kind)[0], limits)
    reader = _READERS.get(kind)
    if reader is None:
        raise TypeError(f"no reader for settings of type {kind}")
    return reader(raw, limits)


def _flag(raw: Any, limits: FieldInfo) -> bool:  # noqa: ARG001
    if not isinstance(raw, bool):
        raise MisfitError
    return raw


def _whole(raw: Any, limits: FieldInfo) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not limits.low <= raw <= limits.high:
        raise MisfitError
    return raw


def _number(raw: Any, limits: FieldInfo) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not limits.low <= raw <= limits.high:
        raise MisfitError
    return float(raw)


def _text(raw: Any, limits: FieldInfo) -> str:
    if not isinstance(raw, str) or len(raw) > limits.high or (limits.choices and raw not in limits.choices):
        raise MisfitError
    return raw


def _texts(raw: Any, limits: FieldInfo) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise MisfitError
    several = cast("list[Any]", raw)
    if len(several) > MOST_STRINGS:
        raise MisfitError
    return tuple(_text(one, limits) for one in several)


def _numbers(raw: Any, limits: FieldInfo) -> tuple[int, ...]:
    if not isinstance(raw, list) or len(cast("list[Any]", raw)) != limits.count:
        raise MisfitError
    return tuple(_whole(one, limits) for one in cast("list[Any]", raw))


def _bytes(raw: Any, limits: FieldInfo) -> bytes:
    try:
        return base64.b64decode(_text(raw, FieldInfo(high=math.ceil(limits.high * 1.5))), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MisfitError from error


_READERS: Mapping[Any, Any] = {
    bool: _flag,
    int: _whole,
    float: _number,
    str: _text,
    tuple[str, ...]: _texts,
    tuple[int, ...]: _numbers,
    bytes: _bytes,
}
