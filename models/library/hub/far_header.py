"""Reads the header of a GGUF on the hub: fetches ranges of the file as far as the header's reader needs.

Headers are cached by repository, commit and file, so a second read makes no request. Of a model in shards only the
first shard's header is read, which has all values but only that shard's tensors.
"""

import re
from pathlib import Path

from models.library.app_dirs import AppDirs, repo_folder
from models.library.atomic_file import replacing
from models.library.downloadable import Downloadable
from models.library.header import Header, HeaderError, read_header_from
from models.library.hub.client import PATIENCE, Access, reaching
from models.library.hub.connection import Connection
from models.library.hub.errors import HubError, as_hub_error, check_status
from models.library.permissions import make_folder
from resources.language import tr
from resources.reasons import message_of

FIRST = 1 << 20  # bytes of the first range; each further range doubles the total
MOST = 64 << 20  # bytes of a header that are fetched at most
MAX_CACHED = 512 << 20  # bytes of headers in the cache; the oldest are dropped
LONGEST = 40  # times the patience that one range may take, for slow networks
RANGE = re.compile(r"bytes ([0-9]{1,20})-([0-9]{1,20})/([0-9]{1,20})")


def far_header(item: Downloadable, connection: Connection, dirs: AppDirs, patience: float = PATIENCE) -> Header:
    """The item's header. Raises HubError, or HeaderError if the file is no model that can be opened.

    Its `path` is a cached file with the header alone, under the model's name.
    """
    path = _cache_path(item, dirs)
    if found := _from_cache(path, _size(item)):
        return found
    found = _fetched(item, path, connection, patience)
    _prune(_headers(dirs))
    return found


def _size(item: Downloadable) -> int:
    """Bytes of the file with the header; all pieces count as one file."""
    return item.size if item.split == "pieces" else item.files[0].size


def _headers(dirs: AppDirs) -> Path:
    return dirs.cache / "headers"


def _cache_path(item: Downloadable, dirs: AppDirs) -> Path:
    folder = _headers(dirs) / repo_folder(item.repo) / item.commit
    return folder / Path(item.files[0].name).parent / item.name


def _from_cache(path: Path, size: int) -> Header | None:
    try:
        with path.open("rb") as file:
            return read_header_from(file, size, path)
    except (OSError, HeaderError):  # missing or damaged: fetched again
        return None


def _fetched(item: Downloadable, path: Path, connection: Connection, patience: float) -> Header:
    with reaching(connection, tr("header of {repo}").format(repo=item.repo), patience) as access:
        far = FarFile(access, item)
        header = read_header_from(far, _size(item), path)
    try:
        _save(path, bytes(far.known[: far.furthest]))
    except OSError as error:
        raise HeaderError(
            tr("{folder} cannot be written to: {reason}.").format(folder=path.parent, reason=message_of(error))
        ) from error
    return header


class FarFile:
    """The start of a remote file, read like a local one; missing bytes are fetched. Raises HubError."""

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
        """The next `length` bytes, fewer only at the file's end. Raises HeaderError past MOST bytes; HubError."""
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
        """Fetch the bytes from the last known one up to `end`."""
        start, endpoint = len(self.known), self._access.connection.endpoint
        headers = {"Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
        with as_hub_error(self._about, endpoint), self._access.stream(self._url, headers) as response:
            check_status(response, self._about, endpoint)
            self._begin(response.status_code, response.headers.get("Content-Range", ""), start)
            for block in self._access.limited(response, 2 * MOST, factor=LONGEST):
                self.known += block
                if len(self.known) >= end:  # a server without ranges sends the rest of the file too
                    break
        if len(self.known) < end:
            raise HubError(tr("{about} came shorter than the hub had said: try again.").format(about=self._about))

    def _begin(self, status: int, content_range: str, start: int) -> None:
        """Check that the response is the range asked for; if it is the complete file, drop the known bytes."""
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


def _save(path: Path, data: bytes) -> None:
    make_folder(path.parent)
    with replacing(path, private=True) as file:
        file.write(data)


def _prune(folder: Path) -> None:
    """Delete the oldest headers beyond MAX_CACHED bytes. Stops at the first file that cannot be removed."""
    try:
        files = [(file, file.stat()) for file in folder.rglob("*") if file.is_file()]
        too_many = sum(found.st_size for _, found in files) - MAX_CACHED
        for file, found in sorted(files, key=lambda pair: pair[1].st_mtime):
            if too_many <= 0:
                return
            file.unlink()
            too_many -= found.st_size
    except OSError:
        return
