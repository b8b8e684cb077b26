"""Asks one address for the newest release (docs/installing.md describes the answer). No Qt.

One request, which is listed among the hosts contacted. It contains nothing about the user, not even the version.
Downloads and runs no program.
"""

import os
import re
import socket
import ssl
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from models.library.hub.connection import Connection
from models.library.hub.connection_settings import offline_in
from models.library.hub.errors import HubError, InsecureError, UnreachableError, causes_of, host_of
from models.library.outside_json import parse
from resources.language import tr

PATIENCE = 10.0  # seconds without a byte until the address counts as silent
MAX_ANSWER = 256 << 10  # bytes
MAX_NOTES = 20_000  # characters
_VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){0,4})")


class UpdateError(Exception):
    """The check failed. Its text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Release:
    """The newest release: its version, the URL of its page, and its notes (plain text)."""

    version: str
    url: str
    notes: str


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers to compare, without zeros at its end: 1.10.0 is (1, 10). Empty if it is no version."""
    found = _VERSION.fullmatch(version.strip())
    parts = [int(part) for part in found[1].split(".")] if found else []
    while parts and not parts[-1]:
        parts.pop()
    return tuple(parts)


def is_newer(version: str, ours: str) -> bool:
    """Whether that version is newer than ours."""
    return numbers(version) > numbers(ours)


def newest(connection: Connection, address: str, patience: float = PATIENCE) -> Release:
    """Ask the address. connection: its proxy, ledger and offline flag are used. patience: in seconds. Raises
    UpdateError."""
    if connection.offline or offline_in(os.environ):
        raise UpdateError(
            tr("Inkfall is set to be offline, so nothing was contacted; File, Models, Network switches that off.")
        )
    nameless = Connection(address, connection.proxy, ledger=connection.ledger)
    return _release(_answer(nameless, address, patience), address)


def _answer(connection: Connection, address: str, patience: float) -> bytes:
    import httpx2

    from models.library.hub.client import Access, opened

    host = host_of(address)
    try:
        with opened(connection, tr("is there a newer Inkfall"), patience) as client:
            access = Access(client, connection, patience)
            with access.stream(address) as response:
                if response.status_code >= 400:
                    sentence = tr("{host} answered with an error (status {status}): try again later.")
                    raise UpdateError(sentence.format(host=host, status=response.status_code))
                return b"".join(access.limited(response, MAX_ANSWER, factor=1))
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError) as error:
        raise UpdateError(_why(error, host)) from error
    except InsecureError as error:
        raise UpdateError(_insecure(host)) from error
    except UnreachableError as error:  # a proxy without an address, or an answer that comes too slowly
        raise UpdateError(str(error)) from error
    except HubError as error:  # the answer is too large
        raise UpdateError(_unlike_a_release(host)) from error


def _why(error: Exception, host: str) -> str:
    """The sentence for a failed request."""
    import httpx2

    causes = tuple(causes_of(error))
    if isinstance(error, httpx2.TimeoutException):
        return tr("{host} did not answer in time: try again later, or check the network.").format(host=host)
    if isinstance(error, httpx2.ProxyError):
        return tr("The proxy lets nothing through to {host}: check its address in File, Models, Network.").format(
            host=host
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return _insecure(host)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return tr("{host} was not found: check the network.").format(host=host)
    return tr("{host} could not be reached: check the network and the proxy.").format(host=host)


def _insecure(host: str) -> str:
    return tr("The connection to {host} is not secure, so nothing was read: someone may be in between.").format(
        host=host
    )


def _unlike_a_release(host: str) -> str:
    return tr("{host} answered with something that is no release of Inkfall.").format(host=host)


def _release(body: bytes, address: str) -> Release:
    """Parse the answer. Raises UpdateError if it is no release."""
    try:
        found = parse(body)
    except ValueError as error:
        raise UpdateError(_unlike_a_release(host_of(address))) from error
    data = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    version, url, notes = data.get("version"), data.get("url"), data.get("notes", "")
    if (
        isinstance(version, str)
        and numbers(version)
        and isinstance(url, str)
        and _is_web_page(url)
        and isinstance(notes, str)
    ):
        return Release(version.strip().removeprefix("v"), url, _plain(notes))
    raise UpdateError(_unlike_a_release(host_of(address)))


def _is_web_page(url: str) -> bool:
    """Whether the URL is safe to open in a browser: https, ASCII, no user name."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 2_000
    return plain and parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc


def _plain(notes: str) -> str:
    """The notes without control characters, and no longer than MAX_NOTES."""
    return "".join(character for character in notes[:MAX_NOTES] if character.isprintable() or character == "\n").strip()
