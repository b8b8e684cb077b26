"""Where the program keeps what: data (models, pages), settings, caches, logs.

Each system has its own places for these; the variable INKFALL_HOME puts all of them into one folder (portable use,
tests). Knows nothing of what lies inside, and creates nothing.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import platformdirs

NAME = "inkfall"
OVERRIDE = "INKFALL_HOME"
NESTED = 3  # folders above a file in which its repository's is looked for: it may have folders of its own


@dataclass(frozen=True, slots=True)
class AppDirs:
    """The program's folders. None of them needs to exist."""

    data: Path
    config: Path
    cache: Path
    log: Path

    @property
    def models(self) -> Path:
        """The folder of the models that the program itself installed."""
        return self.data / "models"

    @property
    def pages(self) -> Path:
        """The folder of the pages that were not put elsewhere."""
        return self.data / "pages"

    @property
    def engine_notes(self) -> Path:
        """The file that remembers what worked on this machine's devices, and which models are sound."""
        return self.data / "engine-notes.json"

    @property
    def backends(self) -> Path:
        """The folder of backends of llama.cpp that were added to those that came along."""
        return self.data / "backends"

    @property
    def downloads(self) -> Path:
        """The file that keeps the queue of downloads."""
        return self.data / "downloads.json"

    @property
    def last_model(self) -> Path:
        """The file that names the model used last."""
        return self.data / "last-model.txt"


def under(home: Path) -> AppDirs:
    """All places inside one folder."""
    return AppDirs(data=home / "data", config=home / "config", cache=home / "cache", log=home / "log")


def of_the_system() -> AppDirs:
    """The places that this system gives to a user's programs."""
    return AppDirs(
        data=platformdirs.user_data_path(NAME, appauthor=False),
        config=platformdirs.user_config_path(NAME, appauthor=False),
        cache=platformdirs.user_cache_path(NAME, appauthor=False),
        log=platformdirs.user_log_path(NAME, appauthor=False),
    )


def app_dirs(environment: Mapping[str, str] = os.environ) -> AppDirs:
    """The places to use: inside INKFALL_HOME where that is set, else the system's."""
    home = environment.get(OVERRIDE, "")
    return under(Path(os.path.expanduser(home)).absolute()) if home else of_the_system()  # noqa: PTH111 (pathlib raises where there is no such user)


def is_there(path: Path) -> bool:
    """Whether there is a file that this user may look at; a folder that is locked counts as none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def repo_folder(repo: str) -> str:
    """The folder inside the model folder for what comes from a repository: owner--name."""
    return repo.replace("/", "--")


def repo_of(path: Path) -> str:
    """The repository (owner/name) that a file came from, by the folders it lies in: ours or the hub's cache; or ""."""
    folders = path.parts[:-1]
    for above, folder in pairwise(folders):
        if folder == "snapshots" and above.startswith("models--"):
            return above.removeprefix("models--").replace("--", "/", 1)
    for folder in reversed(folders[-NESTED:]):
        owner, mark, name = folder.partition("--")
        if owner and mark and name:
            return f"{owner}/{name}"
    return ""
