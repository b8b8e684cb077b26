"""Starts the process that tries backends (backend_probe_child.py), as often as it takes: one that it dies of is left
out of the next. One process does for all of them where none dies.

Remembers nothing (backend_choice.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, cast

from models.launch import backend_probe_child, process_outcome, watchdog
from models.launch.backend_probe_child import Begun, Proved
from models.launch.child_process import spawning
from models.library.private import make_folder
from models.llamacpp import ggml_backends
from models.llamacpp.backend_messages import KEPT
from models.llamacpp.ggml_backends import BackendFile

STALL = 10.0  # seconds without any work done: a driver takes long to wake, but works at it


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """begun: what was run last. code: how the process ended, None for a standstill."""

    begun: Begun | None
    proved: tuple[Proved, ...]
    code: int | None


def tried(
    families: Mapping[str, Sequence[BackendFile]], log: Path, wanted: Callable[[], bool], stall: float = STALL
) -> tuple[Proved, ...]:
    """What is found out of each family, tried best first. One is missing where nobody wants to know any more, or where
    it could not be found out.
    """
    left, found = {name: list(few) for name, few in families.items()}, list[Proved]()
    with suppress(OSError):
        make_folder(log.parent)
    while left:
        try:
            outcome = _run(left, log, wanted, stall)
        except (watchdog.CalledOff, OSError):
            break
        for proved in outcome.proved:
            found.append(proved)
            del left[proved.family]
        begun = outcome.begun
        if not begun or begun.family not in left or outcome.code in process_outcome.KILLED:
            break  # all is known, or it died of nothing that a backend did
        left[begun.family] = [one for one in left[begun.family] if one.path.name != begun.file]
        if not left[begun.family]:
            found.append(Proved(begun.family, "", _death(outcome.code, log)))
            del left[begun.family]
    return tuple(found)


def _death(code: int | None, log: Path) -> str:
    words = process_outcome.last_words(log)
    return KEPT["last words"].format(why=_end(code), words=words) if words else _end(code)


def _end(code: int | None) -> str:
    if code is None:
        return KEPT["standstill"]
    if code in process_outcome.ILLEGAL:
        return KEPT["instruction"]
    return KEPT["died"].format(code=code)


def _run(
    families: Mapping[str, Sequence[BackendFile]], log: Path, wanted: Callable[[], bool], stall: float
) -> ProbeOutcome:
    """Raises CalledOff, or OSError where it cannot be started."""
    library = ggml_backends.library()
    if library is None:
        return ProbeOutcome(None, tuple(Proved(name, "", KEPT["no llama.cpp"]) for name in families), 0)
    context = spawning()
    receiver, sender = context.Pipe(duplex=False)
    given = (sender, str(library), dict(families), str(log))
    process = context.Process(target=backend_probe_child.main, args=given, daemon=True)
    try:
        process.start()
        sender.close()
        return _outcome(process, cast("Connection[Any, Any]", receiver), wanted, stall)
    finally:
        receiver.close()
        sender.close()
        watchdog.end(process)


def _outcome(
    process: SpawnProcess, receiver: Connection[Any, Any], wanted: Callable[[], bool], stall: float
) -> ProbeOutcome:
    """What it says is little enough to wait in the pipe."""
    code = watchdog.watched(process, wanted, stall)
    begun, proved = None, list[Proved]()
    with suppress(EOFError, OSError):
        while receiver.poll():
            said = receiver.recv()
            if isinstance(said, Begun):
                begun = said
            elif isinstance(said, Proved):
                proved.append(said)
    return ProbeOutcome(begun, tuple(proved), code)
