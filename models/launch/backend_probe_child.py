"""The child process that loads untested backends and may die of it: it reports each step through its pipe."""

from __future__ import annotations

import ctypes
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from models.launch.child_process import redirect
from models.llamacpp import backend_packs, ggml_backends
from models.llamacpp.backend_messages import ENGLISH
from models.llamacpp.ggml import GPU, INTEGRATED, Ggml
from models.llamacpp.ggml_backends import CPU, BackendFile


@dataclass(frozen=True, slots=True)
class FileTried:
    """This file is about to be loaded: if the process ends now, the file is to blame."""

    family: str
    file: str


@dataclass(frozen=True, slots=True)
class FamilyResult:
    """The result of one family. file: the one that works, "" if none does. message: its devices, or why it does not
    work, in English.
    """

    family: str
    file: str
    message: str


def main(
    sender: Connection[object, object], library: str, families: Mapping[str, Sequence[BackendFile]], log: str
) -> None:
    """The process's entry point: tries the files of each family, best first. library: path of ggml's library. log: path
    of the file for its output.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    redirect(log)
    try:
        ggml = Ggml(Path(library))
    except OSError as error:
        for family in families:
            sender.send(FamilyResult(family, "", plain(error)))
        return
    for family, files in families.items():
        sender.send(_try_family(ggml, family, files, sender.send))


def _try_family(ggml: Ggml, family: str, files: Sequence[BackendFile], send: Callable[[object], None]) -> FamilyResult:
    why = ""
    for one in (
        ggml_backends.best_first(files, lambda one: send(FileTried(family, one.path.name))) if family == CPU else files
    ):
        send(FileTried(family, one.path.name))
        if one.pack and (why := backend_packs.refusal(one.path, ggml.identity)):
            continue
        try:
            ctypes.CDLL(str(one.path))  # for the reason: ggml reports only that it failed
        except OSError as error:
            why = plain(error)
            continue
        worked, message = _try_backend(ggml, one)
        if worked:
            return FamilyResult(family, one.path.name, message)
        why = message
    return FamilyResult(family, "", why or ENGLISH["none"])


def _try_backend(ggml: Ggml, one: BackendFile) -> tuple[bool, str]:
    """Whether the backend works, and its devices or why not."""
    if (registry := ggml.load(one.path)) is None:
        return False, ENGLISH["no device"].format(words=one.words) if _gives_up(one) else ENGLISH["version"]
    devices = ggml.devices(registry)
    if one.family != CPU:
        devices = [device for device in devices if ggml.kind(device) in (GPU, INTEGRATED)]
    if not devices:
        return False, ENGLISH["no device"].format(words=one.words)
    for device in devices:
        if fault := ggml.fault(device):
            return False, f"{ggml.name(device)} {fault}"
    return True, ", ".join(ggml.name(device) for device in devices)


def _gives_up(one: BackendFile) -> bool:
    """Whether a backend that ggml rejected gave up by itself, as Vulkan's does without a driver."""
    try:
        begin = ctypes.CDLL(str(one.path)).ggml_backend_init
    except AttributeError:
        return False
    begin.restype, begin.argtypes = ctypes.c_void_p, []
    return not begin()


def plain(error: OSError) -> str:
    """Why a library could not be loaded, in English: the missing library, if one is missing."""
    error = error.__cause__ if isinstance(error.__cause__, OSError) else error  # a frozen program wraps the error
    lacking = str(error).partition(":")[0].rpartition("/")[2]
    if "No such file" not in str(error):
        return str(error)
    if lacking.startswith(("libvulkan", "vulkan-1")):
        return ENGLISH["no Vulkan"].format(lacking=lacking)
    if lacking.startswith(("libcuda.so", "nvcuda")):
        return ENGLISH["no NVIDIA"].format(lacking=lacking)
    return ENGLISH["lacking"].format(lacking=lacking)
