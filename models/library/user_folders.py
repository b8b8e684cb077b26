"""The folders and single files of models that the user added, stored in a JSON file in the data folder.

Entries are not checked for existence: a drive may be absent for a while.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from models.library.app_dirs import AppDirs
from models.library.json_file import change_json, read_json, texts
from models.library.split import parts_of


@dataclass(frozen=True, slots=True)
class Added:
    """Absolute paths, in the order they were added."""

    folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()


def read(dirs: AppDirs) -> Added:
    """The folders and files that the user added; none if the file is missing or damaged."""
    return _added(read_json(_file(dirs)))


def _added(found: dict[str, object]) -> Added:
    return Added(*(tuple(map(Path, filter(_possible, texts(found, key)))) for key in ("folders", "files")))


def add_folder(folder: Path, dirs: AppDirs) -> Added:
    """Add a folder of models. Returns the new list. Raises OSError if it cannot be written."""
    return _change(dirs, lambda added: replace(added, folders=_with(added.folders, folder)))


def link(file: Path, dirs: AppDirs) -> Added:
    """Add a file (of a model in several files any one). Returns the new list. Raises OSError."""
    return _change(dirs, lambda added: replace(added, files=_with(added.files, _first(file))))


def unlink(file: Path, dirs: AppDirs) -> Added:
    """Take a file off the list, without deleting it. Returns the new list. Raises OSError."""
    return _change(dirs, lambda added: replace(added, files=_without(added.files, _first(file))))


def _possible(path: str) -> bool:
    """Whether the system accepts such a path."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def _first(file: Path) -> Path:
    return next(iter(parts_of(file)), file)


def _file(dirs: AppDirs) -> Path:
    return dirs.data / "added-models.json"


def _change(dirs: AppDirs, change: Callable[[Added], Added]) -> Added:
    """Change the list under a lock. Returns the new list. Raises OSError."""
    added = Added()

    def changed(found: dict[str, object]) -> dict[str, object]:
        nonlocal added
        before = _added(found)
        added = change(before)
        if added == before:
            return found
        return {"folders": [str(path) for path in added.folders], "files": [str(path) for path in added.files]}

    change_json(_file(dirs), changed)
    return added


def _with(paths: tuple[Path, ...], path: Path) -> tuple[Path, ...]:
    return (*_without(paths, path), path.absolute())


def _without(paths: tuple[Path, ...], path: Path) -> tuple[Path, ...]:
    return tuple(one for one in paths if one != path.absolute())
