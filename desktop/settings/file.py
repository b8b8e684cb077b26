"""The settings' file: JSON in the folder of settings, replaced whole, never half-written; what is wrong in it is told
in one sentence.

Keys it does not know stay in it. Knows no windows."""

import json
import os
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, cast

from desktop.settings.fields import Settings
from desktop.settings.values import MisfitError, about_any, from_json, kinds, table_to_json
from models.library.json_file import content_of
from models.library.outside_json import parse
from resources.language import tr, tr_count
from resources.reasons import reason

_NAMED = 4  # bad values that the sentence names before it counts


@dataclass(frozen=True, slots=True)
class Read:
    """sentence: what was wrong with the file, for the user; empty where nothing was."""

    settings: Settings
    sentence: str = ""


class SettingsFile:
    """The file at that path. Saving keeps the keys that the last `read` did not know."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, Any] = {}

    def read(self) -> Read:
        """The settings in the file; defaults for what is absent or wrong. A file that is no JSON object is kept beside
        as .damaged."""
        try:
            found = parse(content_of(self._path))
        except FileNotFoundError:
            return Read(Settings())
        except (OSError, ValueError) as error:
            return self._damaged(_why(error))
        if not isinstance(found, dict):
            return self._damaged(tr("it is no list of settings"))
        self._found = cast("dict[str, Any]", found)
        bad: list[str] = []
        settings = _table(Settings, self._found, "", bad)
        return Read(cast(Settings, settings), _sentence(bad))

    def save(self, settings: Settings) -> None:
        """Write to a new file beside it, to the disk, and put that in its place. Raises OSError; the old file is then
        whole."""
        whole = _merged(self._found, table_to_json(settings), Settings)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            with new.open("w", encoding="ascii") as file:
                json.dump(whole, file, indent=2, ensure_ascii=True)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        finally:
            new.unlink(missing_ok=True)
        self._found = whole

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
    """That table with what was found for its fields; the names of values that do not fit are added to `bad`."""
    types_of = kinds(table)
    values: dict[str, Any] = {}
    for one in fields(table):
        if one.name not in found:
            continue
        raw, kind, name = found[one.name], types_of[one.name], prefix + one.name
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


def _merged(found: dict[str, Any], known: dict[str, Any], table: type) -> dict[str, Any]:
    """What is to stand in the file: the keys that nobody knows as they were, the known ones as they are now."""
    types_of = kinds(table)
    whole = {key: value for key, value in found.items() if key not in types_of}
    for name, kind in types_of.items():
        inner = found.get(name)
        if is_dataclass(kind) and isinstance(inner, dict):
            nested = _merged(cast("dict[str, Any]", inner), known.get(name, {}), cast(type, kind))
            if nested:
                whole[name] = nested
        elif name in known:
            whole[name] = known[name]
    return whole
