"""A process that loads backends which nobody trusts yet, and may die of it: what it says by the pipe before that is
what is known of them.

Knows nothing of what is made of it (backend_choice.py).
"""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from models.launch.child_process import redirect
from models.llamacpp import backend_packs, ggml_backends
from models.llamacpp.backend_messages import KEPT
from models.llamacpp.ggml import GPU, INTEGRATED, Ggml
from models.llamacpp.ggml_backends import CPU, BackendFile


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


def main(
    sender: Connection[object, object], library: str, families: Mapping[str, Sequence[BackendFile]], log: str
) -> None:
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


def _proved(ggml: Ggml, family: str, few: Sequence[BackendFile], tell: Callable[[object], None]) -> Proved:
    why = ""
    for one in ggml_backends.best_first(few, lambda one: tell(Begun(family, one.path.name))) if family == CPU else few:
        tell(Begun(family, one.path.name))
        if one.pack and (why := backend_packs.refusal(one.path, ggml.identity)):
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


def _worked(ggml: Ggml, one: BackendFile) -> tuple[bool, str]:
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


def _gives_up(one: BackendFile) -> bool:
    """Whether a backend that ggml did not take gave up by itself: Vulkan's does so where there is no driver."""
    try:
        begin = ctypes.CDLL(str(one.path)).ggml_backend_init
    except AttributeError:
        return False
    begin.restype, begin.argtypes = ctypes.c_void_p, []
    return not begin()


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
