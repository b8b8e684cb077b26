"""The program's folders for data (models, pages), settings, caches and logs.

Each system has its own; the variable INKFALL_HOME puts all of them into one folder (portable use, tests). Creates no
folder.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import platformdirs

NAME = "inkfall"
OVERRIDE = "INKFALL_HOME"
NESTED = 3  # folders above a file that are searched for its repository's name


@dataclass(frozen=True, slots=True)
class AppDirs:
    """The program's folders. None of them needs to exist."""

    data: Path
    config: Path
    cache: Path
    log: Path

    @property
    def models(self) -> Path:
        """The folder of models that the program installed."""
        return self.data / "models"

    @property
    def pages(self) -> Path:
        """The default folder of pages."""
        return self.data / "pages"

    @property
    def engine_notes(self) -> Path:
        """The file of the launch cache: what worked on this machine's devices, which model files are sound."""
        return self.data / "engine-notes.json"

    @property
    def second_engine_notes(self) -> Path:
        """The same for a second model that is open beside the first."""
        return self.data / "engine-notes-second.json"

    @property
    def backends(self) -> Path:
        """The folder of llama.cpp backends that were installed separately."""
        return self.data / "backends"

    @property
    def downloads(self) -> Path:
        """The file of the download queue."""
        return self.data / "downloads.json"

    @property
    def last_model(self) -> Path:
        """The file that names the model used last."""
        return self.data / "last-model.txt"


def under(home: Path) -> AppDirs:
    """All folders inside one folder."""
    return AppDirs(data=home / "data", config=home / "config", cache=home / "cache", log=home / "log")


def of_the_system() -> AppDirs:
    """The system's folders for a user's programs."""
    return AppDirs(
        data=platformdirs.user_data_path(NAME, appauthor=False),
        config=platformdirs.user_config_path(NAME, appauthor=False),
        cache=platformdirs.user_cache_path(NAME, appauthor=False),
        log=platformdirs.user_log_path(NAME, appauthor=False),
    )


def app_dirs(environment: Mapping[str, str] = os.environ) -> AppDirs:
    """The folders to use: inside INKFALL_HOME if that is set, else the system's."""
    home = environment.get(OVERRIDE, "")
    return under(Path(os.path.expanduser(home)).absolute()) if home else of_the_system()  # noqa: PTH111 (pathlib raises where there is no such user)


def file_exists(path: Path) -> bool:
    """Whether the file exists and this user may see it. Raises nothing."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def repo_folder(repo: str) -> str:
    """The name of a repository's folder in the model folder: owner--name."""
    return repo.replace("/", "--")


def repo_of(path: Path) -> str:
    """The repository (owner/name) of a file, by the folders above it (ours or the hub's cache); "" if none names
    one."""
    folders = path.parts[:-1]
    for above, folder in pairwise(folders):
        if folder == "snapshots" and above.startswith("models--"):
            return above.removeprefix("models--").replace("--", "/", 1)
    for folder in reversed(folders[-NESTED:]):
        owner, mark, name = folder.partition("--")
        if owner and mark and name:
            return f"{owner}/{name}"
    return ""
