"""Requests to the hub over one Connection: its endpoint, proxy and token, a time-out on everything, nothing if offline.

The session is httpx2's, as huggingface_hub's own is; its checks and errors are used too, but not its calls that list:
those have no time-out, try five times in silence, ask for a thousand entries at once, and share one session whatever
the proxy. The token goes to the endpoint's own origin and nowhere else, and no redirect leads from https to anything
else. Every request is noted in the ledger. The libraries are imported when the first request is made: they take
hundreds of milliseconds.
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
    check_status,
    host_of,
    telling,
    without_password,
)
from models.library.outside_json import LARGEST, parse
from resources.language import tr

if TYPE_CHECKING:
    import httpx2

PATIENCE = 15.0  # seconds without a byte until the hub counts as silent
WHOLE = 4  # how many times as long an answer may take altogether
MAX_REDIRECTS = 8
SWITCHES = ("HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_PROGRESS_BARS")


def prepare() -> None:
    """Import huggingface_hub as it is used here: without telemetry, Xet and progress bars. It reads that only once."""
    for switch in SWITCHES:
        os.environ.setdefault(switch, "1")
    importlib.import_module("huggingface_hub")


def origin(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a token may be sent to, or not."""
    parts = urlsplit(address)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def authorization(url: str, connection: Connection) -> dict[str, str]:
    """The header that carries the token, for an address of the endpoint itself; else none."""
    if connection.token and origin(url) == origin(connection.endpoint):
        return {"Authorization": f"Bearer {connection.token}"}
    return {}


@dataclass(frozen=True, slots=True)
class HubResponse:
    """A decoded answer. next: the query of the page behind it, or empty."""

    value: Any
    next: str


class Access:
    """An open session with the hub. One thread at a time; made by `reaching`."""

    def __init__(self, client: "httpx2.Client", connection: Connection, patience: float) -> None:
        self.client = client
        self.connection = connection
        self.patience = patience

    def ask(self, path: str, about: str) -> HubResponse:
        """GET a path (and query) of the endpoint that answers in JSON. about: what is asked for, in words.

        Raises HubError.
        """
        url, endpoint = f"{self.connection.endpoint}{path}", self.connection.endpoint
        with telling(about, endpoint), self.stream(url) as response:
            check_status(response, about, endpoint)
            body = b"".join(self.limited(response, LARGEST))
            following = response.links.get("next", {}).get("url", "")
        try:
            return HubResponse(self._decoded(body), urlsplit(following).query)
        except ValueError as error:  # brackets that are no address
            raise self.unlike_a_hub() from error

    @contextmanager
    def stream(self, url: str, headers: dict[str, str] | None = None) -> Generator["httpx2.Response"]:
        """An answer whose body is yet to be read, whatever its status. Redirects are followed, without the token."""
        given = {**(headers or {}), **authorization(url, self.connection)}
        with self.client.stream("GET", url, headers=given) as response:
            yield response

    def limited(
        self,
        response: "httpx2.Response",
        most: int,
        whole: float = WHOLE,
        clock: Callable[[], float] = time.monotonic,
    ) -> Generator[bytes]:
        """The body in blocks. Raises HubError where it grows beyond `most` bytes, or trickles on for too long: `whole`
        times the patience.
        """
        end, done = clock() + whole * self.patience, 0
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
        """The error to raise where an answer has not the form that the hub's have."""
        return HubError(
            tr("{host} does not answer as a hub does: check the endpoint (or sign in to this network).").format(
                host=self.host
            )
        )


@contextmanager
def reaching(connection: Connection, why: str, patience: float = PATIENCE) -> Generator[Access]:
    """A session for one purpose. why: a phrase for the ledger. Raises HubError; OfflineError before any socket.

    patience: seconds until a silent hub is given up on.
    """
    with opened(connection, why, patience) as client:
        yield Access(client, tidy(connection), patience)


def tidy(connection: Connection) -> Connection:
    return replace(connection, endpoint=connection.endpoint.rstrip("/"))


@contextmanager
def opened(connection: Connection, why: str, patience: float = PATIENCE) -> Generator["httpx2.Client"]:
    """httpx2's own client, for whoever streams by itself; it sends no token unless asked to (see `authorization`).
    Raises OfflineError, BadTokenError, or what `check` raises of the address.
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
    """Raises HubError where that is no address of a hub."""
    try:
        scheme, host, _ = origin(endpoint)
    except ValueError:
        scheme, host = "", ""
    if scheme not in {"http", "https"} or not host:
        raise HubError(
            tr("{address!r} is no address of a hub: it is to be like {example}.").format(
                address=without_password(endpoint), example=HUGGING_FACE
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
    except (ValueError, httpx2.InvalidURL, ImportError) as error:  # ImportError: a SOCKS proxy needs a package more
        raise UnreachableError(tr("The proxy's address cannot be used: it is to be http://HOST:PORT.")) from error


def _stay_encrypted(response: "httpx2.Response") -> None:
    """Called with every answer, before it is followed. Raises InsecureError for a redirect that leaves encryption."""
    import httpx2

    if response.url.scheme != "https" or not response.has_redirect_location:
        return
    with contextlib.suppress(httpx2.InvalidURL):  # that is httpx2's to refuse
        if response.url.join(response.headers["Location"]).scheme != "https":
            raise InsecureError(
                tr(
                    "{host} leads to an address without encryption, which was not followed: someone may be in between."
                ).format(host=host_of(str(response.url)))
            )
