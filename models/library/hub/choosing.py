"""Which item of a repository is meant: by a file's name or path, a folder, a quantisation. Pure."""

from collections.abc import Sequence

from models.library.downloadable import Downloadable, Repository
from models.library.hub.address import Address
from models.library.short_names import labels
from resources.language import tr


class NotOneError(Exception):
    """No item is meant, or several are. Its text is one sentence that names those that there are."""


def chosen(repository: Repository, wanted: Address, usual: str) -> Downloadable:
    """The item that is meant. usual: the quantisation that is taken where none is named. Raises NotOneError."""
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
    said = wanted.quantisation or usual
    return _one(repository, by_file(inside, said) or _of_quantisation(inside, said), said)


def by_file(items: Sequence[Downloadable], file: str) -> list[Downloadable]:
    """Those that the file belongs to: by its path in the repository, else by the end of it, else in other case."""
    for fold in (str, str.lower):
        said = fold(file)
        exact = [item for item in items if said in map(fold, _paths(item))]
        found = exact or [item for item in items if any(path.endswith(f"/{said}") for path in map(fold, _paths(item)))]
        if found:
            return found
    return []


def _paths(item: Downloadable) -> tuple[str, ...]:
    """Of all its files, and of the one that they become."""
    return (*(file.name for file in item.files), item.path)


def _of_quantisation(items: Sequence[Downloadable], said: str) -> list[Downloadable]:
    return [item for item in items if said.lower() == item.quantisation.lower()]


def _is_inside(item: Downloadable, folder: str) -> bool:
    return not folder or item.path.lower().startswith(f"{folder.lower().strip('/')}/")


def _one(repository: Repository, found: Sequence[Downloadable], said: str) -> Downloadable:
    if len(found) == 1:
        return found[0]
    named = dict(zip(repository.items, labels([item.path for item in repository.items]), strict=True))
    if found:
        words = tr("Several files of {repository} are {wanted}; name one of: {several}.")
        several = ", ".join(named[item] for item in found)
    else:
        words = tr("{repository} has no {wanted}; name one of: {several}.")
        several = ", ".join(item.quantisation or named[item] for item in repository.items)
    raise NotOneError(words.format(repository=repository.listed.id, wanted=said, several=several))
