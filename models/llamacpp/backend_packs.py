"""Backend packs: llama.cpp backends that are installed separately (CUDA is too large to bundle).

Each pack has a manifest that names the ggml it was built for. A pack built for another ggml would read structures at
wrong offsets, and is refused before it is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models.library.json_file import read_json
from models.llamacpp.backend_messages import ENGLISH

MANIFEST = "pack.json"
OF_THE_SYSTEM = (Path("/usr/lib/inkfall-cuda"),)  # where a system package installs a pack


def folders(added: Path) -> Iterator[Path]:
    """The folders that may hold packs: the user's folder `added`, its subfolders, the system's folders."""
    yield added
    with suppress(OSError):
        yield from sorted(path for path in added.iterdir() if path.is_dir())
    yield from OF_THE_SYSTEM


def manifest(plugin: Path) -> Path:
    """The path of a pack's manifest."""
    return plugin.with_name(MANIFEST)


def made_for(plugin: Path) -> str:
    """The ggml a pack was built for ("0.25.3 0c1e570"); "" if its manifest names none."""
    ggml = read_json(manifest(plugin)).get("ggml")
    return ggml if isinstance(ggml, str) else ""


def refusal(plugin: Path, ours: str) -> str:
    """Why a pack must not be loaded, in English (backend_messages.translated); "" if it may be. ours: the program's
    ggml, "" if unknown.
    """
    theirs = made_for(plugin)
    if not theirs:
        return ENGLISH["unmarked"]
    return "" if theirs == ours else ENGLISH["other ggml"].format(theirs=theirs, ours=ours)


def identity(version: str, commit: str) -> str:
    """The name of a ggml build, from its library's version and commit."""
    return f"{version} {commit.removesuffix('-dirty')}"
