"""What the library speaks of: a repository on the hub, and what of it can be had as one thing. Values only."""

from dataclasses import dataclass
from typing import Literal

from resources.language import tr

UNVERIFIED = tr("The repository tells no sha256 of it, so only its size and its form can be checked.")
Split = Literal["", "shards", "pieces"]  # one file; llama.cpp's -00001-of-0000N; pieces of bytes that are to be joined


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository. size: bytes. sha256: of its content, from the hub's own metadata; empty where unknown."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Downloadable:
    """One thing to download: a quantisation of a repository at one commit, however many files it comes in (in order).

    quantisation: as in "Q4_K_M", or empty where the name does not tell.
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
        """Whether the sha256 of all its files is known; where it is not, UNVERIFIED is to be said."""
        return all(file.sha256 for file in self.files)

    @property
    def name(self) -> str:
        """The file that is opened in the end: the only one, the first shard, or the one joined of pieces."""
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
    """A repository opened. items: what can be had of it, smallest first.

    parameters, architecture, context (tokens it was trained for): as the hub read them from one of the files; 0 or
    empty where it did not.
    """

    listed: Listed
    commit: str
    items: tuple[Downloadable, ...]
    parameters: int = 0
    architecture: str = ""
    context: int = 0
