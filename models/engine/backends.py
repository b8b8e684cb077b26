"""Which of llama.cpp's loadable backends are used here, and why not the others.

Each is tried in a process that may die (proving.py) before it is trusted, once for this build, this processor and
these drivers; the result is kept as a note. Loads nothing itself. A build without loadable backends has no choice.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, cast

from models.engine import death, plugins, processor, proving, watching
from models.engine.notes import Note, Notes
from models.engine.plugins import CPU, FAMILIES, Plugin
from models.library.places import Places, places

STALL = 60.0  # seconds without any work done: a driver may take long to wake
AGAIN = 7 * 86_400  # seconds, after which what failed is tried anew
DRIVERS = (  # what changes here may change whether a device works
    "/dev/dri",
    "/usr/share/vulkan/icd.d",
    "/etc/vulkan/icd.d",
    "/usr/local/share/vulkan/icd.d",
    "/proc/driver/nvidia/version",
    "/dev/nvidia0",
    "/dev/kfd",
    "/etc/ld.so.cache",
)
SWITCHES = ("GGML_VK_", "GGML_CUDA_", "VK_", "CUDA_", "HIP_", "ROCR_")  # variables that choose drivers and devices


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of the plugins of one family. file: the one that is used, empty where none is. said: its devices,
    or why it is not used, in words.
    """

    family: str
    file: str
    said: str

    @property
    def works(self) -> bool:
        return bool(self.file)

    @property
    def plugin(self) -> Plugin | None:
        return plugins.plugin(Path(self.file)) if self.file else None

    @property
    def words(self) -> str:
        """For a person: "CPU: AVX2 (haswell)", "Vulkan: not used, …"."""
        name = "CPU" if self.family == CPU else FAMILIES[self.family]
        if (one := self.plugin) is None:
            return f"{name}: not used, {self.said}"
        return f"{name}: {one.words} ({one.variant})" if one.variant else f"{name}: {self.said or 'used'}"


def notes() -> Notes:
    return Notes(places().engine_notes)


def known(kept: Notes | None = None, now: Callable[[], float] = time.time) -> tuple[Verdict, ...]:
    """What was found out before, the processor's first; nothing is started. What nobody tried is not in it."""
    kept = kept or notes()
    families = plugins.by_family(plugins.found())
    return tuple(
        verdict for name, few in families.items() if (verdict := _remembered(kept.get(_key(name, few)), name, now()))
    )


def settle(
    wanted: Callable[[], bool] = lambda: True, where: Places | None = None, now: Callable[[], float] = time.time
) -> tuple[Verdict, ...]:
    """The same, after what nobody tried yet was tried. wanted: false to give up, and leave it as it is."""
    where = where or places()
    kept = Notes(where.engine_notes)
    families = plugins.by_family(plugins.found())
    verdicts: list[Verdict] = []
    for name, few in families.items():
        key = _key(name, few)
        verdict = _remembered(kept.get(key), name, now())
        if verdict is None:
            verdict = tried(name, few, where.log / f"backend-{name}.log", wanted)
            if verdict is None:
                break
            kept.put(key, {"file": verdict.file, "said": verdict.said, "when": round(now())})
        verdicts.append(verdict)
    return tuple(verdicts)


def _remembered(note: Note | None, family: str, now: float) -> Verdict | None:
    if not note:
        return None
    file, said, when = note.get("file"), note.get("said"), note.get("when")
    if not (isinstance(file, str) and isinstance(said, str) and isinstance(when, int)):
        return None
    return Verdict(family, file, said) if file or 0 <= now - when + 1 < AGAIN else None


def _key(family: str, few: Sequence[Plugin]) -> str:
    """Names these files on this computer as it is."""
    state = [platform.release(), processor.name(), *(_look(one.path) for one in few)]
    if family != CPU:
        state += [_look(Path(path)) for path in DRIVERS]
        state += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith(SWITCHES)]
    return f"backend {family} {hashlib.sha256('|'.join(state).encode('utf-8', 'replace')).hexdigest()[:20]}"


def _look(path: Path) -> str:
    """Changes when the file does, or what lies in the folder."""
    try:
        if path.parts[1:2] == ("proc",):  # such a file has no size, and a new date whenever it is looked at
            return path.read_text(encoding="utf-8", errors="replace")
        if path.is_dir():
            return " ".join(sorted(one.name for one in path.iterdir()))
        found = path.stat()
        return f"{path.name} {found.st_size} {found.st_mtime_ns}"
    except OSError:
        return ""


# ------------------------------------------------------------------------------------------------ the process


def tried(family: str, few: Sequence[Plugin], log: Path, wanted: Callable[[], bool]) -> Verdict | None:
    """Try them, the best first; one that a process dies of is left out of the next. None where nobody wants to know
    any more, or it could not be found out.
    """
    left, said = list(few), ""
    with suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
    while left:
        try:
            begun, proved, code = _run(left, log, wanted)
        except (watching.CalledOff, OSError):
            return None
        if proved:
            return Verdict(family, proved.file, proved.said or said)
        said = _death(code, log)
        if not begun or code in death.KILLED:  # of nothing that a backend did
            return None
        left = [one for one in left if one.path.name != begun]
    return Verdict(family, "", said)


def _death(code: int | None, log: Path) -> str:
    words = death.last_words(log)
    return f"{_end(code)}{f' (it last said: {words})' if words else ''}"


def _end(code: int | None) -> str:
    if code is None:
        return "it came to a standstill"
    if code in death.ILLEGAL:
        return "it uses an instruction that this processor lacks"
    return f"the process that tried it ended with {code}"


def _run(few: Sequence[Plugin], log: Path, wanted: Callable[[], bool]) -> tuple[str, proving.Proved | None, int | None]:
    """The file that was run last, what came out, and how the process ended. Raises CalledOff, or OSError where it
    cannot be started.
    """
    library = plugins.library()
    if library is None:
        return "", proving.Proved("", "llama.cpp's library is missing"), 0
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=proving.main, args=(sender, str(library), list(few), str(log)), daemon=True)
    try:
        process.start()
        sender.close()
        return _outcome(process, cast("Connection[Any, Any]", receiver), wanted)
    finally:
        receiver.close()
        sender.close()
        watching.end(process)


def _outcome(
    process: SpawnProcess, receiver: Connection[Any, Any], wanted: Callable[[], bool]
) -> tuple[str, proving.Proved | None, int | None]:
    """What it says is little enough to wait in the pipe."""
    code = watching.watched(process, wanted, STALL)
    begun, proved = "", None
    with suppress(EOFError, OSError):
        while receiver.poll():
            said = receiver.recv()
            if isinstance(said, proving.Begun):
                begun = said.file
            elif isinstance(said, proving.Proved):
                proved = said
    return begun, proved, code
