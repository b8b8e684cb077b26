"""What is tried when a model does not load as planned: all layers on the devices, what fits, less, the CPU.

A ladder of numbers and the sentences that go with it; the child climbs it down, and where the child itself died the
parent starts another one with what failed. Knows neither llama.cpp nor pipes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from models.engine.events import Ended, Event, Loaded, Trying
from models.engine.requests import Load
from models.errors import ModelError
from models.launch.launch_cache import LaunchCache, Note
from models.worker.language_model import LanguageModel, OffloadPlan, PreparedModel, Progress
from resources.language import SOURCE, SPOKEN, tr

REMEMBERED = 7 * 86_400  # seconds; what failed may have failed of something that is over, and that no free memory shows


def rungs(aim: OffloadPlan, ceiling: int = -1) -> tuple[int, ...]:
    """Numbers of layers to try, most first, all of them below the ceiling; the last is always the CPU alone."""
    if not aim.devices or aim.asked == 0:
        return (0,)
    first = min(aim.asked, aim.all_layers) if aim.asked > 0 else aim.fitting
    tried = {first, min(first, aim.fitting), min(first, aim.fitting) // 2, 0}
    return tuple(sorted((layers for layers in tried if ceiling < 0 or layers < ceiling), reverse=True)) or (0,)


def load(
    opening: PreparedModel,
    request: Load,
    tell: Callable[[Trying], None],
    progress: Progress,
    now: Callable[[], float] = time.time,
) -> LanguageModel:
    """The model, loaded with as many layers on the devices as work. now: seconds since the epoch. Raises ModelError
    where not even the CPU does, or Stopped by progress.
    """
    aim, notes = opening.aim, LaunchCache(Path(request.notes)) if request.notes else None
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


def _note(aim: OffloadPlan, failed: int, why: str, now: float) -> Note:
    return {"failed": failed, "why": why, "language": SPOKEN, "free": aim.free, "when": round(now)}


def _remembered(notes: LaunchCache, aim: OffloadPlan, now: float) -> tuple[int, str]:
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


def step_words(aim: OffloadPlan, failed: int, layers: int, why: str) -> str:
    """One sentence on the step from what failed to what is tried; empty where nothing failed."""
    if failed < 0:
        return ""
    if layers:
        said = tr("{layers} did not run on {devices} ({why}); trying {fewer}.")
    else:
        said = tr("{layers} did not run on {devices} ({why}); the CPU takes over.")
    return said.format(layers=_count(aim, failed), devices=aim.devices, why=plain(why), fewer=layers)


def reason(aim: OffloadPlan, failed: int, layers: int, why: str) -> str:
    """One sentence: why the model, or a part of it, is on the CPU; empty where all of it is on devices."""
    if layers >= aim.all_layers:
        return ""
    if failed >= 0 and aim.devices and failed > layers:
        return tr("{layers} did not run on {devices}: {why}.").format(
            layers=_count(aim, failed), devices=aim.devices, why=plain(why)
        )
    return aim.reason


def _count(aim: OffloadPlan, layers: int) -> str:
    if layers >= aim.all_layers:
        return tr("All {count} layers").format(count=layers)
    return tr("{count} of {all} layers").format(count=layers, all=aim.all_layers)


def plain(why: str) -> str:
    """A sentence as a part of another."""
    return why.strip().rstrip(".") or tr("it failed")


# ------------------------------------------------------------------------------------------------ where the child died


@dataclass(frozen=True, slots=True)
class OffloadTrial:
    """job: the load that this is about. layers: on devices, tried now or in use. proven: the model has answered since
    it was loaded. off: the user gave the load up, or killed the child.
    """

    job: int = 0
    layers: int = 0
    proven: bool = False
    off: bool = False

    def after(self, event: Event) -> OffloadTrial:
        match event:
            case Trying():
                return replace(self, job=event.job, layers=event.layers, proven=False)
            case Loaded():
                return replace(self, job=event.job, layers=event.model.offloaded, proven=False)
            case Ended() if event.tokens or event.reason == "done":
                return replace(self, proven=True)
            case _:
                return self

    def called_off(self) -> OffloadTrial:
        return replace(self, off=True)

    def lower(self, load: Load, why: str) -> Load | None:
        """The same load below what the child died of; None where it did not die of a device."""
        if self.off or self.proven or not self.layers or self.job != load.job:
            return None
        return replace(load, ceiling=self.layers, why=why)
