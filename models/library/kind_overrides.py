"""Where the user overruled what the program thinks of a model: base or chat. Kept by the file's fingerprint, so that it
holds wherever the file is moved, and for that file alone.
"""

from collections.abc import Mapping
from pathlib import Path

from models.library.app_dirs import AppDirs
from models.library.fingerprint import fingerprint
from models.library.json_file import change_json, read_json
from models.library.kind import ModelKind


def read(dirs: AppDirs) -> Mapping[str, ModelKind]:
    """What the user said of which fingerprint."""
    return {key: said for key, value in read_json(_file(dirs)).items() if (said := _verdict(value))}


def overrule(key: str, said: ModelKind | None, dirs: AppDirs) -> None:
    """Note what the user says of a fingerprint; None takes it back. Raises OSError where it cannot be written."""

    def with_it(found: dict[str, object]) -> Mapping[str, object]:
        others = {one: verdict for one, value in found.items() if one != key and (verdict := _verdict(value))}
        return others | ({key: said} if said else {})

    change_json(_file(dirs), with_it)


def said_of(path: Path, verdicts: Mapping[str, ModelKind]) -> ModelKind | None:
    """What the user said of that file, if anything."""
    try:
        return verdicts.get(fingerprint(path)) if verdicts else None
    except OSError:
        return None


def _file(dirs: AppDirs) -> Path:
    return dirs.data / "base-or-chat.json"


def _verdict(value: object) -> ModelKind | None:
    return "base" if value == "base" else "chat" if value == "chat" else None
