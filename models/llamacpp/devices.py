"""The devices that llama.cpp can use on this machine, with their free memory."""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from models.library import machine
from models.library.fit import MemoryPool
from models.llamacpp import backend_messages, ggml_backends
from models.llamacpp.binding import exported, loaded, version
from resources.language import tr

NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
WITHOUT_GRAPHICS = {"CPU", "BLAS", "RPC"}
CPU, GPU, INTEGRATED = 0, 1, 2  # enum ggml_backend_dev_type; 3 is an accelerator library beside the CPU


@dataclass(frozen=True, slots=True)
class Device:
    """A device of ggml. name: ggml's ("CPU", "CUDA0"). backend: its backend's ("CPU", "CUDA", "Vulkan"). kind: enum
    ggml_backend_dev_type. free, total: bytes. handle: ggml's pointer.
    """

    name: str
    backend: str
    description: str
    kind: int
    free: int
    total: int
    handle: int

    @property
    def graphics(self) -> bool:
        return self.kind in (GPU, INTEGRATED)

    @property
    def memory_pool(self) -> MemoryPool:
        return MemoryPool(self.name, self.backend, self.free, self.total, self.kind == INTEGRATED, self.description)


def devices() -> tuple[Device, ...]:
    """Every device that llama.cpp sees, in its order."""
    count = _function("ggml_backend_dev_count", ctypes.c_size_t)
    at = _function("ggml_backend_dev_get", ctypes.c_void_p, ctypes.c_size_t)
    return tuple(_device(at(index)) for index in range(count()))


def _device(handle: int) -> Device:
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    size = ctypes.POINTER(ctypes.c_size_t)
    _function("ggml_backend_dev_memory", None, ctypes.c_void_p, size, size)(handle, free, total)
    kind = _function("ggml_backend_dev_type", ctypes.c_int, ctypes.c_void_p)(handle)
    if kind == CPU:  # for the CPU ggml says that all of its memory is free
        memory = machine.memory()
        free.value, total.value = memory.available, memory.total
    return Device(
        name=_words("ggml_backend_dev_name", handle),
        backend=_backend(handle),
        description=_words("ggml_backend_dev_description", handle),
        kind=kind,
        free=free.value,
        total=total.value,
        handle=handle,
    )


def _backend(handle: int) -> str:
    registry = _function("ggml_backend_dev_backend_reg", ctypes.c_void_p, ctypes.c_void_p)(handle)
    return _words("ggml_backend_reg_name", registry)


def has_graphics_backend() -> bool:
    """Whether llama.cpp has a backend for any graphics device, present or not."""
    count = _function("ggml_backend_reg_count", ctypes.c_size_t)
    at = _function("ggml_backend_reg_get", ctypes.c_void_p, ctypes.c_size_t)
    return any(_words("ggml_backend_reg_name", at(index)) not in WITHOUT_GRAPHICS for index in range(count()))


def why_no_graphics() -> str:
    """Why there is no graphics device, as a clause."""
    if has_graphics_backend():
        return tr("llama.cpp found no graphics device")
    reasons = [
        backend_messages.translated(one.message) for one in loaded if one.family != ggml_backends.CPU and not one.works
    ]
    return "; ".join(reasons) or tr("this build has no graphics backend")


def processor_words() -> str:
    """The instruction set of the processor's backend ("AVX2"); "" if it was not chosen among several."""
    return next(
        (file.words for one in loaded if one.family == ggml_backends.CPU and (file := ggml_backends.file_of(one))), ""
    )


def driver(chosen: Sequence[Device]) -> str:
    """A text that changes when these devices, their driver or llama.cpp change, for cache keys."""
    try:
        nvidia = NVIDIA_DRIVER.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, IndexError):
        nvidia = ""
    words = [version, platform.release(), nvidia, *(f"{one.name} {one.description} {one.total}" for one in chosen)]
    return "; ".join(filter(None, words))


def _words(function: str, handle: int) -> str:
    text: bytes = _function(function, ctypes.c_char_p, ctypes.c_void_p)(handle)
    return text.decode("utf-8", "replace")


def _function(name: str, result: type[object] | None, *arguments: type[object]) -> ctypes._NamedFuncPointer:  # pyright: ignore[reportPrivateUsage]
    function = exported(name)
    function.restype, function.argtypes = result, list(arguments)
    return function
