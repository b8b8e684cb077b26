"""Requests the bytes of one remote file from an offset on, over an open client, and checks the response.

Every request starts at the hub's address, because signed links expire. The token is sent to the endpoint only; the
bytes come from another host.
"""

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.library.downloadable import Downloadable, RemoteFile
from models.library.hub.client import authorization, origin
from models.library.hub.connection import Connection
from models.library.hub.errors import TooManyError, UnreachableError, as_hub_error, check_status, host_of, retry_after
from resources.language import tr

if TYPE_CHECKING:
    import httpx2

PASSING = {408, 425, 429, 500, 502, 503, 504}  # statuses of temporary failures
EXPIRED = {400, 401, 403, 404, 410}  # statuses of hosts of signed links for an expired link
STRONG = re.compile(r'"[\x21\x23-\x7e]+"')
SPAN = re.compile(r"bytes ([0-9]{1,20})-[0-9]{1,20}/([0-9]{1,20}|\*)")
NUMBER = re.compile(r"[0-9]{1,20}")


class AgainError(Exception):
    """The attempt failed, another may succeed. The message is a sentence. wait: seconds the server
    asks for, or None.
    """

    def __init__(self, sentence: str, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait


class ChangedError(Exception):
    """The file's content on the hub is not the one that was chosen. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class RangeResponse:
    """A checked response. start: offset of the blocks in the remote file, in bytes. same: False if the content is not
    that of the earlier bytes. etag: the server's ETag, or "".
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
        """Request the file from the byte `start` on. etag: of the bytes before it.

        Raises AgainError, ChangedError, or HubError if another attempt does not help.
        """
        try:
            with (
                as_hub_error(self.about, self.connection.endpoint),
                self.client.stream("GET", self._url(), headers=self._headers(start, etag)) as response,
            ):
                self._check(response)
                yield self._answer(response, start, etag)
        except (UnreachableError, TooManyError) as error:
            raise AgainError(str(error), getattr(error, "retry_after", None)) from error

    def _url(self) -> str:
        from huggingface_hub import hf_hub_url

        with as_hub_error(self.about, self.connection.endpoint):
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
        """Raises the error of a status of 400 or more, and ChangedError if the hub gives another size or sha256."""
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
        self._check_linked_headers(response)

    def _check_linked_headers(self, response: "httpx2.Response") -> None:
        """Raises ChangedError if the headers of the hub's own redirect give another size or sha256."""
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

    def _size_fits(self, header: str) -> bool:
        """Whether a header with the file's size in bytes is right, or has no number."""
        return NUMBER.fullmatch(header) is None or int(header) == self.file.size

    def _answer(self, response: "httpx2.Response", start: int, etag: str) -> RangeResponse:
        blocks, now = response.iter_raw(), response.headers.get("ETag", "")
        if response.status_code == 206 and start:
            begins, total = self._span(response)
            if begins != start or total not in {str(self.file.size), "*"}:
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
    """Whether it is a strong ETag, which If-Range may use."""
    return STRONG.fullmatch(etag) is not None
