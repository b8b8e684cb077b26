"""A process that loads backends which nobody trusts yet, and may die of it: what it says by the pipe before that is
what is known of them.

Knows nothing of what is made of it (backends.py).
"""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from models.engine import packs
from models.engine.ggml import GPU, INTEGRATED, Ggml
from models.engine.output import redirect
from models.engine.plugins import CPU, Plugin
from models.engine.reasons import KEPT


@dataclass(frozen=True, slots=True)
class Begun:
    """That file is about to be run: should the process end, it was this one."""

    family: str
    file: str


@dataclass(frozen=True, slots=True)
class Proved:
    """The end of a family. file: the one that works, empty where none does. said: which devices it has, or why it does
    not work, in words.
    """

    family: str
    file: str
    said: str


def main(sender: Connection[object, object], library: str, families: Mapping[str, Sequence[Plugin]], log: str) -> None:
    """What the process runs: tries the plugins of each family, the best first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect(log)
    try:
        ggml = Ggml(Path(library))
    except OSError as error:
        for family in families:
            sender.send(Proved(family, "", plain(error)))
        return
    for family, few in families.items():
        sender.send(_proved(ggml, family, few, sender.send))


def _proved(ggml: Ggml, family: str, few: Sequence[Plugin], tell: Callable[[object], None]) -> Proved:
    why = ""
    for one in best_first(few, lambda one: tell(Begun(family, one.path.name))) if family == CPU else few:
        tell(Begun(family, one.path.name))
        if one.pack and (why := packs.refusal(one.path, ggml.identity)):
            continue
        try:
            ctypes.CDLL(str(one.path))  # for the words: ggml only says that it could not
        except OSError as error:
            why = plain(error)
            continue
        worked, said = _worked(ggml, one)
        if worked:
            return Proved(family, one.path.name, said)
        why = said
    return Proved(family, "", why or KEPT["none"])


def _worked(ggml: Ggml, one: Plugin) -> tuple[bool, str]:
    """Whether it does, and its devices or why not."""
    if (registry := ggml.load(one.path)) is None:
        return False, KEPT["no device"].format(words=one.words) if _gives_up(one) else KEPT["version"]
    devices = ggml.devices(registry)
    if one.family != CPU:
        devices = [device for device in devices if ggml.kind(device) in (GPU, INTEGRATED)]
    if not devices:
        return False, KEPT["no device"].format(words=one.words)
    for device in devices:
        if fault := ggml.fault(device):
            return False, f"{ggml.name(device)} {fault}"
    return True, ", ".join(ggml.name(device) for device in devices)


def _gives_up(one: Plugin) -> bool:
    """Whether a backend that ggml did not take gave up by itself: Vulkan's does so where there is no driver."""
    try:
        begin = ctypes.CDLL(str(one.path)).ggml_backend_init
    except AttributeError:
        return False
    begin.restype, begin.argtypes = ctypes.c_void_p, []
    return not begin()


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
    error = error.__cause__ if isinstance(error.__cause__, OSError) else error  # a frozen program has words of its own
    lacking = str(error).partition(":")[0].rpartition("/")[2]
    if "No such file" not in str(error):
        return str(error)
    if lacking.startswith(("libvulkan", "vulkan-1")):
        return KEPT["no Vulkan"].format(lacking=lacking)
    if lacking.startswith(("libcuda.so", "nvcuda")):
        return KEPT["no NVIDIA"].format(lacking=lacking)
    return KEPT["lacking"].format(lacking=lacking)
