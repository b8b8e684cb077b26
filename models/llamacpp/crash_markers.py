"""Which backend a process is loading at this moment: a note in a file that lies there no longer than that takes.
Whoever finds one whose process is gone knows of which backend it died.

A driver can break after its backend was trusted, when it is updated, and take the engine with it at every start. Knows
nothing of what is made of it (backend_choice.py).
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.library.app_dirs import AppDirs, app_dirs
from models.library.permissions import make_folder

PREFIX = "loading-"
PATIENCE = 20.0  # seconds without any work done: it will not come back
STOOD_STILL = 75  # exit code


@dataclass(frozen=True, slots=True)
class Suspect:
    """file: the backend's name. pid: of the process that loads it, or died of it."""

    note: Path
    file: str
    pid: int


@contextlib.contextmanager
def suspected(file: str, folder: Path, patience: float = PATIENCE) -> Generator[None]:
    """Within, that backend is being loaded. A process that comes to a standstill there ends itself."""
    note = folder / f"{PREFIX}{os.getpid()}-{file}"
    done = threading.Event()
    with contextlib.suppress(OSError):  # where nothing can be written, nothing can be learnt
        make_folder(folder)
        note.unlink(missing_ok=True)  # of an earlier process with the same number
        note.touch(0o600, exist_ok=False)
    try:
        threading.Thread(target=_end_at_a_standstill, args=(done, patience), name="standstill", daemon=True).start()
        yield
    finally:  # whatever was raised, the process lives
        done.set()
        with contextlib.suppress(OSError):
            note.unlink()


def _end_at_a_standstill(done: threading.Event, patience: float) -> None:
    before = time.process_time()
    while not done.wait(patience):
        if (now := time.process_time()) - before < patience / 1000:
            os._exit(STOOD_STILL)
        before = now


def folder(where: AppDirs | None = None) -> Path:
    """Where the notes lie."""
    return (where or app_dirs()).cache / "loading"


def found(folder: Path) -> Iterator[Suspect]:
    """All notes that lie there, of living processes too."""
    try:
        notes = sorted(folder.glob(f"{PREFIX}*"))
    except OSError:
        return
    for note in notes:
        pid, _, file = note.name.removeprefix(PREFIX).partition("-")
        if pid.isdecimal() and file:
            yield Suspect(note, file, int(pid))


def is_loading(suspect: Suspect) -> bool:
    """Whether its process still runs, and is no other that got the same number since."""
    import psutil

    try:
        return psutil.Process(suspect.pid).create_time() <= suspect.note.stat().st_mtime + 1
    except (psutil.Error, OSError):
        return False


def forget(suspect: Suspect) -> None:
    with contextlib.suppress(OSError):
        suspect.note.unlink()
