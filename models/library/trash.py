"""Removes a model from this machine: into the system's trash, out of the hub's cache, or off the list.

What lies in our folder or in one that was added goes to the trash. The hub's cache shares contents between its
entries, so that there huggingface_hub's own deletion decides what is really free then. A file that was only linked
stays where it is. Nothing is asked here: who calls has asked the user.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.library import added
from models.library.hub import access
from models.library.places import Places
from models.library.sources import LocalModel
from models.library.words import size
from resources.language import tr
from resources.reasons import told

if TYPE_CHECKING:
    from huggingface_hub import CachedFileInfo, HFCacheInfo

Trash = Callable[[Path], None]  # puts a file into the trash; raises OSError


class RemovalError(Exception):
    """The model was not removed, or not all of it. Its text is one sentence for the user."""


class NoTrashError(RemovalError):
    """There is no trash for it: the caller may offer to delete it for good."""


@dataclass(frozen=True, slots=True)
class Removal:
    """What removing a model came to. freed: bytes; of what is in the trash, they are free once that is emptied."""

    freed: int
    sentence: str


def consequence(model: LocalModel, permanent: bool = False) -> str:
    """What removing it will do, in a sentence for the question before."""
    match model.source:
        case "link":
            return tr("{name} is taken off the list; its file stays where it is.").format(name=model.name)
        case "hub cache":
            return tr("{name} is deleted from the hub's cache, for all programs: {size} are freed.").format(
                name=model.name, size=size(model.size)
            )
        case _ if permanent:
            return tr("{name} is deleted for good: {size} are freed.").format(
                name=model.name, size=size(_weight(model))
            )
        case _:
            return tr("{name} goes to the trash: {size} are freed once that is emptied.").format(
                name=model.name, size=size(_weight(model))
            )


def remove(
    model: LocalModel,
    places: Places,
    loaded: Path | None = None,
    permanent: bool = False,
    trash: Trash | None = None,
) -> Removal:
    """Remove it. loaded: the file that is running now, which is not removed. permanent: delete, without the trash.
    Raises RemovalError, NoTrashError.
    """
    if loaded is not None and any(_same(file, loaded) for file in model.files):
        raise RemovalError(tr("{name} is loaded: open another model first, then remove it.").format(name=model.name))
    match model.source:
        case "link":
            return _unlink(model, places)
        case "hub cache":
            return _delete_from_cache(model)
        case _:
            return _remove_files(model, places, Path.unlink if permanent else trash or system_trash, permanent)


def system_trash(file: Path) -> None:
    """Put a file into the trash of the system. Raises OSError where there is none for it."""
    from send2trash import send2trash

    send2trash(str(file))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _unlink(model: LocalModel, places: Places) -> Removal:
    try:
        added.unlink(model.path, places)
    except OSError as error:
        raise RemovalError(
            tr("The list of models cannot be written: {reason}.").format(reason=_reason(error))
        ) from error
    return Removal(0, tr("{name} is off the list; its file stays at {path}.").format(name=model.name, path=model.path))


def _remove_files(model: LocalModel, places: Places, away: Trash, permanent: bool) -> Removal:
    freed = _weight(model)
    left = [file for file in model.files if file.exists() or file.is_symlink()]  # an earlier try may have taken some
    try:
        while left:
            away(left[-1])
            left.pop()
    except OSError as error:
        raise _failure(model, len(left), permanent, error) from error
    _tidy(model.path.parent, places.models)
    if permanent:
        return Removal(freed, tr("{name} is deleted: {size} are free.").format(name=model.name, size=size(freed)))
    return Removal(
        freed,
        tr("{name} is in the trash: {size} are free once that is emptied.").format(name=model.name, size=size(freed)),
    )


def _failure(model: LocalModel, left: int, permanent: bool, error: OSError) -> RemovalError:
    name = model.name
    if gone := len(model.files) - left:
        name = tr("{name} ({gone} of its {files} files are gone already)").format(
            name=name, gone=gone, files=len(model.files)
        )
    if permanent:
        return RemovalError(tr("{name} cannot be deleted: {reason}.").format(name=name, reason=_reason(error)))
    return NoTrashError(
        tr("{name} cannot be put into the trash: {reason}. It can be deleted for good.").format(
            name=name, reason=_reason(error)
        )
    )


def _weight(model: LocalModel) -> int:
    """Bytes that are free without its files: none for a link to a file that stays, or that has another name too."""
    found = [file.lstat() for file in model.files if file.exists() and not file.is_symlink()]
    return sum(one.st_size for one in found if one.st_nlink == 1)


def _tidy(folder: Path, own: Path) -> None:
    """Take away the folders that were made for the model's repository in ours, where nothing is left in them."""
    while folder != own and folder.is_relative_to(own):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _delete_from_cache(model: LocalModel) -> Removal:
    access.prepare()
    from huggingface_hub import scan_cache_dir
    from huggingface_hub.errors import CacheNotFound

    try:
        cache = scan_cache_dir(_cache_of(model.path))
        strategy = cache.delete_files(*_entries(cache, model))
        if not strategy.files:
            raise RemovalError(
                tr("The hub's cache is damaged: {path} has to be deleted by hand.").format(path=model.path)
            )
        strategy.execute()
    except (OSError, ValueError, CacheNotFound) as error:
        raise RemovalError(
            tr("{name} cannot be deleted from the hub's cache: {reason}.").format(
                name=model.name, reason=_reason(error)
            )
        ) from error
    if any(file.exists() for file in (*model.files, *strategy.blobs)):
        raise RemovalError(
            tr("{name} cannot be deleted from the hub's cache: this user may not write there.").format(name=model.name)
        )
    return Removal(
        strategy.expected_freed_size,
        tr("{name} is deleted from the hub's cache: {size} are free.").format(
            name=model.name, size=size(strategy.expected_freed_size)
        ),
    )


def _cache_of(path: Path) -> Path:
    return next(folder.parent for folder in path.parents if folder.name.startswith("models--"))


def _entries(cache: "HFCacheInfo", model: LocalModel) -> list["CachedFileInfo"]:
    """Every entry of the cache that has the content of one of the model's files, in whichever commits."""
    files = [file for repo in cache.repos for revision in repo.revisions for file in revision.files]
    contents = {file.blob_path for file in files if file.file_path in model.files}
    return [file for file in files if file.blob_path in contents]


def _reason(error: Exception) -> str:
    return told(error)
