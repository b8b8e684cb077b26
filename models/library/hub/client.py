"""Sends requests to the hub over one Connection: with its endpoint, proxy and token, with time-outs, never if offline.

The session is httpx2's, as in huggingface_hub, whose checks and errors are used too, but not its calls that list: those
have no time-out, retry five times silently, ask for a thousand entries at once, and share one session for all proxies.
The token is sent to the endpoint's origin only, and no redirect leads from https to anything else. Every request is
recorded in the ledger. The libraries are imported at the first request: they take hundreds of milliseconds.
"""

import contextlib
import importlib
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from models.library.hub.connection import HUGGING_FACE, Connection
from models.library.hub.errors import (
    BadTokenError,
    HubError,
    InsecureError,
    OfflineError,
    UnreachableError,
    as_hub_error,
    check_status,
    host_of,
    without_password,
)
from models.library.outside_json import LARGEST, parse
from resources.language import printable, tr

if TYPE_CHECKING:
    import httpx2

PATIENCE = 15.0  # seconds without a byte after which a request fails
PATIENCE_FACTOR = 4  # times the patience that a response may take in all
MAX_REDIRECTS = 8
SWITCHES = ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_PROGRESS_BARS")


def prepare() -> None:
    """Import huggingface_hub without telemetry, Xet and progress bars, which it only checks on import."""
    for switch in SWITCHES:
        os.environ.setdefault(switch, "1")
    importlib.import_module("huggingface_hub")


def origin(address: str) -> tuple[str, str, int | None]:
    """The scheme, host and port of an address. Raises ValueError."""
    parts = urlsplit(address)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def authorization(url: str, connection: Connection) -> dict[str, str]:
    """The header with the token for a URL of the endpoint; empty for any other."""
    if connection.token and origin(url) == origin(connection.endpoint):
        return {"Authorization": f"Bearer {connection.token}"}
    return {}


@dataclass(frozen=True, slots=True)
class HubResponse:
    """A decoded response. next: the query of the next batch, or ""."""

    value: Any
    next: str


class Access:
    """An open session with the hub, made by `reaching`. One thread at a time may use it."""

    def __init__(self, client: "httpx2.Client", connection: Connection, patience: float) -> None:
        self.client = client
        self.connection = connection
        self.patience = patience

    def ask(self, path: str, about: str) -> HubResponse:
        """GET a path (with query) of the endpoint, and decode its JSON. about: what is asked for, for the user.

        Raises HubError.
        """
        url, endpoint = f"{self.connection.endpoint}{path}", self.connection.endpoint
        with as_hub_error(about, endpoint), self.stream(url) as response:
            check_status(response, about, endpoint)
            body = b"".join(self.limited(response, LARGEST))
            following = response.links.get("next", {}).get("url", "")
        try:
            return HubResponse(self._decoded(body), urlsplit(following).query)
        except ValueError as error:  # a link that is no URL
            raise self.unlike_a_hub() from error

    @contextmanager
    def stream(self, url: str, headers: dict[str, str] | None = None) -> Generator["httpx2.Response"]:
        """Yield a response before its body is read, of any status. Redirects are followed without the token."""
        given = {**(headers or {}), **authorization(url, self.connection)}
        with self.client.stream("GET", url, headers=given) as response:
            yield response

    def limited(
        self,
        response: "httpx2.Response",
        most: int,
        factor: float = PATIENCE_FACTOR,
        clock: Callable[[], float] = time.monotonic,
    ) -> Generator[bytes]:
        """Yield the body in blocks. Raises HubError if it exceeds `most` bytes, or takes longer than `factor` times the
        patience.
        """
        end, done = clock() + factor * self.patience, 0
        for block in response.iter_bytes():
            done += len(block)
            if done > most:
                raise HubError(
                    tr("{host} answered with more than an answer can be: check the endpoint.").format(host=self.host)
                )
            if clock() > end:
                raise UnreachableError(
                    tr("{host} answers too slowly: try again later, or check the network.").format(host=self.host)
                )
            yield block

    @property
    def host(self) -> str:
        return host_of(self.connection.endpoint)

    def _decoded(self, body: bytes) -> Any:
        try:
            return parse(body)
        except ValueError as error:
            raise self.unlike_a_hub() from error

    def unlike_a_hub(self) -> HubError:
        """The error for a response in another form than the hub's."""
        return HubError(
            tr("{host} does not answer as a hub does: check the endpoint (or sign in to this network).").format(
                host=self.host
            )
        )


@contextmanager
def reaching(connection: Connection, why: str, patience: float = PATIENCE) -> Generator[Access]:
    """Open a session for one purpose. why: a phrase for the ledger. patience: seconds without a byte after which a
    request fails. Raises HubError; OfflineError before any connection.
    """
    with opened(connection, why, patience) as client:
        yield Access(client, tidy(connection), patience)


def tidy(connection: Connection) -> Connection:
    """The connection with an endpoint that does not end in a slash."""
    return replace(connection, endpoint=connection.endpoint.rstrip("/"))


@contextmanager
def opened(connection: Connection, why: str, patience: float = PATIENCE) -> Generator["httpx2.Client"]:
    """Open an httpx2 client for streaming; it sends no token by itself (see `authorization`). Raises OfflineError,
    BadTokenError, and HubError for an invalid endpoint.
    """
    if connection.offline:
        raise OfflineError(
            tr("Inkfall is set to be offline, so nothing is contacted; switch that off to reach the hub.")
        )
    check(connection.endpoint)
    if not (connection.token.isascii() and f"{connection.token} ".isprintable()):
        raise BadTokenError(tr("The token has characters in it that no token has: copy it again."))
    prepare()
    client = _client(connection, why, patience)
    try:
        yield client
    finally:
        client.close()


def check(endpoint: str) -> None:
    """Raises HubError if the endpoint is no http or https address."""
    try:
        scheme, host, _ = origin(endpoint)
    except ValueError:
        scheme, host = "", ""
    if scheme not in {"http", "https"} or not host:
        raise HubError(
            tr("“{address}” is no address of a hub: it is to be like {example}.").format(
                address=printable(without_password(endpoint)), example=HUGGING_FACE
            )
        )


def _client(connection: Connection, why: str, patience: float) -> "httpx2.Client":
    import httpx2

    def note(request: "httpx2.Request") -> None:
        connection.ledger.note(host_of(str(request.url)), why)
        if origin(str(request.url)) != origin(connection.endpoint):
            request.headers.pop("Authorization", None)

    try:
        return httpx2.Client(
            proxy=connection.proxy or None,
            timeout=httpx2.Timeout(patience),
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            headers={"User-Agent": "inkfall"},
            event_hooks={"request": [note], "response": [_stay_encrypted]},
        )
    except (ValueError, httpx2.InvalidURL, ImportError) as error:  # ImportError: a SOCKS proxy needs another package
        raise UnreachableError(tr("The proxy's address cannot be used: it is to be http://HOST:PORT.")) from error


def _stay_encrypted(response: "httpx2.Response") -> None:
    """Called with every response, before a redirect is followed. Raises InsecureError for one from https to another."""
    import httpx2

    if response.url.scheme != "https" or not response.has_redirect_location:
        return
    with contextlib.suppress(httpx2.InvalidURL):  # httpx2 refuses it by itself
        if response.url.join(response.headers["Location"]).scheme != "https":
            raise InsecureError(
                tr(
                    "{host} leads to an address without encryption, which was not followed: someone may be in between."
                ).format(host=host_of(str(response.url)))
            )
