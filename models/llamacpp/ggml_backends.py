"""The loadable backends that lie beside llama.cpp's library: one for each kind of processor, of which one is loaded,
and one for each kind of graphics device.

Only a build that ships has them (GGML_BACKEND_DL); elsewhere there are none, and everything is compiled in. Loads
nothing.
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
VARIANTS = {  # what ggml's names for processors mean, in short
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
    """family: "cpu" or one of FAMILIES. variant: which processor it is for, empty for any. pack: it did not come with
    the program, and has to say what it was made for (backend_packs.py).
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
    """Where llama.cpp's own library lies; None where it is not installed. Runs nothing of it."""
    if own := os.environ.get("LLAMA_CPP_LIB_PATH"):
        return Path(own)
    try:
        found = importlib.util.find_spec("llama_cpp")
    except ValueError:  # somebody put a package of that name together by hand
        return None
    folders = found.submodule_search_locations if found else None
    return Path(folders[0]) / "lib" if folders else None


def library() -> Path | None:
    """The library of ggml that loads backends."""
    folder = library_folder()
    name = {"win32": "ggml.dll", "darwin": "libggml.dylib"}.get(sys.platform, "libggml.so")
    return folder / name if folder and (folder / name).exists() else None


def found() -> tuple[BackendFile, ...]:
    """All there are; none where this build has its backends compiled in."""
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
    """The graphics backends of packs that were added later (CUDA, say); of two of a name the first."""
    every = (one for place in backend_packs.folders(folder) for one in in_folder(place) if one.family != CPU)
    by_name = {one.path.name: replace(one, pack=True) for one in reversed(list(every))}
    return tuple(reversed(by_name.values()))


def in_folder(folder: Path) -> tuple[BackendFile, ...]:
    """By name. A file that is no backend is left out."""
    try:
        files = sorted(folder.iterdir())
    except OSError:
        return ()
    return tuple(one for path in files if (one := named(path)))


def named(path: Path) -> BackendFile | None:
    """What the file's name says; None where it names no backend."""
    said = _FILE.fullmatch(path.name)
    if not said or said[1] not in (CPU, *FAMILIES):
        return None
    return BackendFile(path, said[1], said[2] or "")


def by_family(plugins: Sequence[BackendFile]) -> dict[str, tuple[BackendFile, ...]]:
    """The processor's first, then the others in the order in which they lie there."""
    names = sorted(dict.fromkeys(one.family for one in plugins), key=lambda name: name != CPU)
    return {name: tuple(one for one in plugins if one.family == name) for name in names}


def best_first(
    plugins: Sequence[BackendFile], begun: Callable[[BackendFile], None] = lambda _one: None
) -> list[BackendFile]:
    """Those that this processor can run, by ggml's own score; begun is told before each is asked."""
    scored: list[tuple[int, BackendFile]] = []
    for one in plugins:
        begun(one)
        scored.append((score(one), one))
    return [one for points, one in sorted(scored, key=lambda pair: -pair[0]) if points > 0]


def score(plugin: BackendFile) -> int:
    """How well it suits this processor: 0 where not at all."""
    try:
        asked = ctypes.CDLL(str(plugin.path)).ggml_backend_score
    except (OSError, AttributeError):
        return 0
    asked.restype, asked.argtypes = ctypes.c_int, []
    return asked()


# ------------------------------------------------------------------------------------------------ what is used


def file_of(status: BackendStatus) -> BackendFile | None:
    """The file that is used; None where none is."""
    return named(Path(status.file)) if status.file else None


def status_words(status: BackendStatus) -> str:
    """For a person: "CPU: AVX2 (haswell)", "Vulkan: not used, …"."""
    name = "CPU" if status.family == CPU else FAMILIES[status.family]
    if (one := file_of(status)) is None:
        return tr("{backend}: not used, {why}").format(backend=name, why=backend_messages.shown(status.said))
    if one.variant:
        return f"{name}: {one.words} ({one.variant})"
    return tr("{backend}: {devices}").format(backend=name, devices=status.said or tr("used"))
