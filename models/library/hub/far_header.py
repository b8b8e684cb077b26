"""The header of a GGUF on the hub, without the rest of it: fetched by ranges as far as our own reader reads.

What was read is kept in the cache under repository, commit and file, so a second look contacts nobody. Of a model in
shards it is the first shard's header, which has all of the values but only that shard's tensors. Weights are not read.
"""

import re
from pathlib import Path

from models.library.app_dirs import AppDirs, repo_folder
from models.library.atomic_file import replacing
from models.library.downloadable import Downloadable
from models.library.header import Header, HeaderError, read_header_from
from models.library.hub.client import PATIENCE, Access, reaching
from models.library.hub.connection import Connection
from models.library.hub.errors import HubError, check_status, telling
from models.library.permissions import make_folder
from resources.language import tr
from resources.reasons import told

FIRST = 1 << 20  # bytes of the first range; each further one doubles what is there
MOST = 64 << 20  # bytes of a header that are fetched at all
KEPT = 512 << 20  # bytes of headers that the cache keeps, the newest ones
LONGEST = 40  # times the patience that one range may take: slow networks are slow
RANGE = re.compile(r"bytes ([0-9]{1,20})-([0-9]{1,20})/([0-9]{1,20})")


def far_header(item: Downloadable, connection: Connection, dirs: AppDirs, patience: float = PATIENCE) -> Header:
    """The item's header. Raises HubError, or HeaderError where the file is no model that can be opened.

    Its `path` is a file that holds the header alone, and goes by the model's name.
    """
    kept = _kept(item, dirs)
    if found := _from_cache(kept, _size(item)):
        return found
    found = _fetched(item, kept, connection, patience)
    _prune(_headers(dirs))
    return found


def _size(item: Downloadable) -> int:
    """Bytes of the file that the header is in: pieces are one file."""
    return item.size if item.split == "pieces" else item.files[0].size


def _headers(dirs: AppDirs) -> Path:
    return dirs.cache / "headers"


def _kept(item: Downloadable, dirs: AppDirs) -> Path:
    folder = _headers(dirs) / repo_folder(item.repo) / item.commit
    return folder / Path(item.files[0].name).parent / item.name


def _from_cache(path: Path, size: int) -> Header | None:
    try:
        with path.open("rb") as file:
            return read_header_from(file, size, path)
    except (OSError, HeaderError):  # not there, or cut short by something: fetched anew
        return None


def _fetched(item: Downloadable, path: Path, connection: Connection, patience: float) -> Header:
    with reaching(connection, tr("header of {repo}").format(repo=item.repo), patience) as access:
        far = FarFile(access, item)
        header = read_header_from(far, _size(item), path)
    try:
        _keep(path, bytes(far.known[: far.furthest]))
    except OSError as error:
        raise HeaderError(
            tr("{folder} cannot be written to: {reason}.").format(folder=path.parent, reason=told(error))
        ) from error
    return header


class FarFile:
    """The beginning of a remote file, read like a local one; what is not there yet is fetched. Raises HubError."""

    def __init__(self, access: Access, item: Downloadable) -> None:
        from huggingface_hub import hf_hub_url

        self._access = access
        self._about = f"{item.repo}/{item.files[0].name}"
        self._url = hf_hub_url(item.repo, item.files[0].name, revision=item.commit, endpoint=access.connection.endpoint)
        self._size = item.files[0].size
        self._position = 0
        self.known = bytearray()
        self.furthest = 0

    def seek(self, offset: int, /) -> int:
        self._position = offset
        return offset

    def read(self, length: int, /) -> bytes:
        """Fewer bytes only where the file ends. Raises HeaderError past the most that a header may be."""
        end = min(self._position + length, self._size)
        if end > MOST:
            raise HeaderError(
                tr("{about} has a header of more than {size} MiB, which no model needs.").format(
                    about=self._about, size=MOST >> 20
                )
            )
        if end > len(self.known):
            self._fetch(min(max(end, 2 * len(self.known), FIRST), self._size, MOST))
        data = bytes(self.known[self._position : end])
        self._position = end
        self.furthest = max(self.furthest, end)
        return data

    def _fetch(self, end: int) -> None:
        """Bytes up to `end`, behind those that are known."""
        start, endpoint = len(self.known), self._access.connection.endpoint
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        with telling(self._about, endpoint), self._access.stream(self._url, headers) as response:
            check_status(response, self._about, endpoint)
            self._begin(response.status_code, response.headers.get("Content-Range", ""), start)
            for block in self._access.limited(response, 2 * MOST, whole=LONGEST):
                self.known += block
                if len(self.known) >= end:  # a server that knows no ranges sends everything
                    break
        if len(self.known) < end:
            raise HubError(tr("{about} came shorter than the hub had said: try again.").format(about=self._about))

    def _begin(self, status: int, content_range: str, start: int) -> None:
        """Check that the answer is the range that was asked for; where it is the whole file, it begins anew."""
        if status == 200:
            self.known.clear()
            return
        found = RANGE.fullmatch(content_range)
        if status != 206 or not found or int(found[1]) != start or int(found[3]) != self._size:
            raise HubError(
                tr("{about} is not the file that the hub had listed: open the repository again.").format(
                    about=self._about
                )
            )


def _keep(path: Path, data: bytes) -> None:
    make_folder(path.parent)
    with replacing(path, private=True) as file:
        file.write(data)


def _prune(folder: Path) -> None:
    """Forget the oldest headers when there are too many. What cannot be looked at or removed is left."""
    try:
        files = [(file, file.stat()) for file in folder.rglob("*") if file.is_file()]
        too_many = sum(found.st_size for _, found in files) - KEPT
        for file, found in sorted(files, key=lambda pair: pair[1].st_mtime):
            if too_many <= 0:
                return
            file.unlink()
            too_many -= found.st_size
    except OSError:
        return
