"""Tries backends in a child process (backend_probe_child.py), and starts another without the file it died of.

If no backend kills the process, one process tries them all. backend_choice.py stores the results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from models.launch import backend_probe_child, watchdog
from models.launch.backend_probe_child import FamilyResult, FileTried
from models.launch.child_process import ChildProcess
from models.launch.process_outcome import ProcessOutcome
from models.library.permissions import make_folder
from models.llamacpp import ggml_backends
from models.llamacpp.backend_messages import ENGLISH
from models.llamacpp.ggml_backends import BackendFile

STALL = 10.0  # seconds without work; a driver may take long to start, but works meanwhile


@dataclass(frozen=True, slots=True)
class ProbeRun:
    """One run of the child process. last_tried: the file it tried last. results: of the families it finished. outcome:
    how the process ended.
    """

    last_tried: FileTried | None
    results: tuple[FamilyResult, ...]
    outcome: ProcessOutcome


def probe(
    families: Mapping[str, Sequence[BackendFile]], log: Path, wanted: Callable[[], bool], stall: float = STALL
) -> tuple[FamilyResult, ...]:
    """The result for each family, its files tried best first. A family is missing if `wanted` returned false or its
    result could not be found. stall: seconds without work after which the process is ended.
    """
    left, found = {name: list(files) for name, files in families.items()}, list[FamilyResult]()
    with suppress(OSError):
        make_folder(log.parent)
    while left:
        try:
            run = _run(left, log, wanted, stall)
        except (watchdog.CalledOff, OSError):
            break
        for result in run.results:
            found.append(result)
            del left[result.family]
        last_tried = run.last_tried
        if not last_tried or last_tried.family not in left or run.outcome.was_killed:
            break  # every family has a result, or no backend killed the process
        left[last_tried.family] = [one for one in left[last_tried.family] if one.path.name != last_tried.file]
        if not left[last_tried.family]:
            found.append(FamilyResult(last_tried.family, "", _death(run.outcome)))
            del left[last_tried.family]
    return tuple(found)


def _death(outcome: ProcessOutcome) -> str:
    words = outcome.last_words
    return ENGLISH["last words"].format(why=_end(outcome), words=words) if words else _end(outcome)


def _end(outcome: ProcessOutcome) -> str:
    if outcome.hung:
        return ENGLISH["standstill"]
    if outcome.lacked_instruction:
        return ENGLISH["instruction"]
    return ENGLISH["died"].format(code=outcome.exit_code)


def _run(
    families: Mapping[str, Sequence[BackendFile]], log: Path, wanted: Callable[[], bool], stall: float
) -> ProbeRun:
    """Run the child process once. Raises CalledOff, or OSError if it cannot be started."""
    library = ggml_backends.library()
    if library is None:
        return ProbeRun(
            None, tuple(FamilyResult(name, "", ENGLISH["no llama.cpp"]) for name in families), ProcessOutcome(0)
        )
    given = (str(library), dict(families), str(log))
    process = ChildProcess(backend_probe_child.main, *given, name="inkfall backends", log=log)
    try:
        outcome = process.wait(wanted, stall)
        last_tried, results = None, list[FamilyResult]()
        with suppress(EOFError, OSError):
            while process.pipe.poll():  # its messages are few enough to wait in the pipe
                message = process.pipe.recv()
                if isinstance(message, FileTried):
                    last_tried = message
                elif isinstance(message, FamilyResult):
                    results.append(message)
        return ProbeRun(last_tried, tuple(results), outcome)
    finally:
        process.end()
