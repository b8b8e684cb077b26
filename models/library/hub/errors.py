"""The hub's errors, each with one sentence that the user can act on.

`hub_error` turns an exception of huggingface_hub or httpx2 into a HubError; `as_hub_error` does so around a block.
"""

import re
import socket
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.library.hub.connection import HUGGING_FACE
from resources.language import printable, tr

if TYPE_CHECKING:
    import httpx2

TOKENS_PATH = "/settings/tokens"
_DISABLED = "Access to this resource is disabled"  # the start of the hub's message
LONGEST_WAIT = 86_400.0  # seconds; longer waits that a server asks for are shortened to this


class HubError(Exception):
    """A request to the hub failed. The message is one sentence for the user."""


class OfflineError(HubError):
    """The program is offline: nothing was contacted."""


class GatedError(HubError):
    """The repository's terms must be accepted first. url: the address of the repository."""

    def __init__(self, sentence: str, url: str) -> None:
        super().__init__(sentence)
        self.url = url


class MissingError(HubError):
    """The hub shows no such repository or file. token_may_help: it may be hidden from visitors without a token."""

    def __init__(self, sentence: str, token_may_help: bool = False) -> None:
        super().__init__(sentence)
        self.token_may_help = token_may_help


class GoneError(MissingError):
    """The repository exists, but not that version, or not that file."""


class BadTokenError(HubError):
    """The hub rejects the token."""


class TooManyError(HubError):
    """The hub asks for fewer requests. retry_after: seconds that it asks to wait, None if it does not say."""

    def __init__(self, sentence: str, retry_after: float | None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class InsecureError(HubError):
    """A redirect leads from an encrypted connection to an unencrypted one; it was not followed."""


class UnreachableError(HubError):
    """No connection, a lost connection, or a failing hub: try again later."""


@contextmanager
def as_hub_error(about: str, endpoint: str = HUGGING_FACE) -> Generator[None]:
    """Raise the errors of the hub's libraries in the block as HubError. about: the repository or file asked for."""
    import httpx2
    from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

    failures = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, HFValidationError, OfflineModeIsEnabled)
    try:
        yield
    except (*failures, ssl.SSLError, socket.gaierror, ConnectionError) as error:
        raise hub_error(error, about, endpoint) from error


def hub_error(error: Exception, about: str, endpoint: str = HUGGING_FACE) -> HubError:
    """The failure of a request as a HubError; a HubError is returned unchanged."""
    import httpx2
    from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

    if isinstance(error, HubError):
        return error
    endpoint = without_password(endpoint)
    if isinstance(error, OfflineModeIsEnabled):
        return OfflineError(tr("HF_HUB_OFFLINE is set, so nothing is contacted; unset it to reach the hub."))
    if isinstance(error, HFValidationError):
        return MissingError(
            tr("“{about}” is no name of a repository: it is to be OWNER/NAME.").format(about=printable(about))
        )
    response = getattr(error, "response", None)
    if isinstance(response, httpx2.Response):
        return refused(response, about, endpoint)
    return _unreached(error, endpoint)


def check_status(response: "httpx2.Response", about: str, endpoint: str) -> None:
    """Raises HubError if the status is 400 or more. Uses status and headers alone: huggingface_hub's own check also
    reads the body, of any length, and fails if it is not the expected JSON.
    """
    if response.status_code >= 400:
        raise refused(response, about, without_password(endpoint))


def refused(response: "httpx2.Response", about: str, endpoint: str) -> HubError:
    """The error for a response with a status of 400 or more."""
    code, named = response.headers.get("X-Error-Code", ""), "Authorization" in response.request.headers
    if code == "GatedRepo":
        return _gated(about, endpoint, named)
    if response.headers.get("X-Error-Message", "").startswith(_DISABLED):
        return MissingError(tr("{about} was disabled by the hub.").format(about=about))
    if code in {"RevisionNotFound", "EntryNotFound"}:
        return GoneError(
            tr("{about} is not what it was: this version or file is gone; open the repository again.").format(
                about=about
            )
        )
    return _by_status(response, about, endpoint, named)


def _repository_url(about: str, endpoint: str) -> str:
    return f"{endpoint}/{'/'.join(about.split('/')[:2])}"


def _gated(about: str, endpoint: str, named: bool) -> GatedError:
    page = _repository_url(about, endpoint)
    repo = page.removeprefix(f"{endpoint}/")
    if named:
        return GatedError(
            tr("{repo} is gated, and your account has no access yet: ask for it at {page}.").format(
                repo=repo, page=page
            ),
            page,
        )
    token = f"{endpoint}{TOKENS_PATH}"
    return GatedError(
        tr(
            "{repo} is gated: accept its terms at {page}, then give a token of the same account (made at {token})."
        ).format(repo=repo, page=page, token=token),
        page,
    )


def _by_status(response: "httpx2.Response", about: str, endpoint: str, named: bool) -> HubError:
    status, host = response.status_code, host_of(endpoint)
    if status == 401 and named and response.headers.get("X-Error-Code") != "RepoNotFound":
        return BadTokenError(
            tr("{host} does not accept the token: make a new one at {endpoint}{page}.").format(
                host=host, endpoint=endpoint, page=TOKENS_PATH
            )
        )
    if status in {401, 404} and not named:
        return MissingError(
            tr(
                "{host} does not show {about} to a visitor without a token: either there is no such thing, "
                "or it is private or gated; check the name, or give a token."
            ).format(host=host, about=about),
            token_may_help=True,
        )
    if status in {401, 404, 410}:
        return MissingError(
            tr("There is no {about} on {host}, or your token may not see it.").format(about=about, host=host)
        )
    if status == 403:
        return GatedError(
            tr("{host} refuses {about}: your account or token may not read it.").format(host=host, about=about),
            _repository_url(about, endpoint),
        )
    if status == 429:
        wait = retry_after(response.headers)
        if wait is None:
            return TooManyError(
                tr("{host} has had too many requests from this address: wait for a few minutes.").format(host=host),
                None,
            )
        return TooManyError(
            tr("{host} has had too many requests from this address: wait for {seconds:.0f} s.").format(
                host=host, seconds=wait
            ),
            wait,
        )
    if status >= 500:
        return UnreachableError(
            tr("{host} is out of order (status {status}): try again later.").format(host=host, status=status)
        )
    return HubError(
        tr("{host} refused the request for {about} (status {status}).").format(host=host, about=about, status=status)
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait (Retry-After, else the hub's rate limit), None if it does not say."""
    from huggingface_hub.utils import parse_ratelimit_headers

    given = headers.get("Retry-After", "").strip()
    if given.isascii() and given.isdigit():
        return min(float(given), LONGEST_WAIT)
    limit = parse_ratelimit_headers(headers)
    return min(float(limit.reset_in_seconds), LONGEST_WAIT) if limit and limit.remaining == 0 else None


def _unreached(error: Exception, endpoint: str) -> HubError:
    import httpx2

    host, causes = host_of(endpoint), tuple(causes_of(error))
    if isinstance(error, httpx2.ProxyError):
        return UnreachableError(
            tr("The proxy lets nothing through to {host} ({error}): check its address.").format(
                host=host, error=_short(error)
            )
        )
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
        return HubError(
            tr("“{endpoint}” is no address of a hub: it is to begin with https://.").format(
                endpoint=printable(endpoint)
            )
        )
    if isinstance(error, httpx2.TimeoutException):
        return UnreachableError(
            tr("{host} did not answer in time: try again later, or check the network.").format(host=host)
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return UnreachableError(
            tr("The connection to {host} is not secure ({error}): someone may be in between.").format(
                host=host, error=_short(error)
            )
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return UnreachableError(
            tr("{host} was not found: check the network, or the endpoint's name.").format(host=host)
        )
    if isinstance(error, httpx2.ConnectError):
        return UnreachableError(
            tr("{host} cannot be reached ({error}): check the network and the proxy.").format(
                host=host, error=_short(error)
            )
        )
    if isinstance(error, httpx2.TooManyRedirects | httpx2.DecodingError):
        return HubError(
            tr("{host} answered with what no hub says ({error}): check the endpoint.").format(
                host=host, error=_short(error)
            )
        )
    return UnreachableError(tr("The connection to {host} broke off: try again.").format(host=host))


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, one after the other."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _short(error: Exception) -> str:
    """The first line of a library's message, without full stop and error numbers."""
    line = (str(error).strip().splitlines() or [""])[0]
    return re.sub(r"\[[^]]*\] |\(_ssl\.c:\d+\)", "", line).strip().rstrip(".")[:120] or type(error).__name__


def without_password(address: str) -> str:
    """An address without user name and password, to be shown or opened."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def host_of(address: str) -> str:
    """The host of an address, with its port, without user name and password."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return tr("an address that is none")
    return f"{parts.hostname or without_password(address)}{port}"
