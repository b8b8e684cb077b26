"""Deletes a model from the hub's cache: its links, and the contents that belong to its repository alone.

A repository's folder there has `blobs` (contents) and `snapshots` (one folder a commit, with links to the contents). Of
a link that leads elsewhere, only the link is deleted. Contents that huggingface_hub shares between repositories are
deleted by huggingface_hub.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from models.library.hub import client
from models.library.safe_delete import OUTSIDE, Entry, NotOursError, entry_of, freed, unlink


@dataclass(frozen=True, slots=True)
class Cached:
    """A model's files in the cache. links: in snapshots. contents: in blobs. shared: links in blobs to a content that
    other repositories may use, with that content's path.
    """

    cache: Path
    links: tuple[Entry, ...]
    contents: tuple[Entry, ...]
    shared: tuple[tuple[Entry, Path], ...]

    @property
    def freed(self) -> int:
        """Bytes that deleting it frees."""
        alone = sum(path.stat().st_size for _, path in self.shared if _has_one_user(path))
        return freed((*self.links, *self.contents)) + alone


def cached(files: Iterable[Path]) -> Cached:
    """The cached files of the model with these files. Raises NotOursError, OSError."""
    files = tuple(files)
    repository = repository_of(files[0])
    cache = Path(os.path.realpath(repository.parent))
    root = cache / repository.name
    if os.path.realpath(root) != str(root):  # a link to another folder
        raise NotOursError(OUTSIDE, root)
    wanted = {blob for file in files if os.path.lexists(file) and (blob := _blob(file, root))}
    links = [entry_of(file, root) for file in files if os.path.lexists(file)]
    links += [entry_of(link, root) for link in _links(root / "snapshots") if _blob(link, root) in wanted]
    blobs = [entry_of(blob, root) for blob in sorted(wanted) if os.path.lexists(blob)]
    shared = {blob: payload for blob in blobs if blob.is_link and (payload := _payload(blob.path, cache))}
    contents = tuple(blob for blob in blobs if blob not in shared)
    return Cached(cache, tuple(dict.fromkeys(links)), contents, tuple(shared.items()))


def repository_of(path: Path) -> Path:
    """The folder of a file's repository in the cache."""
    folders = pairwise(path.parents)
    return next(above for below, above in folders if below.name == "snapshots" and above.name.startswith("models--"))


def delete(found: Cached) -> int:
    """Delete it, links first, so that a failure leaves no dangling link. Returns the bytes freed. Raises OSError."""
    count = freed((*found.links, *found.contents))
    for entry in (*found.links, *found.contents):
        unlink(entry)
    shared = {payload: payload.stat().st_size for _, payload in found.shared}
    _let_go_of_shared(found)
    return count + sum(size for payload, size in shared.items() if not payload.exists())


def _let_go_of_shared(found: Cached) -> None:
    """Let huggingface_hub delete the shared contents that no other repository uses."""
    if not found.shared:
        return
    client.prepare()
    from huggingface_hub import DeleteCacheStrategy

    nothing: frozenset[Path] = frozenset()
    blobs = frozenset(entry.path for entry, _ in found.shared)
    DeleteCacheStrategy(0, blobs, nothing, nothing, nothing, nothing, found.cache).execute()


def _blob(link: Path, root: Path) -> Path | None:
    """The content in the repository's own `blobs` that a link names; None if it names anything else."""
    if not link.is_symlink():
        return None
    named = Path(os.path.normpath(Path(os.path.realpath(link.parent)) / link.readlink()))
    own = root / "blobs"
    return own / named.name if os.path.realpath(named.parent) == str(own) else None


def _links(snapshots: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(snapshots):
        yield from (path for name in names if (path := Path(folder, name)).is_symlink())


def _payload(blob: Path, cache: Path) -> Path | None:
    """The shared content that a link in `blobs` leads to; None if that is not in huggingface_hub's store."""
    real = Path(os.path.realpath(blob))
    store = cache / "blobs"
    return real if real.is_file() and real.parent.parent == store else None


def _has_one_user(payload: Path) -> bool:
    """Whether one repository uses it, by the list that huggingface_hub stores beside it."""
    try:
        return len(payload.with_name(f"{payload.name}.refs").read_text(encoding="utf-8").split()) == 1
    except (OSError, ValueError):
        return False
