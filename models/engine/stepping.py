"""What is tried when a model does not load as planned: all layers on the devices, what fits, less, the CPU.

A ladder of numbers and the sentences that go with it; the child climbs it down, and where the child itself died the
parent starts another one with what failed. Knows neither llama.cpp nor pipes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from models.engine.backend import Backend, ModelError
from models.engine.messages import Load, Trying
from models.engine.notes import Note, Notes
from resources.language import SOURCE, SPOKEN, tr

Progress = Callable[[float], bool]
REMEMBERED = 7 * 86_400  # seconds; what failed may have failed of something that is over, and that no free memory shows


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a model is to lie. devices: their names in words, empty where there are none to use. asked: the layers the
    user wants there, -1 = as many as fit; fitting: as many as are thought to. reason: why the CPU has a part in it,
    empty where it has none. key: the name under which is remembered how it went, empty for not at all. free: bytes
    free on the devices.
    """

    devices: str
    asked: int
    fitting: int
    all_layers: int
    reason: str = ""
    key: str = ""
    free: int = 0


class Opening(Protocol):
    """A model about to be loaded."""

    @property
    def aim(self) -> Aim: ...

    def open(self, layers: int, progress: Progress) -> Backend:
        """Load it with so many layers on the devices. Raises ModelError, or Stopped by progress."""
        ...


def rungs(aim: Aim, ceiling: int = -1) -> tuple[int, ...]:
    """Numbers of layers to try, most first, all of them below the ceiling; the last is always the CPU alone."""
    if not aim.devices or aim.asked == 0:
        return (0,)
    first = min(aim.asked, aim.all_layers) if aim.asked > 0 else aim.fitting
    tried = {first, min(first, aim.fitting), min(first, aim.fitting) // 2, 0}
    return tuple(sorted((layers for layers in tried if ceiling < 0 or layers < ceiling), reverse=True)) or (0,)


def load(
    opening: Opening,
    request: Load,
    tell: Callable[[Trying], None],
    progress: Progress,
    now: Callable[[], float] = time.time,
) -> Backend:
    """The model, loaded with as many layers on the devices as work. now: seconds since the epoch. Raises ModelError
    where not even the CPU does, or Stopped by progress.
    """
    aim, notes = opening.aim, Notes(Path(request.notes)) if request.notes else None
    ceiling, why, remembered = request.ceiling, request.why, -1
    if ceiling < 0 and notes:
        ceiling, why = _remembered(notes, aim, now())
        remembered = ceiling
    failed = ceiling
    for layers in rungs(aim, ceiling):
        if aim.devices:
            tell(Trying(request.job, layers, step_words(aim, failed, layers, why)))
        try:
            backend = opening.open(layers, progress)
        except ModelError as error:
            if not layers:
                raise
            failed, why = layers, str(error)
            continue
        if notes and aim.key and failed > layers and failed != remembered:
            notes.put(aim.key, _note(aim, failed, why, now()))
        backend.facts = replace(backend.facts, why=reason(aim, failed, layers, why))
        return backend
    raise AssertionError("the ladder has no rung for the CPU")


def _note(aim: Aim, failed: int, why: str, now: float) -> Note:
    return {"failed": failed, "why": why, "language": SPOKEN, "free": aim.free, "when": round(now)}


def _remembered(notes: Notes, aim: Aim, now: float) -> tuple[int, str]:
    """How many layers failed here before, and why, where that was said in the language spoken now. Where a quarter
    more is free than then, or a week is over, it is tried anew.
    """
    note = notes.get(aim.key) if aim.key else None
    if not note:
        return -1, ""
    failed, why, free, when = note.get("failed"), note.get("why"), note.get("free"), note.get("when")
    if not (isinstance(failed, int) and isinstance(why, str) and isinstance(free, int) and isinstance(when, int)):
        return -1, ""
    if note.get("language", SOURCE) != SPOKEN:
        why = ""
    return (failed, why) if aim.free <= free * 5 // 4 and 0 <= now - when + 1 < REMEMBERED else (-1, "")


# ------------------------------------------------------------------------------------------------ in words


def step_words(aim: Aim, failed: int, layers: int, why: str) -> str:
    """One sentence on the step from what failed to what is tried; empty where nothing failed."""
    if failed < 0:
        return ""
    if layers:
        said = tr("{layers} did not run on {devices} ({why}); trying {fewer}.")
    else:
        said = tr("{layers} did not run on {devices} ({why}); the CPU takes over.")
    return said.format(layers=_count(aim, failed), devices=aim.devices, why=plain(why), fewer=layers)


def reason(aim: Aim, failed: int, layers: int, why: str) -> str:
    """One sentence: why the model, or a part of it, is on the CPU; empty where all of it is on devices."""
    if layers >= aim.all_layers:
        return ""
    if failed >= 0 and aim.devices and failed > layers:
        return tr("{layers} did not run on {devices}: {why}.").format(
            layers=_count(aim, failed), devices=aim.devices, why=plain(why)
        )
    return aim.reason


def _count(aim: Aim, layers: int) -> str:
    if layers >= aim.all_layers:
        return tr("All {count} layers").format(count=layers)
    return tr("{count} of {all} layers").format(count=layers, all=aim.all_layers)


def plain(why: str) -> str:
    """A sentence as a part of another."""
    return why.strip().rstrip(".") or tr("it failed")
