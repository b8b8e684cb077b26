"""Which of llama.cpp's loadable backends are used here, and why not the others.

Each is tried in a process that may die (backend_probe.py) before it is trusted, once for this build, this processor
and these drivers; the result is kept as a note. One that a process dies of later is left out for a week
(crash_markers.py). Loads nothing itself. A build without loadable backends has no choice.
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
from models.llamacpp.backend_messages import KEPT
from models.llamacpp.ggml_backends import CPU, BackendFile

AGAIN = 7 * 86_400  # seconds, after which what failed is tried anew
DRIVERS = (  # what changes here may change whether a device works
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
_unwritten: dict[tuple[Path, str], Note] = {}  # where the file of notes cannot be written, they last as long as we do


def known(now: Callable[[], float] = time.time) -> tuple[BackendStatus, ...]:
    """What was found out before, the processor's first; nothing is started. What nobody tried is not in it."""
    if (given := trusted_backends.given()) is not None:
        return given
    where = app_dirs()
    families = ggml_backends.by_family(ggml_backends.found())
    verdicts = (_verdict(name, _sound(few, where, now()), where, now()) for name, few in families.items())
    return tuple(verdict for verdict in verdicts if verdict)


def trust_known() -> None:
    """Have this process, which is about to load llama.cpp itself, use what was found out before."""
    trusted_backends.trust(known())


def settle(
    wanted: Callable[[], bool] = lambda: True, where: AppDirs | None = None, now: Callable[[], float] = time.time
) -> tuple[BackendStatus, ...]:
    """The same, after what nobody tried yet was tried. wanted: false to give up, and leave it as it is."""
    where = where or app_dirs()
    every = ggml_backends.found()
    if every:
        _look_at_suspects(every, where)
    families = {name: _sound(few, where, now()) for name, few in ggml_backends.by_family(every).items()}
    verdicts = {name: _verdict(name, few, where, now()) for name, few in families.items()}
    if waiting := {name: families[name] for name, verdict in verdicts.items() if verdict is None}:
        for proved in backend_probe.tried(waiting, where.log / "backends.log", wanted):
            note: Note = {"file": proved.file, "said": proved.said, "when": round(now())}
            _put(where, _key(proved.family, families[proved.family]), note)
            verdicts[proved.family] = BackendStatus(proved.family, proved.file, proved.said)
    return tuple(verdict for verdict in verdicts.values() if verdict)


def _verdict(family: str, few: Sequence[BackendFile], where: AppDirs, now: float) -> BackendStatus | None:
    """What was found out of these of a family, those that something died of left out."""
    if not few:
        return BackendStatus(family, "", KEPT["died of it"])
    note = _get(where, _key(family, few))
    if not note:
        return None
    file, said = note.get("file"), note.get("said")
    if not (isinstance(file, str) and isinstance(said, str) and isinstance(note.get("when"), int)):
        return None
    return BackendStatus(family, file, said) if file or _is_fresh(note, now) else None


def _is_fresh(note: Note, now: float) -> bool:
    when = note.get("when")
    return isinstance(when, int) and 0 <= now - when + 1 < AGAIN


# ------------------------------------------------------------------------------------------------ dying of one


def blame(pid: int, outcome: ProcessOutcome, now: Callable[[], float] = time.time) -> bool:
    """A process that had loaded backends, or was about to, has ended. Whether it was one of them, which
    is then left out: what the process did may be tried again.
    """
    where, every = app_dirs(), ggml_backends.found()
    guilty = (
        [suspect for suspect in crash_markers.found(crash_markers.folder(where)) if suspect.pid == pid] if every else []
    )
    for suspect in guilty:
        crash_markers.forget(suspect)
    if not every or outcome.was_killed:
        return False
    names = {suspect.file for suspect in guilty}
    if not names and outcome.lacked_instruction:
        names = {verdict.file for verdict in known(now) if verdict.family == CPU}
    left_out = [one for one in every if one.path.name in names]
    for one in left_out:
        _put(where, _key(one.family, [one], "died of "), {"when": round(now())})
    return bool(left_out)


def _sound(few: Sequence[BackendFile], where: AppDirs, now: float) -> tuple[BackendFile, ...]:
    """Those that no process died of lately."""
    notes = ((one, _get(where, _key(one.family, [one], "died of "))) for one in few)
    return tuple(one for one, note in notes if not (note and _is_fresh(note, now)))


def _look_at_suspects(every: Sequence[BackendFile], where: AppDirs) -> None:
    """What a process was loading when the whole program ended is tried anew."""
    for suspect in crash_markers.found(crash_markers.folder(where)):
        if crash_markers.is_loading(suspect):
            continue
        for name, few in ggml_backends.by_family(every).items():
            if any(one.path.name == suspect.file for one in few):
                _put(where, _key(name, _sound(few, where, time.time())), {})
        crash_markers.forget(suspect)


# ------------------------------------------------------------------------------------------------ notes


def _get(where: AppDirs, key: str) -> Note | None:
    return _unwritten.get((where.engine_notes, key)) or LaunchCache(where.engine_notes).get(key)


def _put(where: AppDirs, key: str, note: Note) -> None:
    if not LaunchCache(where.engine_notes).put(key, note):
        _unwritten[(where.engine_notes, key)] = note


def _key(family: str, few: Sequence[BackendFile], what: str = "") -> str:
    """Names these files on this computer as it is."""
    state = [platform.release(), processor.name(), *(_look(one.path) for one in few)]
    if any(one.pack for one in few):  # what it is made for, and what it is to work with
        state += [_look(backend_packs.manifest(one.path)) for one in few]
        state.append(_look(ggml_backends.library() or Path()))
    if family != CPU:
        state += [_look(Path(path)) for path in DRIVERS]
        state += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(SWITCHES)]
    return f"{what}backend {family} {hashlib.sha256('|'.join(state).encode('utf-8', 'replace')).hexdigest()[:20]}"


def _look(path: Path) -> str:
    """Changes when the file does, or a file in the folder."""
    try:
        if path.parts[1:2] == ("proc",):  # such a file has no size, and a new date whenever it is looked at
            return path.read_text(encoding="utf-8", errors="replace")
        if path.is_dir():
            return " ".join(_look(one) if one.suffix == ".json" else one.name for one in sorted(path.iterdir()))
        found = path.stat()
        return f"{path.name} {found.st_size} {found.st_mtime_ns}"
    except OSError:
        return ""
