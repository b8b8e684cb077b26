"""Estimates whether and where a model fits on this machine: on graphics devices, partly there, on the CPU, or not.

Pure functions of a header's numbers and of free memory, used before a download and before a load. Only loading shows
what a device really provides: the engine falls back from this estimate.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from models.library.header import Header
from models.library.load_options import LoadOptions
from models.library.machine import memory
from models.library.memory import Need, Shares, Sizes, chosen_context, shares, sizes
from models.library.words import size
from resources.language import tr

Where = Literal["gpu", "partly", "cpu", "too large"]

LEAST_CONTEXT = 512  # tokens; an automatic context is not made smaller
LEAST_ON_DEVICE = 2_048  # tokens; nor smaller than this to bring all layers onto a device
MOST_RESERVE = 1 << 30  # bytes of each pool left free at most, for the screen and other programs
RESERVED_PART = 16  # a 16th of the pool is left free, up to MOST_RESERVE


@dataclass(frozen=True, slots=True)
class MemoryPool:
    """The memory of a device or of the computer. name: llama.cpp's. free, total: bytes. shared: it is part of the
    computer's memory.
    """

    name: str
    backend: str
    free: int
    total: int
    shared: bool = False
    description: str = ""

    @property
    def usable(self) -> int:
        """Free bytes without the reserve."""
        return max(0, self.free - min(MOST_RESERVE, self.total // RESERVED_PART))


@dataclass(frozen=True, slots=True)
class Machine:
    """The memory pools that a model can use: the computer's and the graphics devices'."""

    memory: MemoryPool
    devices: tuple[MemoryPool, ...] = ()

    @property
    def usable(self) -> int:
        """Usable bytes on all graphics devices."""
        return sum(device.usable for device in self.devices)

    @property
    def names(self) -> str:
        return ", ".join(device.name for device in self.devices)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model goes. layers: on the devices, of all_layers (the output counts as one). context: tokens. device,
    host: memory needed there. sentence: for the user.
    """

    where: Where
    layers: int
    all_layers: int
    context: int
    device: Need
    host: Need
    sentence: str

    @property
    def total(self) -> int:
        """Bytes on devices and host together."""
        return self.device.total + self.host.total


def this_machine(devices: tuple[MemoryPool, ...] = (), mapped: int = 0) -> Machine:
    """The computer's memory as it is now, and the given devices. mapped: bytes of another model's weights, which the
    system counts as free because it could read them from the file again.
    """
    found = memory()
    return Machine(MemoryPool("CPU", "CPU", max(0, found.available - mapped), found.total), devices)


def chosen(machine: Machine, device: str) -> Machine:
    """The machine with only the devices named in `device` (names with commas between, "" for all)."""
    names = {name.strip().lower() for name in device.split(",") if name.strip()}
    if not names:
        return machine
    return replace(machine, devices=tuple(one for one in machine.devices if one.name.lower() in names))


def plan(header: Header, machine: Machine, options: LoadOptions | None = None, total: int = 0) -> Placement:
    """Where the model goes. total: bytes of all files of a model in shards, 0 for one file. Raises HeaderError if the
    file has changed since the header was read.
    """
    return planned(sizes(header, total), machine, options or LoadOptions())


def planned(found: Sizes, machine: Machine, options: LoadOptions) -> Placement:
    """The same, from the header's numbers."""
    machine = chosen(machine, options.device)
    for candidate in _candidates(found, machine, options):
        if _holds(machine, candidate):
            return _with_sentence(candidate, machine)
    smallest = _made("too large", found, 0, _contexts(found, options)[-1], options)
    return _with_sentence(smallest, machine)


def with_layers(found: Sizes, machine: Machine, options: LoadOptions, layers: int) -> Placement:
    """The same with exactly `layers` layers on the devices, whether they fit or not, and the largest context that fits.
    Weights may exceed the computer's memory, because they are mapped; cache and buffers may not.
    """
    where: Where = "cpu" if not layers else "partly" if layers <= len(found.weights.layers) else "gpu"
    made = [_made(where, found, layers, context, options) for context in _contexts(found, options)]
    held = next((one for one in made if _holds(machine, one)), None)
    mapped = next(
        (one for one in made if one.host.cache + one.host.working_and_kept <= machine.memory.usable), made[-1]
    )
    return _with_sentence(held or mapped, machine)


def _candidates(found: Sizes, machine: Machine, options: LoadOptions) -> Iterator[Placement]:
    """The placements to try, best first: all on the devices, then part of it, then the CPU, each with its contexts."""
    contexts, most = _contexts(found, options), len(found.weights.layers) + 1
    if machine.devices and options.gpu_layers != 0:
        if options.gpu_layers < 0 or options.gpu_layers >= most:
            wide = [context for context in contexts if context >= min(LEAST_ON_DEVICE, contexts[0])]
            yield from (_made("gpu", found, most, context, options) for context in wide)
        for context in contexts:
            highest = min(most - 1, options.gpu_layers) if options.gpu_layers > 0 else most - 1
            yield from (_made("partly", found, layers, context, options) for layers in range(highest, 0, -1))
    yield from (_made("cpu", found, 0, context, options) for context in contexts)


def _contexts(found: Sizes, options: LoadOptions) -> tuple[int, ...]:
    """The contexts to try, largest first; only the user's if there is one."""
    context = chosen_context(found.trained, options.context)
    if options.context:
        return (context,)
    halves = [context]
    while halves[-1] // 2 >= LEAST_CONTEXT:
        halves.append(halves[-1] // 2)
    return tuple(halves)


def _made(where: Where, found: Sizes, layers: int, context: int, options: LoadOptions) -> Placement:
    share: Shares = shares(found, layers, context, options.cache_type, options.flash)
    most = len(found.weights.layers) + 1
    return Placement(where, layers, most, context, share.device, share.host, "")


def _holds(machine: Machine, candidate: Placement) -> bool:
    """Whether memory suffices. Every device needs working buffers of its own; shared memory counts on the host too."""
    extra = candidate.device.working * max(0, len(machine.devices) - 1)
    if candidate.layers and candidate.device.total + extra > machine.usable:
        return False
    shared = candidate.device.total if any(device.shared for device in machine.devices) else 0
    return candidate.host.total + shared <= machine.memory.usable


# ------------------------------------------------------------------------------------------------ sentences


def _with_sentence(candidate: Placement, machine: Machine) -> Placement:
    return replace(candidate, sentence=_sentence(candidate, machine))


def _sentence(candidate: Placement, machine: Machine) -> str:
    memory, need = machine.memory, size(candidate.host.total)
    if candidate.where == "gpu":
        free = size(sum(device.free for device in machine.devices))
        return tr("All of it fits on {names}: {total} of {free} free.").format(
            names=machine.names, total=size(candidate.device.total), free=free
        )
    if candidate.where == "partly":
        return tr("{layers} of {all} layers fit on {names}; the rest runs on the CPU and slows it down.").format(
            layers=candidate.layers, all=candidate.all_layers, names=machine.names
        )
    if candidate.where == "cpu":
        return tr("It runs on the CPU: {need} of {free} free memory.").format(need=need, free=size(memory.free))
    return tr("It is too large: it needs {need}, and {free} of memory can be used.").format(
        need=need, free=size(memory.usable)
    )
