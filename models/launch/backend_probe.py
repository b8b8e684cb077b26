"""Starts the process that tries backends (backend_probe_child.py), as often as it takes: one that it dies of is left
out of the next. One process does for all of them where none dies.

Remembers nothing (backend_choice.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from models.launch import backend_probe_child, watchdog
from models.launch.backend_probe_child import Begun, Proved
from models.launch.child_process import ChildProcess
from models.launch.process_outcome import ProcessOutcome
from models.library.permissions import make_folder
from models.llamacpp import ggml_backends
from models.llamacpp.backend_messages import KEPT
from models.llamacpp.ggml_backends import BackendFile

STALL = 10.0  # seconds without any work done: a driver takes long to wake, but works at it


@dataclass(frozen=True, slots=True)
class Trial:
    """begun: the file that was run last. proved: the families that came to an end. outcome: of the process."""

    begun: Begun | None
    proved: tuple[Proved, ...]
    outcome: ProcessOutcome


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
            trial = _run(left, log, wanted, stall)
        except (watchdog.CalledOff, OSError):
            break
        for proved in trial.proved:
            found.append(proved)
            del left[proved.family]
        begun = trial.begun
        if not begun or begun.family not in left or trial.outcome.was_killed:
            break  # all is known, or it died of nothing that a backend did
        left[begun.family] = [one for one in left[begun.family] if one.path.name != begun.file]
        if not left[begun.family]:
            found.append(Proved(begun.family, "", _death(trial.outcome)))
            del left[begun.family]
    return tuple(found)


def _death(outcome: ProcessOutcome) -> str:
    words = outcome.last_words
    return KEPT["last words"].format(why=_end(outcome), words=words) if words else _end(outcome)


def _end(outcome: ProcessOutcome) -> str:
    if outcome.hung:
        return KEPT["standstill"]
    if outcome.lacked_instruction:
        return KEPT["instruction"]
    return KEPT["died"].format(code=outcome.exit_code)


def _run(families: Mapping[str, Sequence[BackendFile]], log: Path, wanted: Callable[[], bool], stall: float) -> Trial:
    """Raises CalledOff, or OSError where it cannot be started."""
    library = ggml_backends.library()
    if library is None:
        return Trial(None, tuple(Proved(name, "", KEPT["no llama.cpp"]) for name in families), ProcessOutcome(0))
    given = (str(library), dict(families), str(log))
    process = ChildProcess(backend_probe_child.main, *given, name="inkfall backends", log=log)
    try:
        outcome = process.wait(wanted, stall)
        begun, proved = None, list[Proved]()
        with suppress(EOFError, OSError):
            while process.pipe.poll():  # what it says is little enough to wait in the pipe
                said = process.pipe.recv()
                if isinstance(said, Begun):
                    begun = said
                elif isinstance(said, Proved):
                    proved.append(said)
        return Trial(begun, tuple(proved), outcome)
    finally:
        process.end()
