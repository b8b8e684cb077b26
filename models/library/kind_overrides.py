"""The user's own word on which models are base and which are chat, stored by the file's fingerprint.

An override thus stays with the file when it is moved, and applies to that file alone.
"""

from collections.abc import Mapping
from pathlib import Path

from models.library.app_dirs import AppDirs
from models.library.fingerprint import fingerprint
from models.library.json_file import change_json, read_json
from models.library.kind import ModelKind


def read(dirs: AppDirs) -> Mapping[str, ModelKind]:
    """All overrides, by fingerprint."""
    return {key: kind for key, value in read_json(_file(dirs)).items() if (kind := _kind(value))}


def overrule(key: str, override: ModelKind | None, dirs: AppDirs) -> None:
    """Store the override of a fingerprint; None removes it. Raises OSError if the file cannot be written."""

    def with_it(found: dict[str, object]) -> Mapping[str, object]:
        others = {one: kind for one, value in found.items() if one != key and (kind := _kind(value))}
        return others | ({key: override} if override else {})

    change_json(_file(dirs), with_it)


def override_of(path: Path, overrides: Mapping[str, ModelKind]) -> ModelKind | None:
    """The override of that file, None if there is none or the file cannot be read."""
    try:
        return overrides.get(fingerprint(path)) if overrides else None
    except OSError:
        return None


def _file(dirs: AppDirs) -> Path:
    return dirs.data / "base-or-chat.json"


def _kind(value: object) -> ModelKind | None:
    return "base" if value == "base" else "chat" if value == "chat" else None
