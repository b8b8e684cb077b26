"""A process that loads backends which nobody trusts yet, and may die of it: what it says by the pipe before that is
what is known of them.

Knows nothing of what is made of it (backends.py).
"""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from models.engine.ggml import GPU, INTEGRATED, Ggml
from models.engine.output import redirect
from models.engine.plugins import CPU, Plugin


@dataclass(frozen=True, slots=True)
class Begun:
    """That file is about to be run: should the process end, it was this one."""

    file: str


@dataclass(frozen=True, slots=True)
class Proved:
    """The end. file: the one that works, empty where none does. said: which devices it has, or why it does not work,
    in words.
    """

    file: str
    said: str


def main(sender: Connection[object, object], library: str, plugins: Sequence[Plugin], log: str) -> None:
    """What the process runs: tries plugins of one family, the best first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect(log)
    try:
        ggml = Ggml(Path(library))
    except OSError as error:
        sender.send(Proved("", plain(error)))
        return
    sender.send(_proved(ggml, plugins, sender))


def _proved(ggml: Ggml, plugins: Sequence[Plugin], sender: Connection[object, object]) -> Proved:
    why = ""
    tell = sender.send
    for one in best_first(plugins, lambda one: tell(Begun(one.path.name))) if plugins[0].family == CPU else plugins:
        tell(Begun(one.path.name))
        try:
            ctypes.CDLL(str(one.path))  # for the words: ggml only says that it could not
        except OSError as error:
            why = plain(error)
            continue
        worked, said = _worked(ggml, one)
        if worked:
            return Proved(one.path.name, said)
        why = said
    return Proved("", why or "none of them is made for this processor")


def _worked(ggml: Ggml, one: Plugin) -> tuple[bool, str]:
    """Whether it does, and its devices or why not."""
    if (registry := ggml.load(one.path)) is None:
        return False, "llama.cpp refuses it: it was made for another version"
    devices = ggml.devices(registry)
    if one.family != CPU:
        devices = [device for device in devices if ggml.kind(device) in (GPU, INTEGRATED)]
    if not devices:
        return False, f"{one.words} finds no graphics device"
    for device in devices:
        if fault := ggml.fault(device):
            return False, f"{ggml.name(device)} {fault}"
    return True, ", ".join(ggml.name(device) for device in devices)


def best_first(plugins: Sequence[Plugin], begun: Callable[[Plugin], None] = lambda _one: None) -> list[Plugin]:
    """Those that this processor can run, by ggml's own score; begun is told before each is asked."""
    scored: list[tuple[int, Plugin]] = []
    for one in plugins:
        begun(one)
        scored.append((score(one), one))
    return [one for points, one in sorted(scored, key=lambda pair: -pair[0]) if points > 0]


def score(plugin: Plugin) -> int:
    """How well it suits this processor: 0 where not at all."""
    try:
        asked = ctypes.CDLL(str(plugin.path)).ggml_backend_score
    except (OSError, AttributeError):
        return 0
    asked.restype, asked.argtypes = ctypes.c_int, []
    return asked()


def plain(error: OSError) -> str:
    """Why a library could not be loaded: the one that it lacks, where that is why."""
    lacking = str(error).partition(":")[0].rpartition("/")[2]
    if "No such file" not in str(error):
        return str(error)
    if lacking.startswith(("libvulkan", "vulkan-1")):
        return f"this computer has no Vulkan driver ({lacking} is missing)"
    return f"{lacking} is missing on this computer"
