"""Packs: backends of llama.cpp that come apart from the program (CUDA is too large to come along), each in a folder
with a file that says which ggml it was made for. One for another ggml would read structures that lie elsewhere now, and
is refused before any of it is loaded.

Knows nothing of how backends are tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models.library.json_file import read_json
from models.llamacpp.backend_messages import KEPT

MANIFEST = "pack.json"
OF_THE_SYSTEM = (Path("/usr/lib/inkfall-cuda"),)  # where a package of the system puts one


def folders(added: Path) -> Iterator[Path]:
    """Where packs may lie: in that folder of the user's, in folders in it, in the system's."""
    yield added
    with suppress(OSError):
        yield from sorted(path for path in added.iterdir() if path.is_dir())
    yield from OF_THE_SYSTEM


def manifest(plugin: Path) -> Path:
    """The file that says what a pack is made for."""
    return plugin.with_name(MANIFEST)


def made_for(plugin: Path) -> str:
    """The ggml a pack says it is for ("0.25.3 0c1e570"); empty where it says none."""
    said = read_json(manifest(plugin)).get("ggml")
    return said if isinstance(said, str) else ""


def refusal(plugin: Path, ours: str) -> str:
    """Why a pack is not even loaded, in English (reasons.shown); empty where it may be. ours: the ggml of the program,
    empty where it is of unknown make."""
    theirs = made_for(plugin)
    if not theirs:
        return KEPT["unmarked"]
    return "" if theirs == ours else KEPT["other ggml"].format(theirs=theirs, ours=ours)


def identity(version: str, commit: str) -> str:
    """A ggml in words, from what its library says of itself."""
    return f"{version} {commit.removesuffix('-dirty')}"
