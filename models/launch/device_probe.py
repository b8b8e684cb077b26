"""Asks llama.cpp which devices it sees, in a process of its own: a broken library must not end the caller."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from models.engine.requests import BackendStatus
from models.launch import backend_choice
from models.launch.child_process import ChildProcess
from models.launch.process_outcome import ProcessOutcome
from models.library.fit import Machine, MemoryPool, this_machine
from models.library.machine import physical_cores
from models.llamacpp import trusted_backends
from resources.language import tr

if TYPE_CHECKING:  # the parent does not load llama.cpp
    from models.llamacpp import devices

PATIENCE = 60.0  # seconds; a GPU's driver may take long to start


class ProbeError(Exception):
    """llama.cpp could not be asked. The message is one sentence."""


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device that models can run on. free, total: bytes. shared: it uses the computer's own memory."""

    name: str
    backend: str
    description: str
    graphics: bool
    shared: bool
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Probe:
    """The devices that llama.cpp sees, and its build. llama: its version. features: the CPU features it was compiled
    for. cores: physical cores. backends: the status of the loadable backends, empty if all are compiled in.
    """

    llama: str
    features: tuple[str, ...]
    cores: int
    devices: tuple[SeenDevice, ...]
    backends: tuple[BackendStatus, ...] = ()


def probe() -> Probe:
    """Start the process and wait for its answer; untested backends are tried first. Raises ProbeError."""
    statuses = backend_choice.settle()
    process = ChildProcess(_answer, statuses, name="inkfall devices")
    answer = None
    try:
        if process.pipe.poll(PATIENCE):
            answer = process.pipe.recv()
    except EOFError as error:
        process.join(PATIENCE)
        raise ProbeError(_why(process.outcome)) from error
    finally:
        process.end(patience=1.0)
    if answer is None:
        raise ProbeError(tr("llama.cpp did not answer in time when it was asked for its devices."))
    if isinstance(answer, str):
        raise ProbeError(answer)
    return answer


def _why(outcome: ProcessOutcome) -> str:
    if outcome.lacked_instruction:
        return tr("llama.cpp was built for another processor: this one lacks an instruction it uses.")
    return tr("llama.cpp could not be loaded (its process ended with {code}).").format(code=outcome.exit_code)


def _answer(sender: Connection, statuses: tuple[BackendStatus, ...]) -> None:
    """The child's entry point: loads llama.cpp and sends a Probe, or a sentence if it cannot be loaded."""
    trusted_backends.trust(statuses)
    try:
        from models.llamacpp import binding, devices
    except (ImportError, OSError, RuntimeError) as error:
        sender.send(tr("llama.cpp could not be loaded: {error}").format(error=error))
        return

    seen = devices.devices()
    sender.send(
        Probe(
            llama=binding.version,
            features=features(binding.lib.llama_print_system_info().decode("utf-8", "replace")),
            cores=physical_cores(),
            devices=tuple(_seen(one) for one in seen),
            backends=binding.loaded,
        )
    )
    sender.close()


def _seen(one: devices.Device) -> SeenDevice:
    shared = one.memory_pool.shared
    return SeenDevice(one.name, one.backend, one.description, one.graphics, shared, one.free, one.total)


def machine() -> Machine:
    """The machine with its graphics devices and free memory now. Asks llama.cpp, about a second; without an answer, the
    machine without devices.
    """
    try:
        seen = probe().devices
    except ProbeError:
        seen = ()
    pools = (
        MemoryPool(one.name, one.backend, one.free, one.total, one.shared, one.description)
        for one in seen
        if one.graphics
    )
    return this_machine(tuple(pools))


def features(info: str) -> tuple[str, ...]:
    """The names that llama.cpp's system info ("CPU : AVX2 = 1 | FMA = 0 | …") gives as 1."""
    entries = (entry.rpartition(":")[2].partition("=") for entry in info.split("|"))
    return tuple(name.strip() for name, _, value in entries if value.strip() == "1")
