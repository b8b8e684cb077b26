"""Lists the models on this machine: in the program's folder, the hub's cache, and the folders and files the user added.

No file is copied. Files that are missing, incomplete or already listed are left out. model_facts.py reads the headers;
here they are read only for names that may be an importance matrix's.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

from models.library import starter, user_folders
from models.library.app_dirs import AppDirs, repo_of
from models.library.header import HeaderError, read_header
from models.library.hub.naming import BESIDE, may_be_imatrix
from models.library.kind import KindFinding
from models.library.short_names import labels
from models.library.split import is_later_part, model_name, parts_of

Source = Literal["own", "hub cache", "folder", "link"]


@dataclass(frozen=True, slots=True)
class Summary:
    """A few facts of a header. licence: an id as in "apache-2.0". 0 or "": not in the header."""

    architecture: str
    parameters: int
    licence: str


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model on this machine. path: the file to open. files: all its files, in order. size: bytes of all of them.
    repo: owner/name on the hub if its folder names it, else "". kind, summary: None until model_facts.describe.
    problem: one sentence, why it cannot be opened; damaged: the file is. identities: device and inode of each of
    `files` when it was listed.
    """

    name: str
    path: Path
    files: tuple[Path, ...]
    size: int
    source: Source
    repo: str = ""
    kind: KindFinding | None = None
    summary: Summary | None = None
    problem: str = ""
    damaged: bool = False
    identities: tuple[tuple[int, int], ...] = ()


def with_distinct_names(models: Sequence[LocalModel]) -> tuple[LocalModel, ...]:
    """The models with distinct names: equal names get enough of their paths to differ."""
    taken = Counter(model.name.lower() for model in models)
    shared = [model for model in models if taken[model.name.lower()] > 1]
    names = labels([(model.path.parent / model.name).as_posix() for model in shared])
    longer = {id(model): name for model, name in zip(shared, names, strict=True)}
    return tuple(replace(model, name=longer.get(id(model), model.name)) for model in models)


def identity_of(found: os.stat_result) -> tuple[int, int]:
    """The device and inode of a file, which identify it among existing files."""
    return found.st_dev, found.st_ino


def never() -> bool:
    """A `stopped` that never stops."""
    return False


def local_models(
    dirs: AppDirs, environment: Mapping[str, str] = os.environ, stopped: Callable[[], bool] = never
) -> Iterator[LocalModel]:
    """Yield every model as it is found, each file once. stopped: polled, true to end."""
    seen: set[tuple[int, int]] = set()
    for source, paths in _everywhere(dirs, environment, stopped):
        for path in paths:
            if not _is_beside_a_model(path) and (model := _model(path, source, seen)):
                yield model


def hub_cache(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of huggingface_hub's cache, from the variables that it reads, in its order."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if given := environment.get(name):
            return _expanded(given)
    if given := environment.get("HF_HOME"):
        return _expanded(given) / "hub"
    return _expanded(environment.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface" / "hub"


def _expanded(path: str) -> Path:
    return Path(os.path.expanduser(os.path.expandvars(path))).absolute()  # noqa: PTH111 (pathlib raises where there is no such user)


def _everywhere(
    dirs: AppDirs, environment: Mapping[str, str], stopped: Callable[[], bool]
) -> Iterator[tuple[Source, Iterable[Path]]]:
    pointed = user_folders.read(dirs)
    yield "own", _ggufs(dirs.models, stopped)
    if carried := starter.carried():
        yield "own", (carried,)
    for snapshot in _snapshots(hub_cache(environment)):
        yield "hub cache", _ggufs(snapshot, stopped)
    for folder in pointed.folders:
        yield "folder", _ggufs(folder, stopped)
    yield "link", pointed.files


def _snapshots(cache: Path) -> Iterator[Path]:
    """The folders of the downloaded commits; of each repository the current one first."""
    for repository in sorted(cache.glob("models--*")):
        try:
            current = (repository / "refs" / "main").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            current = ""
        yield from sorted((repository / "snapshots").glob("*"), key=lambda commit: (commit.name != current, commit))


def _ggufs(folder: Path, stopped: Callable[[], bool]) -> Iterator[Path]:
    """The GGUF files under a folder, without hidden folders. A folder reached twice by links is read once."""
    read: set[str] = set()
    for here, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(here)
        if stopped() or real in read:
            folders.clear()
            continue
        read.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here, name) for name in sorted(names) if name.lower().endswith(".gguf"))


def _is_beside_a_model(path: Path) -> bool:
    """Whether the file goes with a model and is none, by its name: an image encoder, importance matrix, draft model."""
    if may_be_imatrix(path.name):
        return _is_imatrix(path)
    return BESIDE.search(path.name) is not None or path.parent.name == "MTP"


def _is_imatrix(path: Path) -> bool:
    """Whether its header is no model's. Called only for the few names that may be a model's too."""
    try:
        read_header(path)
    except HeaderError:
        return True
    return False


def _is_cached(path: Path) -> bool:
    """Whether the path is inside a cache of huggingface_hub, wherever that is, so that hub_cache.py must delete it."""
    steps = path.parts
    return any(above.startswith("models--") and step == "snapshots" for above, step in pairwise(steps))


def _model(path: Path, source: Source, seen: set[tuple[int, int]]) -> LocalModel | None:
    if is_later_part(path):
        return None
    try:
        files = parts_of(path)
        found = [file.stat() for file in files]
    except (OSError, ValueError):
        return None
    if not found or (identity := identity_of(found[0])) in seen:
        return None
    seen.add(identity)
    if source == "folder" and _is_cached(path):
        source = "hub cache"
    size, identities = sum(one.st_size for one in found), tuple(map(identity_of, found))
    return LocalModel(model_name(path), path, files, size, source, repo_of(path), identities=identities)
