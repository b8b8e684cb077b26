"""Chooses which of llama.cpp's loadable backends are used on this machine, and says why not the others.

Each backend is tried in a process that may die (backend_probe.py), once for this build, processor and drivers; the
result is stored in the launch cache. A backend that kills a process later is left out for a week (crash_markers.py).
This module loads no backend. A build without loadable backends has nothing to choose.
"""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from models.engine.requests import BackendStatus
from models.launch import backend_probe
from models.launch.launch_cache import LaunchCache, Note
from models.launch.process_outcome import ProcessOutcome
from models.library.app_dirs import AppDirs, app_dirs
from models.llamacpp import backend_packs, crash_markers, ggml_backends, processor, trusted_backends
from models.llamacpp.backend_messages import ENGLISH
from models.llamacpp.ggml_backends import CPU, BackendFile

RETRY_AFTER = 7 * 86_400  # seconds after which a failed backend is tried again
DRIVERS = (  # files and folders whose change may change whether a device works
    "/dev/dri",
    "/usr/share/vulkan/icd.d",
    "/etc/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/usr/lib/x86_64-linux-gnu/GL/vulkan/icd.d",
    "/proc/driver/nvidia/version",
    "/dev/nvidia0",
    "/dev/kfd",
    "/etc/ld.so.cache",
)
SWITCHES = ("GGML_VK_", "GGML_CUDA_", "VK_", "CUDA_", "HIP_", "ROCR_")  # variables that choose drivers and devices
_unsaved: dict[tuple[Path, str], Note] = {}  # notes that could not be written; they last as long as this process


def known(now: Callable[[], float] = time.time) -> tuple[BackendStatus, ...]:
    """The stored statuses, the processor's first, without those never tried; starts no process. now: seconds since
    1970.
    """
    if (given := trusted_backends.given()) is not None:
        return given
    where = app_dirs()
    families = ggml_backends.by_family(ggml_backends.found())
    statuses = (_status(name, _not_blamed(files, where, now()), where, now()) for name, files in families.items())
    return tuple(status for status in statuses if status)


def trust_known() -> None:
    """Make this process, which is about to load llama.cpp itself, use the stored statuses."""
    trusted_backends.trust(known())


def settle(
    wanted: Callable[[], bool] = lambda: True, where: AppDirs | None = None, now: Callable[[], float] = time.time
) -> tuple[BackendStatus, ...]:
    """The same, after trying the backends never tried. wanted: polled, false to stop trying."""
    where = where or app_dirs()
    every = ggml_backends.found()
    if every:
        _forget_stale_markers(every, where)
    families = {name: _not_blamed(files, where, now()) for name, files in ggml_backends.by_family(every).items()}
    statuses = {name: _status(name, files, where, now()) for name, files in families.items()}
    if waiting := {name: families[name] for name, status in statuses.items() if status is None}:
        for result in backend_probe.probe(waiting, where.log / "backends.log", wanted):
            note: Note = {"file": result.file, "message": result.message, "when": round(now())}
            _put(where, _key(result.family, families[result.family]), note)
            statuses[result.family] = BackendStatus(result.family, result.file, result.message)
    return tuple(status for status in statuses.values() if status)


def _status(family: str, files: Sequence[BackendFile], where: AppDirs, now: float) -> BackendStatus | None:
    """The stored status of these files of a family; None if they must be tried. No files: all were blamed."""
    if not files:
        return BackendStatus(family, "", ENGLISH["died of it"])
    note = _get(where, _key(family, files))
    if not note:
        return None
    file, message = note.get("file"), note.get("message")
    if not (isinstance(file, str) and isinstance(message, str) and isinstance(note.get("when"), int)):
        return None
    return BackendStatus(family, file, message) if file or _is_fresh(note, now) else None


def _is_fresh(note: Note, now: float) -> bool:
    when = note.get("when")
    return isinstance(when, int) and 0 <= now - when + 1 < RETRY_AFTER


# ------------------------------------------------------------------------------------------------ after a death


def blame(pid: int, outcome: ProcessOutcome, now: Callable[[], float] = time.time) -> bool:
    """Find the backend that ended a process, and leave it out from now on. Returns whether one did: then the process's
    work may be tried again.
    """
    where, every = app_dirs(), ggml_backends.found()
    guilty = (
        [marker for marker in crash_markers.all_markers(crash_markers.folder(where)) if marker.pid == pid]
        if every
        else []
    )
    for marker in guilty:
        crash_markers.forget(marker)
    if not every or outcome.was_killed:
        return False
    names = {marker.file for marker in guilty}
    if not names and outcome.lacked_instruction:
        names = {status.file for status in known(now) if status.family == CPU}
    left_out = [one for one in every if one.path.name in names]
    for one in left_out:
        _put(where, _key(one.family, [one], "died of "), {"when": round(now())})
    return bool(left_out)


def _not_blamed(files: Sequence[BackendFile], where: AppDirs, now: float) -> tuple[BackendFile, ...]:
    """The files that killed no process within RETRY_AFTER."""
    notes = ((one, _get(where, _key(one.family, [one], "died of "))) for one in files)
    return tuple(one for one, note in notes if not (note and _is_fresh(note, now)))


def _forget_stale_markers(every: Sequence[BackendFile], where: AppDirs) -> None:
    """Remove the markers of processes that ended with the program, so that their backends are tried again."""
    for marker in crash_markers.all_markers(crash_markers.folder(where)):
        if crash_markers.is_loading(marker):
            continue
        for name, files in ggml_backends.by_family(every).items():
            if any(one.path.name == marker.file for one in files):
                _put(where, _key(name, _not_blamed(files, where, time.time())), {})
        crash_markers.forget(marker)


# ------------------------------------------------------------------------------------------------ notes


def _get(where: AppDirs, key: str) -> Note | None:
    return _unsaved.get((where.engine_notes, key)) or LaunchCache(where.engine_notes).get(key)


def _put(where: AppDirs, key: str, note: Note) -> None:
    if not LaunchCache(where.engine_notes).put(key, note):
        _unsaved[(where.engine_notes, key)] = note


def _key(family: str, files: Sequence[BackendFile], what: str = "") -> str:
    """The cache key of these files with the present system, processor, drivers and variables."""
    state = [platform.release(), processor.name(), *(_file_state(one.path) for one in files)]
    if any(one.pack for one in files):  # the ggml it was built for, and the ggml it is to work with
        state += [_file_state(backend_packs.manifest(one.path)) for one in files]
        state.append(_file_state(ggml_backends.library() or Path()))
    if family != CPU:
        state += [_file_state(Path(path)) for path in DRIVERS]
        state += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(SWITCHES)]
    return f"{what}backend {family} {hashlib.sha256('|'.join(state).encode('utf-8', 'replace')).hexdigest()[:20]}"


def _file_state(path: Path) -> str:
    """A text that changes when the file, or a file in the folder, changes; "" if it cannot be read."""
    try:
        if path.parts[1:2] == ("proc",):  # such a file has no size, and a new date at every read
            return path.read_text(encoding="utf-8", errors="replace")
        if path.is_dir():
            return " ".join(_file_state(one) if one.suffix == ".json" else one.name for one in sorted(path.iterdir()))
        found = path.stat()
        return f"{path.name} {found.st_size} {found.st_mtime_ns}"
    except OSError:
        return ""
