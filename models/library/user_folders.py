"""What the user pointed the program at: folders of models, and single files that stay where they are.

Kept in the data folder, for the window and the terminal alike. Whether anything is there is not asked here: a drive
that is away may come back.
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
    """Absolute paths, in the order in which they were added."""

    folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()


def read(dirs: AppDirs) -> Added:
    """What was added; nothing where the list is missing or damaged."""
    return _added(read_json(_file(dirs)))


def _added(found: dict[str, object]) -> Added:
    return Added(*(tuple(map(Path, filter(_possible, texts(found, key)))) for key in ("folders", "files")))


def add_folder(folder: Path, dirs: AppDirs) -> Added:
    """Look for models in that folder too. Raises OSError where the list cannot be written."""
    return _change(dirs, lambda added: replace(added, folders=_with(added.folders, folder)))


def link(file: Path, dirs: AppDirs) -> Added:
    """List that file too, where it lies; of a model in several files any of them will do. Raises OSError."""
    return _change(dirs, lambda added: replace(added, files=_with(added.files, _first(file))))


def unlink(file: Path, dirs: AppDirs) -> Added:
    """List that file no longer; it stays as it is. Raises OSError."""
    return _change(dirs, lambda added: replace(added, files=_without(added.files, _first(file))))


def _possible(path: str) -> bool:
    """Whether the system can be asked for such a path at all."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def _first(file: Path) -> Path:
    return next(iter(parts_of(file)), file)


def _file(dirs: AppDirs) -> Path:
    return dirs.data / "added-models.json"


def _change(dirs: AppDirs, change: Callable[[Added], Added]) -> Added:
    """The list after that change, with what others added meanwhile."""
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
