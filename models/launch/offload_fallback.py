"""Falls back to fewer layers on the devices when a model fails to load: all, as many as fit, half of those, the CPU.

The child tries these numbers in turn; if the child itself died, the parent starts another one below the number that
failed. Also the sentences that report each step.
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

REMEMBERED = 7 * 86_400  # seconds a failure is remembered: its cause may pass without a change of free memory


def rungs(plan: OffloadPlan, ceiling: int = -1) -> tuple[int, ...]:
    """The numbers of layers to try, highest first, all below the ceiling (-1: none); the last is 0, the CPU alone."""
    if not plan.devices or plan.asked == 0:
        return (0,)
    first = min(plan.asked, plan.all_layers) if plan.asked > 0 else plan.fitting
    tried = {first, min(first, plan.fitting), min(first, plan.fitting) // 2, 0}
    return tuple(sorted((layers for layers in tried if ceiling < 0 or layers < ceiling), reverse=True)) or (0,)


def load(
    prepared: PreparedModel,
    request: Load,
    emit: Callable[[Trying], None],
    progress: Progress,
    now: Callable[[], float] = time.time,
) -> LanguageModel:
    """Load the model with as many layers on the devices as work. now: seconds since 1970. Raises ModelError if it fails
    even on the CPU, or Stopped by progress.
    """
    plan, notes = prepared.plan, LaunchCache(Path(request.notes)) if request.notes else None
    ceiling, why, remembered = request.ceiling, request.why, -1
    if ceiling < 0 and notes:
        ceiling, why = _remembered(notes, plan, now())
        remembered = ceiling
    failed = ceiling
    for layers in rungs(plan, ceiling):
        if plan.devices:
            emit(Trying(request.job, layers, step_words(plan, failed, layers, why)))
        try:
            model = prepared.open(layers, progress)
        except ModelError as error:
            if not layers:
                raise
            failed, why = layers, str(error)
            continue
        if notes and plan.key and failed > layers and failed != remembered:
            notes.put(plan.key, _note(plan, failed, why, now()))
        model.facts = replace(model.facts, why=reason(plan, failed, layers, why))
        return model
    raise AssertionError("the ladder has no rung for the CPU")


def _note(plan: OffloadPlan, failed: int, why: str, now: float) -> Note:
    return {"failed": failed, "why": why, "language": SPOKEN, "free": plan.free, "when": round(now)}


def _remembered(notes: LaunchCache, plan: OffloadPlan, now: float) -> tuple[int, str]:
    """The number of layers that failed before (-1: none) and why, "" if stored in another language. A failure is
    ignored once a quarter more memory is free than then, or a week is over.
    """
    note = notes.get(plan.key) if plan.key else None
    if not note:
        return -1, ""
    failed, why, free, when = note.get("failed"), note.get("why"), note.get("free"), note.get("when")
    if not (isinstance(failed, int) and isinstance(why, str) and isinstance(free, int) and isinstance(when, int)):
        return -1, ""
    if note.get("language", SOURCE) != SPOKEN:
        why = ""
    return (failed, why) if plan.free <= free * 5 // 4 and 0 <= now - when + 1 < REMEMBERED else (-1, "")


# ------------------------------------------------------------------------------------------------ sentences


def step_words(plan: OffloadPlan, failed: int, layers: int, why: str) -> str:
    """One sentence on the step from `failed` layers to `layers`; "" if nothing failed."""
    if failed < 0:
        return ""
    if layers:
        message = tr("{layers} did not run on {devices} ({why}); trying {fewer}.")
    else:
        message = tr("{layers} did not run on {devices} ({why}); the CPU takes over.")
    return message.format(layers=_count(plan, failed), devices=plan.devices, why=plain(why), fewer=layers)


def reason(plan: OffloadPlan, failed: int, layers: int, why: str) -> str:
    """One sentence: why the model, or a part of it, is on the CPU; "" if all of it is on devices."""
    if layers >= plan.all_layers:
        return ""
    if failed >= 0 and plan.devices and failed > layers:
        return tr("{layers} did not run on {devices}: {why}.").format(
            layers=_count(plan, failed), devices=plan.devices, why=plain(why)
        )
    return plan.reason


def _count(plan: OffloadPlan, layers: int) -> str:
    if layers >= plan.all_layers:
        return tr("All {count} layers").format(count=layers)
    return tr("{count} of {all} layers").format(count=layers, all=plan.all_layers)


def plain(why: str) -> str:
    """A sentence without its full stop, to be put into another."""
    return why.strip().rstrip(".") or tr("it failed")


# ------------------------------------------------------------------------------------------------ after a death


@dataclass(frozen=True, slots=True)
class OffloadTrial:
    """The present attempt to use devices. job: of the load. layers: on devices, tried now or in use. proven: the model
    has finished a job since it was loaded. off: the user stopped the load, or killed the child.
    """

    job: int = 0
    layers: int = 0
    proven: bool = False
    off: bool = False

    def after(self, event: Event) -> OffloadTrial:
        """The attempt after an event of the child."""
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
        """The attempt after the user stopped it."""
        return replace(self, off=True)

    def lower(self, load: Load, why: str) -> Load | None:
        """The same load with fewer layers than killed the child; None if a device did not kill it. why: a clause."""
        if self.off or self.proven or not self.layers or self.job != load.job:
            return None
        return replace(load, ceiling=self.layers, why=why)
