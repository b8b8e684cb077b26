"""Asks llama.cpp, in a process of its own, what it sees of this machine: a broken library must not end who asks.

Knows nothing of models.
"""

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

if TYPE_CHECKING:  # the asking process does not load llama.cpp
    from models.llamacpp import devices

PATIENCE = 60.0  # seconds; a GPU's driver may take long to wake


class ProbeError(Exception):
    """llama.cpp could not be asked. Its text is one sentence."""


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device that models can run on; free and total are bytes. shared: its memory is the computer's own."""

    name: str
    backend: str
    description: str
    graphics: bool
    shared: bool
    free: int
    total: int


@dataclass(frozen=True, slots=True)
class Probe:
    """llama: its version. features: what the library was compiled to use of the CPU. cores: physical ones. backends:
    what was found out of those that can be loaded, none where all are compiled in.
    """

    llama: str
    features: tuple[str, ...]
    cores: int
    devices: tuple[SeenDevice, ...]
    backends: tuple[BackendStatus, ...] = ()


def probe() -> Probe:
    """Start the process, wait for its answer; backends that nobody tried yet are tried first. Raises ProbeError."""
    verdicts = backend_choice.settle()
    process = ChildProcess(_answer, verdicts, name="inkfall devices")
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


def _answer(sender: Connection, verdicts: tuple[BackendStatus, ...]) -> None:
    """In the child: llama.cpp is loaded here and nowhere else. Sends a sentence where it cannot be."""
    trusted_backends.trust(verdicts)
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
    shared = one.place.shared
    return SeenDevice(one.name, one.backend, one.description, one.graphics, shared, one.free, one.total)


def machine() -> Machine:
    """Where a model may lie now: asks llama.cpp, which takes about a second; without an answer, the memory alone."""
    try:
        seen = probe().devices
    except ProbeError:
        seen = ()
    places = (
        MemoryPool(one.name, one.backend, one.free, one.total, one.shared, one.description)
        for one in seen
        if one.graphics
    )
    return this_machine(tuple(places))


def features(info: str) -> tuple[str, ...]:
    """The names that llama.cpp's system info says are on ("CPU : AVX2 = 1 | FMA = 0 | …")."""
    entries = (entry.rpartition(":")[2].partition("=") for entry in info.split("|"))
    return tuple(name.strip() for name, _, value in entries if value.strip() == "1")
