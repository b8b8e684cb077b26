"""The only file that imports llama_cpp: its low-level functions as `lib`, its loadable backends where the build has
such, and where its log goes.

Sets the environment that the libraries read when they are loaded. Types end here: ctypes has none worth the name, so
`lib` is Any and model.py and samplers.py give what comes out of it a type.
"""

import ctypes
import importlib
import importlib.util
import os
import sys
import types
from pathlib import Path
from typing import Any

from models.engine.requests import BackendStatus
from models.llamacpp import crash_markers, ggml, ggml_backends, processor, trusted_backends
from resources.language import tr

os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # on abort ggml would start a debugger, and hang in it
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's own threads would spin beside llama.cpp's


def _low_level() -> Any:
    """llama_cpp.llama_cpp without its package's __init__, which loads a chat template renderer and costs 0.3 s of
    every start.
    """
    if sentence := processor.lacking():
        raise ImportError(sentence)
    if "llama_cpp" not in sys.modules:
        found = importlib.util.find_spec("llama_cpp")
        if found is None:
            raise ImportError(tr("llama-cpp-python is not installed"))
        package = types.ModuleType("llama_cpp")
        package.__spec__ = found
        package.__path__ = list(found.submodule_search_locations or [])
        sys.modules["llama_cpp"] = package
    return importlib.import_module("llama_cpp.llama_cpp")


lib: Any = _low_level()
version: str = lib.llama_version().decode()


_libraries = [lib._lib, *ggml.of_windows(ggml_backends.library_folder() or Path())]


def exported(name: str) -> Any:
    """A function of ggml's, which libllama brings along. Raises AttributeError where there is none of that name."""
    return ggml.function(name, _libraries)


@lib.llama_log_callback
def _drop(_level: int, _text: bytes, _data: object) -> None:
    """Say nothing."""


def silence_log() -> None:
    """Drop what llama.cpp says (the default: it would write into the terminal of whoever runs us)."""
    lib.llama_log_set(_drop, None)


def log_to_stderr() -> None:
    """Let llama.cpp write its log to file descriptor 2 by itself, so that its last words are there even when it
    aborts.
    """
    lib.llama_log_set(lib.llama_log_callback(), None)  # the null pointer: llama.cpp's own writer


def high_level() -> Any:
    """llama-cpp-python's own `Llama` class, which we only ever measure ourselves against (models/benchmark.py)."""
    if not hasattr(sys.modules["llama_cpp"], "Llama"):
        del sys.modules["llama_cpp"]
    import llama_cpp

    silence_log()  # its import sets a log of its own
    return llama_cpp.Llama


def _load_backends() -> tuple[BackendStatus, ...]:
    """Load those that are trusted. Where nobody tried any yet: the one for the processor alone, by ggml's own score.
    What was found out of them; nothing where all is compiled in.
    """
    found = ggml_backends.found()
    count = exported("ggml_backend_reg_count")
    count.restype = ctypes.c_size_t
    if not found or count():
        return ()
    statuses = trusted_backends.given() or ()
    trusted = {status.file for status in statuses}
    graphics = [one for one in found if one.family != ggml_backends.CPU and one.path.name in trusted]
    processors = [one for one in found if one.family == ggml_backends.CPU]
    chosen = [one for one in processors if one.path.name in trusted] or ggml_backends.best_first(processors)
    load = exported("ggml_backend_load")
    load.restype = ctypes.c_void_p
    for one in (*graphics, *chosen[:1]):  # in ggml's own order
        with crash_markers.suspected(one.path.name, crash_markers.folder()):
            load(os.fsencode(one.path))
    return statuses


silence_log()
loaded: tuple[BackendStatus, ...] = _load_backends()
lib.llama_backend_init()
