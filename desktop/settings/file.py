"""Reads and writes the settings' file: one JSON object, written atomically.

Values that do not fit are replaced by defaults and reported in one sentence. Unknown keys stay in the file."""

import json
from dataclasses import Field, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, cast

from desktop.settings.fields import Settings
from desktop.settings.json_values import MisfitError, about_any, from_json, kinds, stored_key, table_to_json
from models.library.download.locking import held
from models.library.json_file import content_of, read_json, write_json
from models.library.outside_json import parse
from models.library.permissions import make_folder
from resources.language import tr, tr_count
from resources.reasons import reason

_NOTHING = object()  # stands for a missing value
_NAMED = 4  # bad values that the sentence names; it counts the rest


@dataclass(frozen=True, slots=True)
class Read:
    """The settings that were read. sentence: what was wrong with the file, for the user; empty if nothing was."""

    settings: Settings
    sentence: str = ""


class SettingsFile:
    """The file at a path. Unknown keys survive a save."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, Any] = {}
        self._known: dict[str, Any] = {}  # the settings as they were last read or saved

    def read(self) -> Read:
        """Read the file; missing and bad values are defaults. A file that is no JSON object is renamed to .damaged."""
        try:
            found = parse(content_of(self._path))
        except FileNotFoundError:
            return Read(Settings())
        except (OSError, ValueError) as error:
            return self._damaged(_why(error))
        if not isinstance(found, dict):
            return self._damaged(tr("it does not hold settings"))
        self._found = cast("dict[str, Any]", found)
        bad: list[str] = []
        settings = _table(Settings, self._found, "", bad)
        self._known = table_to_json(settings)
        return Read(cast(Settings, settings), _sentence(bad))

    def save(self, settings: Settings) -> None:
        """Write the fields that were changed since the last `read` or `save`; changes that another process made
        meanwhile stay. Raises OSError; the old file is unchanged then."""
        ours = table_to_json(settings)
        make_folder(self._path.parent)
        with held(self._path):
            found = read_json(self._path) or self._found
            merged = _merged(found, ours, self._known, Settings)
            write_json(self._path, merged)
        self._found, self._known = merged, ours

    def _damaged(self, why: str) -> Read:
        aside = self._path.with_name(self._path.name + ".damaged")
        try:
            self._path.replace(aside)
        except OSError:
            sentence = tr("The settings in {path} could not be read ({reason}); the defaults are used.")
            return Read(Settings(), sentence.format(path=self._path, reason=why))
        sentence = tr(
            "The settings could not be read ({reason}); the defaults are used, and the old file is kept as {aside}."
        )
        return Read(Settings(), sentence.format(reason=why, aside=aside))


def _why(error: Exception) -> str:
    match error:
        case OSError():
            return reason(error, tr("the system refused"))
        case UnicodeDecodeError():
            return tr("it is not UTF-8")
        case json.JSONDecodeError():
            return tr("line {number} is not JSON").format(number=error.lineno)
        case _:
            return tr("it is not JSON")


def _table(table: type, found: dict[str, Any], prefix: str, bad: list[str]) -> Any:
    """Make the dataclass from the values found for its fields; add the names of values that do not fit to `bad`."""
    types_of = kinds(table)
    values: dict[str, Any] = {}
    for one in fields(table):
        key = stored_key(one)
        if key not in found:
            continue
        raw, kind, name = found[key], types_of[one.name], prefix + key
        try:
            if not is_dataclass(kind):
                values[one.name] = from_json(raw, kind, about_any(one))
            elif isinstance(raw, dict):
                values[one.name] = _table(cast(type, kind), cast("dict[str, Any]", raw), f"{name}.", bad)
            else:
                bad.append(name)
        except MisfitError:
            bad.append(name)
    return table(**values)


def _sentence(bad: list[str]) -> str:
    if not bad:
        return ""
    names = ", ".join(bad[:_NAMED])
    if len(bad) > _NAMED:
        names = tr("{names} and {count} more").format(names=names, count=len(bad) - _NAMED)
    return tr_count(
        "The setting {names} had a value that cannot be used; its default is used instead.",
        "The settings {names} had values that cannot be used; their defaults are used instead.",
        len(bad),
    ).format(names=names)


def _merged(found: dict[str, Any], ours: dict[str, Any], before: dict[str, Any], table: type) -> dict[str, Any]:
    """The new content of the file. found: its content now, perhaps of another process. before: `ours` when it was last
    read or saved. Unknown keys stay, and so do found values that fit and were not changed here."""
    types_of = kinds(table)
    known = {stored_key(one) for one in fields(table)}
    whole = {key: value for key, value in found.items() if key not in known}
    for one in fields(table):
        name, kind = stored_key(one), types_of[one.name]
        if is_dataclass(kind):
            if nested := _merged(_inner(found, name), _inner(ours, name), _inner(before, name), cast(type, kind)):
                whole[name] = nested
            continue
        unchanged = ours.get(name, _NOTHING) == before.get(name, _NOTHING)
        source = found if unchanged and (name not in found or _fits(found[name], kind, one)) else ours
        if name in source:
            whole[name] = source[name]
    return whole


def _inner(table: dict[str, Any], name: str) -> dict[str, Any]:
    inner = table.get(name)
    return cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}


def _fits(raw: Any, kind: Any, one: Field[Any]) -> bool:
    try:
        from_json(raw, kind, about_any(one))
    except MisfitError:
        return False
    return True
