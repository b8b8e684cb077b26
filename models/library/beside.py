"""Estimates whether a second model fits beside the loaded one, or only in its place.

Pure functions of a header's numbers and of free memory, as in fit.py.
"""

from dataclasses import dataclass, replace
from typing import Literal

from models.library.fit import Machine, MemoryPool, Placement, planned
from models.library.load_options import LoadOptions
from models.library.memory import Sizes, shares
from models.library.words import size
from resources.language import tr

Room = Literal["beside", "in turns", "too large"]


@dataclass(frozen=True, slots=True)
class Held:
    """The memory of the loaded model, in bytes. name: for the user, "" where no model is loaded. mapped: weights in the
    computer's memory, which the system counts as free, because it could read them from the file again. memory: what
    else it holds there. devices: what it holds on graphics devices."""

    name: str = ""
    mapped: int = 0
    memory: int = 0
    devices: int = 0

    @property
    def total(self) -> int:
        return self.mapped + self.memory + self.devices


@dataclass(frozen=True, slots=True)
class BesideForecast:
    """Whether a second model fits. placement: where it would go, beside the first one or in its place. sentence: for
    the user, with the numbers."""

    room: Room
    placement: Placement
    sentence: str


def held(found: Sizes, name: str, offloaded: int, context: int, options: LoadOptions, *, mapped: bool = True) -> Held:
    """The memory of a loaded model. offloaded: its layers on devices, and mapped, as in ModelFacts; context: tokens."""
    share = shares(found, offloaded, context, options.cache_type, options.flash)
    weights = share.host.weights if mapped else 0
    return Held(name, weights, share.host.total - weights, share.device.total)


def forecast(found: Sizes, machine: Machine, first: Held, options: LoadOptions) -> BesideForecast:
    """Whether a model with these sizes fits beside the first. machine: its memory as the system reports it while the
    first model is loaded."""
    with_first = beside(machine, first)
    placement = planned(found, with_first, options)
    if placement.where != "too large":
        return BesideForecast("beside", placement, _fits(placement, first))
    alone = planned(found, without(machine, first), options)
    if alone.where != "too large" and first.name:
        return BesideForecast("in turns", alone, _in_turns(placement, with_first, first))
    return BesideForecast("too large", alone, alone.sentence)


def beside(machine: Machine, first: Held) -> Machine:
    """The machine with the memory that is left beside the first model."""
    return replace(machine, memory=_with_free(machine.memory, -first.mapped))


def without(machine: Machine, first: Held) -> Machine:
    """The machine with the memory that is free once the first model is closed."""
    shared = any(device.shared for device in machine.devices)
    total = sum(device.total for device in machine.devices)
    devices = tuple(_with_free(one, first.devices * one.total // max(total, 1)) for one in machine.devices)
    back = first.memory + (first.devices if shared else 0)
    return replace(machine, memory=_with_free(machine.memory, back), devices=devices)


def _with_free(pool: MemoryPool, more: int) -> MemoryPool:
    return replace(pool, free=min(max(pool.free + more, 0), pool.total))


def _fits(placement: Placement, first: Held) -> str:
    if not first.name:
        return placement.sentence
    beside_it = tr("The loaded model, {name}, takes {size}.").format(name=first.name, size=size(first.total))
    return f"{placement.sentence} {beside_it}"


def _in_turns(placement: Placement, machine: Machine, first: Held) -> str:
    sentence = tr(
        "Both do not fit: it needs at least {need}, and beside {name}, which takes {size}, {free} can be used. It can "
        "read the page in its turn: {name} is closed meanwhile, and then opened again."
    )
    free = size(machine.memory.usable + sum(device.usable for device in machine.devices if not device.shared))
    return sentence.format(need=size(placement.total), name=first.name, size=size(first.total), free=free)
