"""Finds the files of llama.cpp's loadable backends: one for each kind of processor and of graphics device.

Only packaged builds have them (GGML_BACKEND_DL); in others all backends are compiled in. Loads no backend.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.engine.requests import BackendStatus
from models.library.app_dirs import app_dirs
from models.llamacpp import backend_messages, backend_packs
from resources.language import tr

CPU = "cpu"
FAMILIES = {  # the graphics backends, by the names of their files
    "vulkan": "Vulkan",
    "cuda": "CUDA",
    "hip": "ROCm",
    "metal": "Metal",
    "sycl": "SYCL",
    "opencl": "OpenCL",
}
VARIANTS = {  # the instruction set of each of ggml's processor names
    "x64": "SSE2",
    "sse42": "SSE4.2",
    "sandybridge": "AVX",
    "ivybridge": "AVX",
    "piledriver": "AVX",
    "haswell": "AVX2",
    "alderlake": "AVX2",
    "skylakex": "AVX-512",
    "cannonlake": "AVX-512",
    "cascadelake": "AVX-512",
    "icelake": "AVX-512",
    "cooperlake": "AVX-512",
    "zen4": "AVX-512",
    "sapphirerapids": "AMX",
}
_FILE = re.compile(r"(?:lib)?ggml-([a-z0-9]+)(?:-([a-z0-9_.]+))?\.(?:so|dll|dylib)")


@dataclass(frozen=True, slots=True)
class BackendFile:
    """A backend's file. family: "cpu" or one of FAMILIES. variant: the processor it is for, "" for any. pack: it was
    installed separately, and its manifest must name its ggml (backend_packs.py).
    """

    path: Path
    family: str
    variant: str
    pack: bool = False

    @property
    def words(self) -> str:
        if self.family != CPU:
            return FAMILIES[self.family]
        return VARIANTS.get(self.variant, self.variant)


def library_folder() -> Path | None:
    """The folder of llama.cpp's own library, None if it is not installed. Runs none of its code."""
    if own := os.environ.get("LLAMA_CPP_LIB_PATH"):
        return Path(own)
    try:
        found = importlib.util.find_spec("llama_cpp")
    except ValueError:  # a package of that name without a spec
        return None
    folders = found.submodule_search_locations if found else None
    return Path(folders[0]) / "lib" if folders else None


def library() -> Path | None:
    """The path of ggml's library, which loads backends; None if it is not installed."""
    folder = library_folder()
    name = {"win32": "ggml.dll", "darwin": "libggml.dylib"}.get(sys.platform, "libggml.so")
    return folder / name if folder and (folder / name).exists() else None


def found() -> tuple[BackendFile, ...]:
    """All backend files; none if this build has its backends compiled in."""
    folder = library_folder()
    if folder is None:
        return ()
    bundled = _first_of(folder, folder.parent.parent / "bin")  # the second is where llama-cpp-python puts them
    return (*bundled, *_added(app_dirs().backends)) if bundled else ()


def _first_of(*folders: Path) -> tuple[BackendFile, ...]:
    for folder in folders:
        plugins = tuple(one for one in in_folder(folder) if one.family != CPU or one.variant)
        if any(one.family == CPU for one in plugins):
            return plugins
    return ()


def _added(folder: Path) -> tuple[BackendFile, ...]:
    """The graphics backends of installed packs (CUDA, say); of two with one name the first."""
    every = (one for pack in backend_packs.folders(folder) for one in in_folder(pack) if one.family != CPU)
    by_name = {one.path.name: replace(one, pack=True) for one in reversed(list(every))}
    return tuple(reversed(by_name.values()))


def in_folder(folder: Path) -> tuple[BackendFile, ...]:
    """The backend files in a folder, by name."""
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return ()
    return tuple(one for path in files if (one := named(path)))


def named(path: Path) -> BackendFile | None:
    """The backend in the file's name; None if it is no backend."""
    match = _FILE.fullmatch(path.name)
    if not match or match[1] not in (CPU, *FAMILIES):
        return None
    return BackendFile(path, match[1], match[2] or "")


def by_family(plugins: Sequence[BackendFile]) -> dict[str, tuple[BackendFile, ...]]:
    """The files by family: the processor's first, then the others in the given order."""
    names = sorted(dict.fromkeys(one.family for one in plugins), key=lambda name: name != CPU)
    return {name: tuple(one for one in plugins if one.family == name) for name in names}


def best_first(
    plugins: Sequence[BackendFile], before_scoring: Callable[[BackendFile], None] = lambda _one: None
) -> list[BackendFile]:
    """The files that this processor can run, by ggml's own score, best first. before_scoring: called before each file
    is loaded for its score.
    """
    scored: list[tuple[int, BackendFile]] = []
    for one in plugins:
        before_scoring(one)
        scored.append((score(one), one))
    return [one for points, one in sorted(scored, key=lambda pair: -pair[0]) if points > 0]


def score(plugin: BackendFile) -> int:
    """ggml's score of the file on this processor: 0 if it cannot run. Loads the file."""
    try:
        asked = ctypes.CDLL(str(plugin.path)).ggml_backend_score
    except (OSError, AttributeError):
        return 0
    asked.restype, asked.argtypes = ctypes.c_int, []
    return asked()


# ------------------------------------------------------------------------------------------------ what is used


def file_of(status: BackendStatus) -> BackendFile | None:
    """The file that is used, None if none is."""
    return named(Path(status.file)) if status.file else None


def status_words(status: BackendStatus) -> str:
    """A status for the user: "CPU: AVX2 (haswell)", "Vulkan: not used, …"."""
    name = "CPU" if status.family == CPU else FAMILIES[status.family]
    if (one := file_of(status)) is None:
        return tr("{backend}: not used, {why}").format(backend=name, why=backend_messages.translated(status.message))
    if one.variant:
        return f"{name}: {one.words} ({one.variant})"
    return tr("{backend}: {devices}").format(backend=name, devices=status.message or tr("used"))
