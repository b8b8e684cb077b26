"""What went wrong with the hub, as one sentence that the user can act on.

`told` turns what huggingface_hub and httpx2 raise into a HubError; `telling` does so around a block. Whoever treats a
failure in its own way catches one of the subclasses. Knows nothing of retries; opens no connection.
"""

import re
import socket
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.library.hub.connection import HUGGING_FACE
from resources.language import tr

if TYPE_CHECKING:
    import httpx2

TOKENS_PAGE = "/settings/tokens"
_DISABLED = "Access to this resource is disabled"  # how the hub begins to say it
LONGEST_WAIT = 86_400.0  # seconds; what a hub asks for beyond that is no waiting time


class HubError(Exception):
    """The hub gave no answer, or not the one that was asked for. Its text is one sentence for the user."""


class OfflineError(HubError):
    """Nothing was contacted: the program is set to be offline."""


class GatedError(HubError):
    """Its makers ask for their terms to be accepted first; the sentence says where. page: the repository's address."""

    def __init__(self, sentence: str, page: str) -> None:
        super().__init__(sentence)
        self.page = page


class MissingError(HubError):
    """No such repository or file, as far as the hub tells. token_may_help: it may also be hidden from the nameless."""

    def __init__(self, sentence: str, token_may_help: bool = False) -> None:
        super().__init__(sentence)
        self.token_may_help = token_may_help


class GoneError(MissingError):
    """The repository is there, but not that version of it, or not that file."""


class BadTokenError(HubError):
    """The hub does not know the token that it was given."""


class TooManyError(HubError):
    """The hub wants fewer requests. retry_after: seconds that it asks to wait, None where it does not say."""

    def __init__(self, sentence: str, retry_after: float | None) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class InsecureError(HubError):
    """A redirect from an encrypted connection to one that is not; it was not followed."""


class UnreachableError(HubError):
    """No connection, none that lasted, or a hub that is out of order: worth trying again later."""


@contextmanager
def telling(about: str, endpoint: str = HUGGING_FACE) -> Generator[None]:
    """Within, what the hub's libraries raise becomes a HubError. about: the repository or file that is asked for."""
    import httpx2
    from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

    failures = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, HFValidationError, OfflineModeIsEnabled)
    try:
        yield
    except (*failures, ssl.SSLError, socket.gaierror, ConnectionError) as error:
        raise told(error, about, endpoint) from error


def told(error: Exception, about: str, endpoint: str = HUGGING_FACE) -> HubError:
    """Any failure of a request as a HubError; one that is a HubError already stays as it is."""
    import httpx2
    from huggingface_hub.errors import HFValidationError, OfflineModeIsEnabled

    if isinstance(error, HubError):
        return error
    endpoint = without_password(endpoint)
    if isinstance(error, OfflineModeIsEnabled):
        return OfflineError(tr("HF_HUB_OFFLINE is set, so nothing is contacted; unset it to reach the hub."))
    if isinstance(error, HFValidationError):
        return MissingError(tr("{about!r} is no name of a repository: it is to be OWNER/NAME.").format(about=about))
    response = getattr(error, "response", None)
    if isinstance(response, httpx2.Response):
        return refused(response, about, endpoint)
    return _unreached(error, endpoint)


def check_status(response: "httpx2.Response", about: str, endpoint: str) -> None:
    """Raises HubError where the status is 400 or more. By status and headers alone: huggingface_hub's own check reads
    the body too, however long it is, and fails in many ways where it is not the JSON that it expects."""
    if response.status_code >= 400:
        raise refused(response, about, without_password(endpoint))


def refused(response: "httpx2.Response", about: str, endpoint: str) -> HubError:
    """What a status of 400 or more means."""
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


def _page(about: str, endpoint: str) -> str:
    return f"{endpoint}/{'/'.join(about.split('/')[:2])}"


def _gated(about: str, endpoint: str, named: bool) -> GatedError:
    page = _page(about, endpoint)
    repo = page.removeprefix(f"{endpoint}/")
    if named:
        return GatedError(
            tr("{repo} is gated, and your account has no access yet: ask for it at {page}.").format(
                repo=repo, page=page
            ),
            page,
        )
    token = f"{endpoint}{TOKENS_PAGE}"
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
                host=host, endpoint=endpoint, page=TOKENS_PAGE
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
            _page(about, endpoint),
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
    """Seconds that a hub asks to wait (Retry-After, else its own rate limit's reset), None where it does not say."""
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
            tr("{endpoint!r} is no address of a hub: it is to begin with https://.").format(endpoint=endpoint)
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
    """The error, and what it came of."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _short(error: Exception) -> str:
    """The first line of what a library says, without a full stop and without its numbers."""
    line = (str(error).strip().splitlines() or [""])[0]
    return re.sub(r"\[[^]]*\] |\(_ssl\.c:\d+\)", "", line).strip().rstrip(".")[:120] or type(error).__name__


def without_password(address: str) -> str:
    """An address as it can be shown and opened: without a name or password that may stand in it."""
    return re.sub(r"(?<=://)[^/@]*@", "", address)


def host_of(address: str) -> str:
    """The host of an address as it is shown: without a name or password that may stand in it."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return tr("an address that is none")
    return f"{parts.hostname or without_password(address)}{port}"
