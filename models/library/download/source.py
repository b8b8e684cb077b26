"""The bytes of one remote file from a position on, over an open client: the request, and what its answer really is.

The address is asked for anew each time, so that a signed link may expire. The token goes to the endpoint only; the
bytes come from another host. Knows nothing of disks and of trying again.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.library.downloadable import Downloadable, RemoteFile
from models.library.hub.client import authorization, origin
from models.library.hub.connection import Connection
from models.library.hub.errors import TooManyError, UnreachableError, check_status, host_of, retry_after, telling
from resources.language import tr

if TYPE_CHECKING:
    import httpx2

PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses that may be another one a moment later
EXPIRED = {400, 401, 403, 404, 410}  # what a host that only serves signed links says of an old one
STRONG = re.compile(r'"[\x21\x23-\x7e]+"')
SPAN = re.compile(r"bytes ([0-9]{1,20})-[0-9]{1,20}/([0-9]{1,20}|\*)")
NUMBER = re.compile(r"[0-9]{1,20}")


class AgainError(Exception):
    """No bytes this time; another may do. Its text is a sentence. wait: seconds that the server asks for, or None."""

    def __init__(self, sentence: str, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait


class ChangedError(Exception):
    """What the hub has under this name is another content than the one that was chosen. Its text is a sentence."""


@dataclass(frozen=True, slots=True)
class RangeResponse:
    """start: the byte of the remote file that the blocks begin with. same: False where the server says that what it
    sends is not what the bytes before came from. etag: what the server calls the content, or empty.
    """

    start: int
    same: bool
    etag: str
    blocks: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class RemoteBytes:
    """A remote file over an open client."""

    client: "httpx2.Client"
    connection: Connection
    item: Downloadable
    file: RemoteFile

    @property
    def about(self) -> str:
        return f"{self.item.repo}/{self.file.name}"

    @property
    def host(self) -> str:
        return host_of(self.connection.endpoint)

    @contextmanager
    def bytes_from(self, start: int, etag: str) -> Generator[RangeResponse]:
        """Ask for the file from that byte on. etag: what the bytes before it came from.

        Raises AgainError, ChangedError, or HubError where asking again does not help.
        """
        try:
            with (
                telling(self.about, self.connection.endpoint),
                self.client.stream("GET", self._url(), headers=self._headers(start, etag)) as response,
            ):
                self._check(response)
                yield self._answer(response, start, etag)
        except (UnreachableError, TooManyError) as error:
            raise AgainError(str(error), getattr(error, "retry_after", None)) from error

    def _url(self) -> str:
        from huggingface_hub import hf_hub_url

        with telling(self.about, self.connection.endpoint):
            return hf_hub_url(
                self.item.repo, self.file.name, revision=self.item.commit, endpoint=self.connection.endpoint.rstrip("/")
            )

    def _headers(self, start: int, etag: str) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", **authorization(self.connection.endpoint, self.connection)}
        if start:
            headers["Range"] = f"bytes={start}-"
            headers |= {"If-Range": etag} if _strong(etag) else {}
        return headers

    def _check(self, response: "httpx2.Response") -> None:
        """Raises what a status of 400 and more means; and ChangedError where the hub tells another size or sha256."""
        status, host = response.status_code, host_of(str(response.url))
        if status == 416:
            raise ChangedError(tr("{name} is shorter on the hub than it was.").format(name=self.file.name))
        if status in PASSING:
            raise AgainError(
                tr("{host} is out of order or busy (status {status}).").format(host=host, status=status),
                retry_after(response.headers),
            )
        if status in EXPIRED and origin(str(response.url)) != origin(self.connection.endpoint):
            raise AgainError(tr("The link to {name} has expired.").format(name=self.file.name), 1.0)
        check_status(response, self.about, self.connection.endpoint)
        self._check_told(response)

    def _check_told(self, response: "httpx2.Response") -> None:
        """What the hub itself says of the file, on the way to its bytes."""
        for answer in (*response.history, response):
            etag, size = answer.headers.get("X-Linked-Etag", ""), answer.headers.get("X-Linked-Size", "")
            named = etag.strip('"')
            other = re.fullmatch("[0-9a-f]{64}", named) and self.file.sha256 and named != self.file.sha256
            if other or not self._size_fits(size):
                raise ChangedError(
                    tr("{name} is not on the hub any more as it was chosen: another is there.").format(
                        name=self.file.name
                    )
                )

    def _size_fits(self, told: str) -> bool:
        """Whether a header that says how many bytes there are says the right number, or none."""
        return NUMBER.fullmatch(told) is None or int(told) == self.file.size

    def _answer(self, response: "httpx2.Response", start: int, etag: str) -> RangeResponse:
        blocks, now = response.iter_raw(), response.headers.get("ETag", "")
        if response.status_code == 206 and start:
            begins, whole = self._span(response)
            if begins != start or whole not in {str(self.file.size), "*"}:
                raise ChangedError(tr("{name} has another size on the hub than it had.").format(name=self.file.name))
            return RangeResponse(start, True, now, blocks)
        length = response.headers.get("Content-Length", "")
        if response.status_code != 200 or not self._size_fits(length):
            raise AgainError(
                tr(
                    "{host} sent something else than {name}: {length} bytes instead of {size}"
                    " (does this network want a sign-in?)."
                ).format(
                    host=host_of(str(response.url)),
                    name=self.file.name,
                    length=length or tr("no", "so many bytes"),
                    size=self.file.size,
                )
            )
        same = now == etag if _strong(etag) and _strong(now) else bool(self.file.sha256)
        return RangeResponse(0, same, now, blocks)

    def _span(self, response: "httpx2.Response") -> tuple[int, str]:
        found = SPAN.fullmatch(response.headers.get("Content-Range", ""))
        if not found:
            raise AgainError(
                tr("{host} does not say which bytes of {name} it sends.").format(
                    host=host_of(str(response.url)), name=self.file.name
                )
            )
        return int(found[1]), found[2]


def _strong(etag: str) -> bool:
    """Whether it names the very bytes, so that If-Range may carry it."""
    return STRONG.fullmatch(etag) is not None
