"""Crash markers: a file that exists while a process loads a backend, and names both.

If the process is gone and its marker is not, that backend killed it. A driver update can break a backend that was
trusted before, and would then kill the engine at every start (see backend_choice.py).
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
PATIENCE = 20.0  # seconds without work after which a load counts as hung
STOOD_STILL = 75  # exit code of a process that ended itself for that


@dataclass(frozen=True, slots=True)
class CrashMarker:
    """A marker. note: its path. file: the backend's file name. pid: of the process that loads it, or died of it."""

    note: Path
    file: str
    pid: int


@contextlib.contextmanager
def mark(file: str, folder: Path, patience: float = PATIENCE) -> Generator[None]:
    """Keep a marker while the block loads that backend. A process that does no work for `patience` seconds in it ends
    itself.
    """
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
    def work_of_the_others() -> float:  # looking costs a slow machine half a millisecond, and is no work
        return time.process_time() - time.thread_time()

    before = work_of_the_others()
    while not done.wait(patience):
        if (now := work_of_the_others()) - before < patience / 1000:
            os._exit(STOOD_STILL)
        before = now


def folder(where: AppDirs | None = None) -> Path:
    """The folder of the markers."""
    return (where or app_dirs()).cache / "loading"


def all_markers(folder: Path) -> Iterator[CrashMarker]:
    """All markers in the folder, of living processes too."""
    try:
        notes = sorted(folder.glob(f"{PREFIX}*"))
    except OSError:
        return
    for note in notes:
        pid, _, file = note.name.removeprefix(PREFIX).partition("-")
        if pid.isdecimal() and file:
            yield CrashMarker(note, file, int(pid))


def is_loading(marker: CrashMarker) -> bool:
    """Whether its process still runs, and is not another one with the same id."""
    import psutil

    try:
        return psutil.Process(marker.pid).create_time() <= marker.note.stat().st_mtime + 1
    except (psutil.Error, OSError):
        return False


def forget(marker: CrashMarker) -> None:
    with contextlib.suppress(OSError):
        marker.note.unlink()
