"""Values: a repository on the hub, as listed and as opened, its files, and the items that can be downloaded."""

from dataclasses import dataclass
from typing import Literal

from resources.language import tr

UNVERIFIED = tr("The repository tells no sha256 of it, so only its size and its form can be checked.")
Split = Literal["", "shards", "pieces"]  # one file; llama.cpp's -00001-of-0000N; pieces of bytes to be joined


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository. size: bytes. sha256: of its content, from the hub's metadata; "" if unknown."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Downloadable:
    """One item to download: a quantisation in a repository at one commit, in one or more files (in order).

    quantisation: as in "Q4_K_M"; "" if the name does not tell.
    """

    repo: str
    commit: str
    quantisation: str
    files: tuple[RemoteFile, ...]
    split: Split = ""

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)

    @property
    def verifiable(self) -> bool:
        """Whether the sha256 of every file is known. If not, show UNVERIFIED."""
        return all(file.sha256 for file in self.files)

    @property
    def name(self) -> str:
        """The name of the file to open: the only file, the first shard, or the file joined from pieces."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def path(self) -> str:
        """The same with its folders in the repository."""
        first = self.files[0].name
        return first.rsplit(".part", 1)[0] if self.split == "pieces" else first


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository as a search lists it. updated: an ISO date. base_models: ids that it was quantised from."""

    id: str
    downloads: int
    likes: int
    gated: bool
    updated: str
    licence: str
    tags: tuple[str, ...]
    base_models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """An opened repository. items: smallest first.

    parameters, architecture, context (tokens it was trained for): as the hub read them from one of the files; 0 or ""
    if it did not.
    """

    listed: Listed
    commit: str
    items: tuple[Downloadable, ...]
    parameters: int = 0
    architecture: str = ""
    context: int = 0
