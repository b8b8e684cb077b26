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
from resources.language import tr, tr_count
from resources.reasons import reason

_ABSENT: Any = object()
_NAMED = 4  # bad values that the sentence names before it counts


@dataclass(frozen=True, slots=True)
class Read:
    """sentence: what was wrong with the file, for the user; empty where nothing was."""

    settings: Settings
    sentence: str = ""


class SettingsFile:
    """The file at that path. Saving keeps what nobody here knows, and what another process has changed meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, Any] = {}  # what stood in the file when it was last seen
        self._known: dict[str, Any] = {}  # what of that was ours

    def read(self) -> Read:
        """The settings in the file; defaults for what is absent or wrong. A file that is no JSON object is kept beside
        as .damaged."""
        try:
            text = self._path.read_text(encoding="utf-8")
            found = json.loads(text)
        except FileNotFoundError:
            return Read(Settings())
        except (OSError, ValueError, RecursionError) as error:
            return self._damaged(_why(error))
        if not isinstance(found, dict):
            return self._damaged(tr("it is no list of settings"))
        self._found = self._known = cast("dict[str, Any]", found)
        bad: list[str] = []
        settings = _table(Settings, self._found, "", bad)
        return Read(cast(Settings, settings), _sentence(bad))

    def save(self, settings: Settings) -> None:
        """Write to a new file beside it, to the disk, and put that in its place. Raises OSError; the old file is then
        whole."""
        known = table_to_json(settings)
        whole = _merged(self._now(), self._known, known, Settings)
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
        self._found, self._known = whole, known

    def _now(self) -> dict[str, Any]:
        """What stands in the file now: another process may have written it since."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return self._found
        return cast("dict[str, Any]", found) if isinstance(found, dict) else self._found

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


def _merged(now: dict[str, Any], before: dict[str, Any], known: dict[str, Any], table: type) -> dict[str, Any]:
    """What is to stand in the file: what stands there now, with all that has changed in the table from `before` to
    `known`."""
    whole = dict(now)
    for name, kind in kinds(table).items():
        inner, was, known_now = now.get(name), before.get(name, _ABSENT), known.get(name, _ABSENT)
        if is_dataclass(kind) and isinstance(inner, dict):
            inner, was = cast("dict[str, Any]", inner), cast("dict[str, Any]", was if isinstance(was, dict) else {})
            known_now = _merged(inner, was, known.get(name, {}), cast(type, kind)) or _ABSENT
        elif was == known_now:
            continue
        if known_now is _ABSENT:
            whole.pop(name, None)
        else:
            whole[name] = known_now
    return whole
