"""Removes a model from this machine: into the system's trash, out of the hub's cache, or off the list.

Files in the program's folder or in an added folder go to the trash; in the hub's cache only what belongs to this model
is deleted (hub_cache.py). Nothing outside the folder that lists the model is touched (safe_delete.py): of a link only
the link is deleted, and a linked file stays. The caller must ask the user first.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.library import hub_cache, safe_delete, user_folders
from models.library.app_dirs import AppDirs
from models.library.local_models import LocalModel, identity_of
from models.library.safe_delete import Entry, NotOursError
from models.library.words import size
from resources.language import tr
from resources.reasons import message_of

Trash = Callable[[Path], None]  # puts a file into the trash; raises OSError


class RemovalError(Exception):
    """The model was not removed, or only in part. The message is one sentence for the user."""


class NoTrashError(RemovalError):
    """The trash does not take it: the caller may offer to delete it permanently."""


@dataclass(frozen=True, slots=True)
class Removal:
    """The result of a removal. freed: bytes; those in the trash are free once it is emptied. sentence: for the user."""

    freed: int
    sentence: str


def consequence(model: LocalModel, permanent: bool = False) -> str:
    """One sentence on what removing the model will do, for the question before."""
    match model.source:
        case "link":
            return tr("{name} is taken off the list; its file stays where it is.").format(name=model.name)
        case "hub cache":
            return tr("{name} is deleted from the hub's cache, for all programs: {size} are freed.").format(
                name=model.name, size=size(_cached_size(model))
            )
        case _ if all(map(os.path.islink, model.files)):
            return tr("{name} is a link: the link is deleted, and what it leads to stays.").format(name=model.name)
        case _ if permanent:
            return tr("{name} is deleted permanently: {size} are freed.").format(
                name=model.name, size=size(_weight(model))
            )
        case _:
            return tr("{name} goes to the trash: {size} are freed once that is emptied.").format(
                name=model.name, size=size(_weight(model))
            )


def remove(
    model: LocalModel,
    dirs: AppDirs,
    loaded: Path | None = None,
    permanent: bool = False,
    trash: Trash | None = None,
) -> Removal:
    """Remove the model. loaded: the file of the running model, which is not removed. permanent: delete without the
    trash. Raises RemovalError, NoTrashError.
    """
    if loaded is not None and any(_same(file, loaded) for file in model.files):
        raise RemovalError(tr("{name} is loaded: open another model first, then remove it.").format(name=model.name))
    match model.source:
        case "link":
            return _unlink(model, dirs)
        case "hub cache":
            return _delete_from_cache(model)
        case _:
            return _remove_files(model, dirs, None if permanent else trash or system_trash)


def system_trash(file: Path) -> None:
    """Put a file into the system's trash. Raises OSError if there is none for it."""
    from send2trash import send2trash

    send2trash(str(file))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _unlink(model: LocalModel, dirs: AppDirs) -> Removal:
    try:
        user_folders.unlink(model.path, dirs)
    except OSError as error:
        raise RemovalError(
            tr("The list of models cannot be written: {reason}.").format(reason=message_of(error))
        ) from error
    return Removal(0, tr("{name} is off the list; its file stays at {path}.").format(name=model.name, path=model.path))


def _remove_files(model: LocalModel, dirs: AppDirs, trash: Trash | None) -> Removal:
    """Remove the model's files. trash: None to delete permanently."""
    left = _entries(model, dirs)
    freed, links = safe_delete.freed(left), all(entry.is_link for entry in left)
    try:
        while left:
            _remove(left[-1], trash)
            left.pop()
    except NotOursError as error:
        raise _not_deleted(model, error) from error
    except OSError as error:
        raise _failure(model, len(left), trash is None, error) from error
    _tidy(model.path.parent, dirs.models)
    if trash is None or links:
        return Removal(freed, tr("{name} is deleted: {size} are free.").format(name=model.name, size=size(freed)))
    return Removal(
        freed,
        tr("{name} is in the trash: {size} are free once that is emptied.").format(name=model.name, size=size(freed)),
    )


def _entries(model: LocalModel, dirs: AppDirs) -> list[Entry]:
    """The model's files that exist: an earlier attempt may have removed some. Raises RemovalError if one of them is not
    the file that was listed, or is outside the folder that lists it.
    """
    try:
        _compare(model)
        root = _root(model, dirs)
        return [safe_delete.entry_of(file, root) for file in model.files if os.path.lexists(file)]
    except OSError as error:
        raise _not_deleted(model, error) from error


def _root(model: LocalModel, dirs: AppDirs) -> Path:
    """The folder that lists the model. Raises NotOursError if it is none of the user's."""
    folders = (dirs.models,) if model.source == "own" else user_folders.read(dirs).folders
    roots = [folder for folder in folders if model.path.is_relative_to(folder)]
    if not roots:
        raise NotOursError(safe_delete.OUTSIDE, model.path)
    return max(roots, key=lambda folder: len(folder.parts))


def _compare(model: LocalModel) -> None:
    """Raises NotOursError if a file was replaced since it was listed."""
    for file, identity in zip(model.files, model.identities, strict=False):
        if file.exists() and identity_of(file.stat()) != identity:
            raise NotOursError(safe_delete.CHANGED, file)


def _remove(entry: Entry, trash: Trash | None) -> None:
    if trash is None or entry.is_link:
        safe_delete.unlink(entry)
    else:
        safe_delete.check(entry)
        trash(entry.path)


def _not_deleted(model: LocalModel, error: OSError) -> RemovalError:
    return RemovalError(tr("{name} cannot be deleted: {reason}.").format(name=model.name, reason=message_of(error)))


def _failure(model: LocalModel, left: int, permanent: bool, error: OSError) -> RemovalError:
    name = model.name
    if gone := len(model.files) - left:
        name = tr("{name} ({gone} of its {files} files are gone already)").format(
            name=name, gone=gone, files=len(model.files)
        )
    if permanent:
        return RemovalError(tr("{name} cannot be deleted: {reason}.").format(name=name, reason=message_of(error)))
    return NoTrashError(
        tr("{name} cannot be put into the trash: {reason}. It can be deleted permanently.").format(
            name=name, reason=message_of(error)
        )
    )


def _weight(model: LocalModel) -> int:
    """Bytes that deleting the model's files frees."""
    return safe_delete.freed(safe_delete.entry_of(file, file.parent) for file in model.files if os.path.lexists(file))


def _tidy(folder: Path, own: Path) -> None:
    """Remove the empty folders of the model's repository in the program's folder."""
    while folder != own and folder.is_relative_to(own):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _delete_from_cache(model: LocalModel) -> Removal:
    try:
        _compare(model)
        freed = hub_cache.delete(hub_cache.cached(model.files))
    except OSError as error:
        raise RemovalError(
            tr("{name} cannot be deleted from the hub's cache: {reason}.").format(
                name=model.name, reason=message_of(error)
            )
        ) from error
    return Removal(
        freed,
        tr("{name} is deleted from the hub's cache: {size} are free.").format(name=model.name, size=size(freed)),
    )


def _cached_size(model: LocalModel) -> int:
    """Bytes that deleting the model from the hub's cache frees."""
    try:
        return hub_cache.cached(model.files).freed
    except OSError:
        return 0
