"""A part file of a download: bytes are appended and hashed; the bytes of an earlier run are hashed again first.

Each complete remote file is compared with its sha256 at once. After a kill or a power failure only the bytes up to the
last matching checksum in the sidecar are used: a damaged block costs the bytes after it, not all.
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

NOTED = 64 << 20  # bytes between two checksums in the sidecar
BLOCK = 1 << 20


class BusyError(Exception):
    """Another process writes this file."""


class DamagedError(Exception):
    """A complete remote file has the wrong sha256; its bytes were cut off. The message is a sentence."""


class UselessError(Exception):
    """The file cannot be opened, and no sha256 shows that it arrived undamaged. The message is a sentence."""


class Part:
    """An open, locked part file. length: its valid bytes. problem: after `finish`, why the undamaged file cannot be
    opened, usually "". Every method raises OSError; the constructor also BusyError.
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
        """The index of the remote file to fetch now."""
        return sum(end <= self.length for end in self._ends[:-1])

    @property
    def start(self) -> int:
        """The byte offset of that remote file in the part."""
        return self._ends[self.index] - self._target.files[self.index].size

    @property
    def is_complete(self) -> bool:
        return self.length == self._ends[-1]

    @property
    def etag(self) -> str:
        """The server's ETag of the current remote file, whose bytes are in the part; "" if it gave none."""
        return self._known.etags.get(self.index, "")

    def check(self) -> Iterator[int]:
        """Hash the bytes of an earlier run. Yields the bytes hashed so far. Cuts off bytes that are wrong or have no
        matching checksum.
        """
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
            if self._known.ours:  # the bytes after the last checksum are verified with the complete file
                yield from self._hash_until(self._found)
                good = (self.length, self._hashing.digest())
        self._cut(*good)

    def write(self, block: bytes) -> None:
        """Append bytes of the current remote file. Raises DamagedError if it is complete and its sha256 wrong."""
        self._put(block)
        if self.length in self._ends:
            self._complete()

    def restart(self) -> None:
        """Drop the bytes of the current remote file."""
        self._known.etags.pop(self.index, None)
        self._cut(self.start, None)

    def name_content(self, etag: str) -> None:
        """Store the server's ETag of the bytes that follow."""
        if etag != self.etag:
            self._known.etags[self.index] = etag
            self._sidecar.add_etag(self.index, etag)

    def finish(self, first: bool) -> Path:
        """Flush the file, read its header, and rename it. first: it is a model or a first shard, not a later shard. A
        verified file is renamed even if it cannot be opened: then `problem` says why. Raises UselessError; BusyError if
        another process has replaced the part file.
        """
        self._flushing.settle()
        os.fsync(self._file.fileno())
        if not self._is_in_place():
            raise BusyError
        self.problem = self._fault(first)
        if os.name == "nt":  # Windows cannot rename an open file
            self._file.close()
        self._target.part.replace(self._target.final)
        self._sidecar.remove()
        sync_folder(self._target.final.parent)
        return self._target.final

    def remove(self) -> None:
        """Delete the part file and its sidecar."""
        self.close()
        self._target.part.unlink(missing_ok=True)
        self._sidecar.remove()

    def close(self) -> None:
        """Close the files, which stay. A second call does nothing."""
        self._hashing.close()
        self._flushing.close()
        self._file.close()

    def _size(self) -> int:
        return os.fstat(self._file.fileno()).st_size

    def _is_in_place(self) -> bool:
        """Whether the part's path still names the open file, whose bytes were verified. Raises OSError."""
        return os.path.samestat(os.fstat(self._file.fileno()), self._target.part.lstat())

    def _put(self, block: bytes) -> None:
        """Write the block, or as much as the disk takes before it raises OSError."""
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
        """Compare the current, complete remote file with its sha256, and go on to the next."""
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
        """Whether the bytes hashed up to `limit` match their checksum. The end of a file without a sha256 does not."""
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

    def _fault(self, first: bool) -> str:
        """Why the file cannot be opened; "" if it can. Raises UselessError if it may be damaged."""
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
    """Returns "". Raises HeaderError if the file does not start like a GGUF."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise HeaderError(tr("{name} is not a GGUF model file.").format(name=path.name))
    return ""


def _locked(path: Path) -> BinaryIO:
    """Open and lock the file at that path; again if another process finished and renamed it in between. Raises
    BusyError, OSError.
    """
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
