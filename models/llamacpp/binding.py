"""The only file that imports llama_cpp: its low-level functions as `lib`, its loadable backends, and its log.

Sets the environment variables that the libraries read when they are loaded. `lib` is Any, because ctypes functions have
no useful types; model.py and samplers.py give their results types.
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
from models.llamacpp import backend_packs, crash_markers, ggml, ggml_backends, processor, trusted_backends
from resources.language import tr

os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # on abort ggml would start a debugger, and hang in it
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's own threads would spin beside llama.cpp's


def _low_level() -> Any:
    """Import llama_cpp.llama_cpp without its package's __init__, which loads a chat template renderer and takes 0.3 s.
    Raises ImportError, also if the processor lacks what llama.cpp needs.
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
    """A function of ggml, which libllama links. Raises AttributeError if there is none of that name."""
    return ggml.function(name, _libraries)


def build() -> str:
    """The versions of llama.cpp and ggml, with ggml's commit."""
    parts: list[str] = []
    for name in ("ggml_version", "ggml_commit"):
        called = exported(name)
        called.restype = ctypes.c_char_p
        parts.append(called().decode("ascii", "replace"))
    return f"llama.cpp {version}, ggml {backend_packs.identity(*parts)}"


@lib.llama_log_callback
def _drop(_level: int, _text: bytes, _data: object) -> None:
    """Ignore a log message."""


def silence_log() -> None:
    """Drop llama.cpp's log (the default here; llama.cpp's own default writes into the terminal)."""
    lib.llama_log_set(_drop, None)


def log_to_stderr() -> None:
    """Let llama.cpp itself write its log to file descriptor 2, so that the log has its last words even after an
    abort.
    """
    lib.llama_log_set(lib.llama_log_callback(), None)  # the null pointer: llama.cpp's own writer


def high_level() -> Any:
    """llama-cpp-python's `Llama` class, used only to compare speed (models/benchmark.py)."""
    if not hasattr(sys.modules["llama_cpp"], "Llama"):
        del sys.modules["llama_cpp"]
    import llama_cpp

    silence_log()  # its import sets a log of its own
    return llama_cpp.Llama


def _load_backends() -> tuple[BackendStatus, ...]:
    """Load the trusted backends; if none was tried yet, only the one for the processor, by ggml's own score. Returns
    their statuses, none if all backends are compiled in.
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
        with crash_markers.mark(one.path.name, crash_markers.folder()):
            load(os.fsencode(one.path))
    return statuses


silence_log()
loaded: tuple[BackendStatus, ...] = _load_backends()
lib.llama_backend_init()
