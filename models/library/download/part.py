"""A part file: bytes are added at its end and hashed on the way; what was there before is hashed again first.

A remote file that is complete is compared with its sha256 at once. Of what is found after a kill or a power cut only
that is kept which does not contradict what was noted on the way: a damaged block costs what lies behind it, not all.
Knows nothing of the network.
"""

import contextlib
import os
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from models.library.atomic_file import sync_folder
from models.library.download.flushing import Flushing
from models.library.download.hashing import Hashing
from models.library.download.layout import Target
from models.library.download.locking import lock
from models.library.download.open_no_links import opened
from models.library.download.sidecar import Sidecar
from models.library.header import MAGIC, HeaderError, UnusableError, read_header
from models.library.permissions import make_folder
from resources.language import tr

if TYPE_CHECKING:
    from _hashlib import HASH

NOTED = 64 << 20  # bytes between two notes of what they hash to
BLOCK = 1 << 20


class BusyError(Exception):
    """Another program writes this very file."""


class DamagedError(Exception):
    """A remote file is complete and its sha256 is wrong; it is cut off. Its text is a sentence."""


class UselessError(Exception):
    """It is no model that can be opened, and no sha256 proves that it arrived well. Its text is a sentence."""


class Part:
    """An open part file, locked. length: bytes of it that count. problem: once it is finished, why it cannot be opened
    though it arrived well; mostly empty. Everything raises OSError; making it, BusyError.
    """

    def __init__(self, target: Target, repo: str, commit: str, noted: int = NOTED) -> None:
        self._target = target
        self._noted = noted
        self._ends = tuple(accumulate(file.size for file in target.files))
        self._sidecar = Sidecar(target, repo, commit)
        make_folder(target.part.parent)
        self._file = _locked(target.part)
        try:
            self._known = self._sidecar.read()
            if not self._known.ours:
                self._sidecar.begin(self._known)
            self._found = min(self._size(), self._ends[-1])
        except BaseException:
            self._file.close()
            raise
        self._hashing, self._flushing = Hashing(), Flushing(self._file)
        self.length = 0
        self.problem = ""

    @property
    def index(self) -> int:
        """Which of the remote files is to be fetched now."""
        return sum(end <= self.length for end in self._ends[:-1])

    @property
    def start(self) -> int:
        """Where that remote file begins in the part."""
        return self._ends[self.index] - self._target.files[self.index].size

    @property
    def whole(self) -> bool:
        return self.length == self._ends[-1]

    @property
    def etag(self) -> str:
        """What the server called the content of the remote file whose bytes are here; empty where it did not."""
        return self._known.etags.get(self.index, "")

    def check(self) -> Iterator[int]:
        """Hash what is there; gives the bytes gone through, then and when. What is not proven, or wrong, is cut off."""
        limits = sorted(limit for limit in {*self._known.proven, *self._ends} if 0 < limit <= self._found)
        good: tuple[int, HASH | None] = (0, None)
        self._file.seek(0)
        for limit in limits:
            yield from self._hash_until(limit)
            if not self._agrees(limit):
                break
            good = (limit, None if limit in self._ends else self._hashing.digest())
            self._hashing.begin(good[1])
        else:
            if self._known.ours:  # what lies behind the last note is proven, or not, with the whole
                yield from self._hash_until(self._found)
                good = (self.length, self._hashing.digest())
        self._cut(*good)

    def write(self, block: bytes) -> None:
        """Add bytes of the current remote file. Raises DamagedError when its last byte makes it wrong."""
        self._put(block)
        if self.length in self._ends:
            self._complete()

    def restart(self) -> None:
        """Drop what is there of the current remote file."""
        self._known.etags.pop(self.index, None)
        self._cut(self.start, None)

    def name_content(self, etag: str) -> None:
        """Note what the server calls the content that is coming."""
        if etag != self.etag:
            self._known.etags[self.index] = etag
            self._sidecar.add_etag(self.index, etag)

    def finish(self, first: bool) -> Path:
        """Put it on the disk, look into it, and give it its name. first: it is to be a model by itself, not a later
        shard. What was verified gets its name even where it cannot be opened: then `problem` says why. Raises
        UselessError; BusyError where another program has put its own part in this one's place.
        """
        self._flushing.settle()
        os.fsync(self._file.fileno())
        if not self._is_in_place():
            raise BusyError
        self.problem = self._looked_into(first)
        if os.name == "nt":  # where an open file cannot be renamed
            self._file.close()
        self._target.part.replace(self._target.final)
        self._sidecar.remove()
        sync_folder(self._target.final.parent)
        return self._target.final

    def remove(self) -> None:
        """Delete it and what is known of it."""
        self.close()
        self._target.part.unlink(missing_ok=True)
        self._sidecar.remove()

    def close(self) -> None:
        """What is there stays. May be called twice."""
        self._hashing.close()
        self._flushing.close()
        self._file.close()

    def _size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def _is_in_place(self) -> bool:
        """Whether the part's name still is that of the open file, whose bytes were verified. Raises OSError."""
        return os.path.samestat(os.fstat(self._file.fileno()), self._target.part.lstat())

    def _put(self, block: bytes) -> None:
        """All of the block, or as much as the disk takes before it raises OSError."""
        rest, before = memoryview(block), self.length
        while rest:
            written = self._file.write(rest)
            self._hashing.update(rest[:written])
            self.length += written
            rest = rest[written:]
        self._flushing.wrote(self.length - before)
        if self.length // self._noted > before // self._noted and self.length not in self._ends:
            self._known.proven[self.length] = self._hashing.hexdigest()
            self._sidecar.add_proof(self.length, self._known.proven[self.length])

    def _complete(self) -> None:
        """The current remote file has all its bytes: compare, and begin with the next."""
        index = self._ends.index(self.length)
        found, wanted = self._hashing.hexdigest(), self._target.files[index].sha256
        if wanted and found != wanted:
            file = self._target.files[index]
            self._cut(self.length - file.size, None)
            raise DamagedError(
                tr("{name} arrived damaged: its sha256 is not the one that its repository tells.").format(
                    name=file.name
                )
            )
        self._hashing.begin()

    def _hash_until(self, limit: int) -> Iterator[int]:
        while self.length < limit and (block := self._file.read(min(BLOCK, limit - self.length))):
            self._hashing.update(block)
            self.length += len(block)
            yield self.length

    def _agrees(self, limit: int) -> bool:
        """Whether what was read up to there is what it is to be. An end without a sha256 proves nothing by itself."""
        found = self._hashing.hexdigest()
        if limit in self._ends:
            wanted = self._target.files[self._ends.index(limit)].sha256
            return found == wanted if wanted else self._known.ours
        return found == self._known.proven[limit]

    def _cut(self, length: int, digest: "HASH | None") -> None:
        if length < self._size():
            self._file.truncate(length)
        contradicted = [position for position in self._known.proven if position > length]
        for position in contradicted:
            del self._known.proven[position]
        if contradicted:
            self._sidecar.begin(self._known)
        self._file.seek(length)
        self.length = length
        self._hashing.begin(digest)

    def _looked_into(self, first: bool) -> str:
        """Why it cannot be opened; empty where it can. Raises UselessError where it may be damaged."""
        path, name = self._target.part, self._target.final.name
        try:
            return (read_header(path).obstacle if first else _checked_magic(path)).replace(path.name, name)
        except UnusableError as error:
            return str(error).replace(path.name, name)
        except HeaderError as error:
            if not all(file.sha256 for file in self._target.files):
                raise UselessError(str(error).replace(path.name, name)) from error
            return (
                tr("{name} cannot be opened: {why}.").format(name=name, why=error.why)
                if error.why
                else str(error).replace(path.name, name)
            )


def _checked_magic(path: Path) -> str:
    """Nothing. Raises HeaderError where it does not begin as a GGUF does."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise HeaderError(tr("{name} is not a GGUF model file.").format(name=path.name))
    return ""


def _locked(path: Path) -> BinaryIO:
    """The file at that path, open and locked. It may have been finished by another program in between: then anew."""
    while True:
        file = opened(path)
        try:
            ours = lock(file)
        except OSError:
            file.close()
            raise
        if not ours:
            file.close()
            raise BusyError
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.lstat()):
                return file
        file.close()
