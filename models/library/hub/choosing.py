"""Chooses the item of a repository that an address means: by a file, a folder or a quantisation. Pure."""

from collections.abc import Sequence

from models.library.downloadable import Downloadable, Repository
from models.library.hub.address import Address
from models.library.short_names import labels
from resources.language import tr


class NotOneError(Exception):
    """No item matches, or several do. The message is one sentence that lists the items to choose from."""


def chosen(repository: Repository, wanted: Address, usual: str) -> Downloadable:
    """The item that `wanted` means. usual: the quantisation to take if none is given. Raises NotOneError."""
    repo, items = repository.listed.id, repository.items
    if not items:
        raise NotOneError(tr("{name} holds no GGUF model.").format(name=repo))
    if wanted.file:
        return _one(repository, by_file(items, wanted.file), wanted.file)
    inside = [item for item in items if _is_inside(item, wanted.folder)]
    if wanted.folder and not inside:
        return _one(repository, (), wanted.folder)
    if not wanted.quantisation and len(inside) == 1:
        return inside[0]
    wanted_name = wanted.quantisation or usual
    return _one(repository, by_file(inside, wanted_name) or _of_quantisation(inside, wanted_name), wanted_name)


def by_file(items: Sequence[Downloadable], file: str) -> list[Downloadable]:
    """The items with that file: by its path in the repository, else by the path's end, else ignoring case."""
    for fold in (str, str.lower):
        wanted_name = fold(file)
        exact = [item for item in items if wanted_name in map(fold, _paths(item))]
        found = exact or [
            item for item in items if any(path.endswith(f"/{wanted_name}") for path in map(fold, _paths(item)))
        ]
        if found:
            return found
    return []


def _paths(item: Downloadable) -> tuple[str, ...]:
    """The paths of its files, and of the file joined from them."""
    return (*(file.name for file in item.files), item.path)


def _of_quantisation(items: Sequence[Downloadable], wanted_name: str) -> list[Downloadable]:
    return [item for item in items if wanted_name.lower() == item.quantisation.lower()]


def _is_inside(item: Downloadable, folder: str) -> bool:
    return not folder or item.path.lower().startswith(f"{folder.lower().strip('/')}/")


def _one(repository: Repository, found: Sequence[Downloadable], wanted_name: str) -> Downloadable:
    if len(found) == 1:
        return found[0]
    named = dict(zip(repository.items, labels([item.path for item in repository.items]), strict=True))
    if found:
        words = tr("Several files of {repository} are {wanted}; name one of: {several}.")
        several = ", ".join(named[item] for item in found)
    else:
        words = tr("{repository} has no {wanted}; name one of: {several}.")
        several = ", ".join(item.quantisation or named[item] for item in repository.items)
    raise NotOneError(words.format(repository=repository.listed.id, wanted=wanted_name, several=several))
